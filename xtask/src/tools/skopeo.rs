//! Skopeo, which copies between registries in the tests.

use std::path::PathBuf;

use crate::tools::{debian, find};

const NAME: &str = "skopeo";

/// The path of the program, unpacked when it is missing.
///
/// # Errors
/// When it is missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let folder = debian::unpack(NAME, &[NAME, "libgpgme11", "libassuan0"], &[])?;
    let libraries = debian::libraries(&folder, "", "libgpgme")?;
    debian::program(NAME, &folder, &[("LD_LIBRARY_PATH", &libraries.display().to_string())])
}

/// The path of the program, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find(NAME)
}
