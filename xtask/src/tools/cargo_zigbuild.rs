//! `cargo-zigbuild`, which has zig compile C and link for other processors and libraries.

use std::path::PathBuf;

use crate::tools::{find, pip};

const PACKAGE: pip::Package = pip::Package { name: "cargo-zigbuild", version: "0.24.1", program: "cargo-zigbuild" };

/// The path of the program, installed when it is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    find(PACKAGE.program).map_or_else(|| pip::install(&PACKAGE), Ok)
}
