//! Sigstore's own libraries for JavaScript, which look at bundles in the tests, and make some.

use std::path::PathBuf;

use crate::tools::npm;

/// The folder of its packages, installed when they are missing.
///
/// # Errors
/// When they are missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    npm::install("sigstore-js", "tests/it/signatures/sigstore-js")
}
