//! Why an artefact is not to be trusted, and why something can't be signed.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why an artefact is refused, or can't be signed.
#[derive(Debug, Error)]
pub enum Error {
    /// No rule is for it.
    #[error("trust {place}: no rule is for it, and there are others")]
    NoRule {
        /// Registry and repository.
        place: String,
    },
    /// It has not what a rule wants.
    #[error("trust {place}: {problem}")]
    Unsigned {
        /// Registry and repository.
        place: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// It is older than what was seen.
    #[error("trust {place}: it is signed as {version}, and {least} is the least that is taken")]
    Replayed {
        /// Registry and repository.
        place: String,
        /// What it is signed as.
        version: String,
        /// What it must be at least.
        least: u64,
    },
    /// A file of a rule, or a key to sign with, can't be used.
    #[error("read {what} {}: {problem}", .path.display())]
    File {
        /// What it is to be.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Which versions were seen can't be read or kept.
    #[error("keep which versions were seen, in {}", .path.display())]
    Versions {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// What to do about it.
    pub fn cure(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoRule { .. } => "add a [[trust]] entry whose scope holds it, or pin its digest in the reference",
            Self::Unsigned { .. } => {
                "sign it with `isolet push --sign` or cosign, or correct the [[trust]] entry; `isolet verify` shows more"
            }
            Self::Replayed { .. } => {
                "push it again with a higher --as-version; to go back on purpose, pin its digest in the reference"
            }
            Self::File { what, .. } if what.contains("sign") => {
                "name a private key of P-256 or Ed25519 in PEM (PKCS #8, not encrypted): `openssl genpkey -algorithm \
                 ed25519 -out acme.pem` makes one"
            }
            Self::File { .. } => "correct the file, or name another",
            Self::Versions { .. } => "check the cache directory and the room on its disk",
        })
    }
}
