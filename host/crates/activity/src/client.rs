//! What a guest may ask Temporal, and what it is answered.
//!
//! Plain values, because they cross the executor's port: the worker alone turns them into calls, after it has checked
//! them against the component's [`ClientGrant`].

mod check;
mod executions;
mod grant;
mod needs;

use std::time::Duration;

use bytes::Bytes;

pub use self::{
    check::{CLIENT_SERVICE, GrantCheck},
    executions::{
        ActivityDescription, ActivityIds, ActivityReference, ActivityStart, ExecutionResult, ExecutionStatus,
        IdConflictPolicy, IdReusePolicy, WorkflowDescription, WorkflowReference, WorkflowStart,
    },
    grant::{ClientGrant, Pattern},
};
use crate::{CancellationDetails, Failure, Payload};

/// One call of a running attempt. A guest waits for its answer, so an attempt has one at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCall {
    /// Which of the attempt's calls it is; its answer names it.
    pub id: u64,
    /// What is asked.
    pub request: ClientRequest,
    /// What the request counts, in bytes: that of its texts and payloads, and for many elements [`ELEMENT_COST`] each.
    /// It sets how long the attempt's next call waits.
    ///
    /// [`ELEMENT_COST`]: crate::ELEMENT_COST
    pub size: usize,
    /// How long the answer may take; `None` leaves it to the server and the attempt's deadline.
    pub timeout: Option<Duration>,
}

/// What a call comes to.
pub type ClientAnswer = Result<ClientResponse, ClientError>;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientRequest {
    /// One encoded request of Temporal's protocol.
    Rpc {
        /// The full name of the service, such as `temporal.api.workflowservice.v1.WorkflowService`.
        service: String,
        /// The name of the method.
        method: String,
        /// The encoded request message.
        request: Bytes,
    },
    /// Start a workflow: answered with its run id.
    StartWorkflow(Box<WorkflowStart>),
    /// Send a signal to a workflow.
    SignalWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// The signal's name.
        signal: String,
        /// Its arguments.
        input: Vec<Payload>,
    },
    /// Ask a query of a workflow: answered with values.
    QueryWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// The query's type.
        query: String,
        /// Its arguments.
        input: Vec<Payload>,
    },
    /// Update a workflow and wait for what comes of it: answered with how the update ended.
    UpdateWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// The update's name.
        update: String,
        /// The update's id, the same for a repeated call; `None` for a new one.
        update_id: Option<String>,
        /// Its arguments.
        input: Vec<Payload>,
    },
    /// Request a workflow's cancellation.
    CancelWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// Why.
        reason: String,
    },
    /// Terminate a workflow.
    TerminateWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// Why.
        reason: String,
    },
    /// Describe a workflow.
    DescribeWorkflow(WorkflowReference),
    /// Wait until a workflow has ended, following its runs: answered with how it ended.
    WaitWorkflow(WorkflowReference),
    /// Start a standalone activity: answered with its run id.
    StartActivity(Box<ActivityStart>),
    /// Wait until a standalone activity has ended: answered with how it ended.
    WaitActivity(ActivityIds),
    /// Describe a standalone activity.
    DescribeActivity(ActivityIds),
    /// Request a standalone activity's cancellation.
    CancelActivity {
        /// Which activity.
        activity: ActivityIds,
        /// Why.
        reason: String,
    },
    /// Terminate a standalone activity.
    TerminateActivity {
        /// Which activity.
        activity: ActivityIds,
        /// Why.
        reason: String,
    },
    /// Complete an activity that completes asynchronously.
    CompleteActivity {
        /// Which activity.
        activity: ActivityReference,
        /// Its result; `None` counts as null.
        output: Option<Payload>,
    },
    /// Fail an activity that completes asynchronously.
    FailActivity {
        /// Which activity.
        activity: ActivityReference,
        /// Its failure.
        failure: Failure,
    },
    /// Report an activity that completes asynchronously as cancelled.
    ReportActivityCancelled {
        /// Which activity.
        activity: ActivityReference,
        /// Details of the cancellation.
        details: Vec<Payload>,
    },
    /// Heartbeat for an activity that completes asynchronously: answered with why it should stop.
    HeartbeatActivity {
        /// Which activity.
        activity: ActivityReference,
        /// The heartbeat's details.
        details: Vec<Payload>,
    },
}

/// The answer to a request that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientResponse {
    /// The encoded response message of a raw call.
    Rpc(Bytes),
    /// It is done, and there is nothing to tell.
    Done,
    /// The run id of what was started.
    Started(String),
    /// The values that a query returned.
    Values(Vec<Payload>),
    /// How a workflow stands.
    WorkflowDescription(WorkflowDescription),
    /// How a standalone activity stands.
    ActivityDescription(ActivityDescription),
    /// How a workflow, an update or a standalone activity ended.
    Ended(ExecutionResult),
    /// Why the activity that was heartbeaten for should stop; nothing is set while it should go on.
    Heartbeat(CancellationDetails),
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The component's grant does not cover the call. The text names the grant that is missing.
    #[error("{0}")]
    NotGranted(String),
    /// The request can't be decoded, or lacks something. The text says what.
    #[error("{0}")]
    Invalid(String),
    /// The attempt may not act any more: its deadline has passed, or the server has given it up.
    #[error("the attempt's lease is lost")]
    LeaseLost,
    /// The server refused, or could not be reached.
    #[error("the server answered with code {}: {}", .0.code, .0.message)]
    Status(RpcStatus),
}

/// A gRPC status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RpcStatus {
    /// gRPC's status code.
    pub code: u32,
    /// The server's message.
    pub message: String,
    /// The encoded `google.rpc.Status`; empty when the server sent none.
    pub details: Bytes,
}

impl ClientError {
    /// What a call of a component comes to that has no [`ClientGrant`].
    pub fn no_grant() -> Self {
        Self::NotGranted(
            "the component lacks the grant `client`: add the table [tenants.workers.components.grants.client] to \
             isolet.toml, with methods = [\"…\"] and what they may be called with"
                .to_owned(),
        )
    }

    /// A status that the host gives by itself.
    pub fn status(code: u32, message: impl Into<String>) -> Self {
        Self::Status(RpcStatus { code, message: message.into(), details: Bytes::new() })
    }
}
