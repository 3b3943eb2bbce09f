//! Components as they come.

use std::{borrow::Cow, error::Error, fmt};

use activity::ComponentId;
use sha2::{Digest as _, Sha256};

/// A component and what it is called.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// What it is called; compiled code is found by its digest.
    pub id: ComponentId,
    /// How many bytes it has.
    pub size: usize,
    /// The component.
    pub bytes: Bytes<'a>,
}

/// The bytes of a component, which are needed only when it must be compiled.
#[derive(Clone, Copy)]
pub enum Bytes<'a> {
    /// They are here.
    Read(&'a [u8]),
    /// They are read by this. It fails if they are not those of the digest any more.
    Unread(&'a dyn Fn() -> Result<Vec<u8>, Box<dyn Error + Send + Sync>>),
}

impl<'a> Source<'a> {
    /// The component `bytes`, called `name`, on no task queue.
    pub fn new(name: &str, bytes: &'a [u8]) -> Self {
        Self { id: ComponentId::new(name, digest(bytes)), size: bytes.len(), bytes: Bytes::Read(bytes) }
    }
}

impl<'a> Bytes<'a> {
    /// All of them.
    pub(crate) fn get(self) -> Result<Cow<'a, [u8]>, Box<dyn Error + Send + Sync>> {
        match self {
            Self::Read(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Unread(read) => read().map(Cow::Owned),
        }
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read(_) => "Read(…)",
            Self::Unread(_) => "Unread(…)",
        })
    }
}

/// Whether a text is a digest as [`digest`] writes it.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
