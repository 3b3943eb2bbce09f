//! Releases: which version of a component runs which share of its attempts, as it is asked for and told.

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// Which release is meant: that of the component that serves an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ReleaseOf {
    /// The type of the activity.
    pub activity: String,
    /// The tenant, where several serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The namespace, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The task queue, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_queue: Option<String>,
}

/// A release that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct NewRelease {
    /// Of what.
    pub of: ReleaseOf,
    /// The candidate: a file's absolute path, a digest that the worker knows, or a reference to what a registry has.
    pub version: String,
    /// The candidate's share.
    pub percent: u32,
    /// What the candidate must hold; without a gate an operator promotes it or rolls it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// From how many attempts on it is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_attempts: Option<u64>,
    /// After how many attempts of the candidate it takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u64>,
    /// After how long it takes over, at the soonest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_ms: Option<u64>,
}

/// What became of a release.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Released {
    /// Whether anything is otherwise than before.
    pub changed: bool,
    /// How it is with it now.
    pub release: Release,
    /// What of it is not done yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Refusal>,
}

/// A release.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Release {
    /// For whom.
    pub tenant: String,
    /// The namespace, if its task queue names one.
    pub namespace: Option<String>,
    /// The task queue.
    pub task_queue: String,
    /// The component, as the configuration names it.
    pub component: String,
    /// Where it was set: `command` or `configuration`.
    pub set_by: String,
    /// `rolling`, `promoted`, `rolled-back`, or `refused` for a candidate of the configuration that can't be served.
    pub phase: String,
    /// The share that the candidate was given.
    pub percent: u32,
    /// What it must hold.
    pub gate: Option<String>,
    /// From how many attempts on it is judged.
    pub min_attempts: u64,
    /// After how many attempts of the candidate it takes over.
    pub attempts: u64,
    /// After how long, at the soonest.
    pub hold_ms: u64,
    /// Since when, as RFC 3339 writes it.
    pub since: String,
    /// Since when it is in its phase.
    pub changed: String,
    /// Why it is in its phase; while it is rolling, what its gate says.
    pub reason: Option<String>,
    /// What ran before.
    pub stable: ReleaseVersion,
    /// What is to take over.
    pub candidate: ReleaseVersion,
}

/// One of the versions of a release.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct ReleaseVersion {
    /// As it was named.
    pub version: String,
    /// The digest of its bytes.
    pub digest: String,
    /// Attempts that ended while the release was rolling.
    pub ended: u64,
    /// Those that failed.
    pub failed: u64,
    /// The 99th percentile of their run times.
    pub p99_ms: Option<f64>,
}
