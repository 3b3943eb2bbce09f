//! `just`, for those who like short commands. Nothing needs it.

use std::path::PathBuf;

use crate::tools::{on_path, pip};

const PACKAGE: pip::Package = pip::Package { name: "rust-just", version: "1.59.0", program: "just" };

/// The path of `just`, installed when it is missing.
///
/// # Errors
/// When it is missing and can't be installed.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    on_path("just").map_or_else(|| pip::install(&PACKAGE), Ok)
}
