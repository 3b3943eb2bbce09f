//! Docker's registry, which the tests push to and pull from.

use std::path::PathBuf;

use crate::steps::cured;
use crate::tools::{debian, find, link_into_bin};

/// The program, and Debian's package that brings it.
const NAME: &str = "docker-registry";

/// The packages that the tests were written with, by their files.
const KNOWN: [(&str, &str); 1] =
    [("docker-registry_2.8.2+ds1-1_amd64.deb", "a9bd06c0e006854608f8469b4371743f40604ad90975532bb3b7ceeb72fe2913")];

/// The path of the registry, unpacked when it is missing.
///
/// # Errors
/// When it is missing and can't be fetched.
pub(crate) fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let unpacked = debian::unpack(NAME, &[NAME], &KNOWN);
    unpacked
        .and_then(|folder| link_into_bin(NAME, &folder.join("usr/bin").join(NAME)))
        .map_err(|why| cured(format!("{why:#}"), format!("put a `{NAME}` on PATH: Debian's package of this name")))
}

/// The path of the registry, where there is one.
pub(crate) fn installed() -> Option<PathBuf> {
    find(NAME)
}
