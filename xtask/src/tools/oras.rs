//! ORAS' library for Python, which the tests push and pull with, too.

use std::path::PathBuf;

use crate::tools::pip;

/// The version; `tests/it/registries/others.rs` names it, too.
const VERSION: &str = "0.2.43";

/// The folder of its packages, installed when they are missing.
///
/// # Errors
/// When they are missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    pip::install_library("oras", VERSION)
}
