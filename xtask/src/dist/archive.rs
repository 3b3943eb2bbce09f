//! Archives in which nothing depends on who made them and when, and their digests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::process;
use crate::workspace;

/// The file with the digests, as `sha256sum --check` reads it.
const SUMS: &str = "SHA256SUMS";

/// Packs a folder below `folder`.
///
/// # Errors
/// When tar can't.
pub(super) fn pack(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let archive = folder.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"]);
    tar.arg(format!("--mtime=@{}", time()));
    // Without the name and time that gzip would write.
    tar.args(["--use-compress-program", "gzip --no-name --best", "--file"]).arg(&archive);
    process::capture(tar.arg("--directory").arg(folder).arg(name))?;
    Ok(archive)
}

/// When the last commit was made, so that the same sources make the same archive.
pub(super) fn time() -> u64 {
    let asked =
        process::capture(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(workspace::root()));
    asked.ok().and_then(|time| time.trim().parse().ok()).unwrap_or_default()
}

/// Writes the digests of all archives in a folder.
///
/// # Errors
/// When one can't be read, or the file can't be written.
pub(super) fn sums(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "gz") {
            let content = fs::read(&path).with_context(|| format!("failed to read {}", workspace::shown(&path)))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            lines.push(format!("{:x}  {name}\n", Sha256::digest(content)));
        }
    }
    lines.sort_by(|one, other| one.split_once("  ").map(|it| it.1).cmp(&other.split_once("  ").map(|it| it.1)));
    let sums = folder.join(SUMS);
    fs::write(&sums, lines.concat()).with_context(|| format!("failed to write {}", workspace::shown(&sums)))?;
    Ok(sums)
}
