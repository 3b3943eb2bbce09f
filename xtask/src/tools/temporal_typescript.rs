//! Temporal's TypeScript SDK, whose worker the tests compare Isolet with.

use std::path::PathBuf;

use crate::tools::npm;

/// The folder with its packages in `node_modules`, installed when they are missing.
///
/// # Errors
/// When they are missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    npm::install("temporal-worker", "tests/it/typescript/official")
}
