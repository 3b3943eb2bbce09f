//! What pulling and pushing depends on.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// How registries are asked, and where what they answer is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where artefacts are kept: a folder in one that is this user's alone.
    pub store: PathBuf,
    /// The most bytes of components that are kept there.
    pub store_size: u64,
    /// Registries that are asked without TLS, as references name them.
    pub plain_http: BTreeSet<String>,
    /// Files with certificates of authorities, which are trusted beside those of the system.
    pub ca_files: Vec<PathBuf>,
    /// Docker's `config.json`, with what registries are told as credentials; none for Docker's own place.
    pub credentials: Option<PathBuf>,
    /// How long a registry may take for an answer, and for each piece of a component.
    pub timeout: Duration,
    /// How long pulling one component may take in all.
    pub pull_time: Duration,
}
