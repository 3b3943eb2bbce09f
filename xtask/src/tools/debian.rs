//! Debian's packages, unpacked into `.tools` without being installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::process;
use crate::tools::on_path;
use crate::workspace;

/// Unpacks packages into the folder `.tools/NAME`, which is made anew, and returns it. Of those that are `known`, by the
/// names of their files, the digests are compared; those of other releases of Debian are what its signed lists say.
///
/// # Errors
/// When this is no Debian, a package can't be fetched, or is another one than the known.
pub(super) fn unpack(name: &str, packages: &[&str], known: &[(&str, &str)]) -> anyhow::Result<PathBuf> {
    anyhow::ensure!(on_path("apt-get").is_some(), "this is no Debian: there is no apt-get");
    let folder = workspace::tools().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    println!("  unpacking Debian's {} into {}", packages.join(", "), workspace::shown(&folder));
    let download = || process::capture(Command::new("apt-get").arg("download").args(packages).current_dir(&folder));
    // On a fresh machine the lists of packages may be empty or old; only root may fetch them.
    download().or_else(|why| {
        let updated = process::capture(Command::new("apt-get").arg("update"));
        updated.map_err(|_| why).and_then(|_| download())
    })?;
    for package in fetched(&folder)? {
        check(&package, known)?;
        process::capture(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&folder))?;
        fs::remove_file(package)?;
    }
    Ok(folder)
}

/// The files that were fetched.
fn fetched(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let packages: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "deb")).collect();
    anyhow::ensure!(!packages.is_empty(), "apt-get fetched no package");
    Ok(packages)
}

fn check(package: &Path, known: &[(&str, &str)]) -> anyhow::Result<()> {
    // In the names of files a colon, and sometimes a plus, is escaped.
    let name = package.file_name().unwrap_or_default().to_string_lossy().replace("%2b", "+");
    let content = fs::read(package).with_context(|| format!("failed to read {}", workspace::shown(package)))?;
    let digest = format!("{:x}", Sha256::digest(content));
    let wanted = known.iter().find(|(known, _)| *known == name).map(|(_, digest)| *digest);
    anyhow::ensure!(wanted.is_none_or(|wanted| wanted == digest), "{name} has digest {digest}, and not the known one");
    Ok(())
}
