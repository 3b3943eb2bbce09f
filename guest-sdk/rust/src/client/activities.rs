//! One standalone activity, as the client sees it.

use std::time::Duration;

use super::call::ActivityIds;
use super::{ActivityDescription, ActivityReference, Client, ClientCall, ClientError, CompletionHandle, decode};
use crate::FromPayload;

/// A standalone activity: its current run, or that which was started with the handle.
#[derive(Clone, Debug)]
#[must_use = "a handle does nothing by itself"]
pub struct ActivityHandle<'a> {
    client: Client<'a>,
    activity_id: String,
    /// Empty for the current one.
    run_id: String,
}

impl<'a> ActivityHandle<'a> {
    pub(super) fn new(client: Client<'a>, activity_id: String, run_id: String) -> Self {
        Self { client, activity_id, run_id }
    }

    /// The handle of this run.
    pub fn with_run_id(self, run_id: impl Into<String>) -> Self {
        Self { run_id: run_id.into(), ..self }
    }

    /// The activity's id.
    #[must_use]
    pub fn activity_id(&self) -> &str {
        &self.activity_id
    }

    /// The run's id; none for the current run.
    #[must_use]
    pub fn run_id(&self) -> Option<&str> {
        Some(self.run_id.as_str()).filter(|run_id| !run_id.is_empty())
    }

    /// Waits for its result.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Failed`] when it ends in another way than with a result.
    pub fn result<T: FromPayload>(&self) -> Result<T, ClientError> {
        decode(self.client.call(ClientCall::WaitActivity(self.ids()), None)?.ended()?)
    }

    /// [`result`](Self::result), at most so long.
    ///
    /// # Errors
    /// As for [`result`](Self::result); [`ClientError::is_timeout`] when it takes longer.
    pub fn result_within<T: FromPayload>(&self, timeout: Duration) -> Result<T, ClientError> {
        decode(self.client.call(ClientCall::WaitActivity(self.ids()), Some(timeout))?.ended()?)
    }

    /// Tells how it stands.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn describe(&self) -> Result<ActivityDescription, ClientError> {
        self.client.call(ClientCall::DescribeActivity(self.ids()), None)?.activity()
    }

    /// Requests its cancellation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn cancel(&self, reason: impl Into<String>) -> Result<(), ClientError> {
        let call = ClientCall::CancelActivity { activity: self.ids(), reason: reason.into() };
        self.client.call(call, None)?.done()
    }

    /// Terminates it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn terminate(&self, reason: impl Into<String>) -> Result<(), ClientError> {
        let call = ClientCall::TerminateActivity { activity: self.ids(), reason: reason.into() };
        self.client.call(call, None)?.done()
    }

    /// The activity as one that completes asynchronously.
    pub fn completion(&self) -> CompletionHandle<'a> {
        let ActivityIds { namespace, run_id, activity_id } = self.ids();
        let activity = ActivityReference::Ids { namespace, workflow_id: String::new(), run_id, activity_id };
        CompletionHandle::new(self.client.clone(), activity)
    }

    fn ids(&self) -> ActivityIds {
        ActivityIds {
            namespace: self.client.namespace.clone(),
            activity_id: self.activity_id.clone(),
            run_id: self.run_id.clone(),
        }
    }
}
