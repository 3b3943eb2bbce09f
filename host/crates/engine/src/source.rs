//! Components as they come.

use activity::ComponentId;
use sha2::{Digest as _, Sha256};

/// The bytes of a component and what it is called.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// What it is called; compiled code is found by its digest.
    pub id: ComponentId,
    /// The component.
    pub bytes: &'a [u8],
}

impl<'a> Source<'a> {
    /// The component `bytes`, called `name`, on no task queue.
    pub fn new(name: &str, bytes: &'a [u8]) -> Self {
        Self { id: ComponentId::new(name, digest(bytes)), bytes }
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
