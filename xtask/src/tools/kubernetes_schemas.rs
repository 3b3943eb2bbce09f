//! Kubernetes' own schemas, and what compares objects with them.

use std::path::PathBuf;

use crate::tools::pip;

/// The version, which has the schemas up to Kubernetes 1.37; `tests/it/deploy/chart.rs` names it, too.
const VERSION: &str = "1.37.0";

/// The folder of the packages, installed when they are missing.
///
/// # Errors
/// When they are missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    pip::install_library("kubernetes-validate", VERSION)
}
