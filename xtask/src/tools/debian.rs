//! Debian's packages, unpacked into `.tools` without being installed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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

/// The folder of what was unpacked that has a library with a name that begins so: one of those for the processor, or a
/// folder in it.
///
/// # Errors
/// When there is none.
pub(super) fn libraries(unpacked: &Path, within: &str, start: &str) -> anyhow::Result<PathBuf> {
    let processors = fs::read_dir(unpacked.join("usr/lib"))?.flatten().map(|entry| entry.path().join(within));
    let has_it = |folder: &PathBuf| {
        let mut names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().starts_with(start))
    };
    let mut folders = processors.filter(has_it);
    folders.next().with_context(|| format!("Debian's packages in {} have no {start}", workspace::shown(unpacked)))
}

/// Makes `.tools/bin/NAME` start an unpacked program with these variables.
///
/// # Errors
/// When it can't be written.
pub(super) fn program(name: &str, unpacked: &Path, environment: &[(&str, &str)]) -> anyhow::Result<PathBuf> {
    let variables: Vec<_> = environment.iter().map(|(name, value)| format!("{name}='{value}'")).collect();
    let program = unpacked.join("usr/bin").join(name);
    let script = format!("#!/bin/sh\n{} exec '{}' \"$@\"\n", variables.join(" "), program.display());
    let bin = workspace::tools_bin();
    fs::create_dir_all(&bin).with_context(|| format!("failed to create {}", workspace::shown(&bin)))?;
    let file = bin.join(name);
    fs::write(&file, script).with_context(|| format!("failed to write {}", workspace::shown(&file)))?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    Ok(file)
}
