//! Components as they come.

use sha2::{Digest as _, Sha256};

/// The bytes of a component and what it is called.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// What logs and [`activity::ComponentId`]s call it.
    pub name: &'a str,
    /// The component.
    pub bytes: &'a [u8],
    /// SHA-256 of the bytes in hexadecimal: what compiled code is found by.
    pub digest: String,
}

impl<'a> Source<'a> {
    /// The component `bytes`, called `name`.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes, digest: digest(bytes) }
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
