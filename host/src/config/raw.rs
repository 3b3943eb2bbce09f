//! The configuration as it is written: every key optional, nothing checked but its type.
//!
//! Each key is explained in `example.toml`; a test holds the two together.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use super::{
    environment::RawVariable,
    log::RawLog,
    quantity::{ByteSize, Count, Span},
};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawConfig {
    /// Where Temporal is.
    pub connection: RawConnection,
    /// What runs the guests.
    pub engine: RawEngine,
    /// Where metrics go.
    pub metrics: RawMetrics,
    /// The log.
    pub log: RawLog,
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
    pub guest_threads: Option<Count>,
    pub io_threads: Option<Count>,
    pub tick: Option<Span>,
    pub slots: Option<Count>,
    pub cache: Option<PathBuf>,
    pub cache_size: Option<ByteSize>,
    pub compile_memory: Option<ByteSize>,
    pub confine_compiler: Option<bool>,
    pub memory_budget: Option<ByteSize>,
    pub nameservers: Vec<String>,
}

/// Where metrics go, and how.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawMetrics {
    pub export: Option<RawExport>,
    pub address: Option<String>,
    pub max_series: Option<Count>,
    pub tags: BTreeMap<String, String>,
    pub buckets: BTreeMap<String, Vec<f64>>,
    pub durations_in_seconds: Option<bool>,
    pub counters_total_suffix: Option<bool>,
    pub unit_suffix: Option<bool>,
    pub otlp_url: Option<String>,
    pub otlp_protocol: Option<RawOtlpProtocol>,
    pub otlp_interval: Option<Span>,
    pub otlp_headers_file: Option<PathBuf>,
}

/// To where metrics go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawExport {
    /// Nowhere.
    #[default]
    Off,
    /// To Prometheus, which fetches them.
    Prometheus,
    /// To a collector of OpenTelemetry.
    Otlp,
}

/// In which form a collector takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawOtlpProtocol {
    /// gRPC.
    #[default]
    Grpc,
    /// Protobuf over HTTP.
    Http,
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
    pub max_concurrent: Option<Count>,
    pub shutdown_grace: Option<Span>,
    pub cancel_check: Option<Span>,
    pub encode_failure_attributes: Option<bool>,
    pub codec: RawCodec,
    pub components: Vec<RawComponent>,
}

/// How payloads are coded between Temporal and guests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawCodec {
    pub order: Vec<RawCodecStep>,
    pub max_size: Option<ByteSize>,
    pub encryption: RawEncryption,
    pub server: RawCodecServer,
}

/// One way of coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RawCodecStep {
    /// Compression.
    Zlib,
    /// Encryption.
    Encryption,
    /// A codec server.
    Server,
}

/// Which keys encrypt and decrypt.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawEncryption {
    pub active: Option<String>,
    pub keys: Vec<RawKey>,
}

/// A key, by where it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawKey {
    pub id: Option<String>,
    pub file: Option<PathBuf>,
    pub env: Option<String>,
}

/// A codec server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawCodecServer {
    pub endpoint: Option<String>,
    pub timeout: Option<Span>,
    pub authorization_env: Option<String>,
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
    pub table_elements: Option<Count>,
    pub cpu_time: Option<Span>,
    pub host_buffer: Option<ByteSize>,
    pub resources: Option<Count>,
    pub result: Option<ByteSize>,
    pub heartbeat: Option<ByteSize>,
    pub log_line: Option<ByteSize>,
    pub log_rate: Option<Count>,
    pub random: Option<ByteSize>,
    pub http_requests: Option<Count>,
    pub http_headers: Option<ByteSize>,
    pub http_request_body: Option<ByteSize>,
    pub http_response_body: Option<ByteSize>,
    pub http_connect_timeout: Option<Span>,
    pub http_response_timeout: Option<Span>,
    pub http_read_timeout: Option<Span>,
    pub retryable: BTreeMap<String, bool>,
}

/// What a component may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawGrants {
    pub environment: BTreeMap<String, RawVariable>,
    pub directories: Vec<RawDirectory>,
    pub metrics: Option<bool>,
    pub http: Vec<String>,
    pub client: RawClient,
}

/// What a component may ask Temporal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RawClient {
    pub methods: Vec<String>,
    pub namespaces: Vec<String>,
    pub workflow_ids: Vec<String>,
    pub task_queues: Vec<String>,
    pub activity_ids: Vec<String>,
    pub task_tokens: Option<bool>,
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
