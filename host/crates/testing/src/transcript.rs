//! What an attempt said.

use activity::{ClientCall, Event, LogRecord, Measurement, Payload};
use serde_json::Value;

use crate::values::value;

/// What a transcript holds at most, in bytes of text and payloads: a guest that floods it costs its test no more.
const LARGEST: usize = 64 << 20;

/// What an attempt said, in order, each heartbeat and line that came out of its sandbox.
#[derive(Debug, Default)]
pub struct Transcript {
    events: Vec<Event>,
    heartbeats: usize,
    dropped_log_lines: u64,
    size: usize,
    left_out: u64,
}

impl Transcript {
    /// Everything but the end, in order. A dropped log line is no event.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The details of each heartbeat.
    pub fn heartbeats(&self) -> impl Iterator<Item = &[Payload]> {
        self.events.iter().filter_map(|event| match event {
            Event::Heartbeat(details) => Some(details.as_slice()),
            _ => None,
        })
    }

    /// The details of each heartbeat as JSON values; null for what is not JSON.
    pub fn heartbeat_values(&self) -> Vec<Vec<Value>> {
        self.heartbeats().map(|details| details.iter().map(value).collect()).collect()
    }

    /// How many heartbeats there were, also those that are not in the transcript because it was full.
    pub fn heartbeat_count(&self) -> usize {
        self.heartbeats
    }

    /// The log lines, those from standard output and error included.
    pub fn log_lines(&self) -> impl Iterator<Item = &LogRecord> {
        self.events.iter().filter_map(|event| match event {
            Event::Logged(record) => Some(record),
            _ => None,
        })
    }

    /// Whether a log line's message contains `text`.
    pub fn has_logged(&self, text: &str) -> bool {
        self.log_lines().any(|record| record.message.contains(text))
    }

    /// Log lines that were dropped, being more than the limit allows.
    pub fn dropped_log_lines(&self) -> u64 {
        self.dropped_log_lines
    }

    /// What the activity recorded on its metrics.
    pub fn measurements(&self) -> impl Iterator<Item = &Measurement> {
        let measured = self.events.iter().filter_map(|event| match event {
            Event::Measured(measurements) => Some(measurements),
            _ => None,
        });
        measured.flatten()
    }

    /// The calls of the client.
    pub fn calls(&self) -> impl Iterator<Item = &ClientCall> {
        self.events.iter().filter_map(|event| match event {
            Event::Called(call) => Some(call.as_ref()),
            _ => None,
        })
    }

    /// Events that are not in the transcript, because it was full.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes the next event.
    pub(crate) fn push(&mut self, event: &Event) {
        match event {
            Event::Heartbeat(_) => self.heartbeats += 1,
            Event::LogLinesDropped(count) => {
                self.dropped_log_lines += count;
                return;
            }
            Event::Ended(_) => return,
            _ => {}
        }
        let size = size(event);
        if LARGEST < self.size + size {
            self.left_out += 1;
            return;
        }
        self.size += size;
        self.events.push(event.clone());
    }
}

/// About what an event takes.
fn size(event: &Event) -> usize {
    let content = match event {
        Event::Logged(record) => record.size(),
        Event::Heartbeat(details) => details.iter().map(Payload::size).sum(),
        Event::Measured(measurements) => size_of_val(measurements.as_slice()),
        // Of these there are few, or each waits for an answer.
        _ => 0,
    };
    size_of::<Event>() + content
}
