//! `cargo-cyclonedx`, which lists what a program is made of.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::process;
use crate::toolchain::cargo;
use crate::tools::find;
use crate::workspace;

/// The version that lists were made with; `deploy/Containerfile` names it, too.
const VERSION: &str = "0.5.9";

/// The path of `cargo-cyclonedx`, built from source when it is missing.
///
/// # Errors
/// When it is missing and can't be built.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = find("cargo-cyclonedx") {
        return Ok(found);
    }
    let package = format!("cargo-cyclonedx@{VERSION}");
    process::run(cargo().args(["install", &package, "--locked", "--root"]).arg(workspace::tools()))?;
    find("cargo-cyclonedx").context("cargo installed no `cargo-cyclonedx`")
}
