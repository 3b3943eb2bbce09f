//! How often an attempt takes the worker's time, whatever its guest does.

use std::time::Duration;

use tokio::time::Instant;

use crate::Payload;

/// Between two heartbeats at least: each may be encoded by a codec, and logged.
const HEARTBEATS: Duration = Duration::from_millis(100);

/// What large heartbeats may cost: so many bytes a second are encoded for an attempt.
const HEARTBEAT_BYTES: u64 = 1 << 20;

/// Between two heartbeats at most: what is encoded and sent for the guest must be fresh.
const LONGEST: Duration = Duration::from_secs(2);

/// Of a heartbeat timeout, what a heartbeat may be put off: a part that leaves time to send it.
const TIMEOUT_PARTS: u32 = 4;

/// Between two calls of Temporal's client at least: each is judged, encoded and sent on threads that all attempts share.
const CALLS: Duration = Duration::from_millis(5);

/// What large calls may cost: so many bytes a second.
const CALL_BYTES: u64 = 4 << 20;

/// Between two calls at most.
const LONGEST_CALL: Duration = Duration::from_secs(5);

/// Between two lots of measurements. While a lot waits, the guest goes on until the outbox is full.
const MEASUREMENTS: Duration = Duration::from_millis(20);

/// Between two counts of dropped lines: each is a line of the log.
const DROPPED_LINES: Duration = Duration::from_secs(1);

/// When the next of each is due.
#[derive(Debug)]
pub(super) struct Pace {
    longest: Duration,
    /// When the next heartbeat may be taken; `None` for at once.
    pub(super) heartbeat: Option<Instant>,
    /// When the next call may be.
    pub(super) call: Option<Instant>,
    /// When the next measurements may be.
    pub(super) measurements: Option<Instant>,
    /// When the next count of dropped lines may be; `None` when none waits yet.
    pub(super) dropped_lines: Option<Instant>,
}

impl Pace {
    /// That of an attempt with this heartbeat timeout.
    pub(super) fn new(heartbeat_timeout: Option<Duration>) -> Self {
        let longest = heartbeat_timeout.map_or(LONGEST, |timeout| LONGEST.min(timeout / TIMEOUT_PARTS));
        Self { longest, heartbeat: None, call: None, measurements: None, dropped_lines: None }
    }

    /// A heartbeat was taken.
    pub(super) fn took_heartbeat(&mut self, now: Instant, details: &[Payload]) {
        let size: usize = details.iter().map(Payload::weight).sum();
        self.heartbeat = now.checked_add(HEARTBEATS.max(cost(size, HEARTBEAT_BYTES)).min(self.longest));
    }

    /// A call of this size was taken.
    pub(super) fn took_call(&mut self, now: Instant, size: usize) {
        self.call = now.checked_add(CALLS.max(cost(size, CALL_BYTES)).min(LONGEST_CALL));
    }

    /// Measurements were taken.
    pub(super) fn took_measurements(&mut self, now: Instant) {
        self.measurements = now.checked_add(MEASUREMENTS);
    }

    /// Lines wait to be told as dropped: returns when they are.
    pub(super) fn tells_dropped_lines(&mut self, now: Instant) -> Instant {
        *self.dropped_lines.get_or_insert_with(|| now.checked_add(DROPPED_LINES).unwrap_or(now))
    }
}

fn cost(size: usize, bytes_a_second: u64) -> Duration {
    Duration::from_micros((size as u64).saturating_mul(1_000_000) / bytes_a_second)
}
