//! One rule: whose signature is wanted where, and on what.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::{Error, Kind, Scope, keys};

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// For which artefacts it is.
    pub scope: Scope,
    /// Who must have signed.
    pub signer: Signer,
    /// What they must have said; each of these.
    pub require: Vec<Kind>,
    /// What becomes of an artefact that has not what is wanted.
    pub level: Level,
    /// The least version that is taken.
    pub min_version: Option<u64>,
    /// Whether a signature by a key must be in a transparency log. Those without one always must.
    pub transparency_log: bool,
    /// Whose word on authorities and logs counts; none for that of Sigstore's own.
    pub trusted_root: Option<PathBuf>,
}

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Whoever has the other half of the public key in this file.
    Key(PathBuf),
    /// Whoever could show an identity, for which an authority gave out a certificate.
    Identity {
        /// A mail address, or the address of a workflow; `*` at its end, after `/` or `@`, is for anything.
        identity: String,
        /// Who says so.
        issuer: String,
    },
}

/// What becomes of an artefact that has not what is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It is refused.
    #[default]
    Enforce,
    /// It is told, and taken.
    Count,
}

impl Signer {
    /// An identity, once it means what it says.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn identity(identity: String, issuer: String) -> Result<Self, &'static str> {
        if identity.is_empty() || issuer.is_empty() {
            return Err("both identity and issuer are needed");
        }
        match identity.split_once('*') {
            Some((begin, "")) if begin.ends_with(['/', '@']) => {}
            None => {}
            Some(_) => return Err("`*` may stand only at its end, after / or @"),
        }
        Ok(Self::Identity { identity, issuer })
    }
}

impl Signer {
    /// What stays the same wherever its key is: the digest of that, or who it is.
    ///
    /// # Errors
    /// When the key can't be read.
    pub(crate) fn id(&self) -> Result<String, Error> {
        match self {
            Self::Key(path) => Ok(format!("{:x}", Sha256::digest(keys::public(path)?.as_bytes()))),
            Self::Identity { .. } => Ok(self.to_string()),
        }
    }
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(path) => write!(f, "key {}", path.display()),
            Self::Identity { identity, issuer } => write!(f, "{identity} ({issuer})"),
        }
    }
}
