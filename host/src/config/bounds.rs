//! Within which bounds the quantities of the configuration are, key by key.
//!
//! A lower bound is where a key stops to do its work, an upper one keeps out what nobody means: beyond it a number is a
//! slip of the pen, and clocks, semaphores and mappings need not be able to hold it.

use std::fmt::Display;

use super::{
    problems::{Place, Problems},
    quantity::{ByteSize, Count, Span},
};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// The bounds of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<T> {
    /// The key's name in its table.
    pub key: &'static str,
    /// What it is at least.
    pub least: T,
    /// What it is at most.
    pub most: T,
}

impl<T: Copy + PartialOrd + Display> Bounds<T> {
    /// Those of `key`.
    const fn new(key: &'static str, least: T, most: T) -> Self {
        Self { key, least, most }
    }

    /// Adds a problem when the value that is written for the key of `table` is out of bounds.
    pub(super) fn check(&self, value: Option<T>, table: &str, problems: &mut Problems) {
        self.check_at(value, &Place::Table(table.to_owned()), problems);
    }

    /// The same for a key that may be a flag.
    pub(super) fn check_at(&self, value: Option<T>, place: &Place, problems: &mut Problems) {
        let Some(value) = value else { return };
        let Self { key, least, most } = *self;
        let wrong = match value {
            _ if value < least => "little",
            _ if most < value => "much",
            _ => return,
        };
        let problem = format_args!("{value} is too {wrong}; it must be from {least} to {most}");
        problems.add(&place.key(key), problem);
    }
}

// [engine]

/// More threads than the largest machines have processors only stand in each other's way.
pub(super) const GUEST_THREADS: Bounds<Count> = Bounds::new("guest-threads", Count(1), Count(1_024));
/// They only pass messages; the payloads that they code and the connections that they hold are no work for more.
pub(super) const IO_THREADS: Bounds<Count> = Bounds::new("io-threads", Count(1), Count(64));
/// Shorter, and the ticker has no rest; longer, and no deadline holds.
pub(super) const TICK: Bounds<Span> = Bounds::new("tick", Span::millis(1), Span::secs(1));
/// The engine takes what the system has room for, some 28,000.
pub(super) const SLOTS: Bounds<Count> = Bounds::new("slots", Count(1), Count(100_000));
pub(super) const CACHE_SIZE: Bounds<ByteSize> = Bounds::new("cache-size", ByteSize(0), ByteSize(1_024 * TIB));
/// Below, nothing compiles.
pub(super) const COMPILE_MEMORY: Bounds<ByteSize> = Bounds::new("compile-memory", ByteSize(64 * MIB), ByteSize(TIB));
/// The lower bound is the smallest memory of an attempt.
pub(super) const MEMORY_BUDGET: Bounds<ByteSize> =
    Bounds::new("memory-budget", ByteSize(64 * KIB), ByteSize(1_024 * TIB));

// [metrics]

pub(super) const MAX_SERIES: Bounds<Count> = Bounds::new("max-series", Count(1), Count(1_000_000));
pub(super) const OTLP_INTERVAL: Bounds<Span> = Bounds::new("otlp-interval", Span::millis(100), Span::days(1));

// [[tenants.workers]]

/// As many as there may be sandboxes.
pub(super) const MAX_CONCURRENT: Bounds<Count> = Bounds::new("max-concurrent", Count(1), SLOTS.most);
pub(super) const SHUTDOWN_GRACE: Bounds<Span> = Bounds::new("shutdown-grace", Span::secs(0), Span::days(30));
/// Each check is a call to the server.
pub(super) const CANCEL_CHECK: Bounds<Span> = Bounds::new("cancel-check", Span::millis(100), Span::days(1));

// [tenants.workers.codec]

pub(super) const CODEC_MAX_SIZE: Bounds<ByteSize> = Bounds::new("max-size", ByteSize(4 * KIB), ByteSize(4 * GIB));
/// A heartbeat before and one after it, the report of an attempt waits for three requests, and all of them must fit into
/// a shutdown.
pub(super) const CODEC_TIMEOUT: Bounds<Span> = Bounds::new("server.timeout", Span::millis(100), Span::secs(10));

// [tenants.workers.components.limits]

/// From one page to all that a WebAssembly memory can hold.
pub(super) const MEMORY: Bounds<ByteSize> = Bounds::new("limits.memory", ByteSize(64 * KIB), ByteSize(4 * GIB));
/// What the engine's pool has room for.
pub(super) const TABLE_ELEMENTS: Bounds<Count> = Bounds::new("limits.table-elements", Count(0), Count(100_000));
/// No attempt ends in no time.
pub(super) const CPU_TIME: Bounds<Span> = Bounds::new("limits.cpu-time", Span::millis(1), Span::days(30));
pub(super) const HOST_BUFFER: Bounds<ByteSize> = Bounds::new("limits.host-buffer", ByteSize(KIB), MEMORY.most);
pub(super) const RESOURCES: Bounds<Count> = Bounds::new("limits.resources", Count(0), Count(1_000_000));
/// A failure needs some room to say what is wrong.
pub(super) const RESULT: Bounds<ByteSize> = Bounds::new("limits.result", ByteSize(KIB), MEMORY.most);
pub(super) const HEARTBEAT: Bounds<ByteSize> = Bounds::new("limits.heartbeat", ByteSize(0), MEMORY.most);
pub(super) const LOG_LINE: Bounds<ByteSize> = Bounds::new("limits.log-line", ByteSize(64), ByteSize(MIB));
pub(super) const LOG_RATE: Bounds<Count> = Bounds::new("limits.log-rate", Count(0), Count(1_000_000));
pub(super) const RANDOM: Bounds<ByteSize> = Bounds::new("limits.random", ByteSize(0), MEMORY.most);
pub(super) const HTTP_REQUESTS: Bounds<Count> = Bounds::new("limits.http-requests", Count(0), Count(10_000));
pub(super) const HTTP_HEADERS: Bounds<ByteSize> = Bounds::new("limits.http-headers", ByteSize(KIB), ByteSize(GIB));
pub(super) const HTTP_REQUEST_BODY: Bounds<ByteSize> =
    Bounds::new("limits.http-request-body", ByteSize(0), ByteSize(1_024 * TIB));
pub(super) const HTTP_RESPONSE_BODY: Bounds<ByteSize> =
    Bounds::new("limits.http-response-body", ByteSize(0), ByteSize(1_024 * TIB));
pub(super) const HTTP_CONNECT_TIMEOUT: Bounds<Span> =
    Bounds::new("limits.http-connect-timeout", Span::millis(1), Span::days(1));
pub(super) const HTTP_RESPONSE_TIMEOUT: Bounds<Span> =
    Bounds::new("limits.http-response-timeout", Span::millis(1), Span::days(1));
pub(super) const HTTP_READ_TIMEOUT: Bounds<Span> =
    Bounds::new("limits.http-read-timeout", Span::millis(1), Span::days(1));

// [tenants.workers.components.stopping]

pub(super) const CANCEL_GRACE: Bounds<Span> = Bounds::new("stopping.cancel-grace", Span::secs(0), Span::days(30));
pub(super) const KILL_GRACE: Bounds<Span> = Bounds::new("stopping.kill-grace", Span::secs(0), Span::days(30));
