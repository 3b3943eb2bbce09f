//! Docker's registry, which the tests push to and pull from: Debian's package, unpacked without being installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::process;
use crate::steps::cured;
use crate::tools::{find, link_into_bin, on_path};
use crate::workspace;

/// The program, and the package that brings it.
const NAME: &str = "docker-registry";

/// The packages that the tests were written with, by their files. Those of another release of Debian are what its signed
/// lists say.
const KNOWN: [(&str, &str); 1] =
    [("docker-registry_2.8.2+ds1-1_amd64.deb", "a9bd06c0e006854608f8469b4371743f40604ad90975532bb3b7ceeb72fe2913")];

/// The path of the registry, unpacked when it is missing.
///
/// # Errors
/// When it is missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    fetch().map_err(|why| cured(format!("{why:#}"), format!("put a `{NAME}` on PATH: Debian's package of this name")))
}

/// The path of the registry, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find(NAME)
}

fn fetch() -> anyhow::Result<PathBuf> {
    anyhow::ensure!(on_path("apt-get").is_some(), "this is no Debian: there is no apt-get");
    let folder = workspace::tools().join(NAME);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    println!("  unpacking Debian's {NAME} into {}", workspace::shown(&folder));
    let download = || process::capture(Command::new("apt-get").args(["download", NAME]).current_dir(&folder));
    // On a fresh machine the lists of packages may be empty or old; only root may fetch them.
    download().or_else(|why| {
        let updated = process::capture(Command::new("apt-get").arg("update"));
        updated.map_err(|_| why).and_then(|_| download())
    })?;
    let package = package(&folder)?;
    process::capture(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&folder))?;
    fs::remove_file(package)?;
    link_into_bin(NAME, &folder.join("usr/bin").join(NAME))
}

/// The file that was fetched, once it is what it should be.
fn package(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut packages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "deb"));
    let package = packages.next().context("apt-get fetched no package")?;
    // In the names of files a colon, and sometimes a plus, is escaped.
    let name = package.file_name().unwrap_or_default().to_string_lossy().replace("%2b", "+");
    let digest = format!("{:x}", Sha256::digest(fs::read(&package)?));
    let known = KNOWN.iter().find(|(known, _)| *known == name);
    anyhow::ensure!(
        known.is_none_or(|(_, wanted)| *wanted == digest),
        "{name} has digest {digest}, and not the known one"
    );
    Ok(package)
}
