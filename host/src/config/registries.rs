//! `[registry]`, once it is checked: how registries are asked for components, and where what they have is kept.

use std::{path::Path, sync::Arc};

use clap::Args;
use registry::Reference;
use trust::{Policy, Versions};

use super::{
    problems::{Place, Problems},
    raw::RawRegistry,
    section::Declared as _,
};

/// The folder within the cache directory.
const STORE: &str = "registry";

/// The folder within that for the versions that were taken.
const VERSIONS: &str = "versions";

/// A component that a registry has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Artifact {
    /// How it is named.
    pub reference: Reference,
    /// How its registry is asked.
    pub registry: Arc<registry::Settings>,
    /// Who must have signed it.
    pub trust: Arc<Policy>,
    /// Which versions were taken.
    pub versions: Versions,
}

/// How registries are asked.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Registries")]
pub(crate) struct RegistryFlags {
    /// A registry that is asked without TLS, such as `localhost:5000`. May be repeated.
    #[arg(long, value_name = "HOST[:PORT]")]
    plain_http: Vec<String>,
    /// A file with certificates of authorities in PEM, which registries may have theirs from. May be repeated.
    #[arg(long, value_name = "FILE")]
    ca_file: Vec<std::path::PathBuf>,
}

impl RegistryFlags {
    /// Puts the flags over `raw`.
    pub(crate) fn apply(&self, raw: &mut RawRegistry) {
        raw.plain_http.extend(self.plain_http.iter().cloned());
        raw.ca_files.extend(self.ca_file.iter().cloned());
    }
}

/// Checks the table; `cache` is the directory in which artefacts are kept.
pub(super) fn validate(raw: RawRegistry, cache: &Path, place: &Place, problems: &mut Problems) -> registry::Settings {
    raw.check(place, problems);
    let (store_size, timeout, pull_time) = (raw.store_size().0, raw.timeout().0, raw.pull_time().0);
    for name in &raw.plain_http {
        let is_host = format!("oci://{name}/a").parse::<Reference>().is_ok_and(|read| read.registry() == name);
        let problem = format_args!("{name:?} is no registry, which is written HOST or HOST:PORT");
        problems.refuse_if(!is_host, &place.key("plain-http"), problem);
    }
    registry::Settings {
        store: cache.join(STORE),
        store_size,
        // Names of servers are the same in all letters.
        plain_http: raw.plain_http.iter().map(|name| name.to_lowercase()).collect(),
        ca_files: raw.ca_files,
        credentials: raw.credentials,
        timeout,
        pull_time,
    }
}

/// The reference that a component's path is, if it names what a registry has.
pub(super) fn artifact(path: &Path, key: &str, problems: &mut Problems) -> Option<Artifact> {
    if !Reference::is_one(path) {
        return None;
    }
    match Reference::from_path(path) {
        Ok(reference) => Some(Artifact::new(reference, registry::Settings::default(), Policy::default())),
        Err(problem) => {
            problems.add(key, format_args!("{path:?} names no component: {problem}"));
            None
        }
    }
}

/// How the registries that a tenant's components come from are asked, and whom it trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    /// How they are asked.
    pub registry: Arc<registry::Settings>,
    /// Who must have signed what they have.
    pub trust: Arc<Policy>,
}

impl Sources {
    /// What a registry has.
    pub(crate) fn artifact(&self, reference: Reference) -> Artifact {
        // Which versions were taken is kept beside what was pulled.
        let versions = Versions::new(self.registry.store.join(VERSIONS));
        Artifact { reference, registry: Arc::clone(&self.registry), trust: Arc::clone(&self.trust), versions }
    }
}

impl Artifact {
    /// What a registry has, asked as `registry` says, and trusted as `trust` does.
    pub(super) fn new(reference: Reference, registry: registry::Settings, trust: Policy) -> Self {
        Sources { registry: Arc::new(registry), trust: Arc::new(trust) }.artifact(reference)
    }
}
