//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The project's own tools: nothing is installed outside of it.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// The executables of [`tools`].
pub(crate) fn tools_bin() -> PathBuf {
    tools().join("bin")
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The built guest components.
pub(crate) fn guests() -> PathBuf {
    target().join("guests")
}

/// The path as it is shown: from the root where that is possible.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
