//! What an attempt has said and the worker has not taken yet: bounded in bytes, and taken at a pace.
//!
//! The newest heartbeat replaces one that was not taken yet, log lines beyond a bound are counted instead of kept, and a
//! guest waits while many of its measurements do.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use super::{Event, pace::Pace};
use crate::{ClientCall, Ending, Failure, Measurement, Payload};

/// Bytes of log lines that wait for the worker; more lines are counted, not kept.
pub(super) const WAITING_LOG: usize = 256 << 10;

/// What a line counts beside its text, so that empty ones count too.
pub(super) const LINE: usize = 64;

/// Measurements that wait for the worker: while there are so many, the guest waits too.
pub(super) const WAITING_MEASUREMENTS: usize = 512;

/// Bytes of them, likewise.
const WAITING_MEASUREMENT_BYTES: usize = 256 << 10;

/// What was said and not yet taken.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    mail: Mutex<Mail>,
    filled: Notify,
    /// Measurements were taken, so there is room again.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Mail {
    log: VecDeque<(Event, usize)>,
    log_size: usize,
    dropped_log_lines: u64,
    measurements: Vec<Measurement>,
    measurements_size: usize,
    heartbeat: Option<Vec<Payload>>,
    heartbeat_failed: Option<Failure>,
    call: Option<Box<ClientCall>>,
    ending: Option<Box<Ending>>,
    ended: bool,
}

impl Outbox {
    /// Takes a line of `size` bytes, or counts it when too much waits.
    pub(super) fn log(&self, line: Event, size: usize) {
        let size = size + LINE;
        let mut mail = self.lock();
        // One may be larger than all that may wait, as its limit is the operator's choice.
        if !mail.log.is_empty() && WAITING_LOG < mail.log_size + size {
            drop(mail);
            return self.drop_lines(1);
        }
        mail.log_size += size;
        mail.log.push_back((line, size));
        drop(mail);
        self.filled.notify_one();
    }

    /// Counts lines that were dropped.
    pub(super) fn drop_lines(&self, count: u64) {
        let mut mail = self.lock();
        let waits = mail.dropped_log_lines > 0;
        mail.dropped_log_lines = mail.dropped_log_lines.saturating_add(count);
        drop(mail);
        if !waits {
            self.filled.notify_one();
        }
    }

    /// Takes a measurement, once there is room.
    pub(super) async fn measure(&self, measurement: Measurement) {
        let size = measurement.size();
        while !self.lock().has_room_to_measure() {
            self.emptied.notified().await;
        }
        let mut mail = self.lock();
        let waits = !mail.measurements.is_empty();
        mail.measurements_size += size;
        mail.measurements.push(measurement);
        drop(mail);
        if !waits {
            self.filled.notify_one();
        }
    }

    /// Takes a heartbeat, in place of one that waits.
    pub(super) fn heartbeat(&self, details: Vec<Payload>) {
        // What it replaces is dropped after the lock.
        let replaced = self.lock().heartbeat.replace(details);
        if replaced.is_none() {
            self.filled.notify_one();
        }
    }

    /// Takes why a heartbeat failed.
    pub(super) fn heartbeat_failed(&self, reason: Failure) {
        self.fill(|mail| mail.heartbeat_failed = Some(reason));
    }

    /// Takes a call.
    pub(super) fn call(&self, call: ClientCall) {
        self.fill(|mail| mail.call = Some(Box::new(call)));
    }

    /// Takes the end; the first one counts.
    pub(super) fn end(&self, ending: Ending) {
        self.fill(|mail| {
            if !mail.ended {
                mail.ended = true;
                mail.ending = Some(Box::new(ending));
            }
        });
    }

    /// What to tell next; else when something that waits will be due, if anything does.
    pub(super) fn take(&self, pace: Option<&mut Pace>) -> Result<Event, Option<Instant>> {
        let event = self.lock().take(pace);
        if matches!(event, Ok(Event::Measured(_))) {
            self.emptied.notify_one();
        }
        event
    }

    /// Waits until there may be more to take.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        // Each change is complete before anything can panic.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, change: impl FnOnce(&mut Mail)) {
        change(&mut self.lock());
        self.filled.notify_one();
    }
}

impl Mail {
    fn has_room_to_measure(&self) -> bool {
        self.measurements.len() < WAITING_MEASUREMENTS && self.measurements_size < WAITING_MEASUREMENT_BYTES
    }

    /// Measurements come when there is nothing else, the ending last. At the end nothing waits for its time any more.
    fn take(&mut self, pace: Option<&mut Pace>) -> Result<Event, Option<Instant>> {
        if let Some((line, size)) = self.log.pop_front() {
            self.log_size -= size;
            return Ok(line);
        }
        match pace {
            Some(pace) if !self.ended => self.take_what_is_due(pace),
            _ => self.take_any().ok_or(None),
        }
    }

    fn take_what_is_due(&mut self, pace: &mut Pace) -> Result<Event, Option<Instant>> {
        let now = Instant::now();
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        if is_due(pace.heartbeat)
            && let Some(details) = self.heartbeat.take()
        {
            pace.took_heartbeat(now, &details);
            return Ok(Event::Heartbeat(details));
        }
        if let Some(reason) = self.heartbeat_failed.take() {
            return Ok(Event::HeartbeatFailed(reason));
        }
        if is_due(pace.call)
            && let Some(call) = self.call.take()
        {
            pace.took_call(now, call.size);
            return Ok(Event::Called(call));
        }
        let dropped = (self.dropped_log_lines > 0).then(|| pace.tells_dropped_lines(now));
        if dropped.is_some_and(|at| at <= now) {
            pace.dropped_lines = None;
            return Ok(Event::LogLinesDropped(std::mem::take(&mut self.dropped_log_lines)));
        }
        if is_due(pace.measurements)
            && let Some(event) = self.take_measurements()
        {
            pace.took_measurements(now);
            return Ok(event);
        }
        let heartbeat = pace.heartbeat.filter(|_| self.heartbeat.is_some());
        let call = pace.call.filter(|_| self.call.is_some());
        let measurements = pace.measurements.filter(|_| !self.measurements.is_empty());
        Err([heartbeat, call, dropped, measurements].into_iter().flatten().min())
    }

    fn take_any(&mut self) -> Option<Event> {
        if self.dropped_log_lines > 0 {
            return Some(Event::LogLinesDropped(std::mem::take(&mut self.dropped_log_lines)));
        }
        if let Some(details) = self.heartbeat.take() {
            return Some(Event::Heartbeat(details));
        }
        let failed = self.heartbeat_failed.take().map(Event::HeartbeatFailed);
        let event = failed.or_else(|| self.call.take().map(Event::Called)).or_else(|| self.take_measurements());
        event.or_else(|| self.ending.take().map(Event::Ended))
    }

    fn take_measurements(&mut self) -> Option<Event> {
        self.measurements_size = 0;
        (!self.measurements.is_empty()).then(|| Event::Measured(std::mem::take(&mut self.measurements)))
    }
}
