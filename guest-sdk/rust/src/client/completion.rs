//! Completing an activity from elsewhere.

use super::{ActivityReference, Client, ClientCall, ClientError, encode};
use crate::{ApplicationFailure, CancellationDetails, ToPayload};

/// An activity whose attempt ended with [`ActivityError::WillCompleteAsync`](crate::ActivityError::WillCompleteAsync).
#[derive(Clone, Debug)]
#[must_use = "a handle does nothing by itself"]
pub struct CompletionHandle<'a> {
    client: Client<'a>,
    activity: ActivityReference,
}

impl<'a> CompletionHandle<'a> {
    pub(super) fn new(client: Client<'a>, activity: ActivityReference) -> Self {
        Self { client, activity }
    }

    /// Completes it with this result; `()` for none.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn complete(&self, output: impl ToPayload) -> Result<(), ClientError> {
        let output = output.to_payload()?;
        self.client.call(ClientCall::CompleteActivity { activity: self.activity.clone(), output }, None)?.done()
    }

    /// Fails it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn fail(&self, failure: impl Into<ApplicationFailure>) -> Result<(), ClientError> {
        let call = ClientCall::FailActivity { activity: self.activity.clone(), failure: failure.into() };
        self.client.call(call, None)?.done()
    }

    /// Reports it as cancelled, which the server takes only when its cancellation was requested.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn report_cancelled(&self, details: &[&dyn ToPayload]) -> Result<(), ClientError> {
        let details = encode(details)?;
        let call = ClientCall::ReportActivityCancelled { activity: self.activity.clone(), details };
        self.client.call(call, None)?.done()
    }

    /// Heartbeats for it, and tells why it should stop; none while it should go on.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn heartbeat(&self, details: &[&dyn ToPayload]) -> Result<Option<CancellationDetails>, ClientError> {
        let details = encode(details)?;
        let call = ClientCall::HeartbeatActivity { activity: self.activity.clone(), details };
        let why = self.client.call(call, None)?.heartbeat()?;
        Ok(Some(why).filter(|why| *why != CancellationDetails::default()))
    }
}
