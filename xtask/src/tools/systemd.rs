//! `systemd-analyze`, which checks the unit of the service; on a machine that systemd does not run, too.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::tools::{debian, find};
use crate::workspace;

const NAME: &str = "systemd-analyze";

/// Where Debian's packages have a library of systemd's own, below the folder for the processor; and the units, of which
/// one is the target that the service is for.
const LIBRARY: &str = "systemd/libsystemd-shared-";
const UNITS: [&str; 2] = ["lib/systemd/system", "usr/lib/systemd/system"];

/// The path of the program, unpacked when it is missing.
///
/// # Errors
/// When it is missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let folder = debian::unpack("systemd", &["systemd", "libsystemd-shared"], &[])?;
    let libraries = library(&folder.join("usr/lib")).context("Debian's packages have no library of systemd's own")?;
    let units = UNITS.map(|units| folder.join(units)).into_iter().find(|units| units.is_dir());
    let units = units.context("Debian's packages have no units")?;
    // The program finds what it was unpacked with, and looks for units there beside those that it is given.
    let program = folder.join("usr/bin").join(NAME);
    let (program, libraries, units) = (program.display(), libraries.display(), units.display());
    let script =
        format!("#!/bin/sh\nLD_LIBRARY_PATH='{libraries}' SYSTEMD_UNIT_PATH='{units}:' exec '{program}' \"$@\"\n");
    let bin = workspace::tools_bin();
    fs::create_dir_all(&bin)?;
    let link = bin.join(NAME);
    fs::write(&link, script)?;
    fs::set_permissions(&link, fs::Permissions::from_mode(0o755))?;
    Ok(link)
}

/// The folder below `folders` that has the library.
fn library(folders: &Path) -> Option<PathBuf> {
    let (folder, start) = LIBRARY.split_once('/')?;
    let mut found = fs::read_dir(folders).ok()?.flatten().map(|entry| entry.path().join(folder));
    found.find(|folder| {
        let mut names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().starts_with(start))
    })
}

/// The path of the program, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find(NAME)
}
