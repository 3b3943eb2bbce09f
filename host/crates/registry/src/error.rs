//! What can go wrong between us and a registry.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::Digest;

/// Why a component can't be pulled or pushed.
#[derive(Debug, Error)]
pub enum Error {
    /// Nobody answers, or not in time, or with what servers answer that are not well.
    #[error("{what} {reference}: {reason}")]
    Away {
        /// What could not be done.
        what: &'static str,
        /// To what.
        reference: String,
        /// What happened instead.
        reason: String,
    },
    /// The registry does not let us.
    #[error("{what} {reference}: the registry refuses ({said})")]
    Refused {
        /// What could not be done.
        what: &'static str,
        /// To what.
        reference: String,
        /// What it said.
        said: String,
    },
    /// It is not there.
    #[error("{what} {reference}: the registry has no such artefact ({said})")]
    NotFound {
        /// What could not be done.
        what: &'static str,
        /// To what.
        reference: String,
        /// What it said.
        said: String,
    },
    /// An answer that is of no use.
    #[error("{what} {reference}: {problem}")]
    Useless {
        /// What could not be done.
        what: &'static str,
        /// To what.
        reference: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// What came is not what its digest says.
    #[error("{what} {reference}: what the registry sent has digest {found}, and {wanted} was asked for")]
    WrongDigest {
        /// What could not be done.
        what: &'static str,
        /// To what.
        reference: String,
        /// What was asked for.
        wanted: Digest,
        /// What came.
        found: Digest,
    },
    /// The credentials can't be read.
    #[error("find credentials for {registry}: {problem}")]
    Credentials {
        /// For which registry.
        registry: String,
        /// What is wrong.
        problem: String,
    },
    /// A file with certificates can't be used.
    #[error("read the certificates in {}: {problem}", .path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No client for HTTP can be made.
    #[error("prepare for asking registries: {0}")]
    Client(String),
    /// The store.
    #[error("keep artefacts in {}", .path.display())]
    Store {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Whether another try may succeed without anything being changed: what is kept serves meanwhile.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. })
    }

    /// What to do about it.
    pub fn cure(&self) -> Option<&'static str> {
        Some(match self {
            Self::Away { .. } => {
                "check the registry's name and the network; a registry without TLS is named with --plain-http or \
                 registry.plain-http, and one with certificates of its own with --ca-file or registry.ca-files"
            }
            Self::Refused { .. } => {
                "log in to it as with `docker login`, or name a file with credentials with registry.credentials"
            }
            Self::NotFound { .. } => "check the repository and the tag",
            Self::Useless { .. } => "push it again with `isolet push`, and check that nothing stands between",
            Self::WrongDigest { .. } => "don't use this registry before it is known why",
            Self::Credentials { .. } => "correct Docker's config.json, or the program for credentials that it names",
            Self::Certificates { .. } => "name a file with certificates in PEM",
            Self::Store { .. } => "check the cache directory and the room on its disk",
            Self::Client(_) => return None,
        })
    }
}
