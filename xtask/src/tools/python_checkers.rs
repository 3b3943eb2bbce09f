//! What checks the types of Python's stubs in the tests: mypy, and Pyright, which is npm's.

use crate::tools::{npm, pip};

/// Installs what is missing.
///
/// # Errors
/// When it can't be installed.
pub(crate) fn ensure() -> anyhow::Result<()> {
    pip::install_library("mypy", "2.4.1")?;
    npm::install("stub-checkers", "tests/it/components/stubs/checkers")?;
    Ok(())
}
