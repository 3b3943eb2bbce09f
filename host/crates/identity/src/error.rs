//! What can go wrong with a key.

use std::{io, path::PathBuf};

/// Why a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its file can't be read or made.
    #[error("use the identity key in {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error("use the identity key in {}: its mode {mode:03o} lets others read it; set it to 600", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What it has.
        mode: u32,
    },
    /// It is no key.
    #[error("use the identity key in {}: it is no private key of P-256 in PEM (`BEGIN PRIVATE KEY`)", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("make an identity key: the system gives no random numbers")]
    Random,
}
