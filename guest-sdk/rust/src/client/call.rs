//! What is asked and answered: between the client and its backend, which is the host, or a test's stub.

use std::time::SystemTime;

use super::{ActivityOptions, ClientError, ExecutionFailure, WorkflowOptions};
use crate::{ApplicationFailure, CancellationDetails, RawValue};

/// One call of an activity, as a [test's stub](crate::test::TestContext::with_client) sees it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientCall {
    /// [`Client::rpc`](super::Client::rpc): answered with [`ClientReply::Response`].
    Rpc {
        /// The method.
        method: String,
        /// The encoded request.
        request: Vec<u8>,
    },
    /// Start a workflow: answered with [`ClientReply::RunId`].
    StartWorkflow {
        /// The namespace; none for the activity's own.
        namespace: Option<String>,
        /// The workflow's type.
        workflow_type: String,
        /// Its arguments.
        arguments: Vec<RawValue>,
        /// Everything else.
        options: Box<WorkflowOptions>,
    },
    /// Send a signal.
    SignalWorkflow {
        /// To which workflow.
        workflow: WorkflowReference,
        /// The signal's name.
        signal: String,
        /// Its arguments.
        arguments: Vec<RawValue>,
    },
    /// Ask a query: answered with [`ClientReply::Values`].
    QueryWorkflow {
        /// Of which workflow.
        workflow: WorkflowReference,
        /// The query's name.
        query: String,
        /// Its arguments.
        arguments: Vec<RawValue>,
    },
    /// Update a workflow: answered with [`ClientReply::Ended`].
    UpdateWorkflow {
        /// Which workflow.
        workflow: WorkflowReference,
        /// The update's name.
        update: String,
        /// Its id; none for a new one.
        update_id: Option<String>,
        /// Its arguments.
        arguments: Vec<RawValue>,
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
    /// Describe a workflow: answered with [`ClientReply::Workflow`].
    DescribeWorkflow(WorkflowReference),
    /// Wait until a workflow has ended: answered with [`ClientReply::Ended`].
    WaitWorkflow(WorkflowReference),
    /// Start a standalone activity: answered with [`ClientReply::RunId`].
    StartActivity {
        /// The namespace; none for the calling activity's own.
        namespace: Option<String>,
        /// The activity's type.
        activity_type: String,
        /// Its arguments.
        arguments: Vec<RawValue>,
        /// Everything else.
        options: Box<ActivityOptions>,
    },
    /// Wait until a standalone activity has ended: answered with [`ClientReply::Ended`].
    WaitActivity(ActivityIds),
    /// Describe a standalone activity: answered with [`ClientReply::Activity`].
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
    /// Complete an activity.
    CompleteActivity {
        /// Which activity.
        activity: ActivityReference,
        /// Its result.
        output: RawValue,
    },
    /// Fail an activity.
    FailActivity {
        /// Which activity.
        activity: ActivityReference,
        /// Its failure.
        failure: ApplicationFailure,
    },
    /// Report an activity as cancelled.
    ReportActivityCancelled {
        /// Which activity.
        activity: ActivityReference,
        /// Details of the cancellation.
        details: Vec<RawValue>,
    },
    /// Heartbeat for an activity: answered with [`ClientReply::Heartbeat`].
    HeartbeatActivity {
        /// Which activity.
        activity: ActivityReference,
        /// The heartbeat's details.
        details: Vec<RawValue>,
    },
}

/// What a call is answered with. A call that nothing else is said of is answered with [`ClientReply::Done`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientReply {
    /// The encoded response of a raw call.
    Response(Vec<u8>),
    /// It is done.
    Done,
    /// The run id of what was started.
    RunId(String),
    /// What a query returned.
    Values(Vec<RawValue>),
    /// How a workflow stands.
    Workflow(WorkflowDescription),
    /// How a standalone activity stands.
    Activity(ActivityDescription),
    /// How a workflow, an update or a standalone activity ended.
    Ended(Result<Vec<RawValue>, ExecutionFailure>),
    /// Why an activity should stop; nothing of it is set while it should go on.
    Heartbeat(CancellationDetails),
}

/// A workflow that a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowReference {
    /// Its namespace; none for the activity's own.
    pub namespace: Option<String>,
    /// Its id.
    pub workflow_id: String,
    /// Its run; none for the current one.
    pub run_id: Option<String>,
}

/// A standalone activity that a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityIds {
    /// Its namespace; none for the calling activity's own.
    pub namespace: Option<String>,
    /// Its id.
    pub activity_id: String,
    /// Its run; empty for the current one.
    pub run_id: String,
}

/// An activity that completes asynchronously.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityReference {
    /// By its attempt's token.
    TaskToken(Vec<u8>),
    /// By its ids.
    Ids {
        /// Its namespace; none for the calling activity's own.
        namespace: Option<String>,
        /// Its workflow's id; empty for a standalone activity.
        workflow_id: String,
        /// The run id of its workflow, or of the standalone activity; empty for the current one.
        run_id: String,
        /// The activity's id.
        activity_id: String,
    },
}

/// How a workflow or a standalone activity stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutionStatus {
    /// Not known to this version.
    #[default]
    Unspecified,
    /// Not ended.
    Running,
    /// Ended with a result.
    Completed,
    /// Ended with a failure.
    Failed,
    /// Ended as cancelled.
    Cancelled,
    /// Ended by a termination.
    Terminated,
    /// Went on as a new run.
    ContinuedAsNew,
    /// Ended by a timeout.
    TimedOut,
    /// Suspended by an operator.
    Paused,
}

/// How a workflow stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowDescription {
    /// The run that is described.
    pub run_id: String,
    /// The workflow's type.
    pub workflow_type: String,
    /// The task queue of its worker.
    pub task_queue: String,
    /// How it stands.
    pub status: ExecutionStatus,
    /// Events in its history.
    pub history_length: u64,
    /// When it started.
    pub start_time: Option<SystemTime>,
    /// When it ended.
    pub close_time: Option<SystemTime>,
}

/// How a standalone activity stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityDescription {
    /// The run that is described.
    pub run_id: String,
    /// The activity's type.
    pub activity_type: String,
    /// The task queue of its worker.
    pub task_queue: String,
    /// How it stands.
    pub status: ExecutionStatus,
    /// The latest attempt, from 1.
    pub attempt: u32,
    /// The details of the last heartbeat.
    pub heartbeat_details: Vec<RawValue>,
    /// When it was scheduled.
    pub scheduled_time: Option<SystemTime>,
    /// When it ended.
    pub close_time: Option<SystemTime>,
}

/// Takes the reply that a call has; only a test's stub can give another one.
macro_rules! take {
    ($($name:ident: $case:ident -> $type:ty;)*) => {$(
        pub(super) fn $name(self) -> Result<$type, ClientError> {
            match self {
                Self::$case(value) => Ok(value),
                other => Err(other.unexpected(stringify!($case))),
            }
        }
    )*};
}

impl ClientReply {
    take! {
        response: Response -> Vec<u8>;
        run_id: RunId -> String;
        values: Values -> Vec<RawValue>;
        workflow: Workflow -> WorkflowDescription;
        activity: Activity -> ActivityDescription;
        heartbeat: Heartbeat -> CancellationDetails;
    }

    pub(super) fn done(self) -> Result<(), ClientError> {
        match self {
            Self::Done => Ok(()),
            other => Err(other.unexpected("Done")),
        }
    }

    pub(super) fn ended(self) -> Result<Vec<RawValue>, ClientError> {
        match self {
            Self::Ended(Ok(values)) => Ok(values),
            Self::Ended(Err(failure)) => Err(ClientError::Failed(Box::new(failure))),
            other => Err(other.unexpected("Ended")),
        }
    }

    fn unexpected(self, expected: &str) -> ClientError {
        ClientError::Invalid(format!("the call is answered with {expected}, not with {self:?}"))
    }
}
