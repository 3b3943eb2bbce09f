//! What a component may use.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{ClientGrant, HeldSecret, HttpGrant, SandboxFailureKind, Stopping};

/// What attempts of a component may do where it is used, and how they are stopped: one value, which goes with the
/// component from its loading to the end of its last attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What each attempt may use.
    pub limits: Limits,
    /// What each attempt may reach.
    pub grants: Grants,
    /// How each attempt is stopped.
    pub stopping: Stopping,
    /// What all attempts of its tenant may use together, in the process that runs them.
    pub tenant: SharedLimits,
}

/// What the attempts of a tenant may use together, in the process that runs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedLimits {
    /// HTTP requests in flight at once, each on a connection of its own.
    pub requests: usize,
    /// Bytes that these send in a second.
    pub egress: u64,
    /// Bytes that they receive in a second.
    pub ingress: u64,
    /// Bytes that are written to granted directories in a second.
    pub disk: u64,
    /// Whether what is beyond goes on, and is counted.
    pub is_counted: bool,
}

impl Default for SharedLimits {
    /// Those of a tenant that is kept only from what would keep network and disk from others.
    fn default() -> Self {
        Self { requests: 1_000, egress: 128 << 20, ingress: 128 << 20, disk: 128 << 20, is_counted: false }
    }
}

/// The stack of a guest's compiled code, in bytes. A recursion takes all of it, and what interpreters count as deep must fit:
/// CPython's own limits do.
pub const GUEST_STACK: usize = 16 << 20;

/// What the core instances of one sandbox may hold beside memories and tables, in bytes: addresses of imports, globals and
/// the like. Ten native packages of Python need 1.3 MiB; wasmtime allows 1 MiB unless it is told more.
pub const INSTANCE_DATA: usize = 4 << 20;

/// The most memory of a component's image that its limit on memory does not count, in bytes: what a component of any
/// language begins with. Python's may have no more.
pub const LARGEST_IMAGE: u64 = 128 << 20;

/// What the host holds for any attempt: lines and measurements that wait, texts of panics, tasks and timers.
const HELD_FOR_EACH: u64 = 1 << 20;

/// What it holds for an HTTP request in flight, beside its headers: a part of a body each way.
const HELD_FOR_REQUEST: u64 = 128 << 10;

/// Heartbeats of one attempt that exist at once: one that waits to be taken, one that is encoded, and the last one, which
/// is sent again when the worker heartbeats for the guest.
const HEARTBEATS_HELD: u64 = 3;

/// A result as it came and as it is encoded; requests to Temporal likewise.
const COPIES: u64 = 2;

impl Policy {
    /// What an attempt may take of the host's memory, in bytes, if its component has this image: its linear memories, and
    /// what the host holds for it beside them, its stack included. What a slot reserves of the worker's memory budget.
    ///
    /// Attempts share what they do not write to of the image, but one that writes to all of it holds it all.
    pub fn reserved_memory(&self, image: u64) -> u64 {
        let Limits { memory, host_buffer, result, heartbeat, http, .. } = &self.limits;
        let times = |count: u64, size: usize| count.saturating_mul(size as u64);
        let client = if self.grants.client.is_some() { times(COPIES, *host_buffer) } else { 0 };
        let request = times(COPIES, http.headers).saturating_add(HELD_FOR_REQUEST);
        let requests = if self.grants.http.is_empty() { 0 } else { request.saturating_mul(http.requests as u64) };
        [
            *memory,
            image,
            times(1, GUEST_STACK),
            times(1, INSTANCE_DATA),
            HELD_FOR_EACH,
            times(HEARTBEATS_HELD, *heartbeat),
            times(COPIES, *result),
            client,
            requests,
            self.grants.scratch.unwrap_or(0),
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// The limits of each attempt of a component. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All linear memories of the instance together, beyond the component's image.
    pub memory: u64,
    /// Elements of all tables of the instance together.
    pub table_elements: u64,
    /// Processor time; `None` for no limit.
    pub cpu_time: Option<Duration>,
    /// What one host call may copy out of the guest, and what Temporal's client may be answered.
    pub host_buffer: usize,
    /// Resources (pollables, streams, files) that the guest may hold at once.
    pub resources: usize,
    /// The result, or the failure, encoded.
    pub result: usize,
    /// What the host may hold of what a function without an SDK returned, before it is encoded.
    pub values: usize,
    /// The details of one heartbeat, encoded.
    pub heartbeat: usize,
    /// One log line, fields included; a longer one is cut.
    pub log_line: usize,
    /// Log lines per second, with as many again at once; more are dropped and counted.
    pub log_rate: u32,
    /// Random bytes in one call.
    pub random: u64,
    /// What it writes to granted directories in all.
    pub disk: u64,
    /// HTTP requests.
    pub http: HttpLimits,
    /// Whether what is beyond the rate of log lines, has too many HTTP requests in flight, or is written beyond `disk`, goes on
    /// and is counted.
    pub is_counted: bool,
    /// Failure kinds whose retryability differs from
    /// [`SandboxFailureKind::is_retryable_by_default`].
    pub retryable: BTreeMap<SandboxFailureKind, bool>,
}

impl Default for Limits {
    /// Room for ordinary activities of any language, small enough to hold hundreds on one machine.
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            memory: 64 * MIB as u64,
            table_elements: 20_000,
            cpu_time: None,
            host_buffer: 16 * MIB,
            resources: 1_000,
            // The server refuses payloads beyond 2 MiB.
            result: 2 * MIB,
            values: 32 * MIB,
            heartbeat: 2 * MIB,
            log_line: 16 * 1024,
            log_rate: 1_000,
            random: MIB as u64,
            disk: 1_024 * MIB as u64,
            http: HttpLimits::default(),
            is_counted: false,
            retryable: BTreeMap::new(),
        }
    }
}

/// The limits of an attempt's HTTP requests. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Requests in flight at once: from when they are sent until their response has been read or given up.
    pub requests: usize,
    /// The header section of a message: names and values.
    pub headers: usize,
    /// The body of one request.
    pub request_body: u64,
    /// The body of one response.
    pub response_body: u64,
    /// From the beginning of a request until its server is connected to.
    pub connect_timeout: Duration,
    /// From the beginning of a request until its response begins.
    pub response_timeout: Duration,
    /// From one part of the response's body to the next.
    pub read_timeout: Duration,
}

impl Default for HttpLimits {
    /// Room for what services usually answer, and for servers that take their time.
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            requests: 16,
            headers: 32 << 10,
            request_body: 16 * MIB,
            response_body: 64 * MIB,
            connect_timeout: Duration::from_secs(10),
            response_timeout: Duration::from_secs(120),
            read_timeout: Duration::from_secs(60),
        }
    }
}

/// What a component may reach beside the contract, clocks, random numbers and its own log. Nothing, unless granted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Environment variables that the guest sees. Their values may be secrets.
    pub environment: BTreeMap<String, String>,
    /// Directories that the guest sees.
    pub directories: Vec<DirectoryGrant>,
    /// How many bytes a directory of the attempt's own may hold, which is empty at first and gone with it; `None` for none.
    pub scratch: Option<u64>,
    /// What the guest may ask Temporal.
    pub client: Option<Arc<ClientGrant>>,
    /// Which HTTP requests the guest may send.
    pub http: Vec<HttpGrant>,
    /// Secrets that the host puts into its requests, by their names.
    pub secrets: BTreeMap<String, HeldSecret>,
    /// Identity tokens in its requests.
    pub identity: Option<IdentityGrant>,
    /// Whether the guest may record metrics.
    pub metrics: MetricsGrant,
}

impl fmt::Debug for Grants {
    /// Names variables without their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, directories, scratch, client, http, secrets, identity, metrics } = self;
        f.debug_struct("Grants")
            .field("environment", &environment.keys())
            .field("directories", directories)
            .field("scratch", scratch)
            .field("client", client)
            .field("http", http)
            .field("secrets", secrets)
            .field("identity", identity)
            .field("metrics", metrics)
            .finish()
    }
}

/// Identity tokens that the host puts into requests: what they may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityGrant {
    /// Who may be told by a token who the attempt is.
    pub audiences: Vec<String>,
    /// How long a token is valid at most, from the beginning of its attempt.
    pub ttl: Duration,
}

/// Whether a guest may record metrics. It may unless it is refused: a cap on series bounds what that can cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsGrant {
    /// It may.
    #[default]
    Granted,
    /// It may not.
    Refused,
}

/// A directory of the host that a guest sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryGrant {
    /// Where it is on the host.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: String,
    /// Whether the guest may change what is in it.
    pub writable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_reserves_what_the_host_holds_too() {
        const MIB: u64 = 1 << 20;
        let reserved = |grants| Policy { grants, ..Policy::default() }.reserved_memory(0) / MIB;
        assert_eq!(reserved(Grants::default()), 64 + 16 + 4 + 1 + 3 * 2 + 2 * 2);
        assert_eq!(Policy::default().reserved_memory(45 * MIB) / MIB, 45 + 95);
        assert_eq!(reserved(Grants { client: Some(Arc::default()), ..Grants::default() }), 95 + 2 * 16);
        assert_eq!(reserved(Grants { scratch: Some(5 * MIB), ..Grants::default() }), 95 + 5);
        let limits = Limits { memory: u64::MAX, ..Limits::default() };
        assert_eq!(Policy { limits, ..Policy::default() }.reserved_memory(MIB), u64::MAX);
    }
}
