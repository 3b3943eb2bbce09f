//! The configuration as it is written: every key optional, nothing checked but its type.
//!
//! Each key is explained in `example.toml`; a test holds the two together.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use super::quantity::{ByteSize, Span};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawConfig {
    /// Where Temporal is.
    pub connection: RawConnection,
    /// What runs the guests.
    pub engine: RawEngine,
    /// For whom they run.
    pub tenants: Vec<RawTenant>,
}

/// Where Temporal is. What is missing comes from Temporal's own environment configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawConnection {
    pub address: Option<String>,
    pub namespace: Option<String>,
    pub profile: Option<String>,
    pub config_file: Option<PathBuf>,
    pub api_key_file: Option<PathBuf>,
    pub identity: Option<String>,
}

/// What runs the guests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawEngine {
    pub guest_threads: Option<usize>,
    pub tick: Option<Span>,
    pub slots: Option<u32>,
    pub cache: Option<PathBuf>,
    pub memory_budget: Option<ByteSize>,
}

/// One tenant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawTenant {
    pub name: Option<String>,
    pub workers: Vec<RawWorker>,
}

/// One task queue that a tenant's components serve.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawWorker {
    pub namespace: Option<String>,
    pub task_queue: Option<String>,
    pub max_concurrent: Option<usize>,
    pub shutdown_grace: Option<Span>,
    pub cancel_check: Option<Span>,
    pub components: Vec<RawComponent>,
}

/// One component on a task queue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawComponent {
    pub path: Option<PathBuf>,
    pub limits: RawLimits,
    pub grants: RawGrants,
    pub stopping: RawStopping,
}

/// The limits of each attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawLimits {
    pub memory: Option<ByteSize>,
    pub table_elements: Option<u64>,
    pub cpu_time: Option<Span>,
    pub host_buffer: Option<ByteSize>,
    pub resources: Option<usize>,
    pub result: Option<ByteSize>,
    pub heartbeat: Option<ByteSize>,
    pub log_line: Option<ByteSize>,
    pub log_rate: Option<u32>,
    pub random: Option<ByteSize>,
    pub retryable: BTreeMap<String, bool>,
}

/// What a component may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawGrants {
    pub environment: BTreeMap<String, String>,
    pub directories: Vec<RawDirectory>,
}

/// A directory that a component sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawDirectory {
    pub host: Option<PathBuf>,
    pub guest: Option<String>,
    pub writable: bool,
}

/// How a component's attempts are stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawStopping {
    pub on_cancel: Option<RawOnCancel>,
    pub cancel_grace: Option<Span>,
    pub kill_grace: Option<Span>,
}

/// What a cancellation does to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawOnCancel {
    /// The guest is told and may finish.
    Tell,
    /// The guest is told, and killed after the cancel grace.
    Kill,
}
