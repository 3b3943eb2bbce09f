//! The way out of an attempt: its events, within the limits on what a guest may say.

mod lines;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use activity::{
    About, ClientCall, ComponentHandle, End, Ending, EventSender, Excess, Excesses, Failure, HttpUsage, Info, Level,
    LogRecord, Measurement, Outcome, Payload, Rate, TracedRequests, Traffic,
};

use self::lines::{Lines, PanicText};
use crate::{Policy, bindings::isolet::activity::log as types, convert::log_record_from_guest, http::RequestCounts};

/// The logger under which a guest SDK's panic hook reports a panic, as its last words before it aborts.
const PANIC_LOGGER: &str = "isolet.panic";

/// The logger of what is said about what only counts.
const MODE_LOGGER: &str = "isolet.mode";

/// Bytes that count as one line: a long line costs as much to write, to keep and to read as several.
const BYTES_PER_LINE: usize = 1_024;

/// Fields that the host adds to each line of an attempt; a guest's fields of these names are ignored.
const HOST_FIELDS: [&str; 11] = [
    "activity_id",
    "activity_run_id",
    "activity_type",
    "attempt",
    "component",
    "namespace",
    "task_queue",
    "tenant",
    "workflow_id",
    "workflow_run_id",
    "workflow_type",
];

/// Those that it adds to the lines of an attempt that is in a trace.
const TRACE_FIELDS: [&str; 2] = ["span_id", "trace_id"];

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Takes everything that one attempt says: heartbeats, log lines, standard output and error, metrics, and its end.
#[derive(Debug)]
pub struct Outlet {
    events: EventSender,
    policy: Arc<Policy>,
    /// What the attempt is; `None` where there is none, and nobody who would read.
    attempt: Option<Attempted>,
    speech: Mutex<Speech>,
    requests: Arc<RequestCounts>,
    calls: AtomicU64,
    /// Bytes of arguments.
    given: AtomicU64,
    /// Bytes of heartbeats.
    recorded: AtomicU64,
    /// The most that its scratch directory held.
    scratch: AtomicU64,
}

/// Who speaks.
#[derive(Debug)]
struct Attempted {
    info: Arc<Info>,
    component: ComponentHandle,
}

/// What was said so far and is still needed.
#[derive(Debug, Default)]
struct Speech {
    rate: Rate,
    out: Lines,
    err: Lines,
    /// What the panic hook of a guest SDK said.
    panic: Option<String>,
    /// What Rust's own panic hook wrote to standard error: for guests without an SDK.
    written_panic: PanicText,
}

impl Outlet {
    /// The outlet of an attempt of `component`, whose events go to `events`.
    pub fn new(events: EventSender, policy: Arc<Policy>, info: Arc<Info>, component: ComponentHandle) -> Self {
        let attempt = Some(Attempted { info, component });
        Self { attempt, ..Self::unread(events, policy) }
    }

    /// The outlet of a guest outside of any attempt, whose lines nobody reads.
    pub fn unread(events: EventSender, policy: Arc<Policy>) -> Self {
        Self {
            events,
            policy,
            attempt: None,
            speech: Mutex::default(),
            requests: Arc::default(),
            calls: AtomicU64::new(0),
            given: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
            scratch: AtomicU64::new(0),
        }
    }

    /// What the guest said when it panicked, if it did: the message and where it happened.
    pub fn panic_message(&self) -> Option<String> {
        let speech = self.speech();
        speech.panic.clone().or_else(|| speech.written_panic.text())
    }

    /// The HTTP requests that the guest made.
    pub fn http_usage(&self) -> HttpUsage {
        self.requests.usage()
    }

    /// What of them is told in the attempt's trace.
    pub fn traced_requests(&self) -> TracedRequests {
        self.requests.traced.take()
    }

    /// Counts what the attempt is given.
    pub fn given(&self, arguments: &[Payload]) {
        self.given.store(size(arguments), Ordering::Relaxed);
    }

    /// Counts a call of the guest's, by the thread that runs it.
    pub(crate) fn called(&self) {
        let calls = self.calls.load(Ordering::Relaxed);
        self.calls.store(calls.saturating_add(1), Ordering::Relaxed);
    }

    /// What went into the attempt and out of it, if it ended like this.
    pub fn traffic(&self, end: &End) -> Traffic {
        let returned = match end {
            End::Returned(Outcome::Completed(Some(result))) => result.size() as u64,
            End::Returned(Outcome::Cancelled(details)) => size(details),
            End::Returned(Outcome::Failed(failure)) => said(failure),
            _ => 0,
        };
        let (sent, received) = self.requests.bytes();
        Traffic {
            host_calls: self.calls.load(Ordering::Relaxed),
            bytes_in: self.given.load(Ordering::Relaxed).saturating_add(received),
            bytes_out: self.recorded.load(Ordering::Relaxed).saturating_add(sent).saturating_add(returned),
        }
    }

    /// The most that the attempt's scratch directory held at once, in bytes.
    pub fn peak_scratch(&self) -> u64 {
        self.scratch.load(Ordering::Relaxed)
    }

    /// Notes the most that the scratch directory has held so far.
    pub(crate) fn scratch_held(&self, peak: u64) {
        self.scratch.store(peak, Ordering::Relaxed);
    }

    /// What the attempt came to that neither ended nor failed it.
    pub fn excesses(&self) -> Excesses {
        self.requests.excesses.counts()
    }

    /// Counts what would be refused in these words if it were not only counted, and tells it now and then.
    pub(crate) fn would_refuse(&self, excess: Excess, words: impl FnOnce() -> String) {
        self.requests.excesses.add(excess);
        if self.policy.told.is_due(excess) {
            let (key, words) = (excess.name(), words());
            self.warn(
                MODE_LOGGER,
                format!("`{key}` would not let this be, and only counts it, as its mode says: {words}"),
            );
        }
    }

    pub(crate) fn request_counts(&self) -> Arc<RequestCounts> {
        Arc::clone(&self.requests)
    }

    /// Passes on lines without an end, then ends the attempt.
    pub fn end(self, ending: Ending) {
        for stream in [Stream::Out, Stream::Err] {
            let rest = self.speech().lines(stream).take_rest();
            if let Some(rest) = rest {
                self.log_written(stream, rest);
            }
        }
        self.events.end(ending);
    }

    pub(crate) fn heartbeat(&self, details: Vec<Payload>) {
        self.recorded.fetch_add(size(&details), Ordering::Relaxed);
        self.events.heartbeat(details);
    }

    pub(crate) fn call(&self, call: ClientCall) {
        self.events.call(call);
    }

    pub(crate) fn heartbeat_failed(&self, reason: Failure) {
        self.events.heartbeat_failed(reason);
    }

    /// Passes on a measurement, once there is room for it.
    pub(crate) async fn measure(&self, measurement: Measurement) {
        self.events.measure(measurement).await;
    }

    /// Whether lines of this level are kept.
    pub(crate) fn keeps(&self, level: Level) -> bool {
        level >= self.policy.log_level
    }

    /// Passes on what the guest logs, cut to its limits, unless there is too much.
    pub(crate) fn log(&self, record: types::LogRecord) {
        let is_traced = self.attempt.as_ref().is_some_and(|attempt| attempt.info.trace.is_some());
        let is_own = |name: &str| HOST_FIELDS.contains(&name) || is_traced && TRACE_FIELDS.contains(&name);
        self.pass_on(log_record_from_guest(record, self.policy.limits.log_line, is_own));
    }

    /// Passes on a line that has no more than its limit, unless there is too much.
    fn pass_on(&self, record: LogRecord) {
        if record.logger == PANIC_LOGGER {
            self.speech().panic = Some(record.message.clone());
        }
        // A level that nobody wants is not missed.
        if !self.keeps(record.level) {
            return;
        }
        let size = in_lines(record.size().max(1));
        let has_room = self.speech().rate.take(f64::from(self.policy.limits.log_rate), size);
        match has_room {
            true => {}
            false if self.policy.limits.is_counted && record.logger != MODE_LOGGER => {
                self.would_refuse(Excess::LogRate, || "it logs more lines a second".to_owned());
            }
            false if self.policy.limits.is_counted => {}
            false => return self.events.log_lines_dropped(1),
        }
        if self.events.is_watched() {
            return self.events.log(record);
        }
        if let (Some(attempt), Some(format)) = (&self.attempt, &self.policy.log_format) {
            let size = record.size();
            let line = format.line(About { info: &attempt.info, component: Some(attempt.component.id()) }, &record);
            // Escaped it may be longer: that counts too, for the lines that follow.
            self.speech().rate.charge(in_lines(line.len().saturating_sub(size).saturating_sub(BYTES_PER_LINE - 1)));
            self.events.log_written(line);
        }
    }

    /// Passes on a line of the host's about the attempt.
    pub(crate) fn warn(&self, logger: &str, message: String) {
        self.pass_on(LogRecord::new(Level::Warn, logger, message));
    }

    /// Counts a line that is not passed on.
    pub(crate) fn drop_line(&self) {
        self.events.log_lines_dropped(1);
    }

    /// Takes what the guest wrote to a standard stream; each complete line goes to the log.
    pub(crate) fn write(&self, stream: Stream, mut bytes: &[u8]) {
        let limit = self.policy.limits.log_line;
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            let line = self.speech().lines(stream).complete(line, limit);
            self.log_written(stream, line);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.speech().lines(stream).append(bytes, limit);
    }

    fn log_written(&self, stream: Stream, mut message: String) {
        let (logger, level) = match stream {
            Stream::Out => ("stdout", Level::Info),
            Stream::Err => ("stderr", Level::Warn),
        };
        if stream == Stream::Err {
            self.speech().written_panic.notice(&message);
        }
        truncate(&mut message, self.policy.limits.log_line.saturating_sub(logger.len()));
        self.pass_on(LogRecord::new(level, logger, message));
    }

    fn speech(&self) -> MutexGuard<'_, Speech> {
        // What a panic elsewhere left half done is at worst one odd log line.
        self.speech.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Speech {
    fn lines(&mut self, stream: Stream) -> &mut Lines {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

/// Cuts a text to at most `limit` bytes, between characters.
pub(crate) fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit {
        let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
}

/// How many lines a text counts as, begun ones too.
fn in_lines(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes.div_ceil(BYTES_PER_LINE)).unwrap_or(u32::MAX))
}

fn size(payloads: &[Payload]) -> u64 {
    payloads.iter().map(|payload| payload.size() as u64).sum()
}

/// Bytes of what a failure says, without its causes.
fn said(failure: &Failure) -> u64 {
    let details = failure.as_application().map_or(0, |fields| size(&fields.details));
    details.saturating_add((failure.message.len() + failure.stack_trace.len()) as u64)
}

#[cfg(test)]
mod tests;
