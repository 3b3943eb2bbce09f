//! The list of what the program is made of: a bill of materials in CycloneDX's format, by CycloneDX's own tool.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::archive;
use crate::process;
use crate::toolchain::cargo;
use crate::tools::cargo_cyclonedx;
use crate::workspace;

/// What the tool writes into the folder of each package that has something to run.
const WRITTEN: &str = ".cdx.json";
/// The one that is wanted.
const OURS: &str = "host/isolet_bin.cdx.json";

/// The list, in which nothing tells where it was made.
///
/// # Errors
/// When the tool can't be installed, or fails.
pub(super) fn list() -> anyhow::Result<String> {
    let tool = cargo_cyclonedx::ensure()?;
    let mut command = cargo();
    let folders = tool.parent().map(Path::to_path_buf).into_iter();
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", std::env::join_paths(folders.chain(std::env::split_paths(&path)))?);
    // Of this time it says that it was made, and nothing of its own making up.
    command.env("SOURCE_DATE_EPOCH", archive::time().to_string());
    command.args(["cyclonedx", "--manifest-path", "host/Cargo.toml", "--format", "json", "--spec-version", "1.5"]);
    process::capture(command.args(["--describe", "binaries", "--target", "all", "--quiet"]))?;
    let text = fs::read_to_string(workspace::root().join(OURS)).with_context(|| format!("it wrote no {OURS}"));
    // It writes for all packages of the workspace.
    for file in written(&workspace::root())? {
        fs::remove_file(file)?;
    }
    Ok(text?.replace(&format!("{}/", workspace::root().display()), ""))
}

fn written(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_symlink() || ["target", ".tools", ".git", "node_modules"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            found.extend(written(&path)?);
        } else if name.ends_with(WRITTEN) {
            found.push(path);
        }
    }
    Ok(found)
}
