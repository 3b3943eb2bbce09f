//! One workflow, as the client sees it.

use std::time::Duration;

use super::call::WorkflowReference;
use super::{Client, ClientCall, ClientError, WorkflowDescription, decode, encode};
use crate::{FromPayload, ToPayload};

/// A workflow: its current run, or that which was started with the handle.
#[derive(Clone, Debug)]
#[must_use = "a handle does nothing by itself"]
pub struct WorkflowHandle<'a> {
    client: Client<'a>,
    workflow_id: String,
    run_id: Option<String>,
}

impl<'a> WorkflowHandle<'a> {
    pub(super) fn new(client: Client<'a>, workflow_id: String, run_id: Option<String>) -> Self {
        Self { client, workflow_id, run_id }
    }

    /// The handle of this run.
    pub fn with_run_id(self, run_id: impl Into<String>) -> Self {
        Self { run_id: Some(run_id.into()), ..self }
    }

    /// The workflow's id.
    #[must_use]
    pub fn workflow_id(&self) -> &str {
        &self.workflow_id
    }

    /// The run's id; none for the current run.
    #[must_use]
    pub fn run_id(&self) -> Option<&str> {
        self.run_id.as_deref()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn signal(&self, signal: impl Into<String>, arguments: &[&dyn ToPayload]) -> Result<(), ClientError> {
        let call = ClientCall::SignalWorkflow {
            workflow: self.reference(),
            signal: signal.into(),
            arguments: encode(arguments)?,
        };
        self.client.call(call, None)?.done()
    }

    /// Asks a query.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn query<T: FromPayload>(
        &self,
        query: impl Into<String>,
        arguments: &[&dyn ToPayload],
    ) -> Result<T, ClientError> {
        let call = ClientCall::QueryWorkflow {
            workflow: self.reference(),
            query: query.into(),
            arguments: encode(arguments)?,
        };
        decode(self.client.call(call, None)?.values()?)
    }

    /// Updates the workflow and waits for the update's result.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Failed`] when the update failed or was refused.
    pub fn update<T: FromPayload>(
        &self,
        update: impl Into<String>,
        arguments: &[&dyn ToPayload],
    ) -> Result<T, ClientError> {
        self.update_with_id(None, update, arguments, None)
    }

    /// [`update`](Self::update) with an id of its own and a timeout: a call with the id of an earlier one waits for
    /// that, so a later attempt repeats nothing.
    ///
    /// # Errors
    /// As for [`update`](Self::update); [`ClientError::is_timeout`] when it takes longer.
    pub fn update_with_id<T: FromPayload>(
        &self,
        update_id: Option<String>,
        update: impl Into<String>,
        arguments: &[&dyn ToPayload],
        timeout: Option<Duration>,
    ) -> Result<T, ClientError> {
        let call = ClientCall::UpdateWorkflow {
            workflow: self.reference(),
            update: update.into(),
            update_id,
            arguments: encode(arguments)?,
        };
        decode(self.client.call(call, timeout)?.ended()?)
    }

    /// Tells how it stands.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn describe(&self) -> Result<WorkflowDescription, ClientError> {
        self.client.call(ClientCall::DescribeWorkflow(self.reference()), None)?.workflow()
    }

    /// Requests its cancellation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn cancel(&self, reason: impl Into<String>) -> Result<(), ClientError> {
        let call = ClientCall::CancelWorkflow { workflow: self.reference(), reason: reason.into() };
        self.client.call(call, None)?.done()
    }

    /// Terminates it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn terminate(&self, reason: impl Into<String>) -> Result<(), ClientError> {
        let call = ClientCall::TerminateWorkflow { workflow: self.reference(), reason: reason.into() };
        self.client.call(call, None)?.done()
    }

    /// Waits for its result, following runs that went on as new.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Failed`] when it ends in another way than with a result.
    pub fn result<T: FromPayload>(&self) -> Result<T, ClientError> {
        decode(self.wait(None)?)
    }

    /// [`result`](Self::result), at most so long.
    ///
    /// # Errors
    /// As for [`result`](Self::result); [`ClientError::is_timeout`] when it takes longer.
    pub fn result_within<T: FromPayload>(&self, timeout: Duration) -> Result<T, ClientError> {
        decode(self.wait(Some(timeout))?)
    }

    fn wait(&self, timeout: Option<Duration>) -> Result<Vec<crate::RawValue>, ClientError> {
        self.client.call(ClientCall::WaitWorkflow(self.reference()), timeout)?.ended()
    }

    fn reference(&self) -> WorkflowReference {
        WorkflowReference {
            namespace: self.client.namespace.clone(),
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
        }
    }
}
