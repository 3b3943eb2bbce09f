//! `wit-bindgen`, which makes Go's bindings of the contract.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::process;
use crate::toolchain::cargo;
use crate::tools::find;
use crate::workspace;

/// The version that the SDK's copy of its runtime is of: `guest-sdk/go/sdk/internal/witpkg`.
const VERSION: &str = "0.63.0";

/// The path of `wit-bindgen`, built from source when it is missing.
///
/// # Errors
/// When it is missing and can't be built.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = find("wit-bindgen") {
        return Ok(found);
    }
    let package = format!("wit-bindgen-cli@{VERSION}");
    let arguments = ["install", &package, "--locked", "--no-default-features", "--features", "go", "--root"];
    process::run(cargo().args(arguments).arg(workspace::tools()))?;
    find("wit-bindgen").context("cargo installed no `wit-bindgen`")
}
