//! A C compiler for WebAssembly: zig's, which comes as a Python package for every platform, with headers and all.

use std::path::PathBuf;

use crate::tools::pip;

/// The path of `zig`, installed when it is missing.
///
/// # Errors
/// When it can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    Ok(pip::install_library("ziglang", "0.17.1")?.join("ziglang").join("zig"))
}
