//! What a worker tells about its attempts: for logs, for people and for scripts.

use crate::{ComponentId, Failure, Info, KillReason, Measurement, Payload, SandboxFailureKind, Usage};

/// Hears what a worker does. Called on I/O threads, so it must not block.
pub trait Observer: Send + Sync + 'static {
    /// Takes note of `observation` on an attempt.
    fn observe(&self, about: About<'_>, observation: Observation<'_>);
}

/// The attempt that something is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What it is.
    pub info: &'a Info,
    /// The component that runs it: the one that was found for it when it was leased, whatever is served since then.
    /// `None` when no component serves its type.
    pub component: Option<&'a ComponentId>,
}

/// Something that happened to an attempt.
#[derive(Clone, Debug)]
pub enum Observation<'a> {
    /// It was leased and is about to run.
    Started,
    /// It logged a line: as its [`crate::LineFormat`] wrote it down.
    Logged(&'a str),
    /// This many of its lines were dropped, being too many.
    LogLinesDropped(u64),
    /// It recorded these values.
    Measured(&'a [Measurement]),
    /// It recorded a heartbeat with these details.
    Heartbeat(&'a [Payload]),
    /// It could not encode a heartbeat's details, for this reason, and is cancelled.
    HeartbeatFailed(&'a Failure),
    /// It ended, and was reported if it still could be.
    Finished {
        /// What was reported.
        reported: Reported<'a>,
        /// Why it was killed, if it was.
        killed: Option<KillReason>,
        /// What stopped it, if the host did: a failure can say anything.
        stopped: Option<SandboxFailureKind>,
        /// What it cost.
        usage: Usage,
    },
}

/// What was reported to the server, or why nothing was.
#[derive(Clone, Debug)]
pub enum Reported<'a> {
    /// A result.
    Completed,
    /// A failure.
    Failed(&'a Failure),
    /// A cancellation.
    Cancelled,
    /// That it will be completed from elsewhere.
    WillCompleteAsync,
    /// Nothing: its time was over, and the server times it out by itself.
    TimedOut,
    /// Nothing: the server has given up this attempt.
    Abandoned,
    /// Nothing that is known to have arrived.
    Unreported {
        /// Why the server refused the report; `None` when it could not be reached while the attempt's time lasted, or
        /// while a worker that shuts down could wait.
        refusal: Option<&'a str>,
    },
}
