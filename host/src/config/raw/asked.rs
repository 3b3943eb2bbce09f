//! A component's manifest as it is written.

use serde::Deserialize;

use super::component::RawLimits;

/// What a component's makers ask for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawManifest {
    /// What each attempt needs.
    pub limits: RawLimits,
    /// What it wants to reach of what it is granted; all of that, unless it says so.
    pub grants: Option<Vec<Asked>>,
}

/// A grant that a component may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Asked {
    /// Its variables.
    Environment,
    /// Its directories.
    Directories,
    /// Its scratch directory.
    Scratch,
    /// To record metrics.
    Metrics,
    /// To send HTTP requests.
    Http,
    /// Secrets in its requests.
    Secrets,
    /// Identity tokens in its requests.
    Identity,
    /// To ask Temporal.
    Client,
}
