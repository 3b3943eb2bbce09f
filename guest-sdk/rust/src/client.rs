//! Temporal's client for activities, on the worker's connection.
//!
//! What it may do is granted by the operator, call by call; see [`ClientError::NotGranted`]. Every call waits for its
//! answer, which costs the worker no thread, and ends with the attempt.
//!
//! ```
//! use isolet_sdk::{ActivityContext, ActivityError, activity, client::WorkflowOptions};
//!
//! #[activity]
//! fn bill(context: &ActivityContext, order: String) -> Result<u32, ActivityError> {
//!     let options = WorkflowOptions::new(format!("billing-{order}"), "billing");
//!     let billing = context.client().start_workflow("Billing", &[&order], options)?;
//!     billing.signal("approve", &[&true])?;
//!     Ok(billing.result()?)
//! }
//! ```

mod activities;
mod call;
mod completion;
mod error;
mod failure;
#[cfg(target_family = "wasm")]
mod host;
mod options;
mod workflows;

use std::time::Duration;

pub use self::activities::ActivityHandle;
pub use self::call::{
    ActivityDescription, ActivityIds, ActivityReference, ClientCall, ClientReply, ExecutionStatus, WorkflowDescription,
    WorkflowReference,
};
pub use self::completion::CompletionHandle;
pub use self::error::ClientError;
pub use self::failure::{ExecutionFailure, FailureKind, TimeoutType};
pub use self::options::{ActivityOptions, IdConflictPolicy, IdReusePolicy, WorkflowOptions};
pub use self::workflows::WorkflowHandle;
#[cfg(target_family = "wasm")]
use crate::host::Backend;
#[cfg(not(target_family = "wasm"))]
use crate::test::Backend;
use crate::{ConversionError, FromPayload, RawValue, ToPayload};

/// Temporal's client for the running attempt: [`ActivityContext::client`](crate::ActivityContext::client).
#[derive(Clone, Debug)]
pub struct Client<'a> {
    backend: &'a Backend,
    /// None for the activity's own.
    namespace: Option<String>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(backend: &'a Backend) -> Self {
        Self { backend, namespace: None }
    }

    /// The client for another namespace than the activity's own.
    #[must_use]
    pub fn in_namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: Some(namespace.into()), ..self }
    }

    /// Starts a workflow of this type with these arguments, such as `&[&order, &7]`.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::is_already_exists`] when the id is taken.
    pub fn start_workflow(
        &self,
        workflow_type: impl Into<String>,
        arguments: &[&dyn ToPayload],
        options: WorkflowOptions,
    ) -> Result<WorkflowHandle<'a>, ClientError> {
        let workflow_id = options.workflow_id.clone();
        let call = ClientCall::StartWorkflow {
            namespace: self.namespace.clone(),
            workflow_type: workflow_type.into(),
            arguments: encode(arguments)?,
            options: Box::new(options),
        };
        let run_id = self.call(call, None)?.run_id()?;
        Ok(WorkflowHandle::new(self.clone(), workflow_id, Some(run_id)))
    }

    /// Starts a workflow and waits for its result.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Failed`] when it ends in another way than with a result.
    pub fn execute_workflow<T: FromPayload>(
        &self,
        workflow_type: impl Into<String>,
        arguments: &[&dyn ToPayload],
        options: WorkflowOptions,
    ) -> Result<T, ClientError> {
        self.start_workflow(workflow_type, arguments, options)?.result()
    }

    /// The current run of the workflow of this id.
    pub fn workflow(&self, workflow_id: impl Into<String>) -> WorkflowHandle<'a> {
        WorkflowHandle::new(self.clone(), workflow_id.into(), None)
    }

    /// Starts a standalone activity of this type with these arguments.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::is_already_exists`] when the id is taken.
    pub fn start_activity(
        &self,
        activity_type: impl Into<String>,
        arguments: &[&dyn ToPayload],
        options: ActivityOptions,
    ) -> Result<ActivityHandle<'a>, ClientError> {
        let activity_id = options.activity_id.clone();
        let call = ClientCall::StartActivity {
            namespace: self.namespace.clone(),
            activity_type: activity_type.into(),
            arguments: encode(arguments)?,
            options: Box::new(options),
        };
        let run_id = self.call(call, None)?.run_id()?;
        Ok(ActivityHandle::new(self.clone(), activity_id, run_id))
    }

    /// Starts a standalone activity and waits for its result.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Failed`] when it ends in another way than with a result.
    pub fn execute_activity<T: FromPayload>(
        &self,
        activity_type: impl Into<String>,
        arguments: &[&dyn ToPayload],
        options: ActivityOptions,
    ) -> Result<T, ClientError> {
        self.start_activity(activity_type, arguments, options)?.result()
    }

    /// The current run of the standalone activity of this id.
    pub fn activity(&self, activity_id: impl Into<String>) -> ActivityHandle<'a> {
        ActivityHandle::new(self.clone(), activity_id.into(), String::new())
    }

    /// An activity that completes asynchronously, by the token in its
    /// [`ActivityInfo`](crate::ActivityInfo::task_token).
    pub fn completion_by_token(&self, task_token: impl Into<Vec<u8>>) -> CompletionHandle<'a> {
        CompletionHandle::new(self.clone(), ActivityReference::TaskToken(task_token.into()))
    }

    /// An activity of a workflow that completes asynchronously, by its ids. Without a run id, that of the workflow's
    /// current run.
    pub fn completion_by_id(
        &self,
        workflow_id: impl Into<String>,
        run_id: Option<String>,
        activity_id: impl Into<String>,
    ) -> CompletionHandle<'a> {
        let activity = ActivityReference::Ids {
            namespace: self.namespace.clone(),
            workflow_id: workflow_id.into(),
            run_id: run_id.unwrap_or_default(),
            activity_id: activity_id.into(),
        };
        CompletionHandle::new(self.clone(), activity)
    }

    /// One raw call of Temporal's workflow service: the encoded request message of the method, answered with the
    /// encoded response.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn rpc(
        &self,
        method: impl Into<String>,
        request: impl Into<Vec<u8>>,
        timeout: Option<Duration>,
    ) -> Result<Vec<u8>, ClientError> {
        let call = ClientCall::Rpc { method: method.into(), request: request.into() };
        self.call(call, timeout)?.response()
    }

    fn call(&self, call: ClientCall, timeout: Option<Duration>) -> Result<ClientReply, ClientError> {
        self.backend.call(call, timeout)
    }
}

fn encode(values: &[&dyn ToPayload]) -> Result<Vec<RawValue>, ConversionError> {
    values.iter().map(|value| value.to_payload()).collect()
}

/// What something returned: its first value, null without one.
fn decode<T: FromPayload>(values: Vec<RawValue>) -> Result<T, ClientError> {
    Ok(values.into_iter().next().unwrap_or_else(RawValue::null).decode()?)
}

#[cfg(test)]
mod tests;
