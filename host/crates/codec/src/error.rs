//! Why a codec can't be set up.

use std::{io, path::PathBuf};

/// Why a codec can't be set up. The texts name files and variables of the host, but nothing that is in them; what to do
/// is [`Error::cure`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key's file can't be read.
    #[error("read key {id:?} in {}", .path.display())]
    KeyFile {
        /// The key's id.
        id: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A secret's environment variable is not set.
    #[error("read {what} in the environment variable {variable}: it is not set")]
    Variable {
        /// What it holds.
        what: String,
        /// The variable.
        variable: String,
    },
    /// What a file or variable holds is no key.
    #[error("use key {id:?}: it is not 32 bytes, as they are or in base64 or hexadecimal")]
    NotAKey {
        /// The key's id.
        id: String,
    },
    /// The key that encrypts is not among the keys.
    #[error("encrypt with key {id:?}: it is not among the keys")]
    NoActiveKey {
        /// The key's id.
        id: String,
    },
    /// What should be sent to a codec server as its authorization can't be a header.
    #[error("use the authorization in the environment variable {variable}: it can't be an HTTP header")]
    NotAHeader {
        /// The variable.
        variable: String,
    },
    /// The address of a codec server is none.
    #[error("use the codec server: its endpoint must be an http or https address without a user, query or fragment")]
    Endpoint,
    /// The system has no HTTP client for us.
    #[error("set up the client of the codec server: {reason}")]
    Client {
        /// What is missing.
        reason: String,
    },
}

impl Error {
    /// What to do about it, where more can be done than its text says.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Variable { .. } => Some("set it, or name another"),
            Self::NotAKey { .. } => Some("make one with `openssl rand -base64 32`"),
            Self::KeyFile { .. }
            | Self::NoActiveKey { .. }
            | Self::NotAHeader { .. }
            | Self::Endpoint
            | Self::Client { .. } => None,
        }
    }
}
