//! Temporal's client for running attempts, as the worker connects: every request is decoded, checked against the
//! component's grant, and only then sent.
//!
//! # Layout
//! - [`Client`]: the whole. A raw request and a typed one take the same way, [`Granted::perform`].
//! - `check`: what a grant covers, and what the host fills in by itself; `coding`: payloads, encoded and decoded.
//! - `methods`: the methods that can be granted, with what each is about.
//! - `context`: the context of the attempt's trace, for those that are called.
//! - `wire`: the connection that carries them.
//! - `workflows`, `activities`, `completions`: the typed requests; `ended`: how things end; `failures`: failures from the server.

mod activities;
mod check;
mod coding;
mod completions;
mod context;
mod ended;
pub(crate) mod failures;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
#[cfg(any(test, fuzzing))]
mod judged;
mod methods;
mod wire;
mod workflows;

use std::{error::Error as _, sync::Arc, time::Duration};

use activity::{ClientAnswer, ClientError, ClientGrant, ClientRequest, ClientResponse, GrantCheck, RpcStatus};
use bytes::Bytes;
use temporalio_client::tonic::{Code, Status};
use tokio::time::Instant;

pub use self::methods::CLIENT_METHODS;
use self::{
    check::{Check, Host},
    coding::Coder,
    methods::Method,
    wire::Wire,
};
use crate::{Connection, PayloadCoding, guest_connection::GuestConnection, source::Question, traced::Told};

/// The least time between two polls that the server or the way to it cut short.
const POLL_PAUSE: Duration = Duration::from_millis(200);

/// What attempts of one worker ask Temporal with.
pub(crate) struct Client<W = Arc<GuestConnection>> {
    wire: W,
    host: Host,
}

/// What one attempt may do with it.
struct Granted<'a, W> {
    client: &'a Client<W>,
    grant: &'a ClientGrant,
    coding: &'a PayloadCoding,
    /// What whom it calls is told of the attempt's trace.
    trace: Option<&'a Told>,
}

impl Client {
    /// A client for the attempts of the worker on `namespace`.
    pub(crate) fn new(connection: &Connection, namespace: &str) -> Self {
        let host = Host { namespace: namespace.to_owned(), identity: connection.identity().to_owned() };
        Self { wire: connection.guests(), host }
    }
}

impl<W: Wire> Client<W> {
    /// Does what an attempt asks, as far as it may.
    pub(crate) async fn call(&self, question: Question) -> ClientAnswer {
        let Question { grant, coding, request, timeout, trace } = question;
        let granted = Granted { client: self, grant: &grant, coding: &coding, trace: trace.as_deref() };
        let answer = granted.answer(request, timeout);
        match timeout {
            None => answer.await,
            Some(timeout) => tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| Err(too_late())),
        }
    }
}

impl<W: Wire> Granted<'_, W> {
    async fn answer(&self, request: ClientRequest, timeout: Option<Duration>) -> ClientAnswer {
        match request {
            ClientRequest::Rpc { service, method, request } => {
                GrantCheck::new(self.grant, &self.client.host.namespace).service(&service)?;
                methods::raw(self, &method, request, timeout).await.map(ClientResponse::Rpc)
            }
            request @ (ClientRequest::StartWorkflow(_)
            | ClientRequest::SignalWorkflow { .. }
            | ClientRequest::QueryWorkflow { .. }
            | ClientRequest::UpdateWorkflow { .. }
            | ClientRequest::CancelWorkflow { .. }
            | ClientRequest::TerminateWorkflow { .. }
            | ClientRequest::DescribeWorkflow(_)
            | ClientRequest::WaitWorkflow(_)) => self.workflow(request).await,
            request @ (ClientRequest::CompleteActivity { .. }
            | ClientRequest::FailActivity { .. }
            | ClientRequest::ReportActivityCancelled { .. }
            | ClientRequest::HeartbeatActivity { .. }) => self.completion(request).await,
            request => self.activity(request).await,
        }
    }

    /// Checks a request, completes it and sends it: the only way out.
    async fn perform<M: Method>(&self, mut request: M, timeout: Option<Duration>) -> Result<M::Response, ClientError> {
        request.admit(&self.check::<M>()?)?;
        let uncodable = |error| coding::refused(&error);
        request.code(&mut Coder::encoder(self.coding)).await.map_err(uncodable)?;
        if let Some(trace) = self.trace {
            context::put(&mut request, trace);
        }
        let mut response = self.client.wire.send(request, timeout).await.map_err(|status| refused(&status))?;
        M::code_response(&mut response, &mut Coder::decoder(self.coding)).await.map_err(uncodable)?;
        Ok(response)
    }

    /// As [`Granted::perform`], for requests that the server answers when something has happened: asks again whenever
    /// it says that nothing has.
    async fn poll<M: Method>(&self, request: M) -> Result<M::Response, ClientError> {
        loop {
            let begun = Instant::now();
            match self.perform(request.clone(), None).await {
                Err(ClientError::Status(status)) if is_cut_short(&status) => {
                    tokio::time::sleep_until(begun + POLL_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    /// The check of requests of the method, which must be granted.
    fn check<M: Method>(&self) -> Result<Check<'_>, ClientError> {
        Check::new(self.grant, &self.client.host, M::NAME)
    }
}

/// What a call is answered whose timeout has passed.
pub(crate) fn too_late() -> ClientError {
    ClientError::status(code(Code::DeadlineExceeded), "there was no answer within the call's timeout")
}

/// Whether a poll ended without an answer, so that it is to be repeated.
fn is_cut_short(status: &RpcStatus) -> bool {
    [Code::Cancelled, Code::DeadlineExceeded].map(code).contains(&status.code)
}

fn code(code: Code) -> u32 {
    u32::try_from(i32::from(code)).unwrap_or_default()
}

/// What a guest hears of a call that failed. Where the server is, is not for it to know.
fn refused(status: &Status) -> ClientError {
    let by_the_way = status.source().is_some();
    ClientError::Status(RpcStatus {
        code: code(status.code()),
        message: if by_the_way { "the call did not get through".to_owned() } else { status.message().to_owned() },
        details: Bytes::copy_from_slice(status.details()),
    })
}

#[cfg(test)]
mod tests;
