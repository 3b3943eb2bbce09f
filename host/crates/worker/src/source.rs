//! The port between the worker and Temporal's core. What is behind it knows gRPC; what is before it does not.

use std::{future::Future, sync::Arc, time::Duration};

use activity::{CancellationDetails, ClientAnswer, ClientGrant, ClientRequest, Failure, Info, Payload, Report};
use bytes::Bytes;

use crate::{Error, PayloadCoding, traced::Told};

/// Where leases come from, and where what becomes of them goes.
pub(crate) trait LeaseSource: Send + Sync + 'static {
    /// Waits for what the server says next. Called by one caller at a time and never given up half-way.
    fn poll(&self) -> impl Future<Output = Polled> + Send;

    /// Waits until the tasks that were leased have their memory, which is nearly always so.
    fn backed(&self) -> impl Future<Output = ()> + Send;

    /// Records an attempt's heartbeat and returns at once; the newest details are sent as often as the server needs.
    fn record_heartbeat(&self, task_token: &Bytes, details: Vec<Payload>);

    /// What the server takes of a report that is ready to be sent.
    ///
    /// # Errors
    /// When it would refuse it: with the failure to report instead.
    fn admit(&self, report: Report) -> Result<Report, Box<Failure>>;

    /// Reports how an attempt ended, and releases its slot. It is tried until it got through, or `given_up` returns.
    fn complete(
        &self,
        completion: Completion,
        given_up: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Delivery> + Send;

    /// Does what an attempt asks of Temporal, as far as it may. Given up by being dropped.
    fn call(&self, question: Question) -> impl Future<Output = ClientAnswer> + Send;

    /// Makes no more polls. Those that are under way go on, and may bring tasks.
    fn end_polls(&self);

    /// Waits until no poll is under way after [`LeaseSource::end_polls`], which may take as long as the server holds polls.
    fn polls_over(&self) -> impl Future<Output = ()> + Send;

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

/// What an attempt came to, to be told to the server.
#[derive(Debug)]
pub(crate) struct Completion {
    /// Which attempt it was.
    pub(crate) info: Arc<Info>,
    /// What it came to.
    pub(crate) report: Report,
    /// The digest of the component that ran it, if one did.
    pub(crate) digest: Option<String>,
    /// The details of its last heartbeat, if there was one: the next attempt is given them.
    pub(crate) last_heartbeat: Option<Vec<Payload>>,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The server has it, or there was nothing to say.
    Delivered,
    /// The server knows no such attempt any more: it has given it up.
    NotFound,
    /// The server refused it for good, for this reason.
    Refused(String),
    /// The server could not be told before that was given up.
    GivenUp,
}

/// What an attempt asks of Temporal.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// What it may ask.
    pub(crate) grant: Arc<ClientGrant>,
    /// How payloads are coded.
    pub(crate) coding: PayloadCoding,
    /// What it asks.
    pub(crate) request: ClientRequest,
    /// How long the answer may take.
    pub(crate) timeout: Option<Duration>,
    /// What whom it calls is told of the attempt's trace, if it is in any.
    pub(crate) trace: Option<Arc<Told>>,
}

/// A leased task.
#[derive(Debug)]
pub(crate) struct Leased {
    /// What it is.
    pub(crate) info: Info,
    /// Its arguments.
    pub(crate) input: Vec<Payload>,
}
