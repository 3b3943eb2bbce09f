//! `cargo-fuzz`, which builds and runs the fuzz targets.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::process;
use crate::toolchain::cargo;
use crate::tools::find;
use crate::workspace;

/// The version that the targets were written with.
const VERSION: &str = "0.13.2";

/// The path of `cargo-fuzz`, built from source when it is missing.
///
/// # Errors
/// When it is missing and can't be built.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = find("cargo-fuzz") {
        return Ok(found);
    }
    let package = format!("cargo-fuzz@{VERSION}");
    process::run(cargo().args(["install", &package, "--locked", "--root"]).arg(workspace::tools()))?;
    find("cargo-fuzz").context("cargo installed no `cargo-fuzz`")
}
