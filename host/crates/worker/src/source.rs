//! The port between the worker and Temporal's core. What is behind it knows gRPC; what is before it does not.

use std::future::Future;

use activity::{CancellationDetails, Failure, Info, Payload, Reported};
use bytes::Bytes;

use crate::Error;

/// Where leases come from, and where what becomes of them goes.
pub(crate) trait LeaseSource: Send + Sync + 'static {
    /// Waits for what the server says next. Called by one caller at a time and never given up half-way.
    fn poll(&self) -> impl Future<Output = Polled> + Send;

    /// Records an attempt's heartbeat and returns at once; the newest details are sent as often as the server needs.
    fn record_heartbeat(&self, task_token: &Bytes, details: Vec<Payload>);

    /// Reports how an attempt ended, and releases its slot.
    fn complete(&self, task_token: Bytes, report: Report) -> impl Future<Output = ()> + Send;

    /// Takes no more tasks. Polls go on until they return [`Polled::ShutDown`].
    fn initiate_shutdown(&self);

    /// Frees everything, after [`Polled::ShutDown`].
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What a poll returned.
#[derive(Debug)]
pub(crate) enum Polled {
    /// A task was leased.
    Leased(Box<Leased>),
    /// A leased task is cancelled.
    Cancelled {
        /// Which.
        task_token: Bytes,
        /// Why.
        details: CancellationDetails,
    },
    /// The server refuses polls for good, so the source has begun to shut down.
    Refused(Error),
    /// Every task was completed after a shutdown, and none will come.
    ShutDown,
}

/// A leased task.
#[derive(Debug)]
pub(crate) struct Leased {
    /// What it is.
    pub(crate) info: Info,
    /// Its arguments.
    pub(crate) input: Vec<Payload>,
}

/// What is reported on an attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Report {
    /// A result.
    Completed(Payload),
    /// A failure of the application kind.
    Failed(Box<Failure>),
    /// A cancellation that was requested, with details.
    Cancelled(Vec<Payload>),
    /// That it will be completed from elsewhere.
    WillCompleteAsync,
    /// Nothing: the server has given up the attempt, or will. Only the slot is released.
    Abandoned,
}

impl Report {
    /// As an observer sees it.
    pub(crate) fn as_reported(&self) -> Reported<'_> {
        match self {
            Self::Completed(_) => Reported::Completed,
            Self::Failed(failure) => Reported::Failed(failure),
            Self::Cancelled(_) => Reported::Cancelled,
            Self::WillCompleteAsync => Reported::WillCompleteAsync,
            Self::Abandoned => Reported::Abandoned,
        }
    }
}
