//! How an attempt ends, and what it cost.

use std::time::Duration;

use crate::{Excesses, Failure, KillReason, Payload, SandboxFailure, TracedRequests};

/// What a guest returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A result; `None` counts as null.
    Completed(Option<Payload>),
    /// A failure.
    Failed(Failure),
    /// It stopped as cancelled, with details.
    Cancelled(Vec<Payload>),
    /// It will be completed from elsewhere.
    WillCompleteAsync,
}

/// How an attempt came to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The guest returned.
    Returned(Outcome),
    /// The guest trapped, hit a limit or could not be started.
    Stopped(SandboxFailure),
    /// It was killed on command, or because its time was up.
    Killed(KillReason),
}

/// The end of an attempt. Exactly one per attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// How it ended.
    pub end: End,
    /// What it cost.
    pub usage: Usage,
    /// The HTTP requests that it made, if it is traced.
    pub requests: TracedRequests,
}

impl Ending {
    /// One without any HTTP requests to tell of.
    pub fn new(end: End, usage: Usage) -> Self {
        Self { end, usage, requests: TracedRequests::default() }
    }
}

/// What an attempt cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// From the start of the attempt to its end, waits included.
    pub wall: Duration,
    /// On a processor, in guest code and in the host calls that it made.
    pub cpu: Duration,
    /// From the start of the attempt until the guest's code began to run.
    pub sandbox_start: Duration,
    /// The most linear memory that the guest held at once, in bytes.
    pub peak_memory: u64,
    /// The most that its scratch directory held at once, in bytes.
    pub peak_scratch: u64,
    /// From when it was to be killed until its end; `None` unless it was killed.
    pub kill_delay: Option<Duration>,
    /// The HTTP requests that the guest made.
    pub http: HttpUsage,
    /// What went into it and out of it.
    pub traffic: Traffic,
    /// What it came to that neither ended nor failed it.
    pub excesses: Excesses,
}

/// What went into an attempt and out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The calls that the guest made of its host.
    pub host_calls: u64,
    /// Bytes of its arguments, and of the bodies of HTTP responses that it read.
    pub bytes_in: u64,
    /// Bytes of its result or the details of its failure, of heartbeats, and of the bodies of HTTP requests.
    pub bytes_out: u64,
}

/// The HTTP requests of an attempt, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpUsage {
    /// The server answered, with whatever status.
    pub answered: u64,
    /// There was no answer: no connection, no valid response, or a timeout.
    pub failed: u64,
    /// They were not sent, for want of a grant or beyond a limit.
    pub refused: u64,
    /// The attempt ended, or the guest gave them up, before there was an answer.
    pub abandoned: u64,
}
