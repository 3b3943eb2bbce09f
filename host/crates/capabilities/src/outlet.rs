//! The way out of an attempt: its events, within the limits on what a guest may say.

mod lines;
mod rate;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use activity::{ClientCall, Ending, EventSender, Failure, HttpUsage, Level, LogRecord, Measurement, Payload};

use self::{
    lines::{Lines, PanicText},
    rate::Rate,
};
use crate::{Policy, http::RequestCounts};

/// The logger under which a guest SDK's panic hook reports a panic, as its last words before it aborts.
const PANIC_LOGGER: &str = "isolet.panic";

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
    speech: Mutex<Speech>,
    requests: Arc<RequestCounts>,
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
    /// The outlet of an attempt whose events go to `events`.
    pub fn new(events: EventSender, policy: Arc<Policy>) -> Self {
        Self { events, policy, speech: Mutex::default(), requests: Arc::default() }
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

    /// Passes on a line, cut to its limit, unless there are too many.
    pub(crate) fn log(&self, mut record: LogRecord) {
        record.fields.retain(|(name, _)| !HOST_FIELDS.contains(&name.as_str()));
        cut(&mut record, self.policy.limits.log_line);
        let allowed = {
            let mut speech = self.speech();
            if record.logger == PANIC_LOGGER {
                speech.panic = Some(record.message.clone());
            }
            self.keeps(record.level).then(|| speech.rate.take(self.policy.limits.log_rate))
        };
        match allowed {
            Some(true) => self.events.log(record),
            Some(false) => self.events.log_lines_dropped(1),
            // A level that nobody wants is not missed.
            None => {}
        }
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

    fn log_written(&self, stream: Stream, message: String) {
        let (logger, level) = match stream {
            Stream::Out => ("stdout", Level::Info),
            Stream::Err => ("stderr", Level::Warn),
        };
        if stream == Stream::Err {
            self.speech().written_panic.notice(&message);
        }
        self.log(LogRecord { level, logger: logger.to_owned(), message, fields: Vec::new() });
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

/// Cuts a record to `limit` bytes: the text is worth more than the fields, and of those the first more than the last.
fn cut(record: &mut LogRecord, limit: usize) {
    truncate(&mut record.logger, limit);
    let mut left = limit - record.logger.len();
    truncate(&mut record.message, left);
    left -= record.message.len();
    record.fields.retain(|(name, value)| {
        let size = name.len() + value.len();
        let fits = size <= left;
        if fits {
            left -= size;
        }
        fits
    });
}

/// Cuts a text to at most `limit` bytes, between characters.
pub(crate) fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit {
        let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests;
