//! Workflows and activities, as calls name, start and describe them.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::{Failure, Payload, Priority, RetryPolicy};

/// A workflow to start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkflowStart {
    /// Its namespace; `None` for the activity's own.
    pub namespace: Option<String>,
    /// Its id.
    pub workflow_id: String,
    /// Its type.
    pub workflow_type: String,
    /// The task queue of its worker.
    pub task_queue: String,
    /// Its encoded arguments.
    pub input: Vec<Payload>,
    /// The longest time of the whole execution.
    pub execution_timeout: Option<Duration>,
    /// The longest time of one run.
    pub run_timeout: Option<Duration>,
    /// The longest time of one workflow task.
    pub task_timeout: Option<Duration>,
    /// What happens when a workflow of that id has ended.
    pub id_reuse: Option<IdReusePolicy>,
    /// What happens when a workflow of that id runs.
    pub id_conflict: Option<IdConflictPolicy>,
    /// How the server retries it.
    pub retry_policy: Option<RetryPolicy>,
    /// How long its first task is held back.
    pub start_delay: Option<Duration>,
    /// Values that are kept with it, by name.
    pub memo: Vec<(String, Payload)>,
    /// Values that it can be found by, by name.
    pub search_attributes: Vec<(String, Payload)>,
    /// Its priority.
    pub priority: Option<Priority>,
}

/// A standalone activity to start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityStart {
    /// Its namespace; `None` for the calling activity's own.
    pub namespace: Option<String>,
    /// Its id.
    pub activity_id: String,
    /// Its type.
    pub activity_type: String,
    /// The task queue of its worker.
    pub task_queue: String,
    /// Its encoded arguments.
    pub input: Vec<Payload>,
    /// The longest time over all attempts.
    pub schedule_to_close_timeout: Option<Duration>,
    /// The longest time until a worker starts it.
    pub schedule_to_start_timeout: Option<Duration>,
    /// The longest time of one attempt.
    pub start_to_close_timeout: Option<Duration>,
    /// The longest time between heartbeats.
    pub heartbeat_timeout: Option<Duration>,
    /// What happens when an activity of that id has ended.
    pub id_reuse: Option<IdReusePolicy>,
    /// What happens when an activity of that id runs.
    pub id_conflict: Option<IdConflictPolicy>,
    /// How the server retries it.
    pub retry_policy: Option<RetryPolicy>,
    /// How long it is held back.
    pub start_delay: Option<Duration>,
    /// Values that it can be found by, by name.
    pub search_attributes: Vec<(String, Payload)>,
    /// Its priority.
    pub priority: Option<Priority>,
}

/// Whether an id may be used again once what had it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdReusePolicy {
    /// Yes.
    AllowDuplicate,
    /// If that ended in another way than with a result.
    AllowDuplicateFailedOnly,
    /// No.
    RejectDuplicate,
}

/// What happens when what has the id still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdConflictPolicy {
    /// The call fails.
    Fail,
    /// The call is answered with that.
    UseExisting,
    /// That is terminated. For workflows alone.
    TerminateExisting,
}

/// An execution of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowReference {
    /// Its namespace; `None` for the activity's own.
    pub namespace: Option<String>,
    /// Its id.
    pub workflow_id: String,
    /// Its run; `None` for the current one.
    pub run_id: Option<String>,
}

/// An activity by its ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityIds {
    /// Its namespace; `None` for the calling activity's own.
    pub namespace: Option<String>,
    /// Its workflow's id; empty for a standalone activity.
    pub workflow_id: String,
    /// The run id of its workflow, or of the standalone activity; empty for the current one.
    pub run_id: String,
    /// The activity's id.
    pub activity_id: String,
}

/// An activity that completes asynchronously.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityReference {
    /// By its attempt's token.
    TaskToken(Bytes),
    /// By its ids.
    Ids(ActivityIds),
}

/// How a workflow or a standalone activity stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    pub heartbeat_details: Vec<Payload>,
    /// When it was scheduled.
    pub scheduled_time: Option<SystemTime>,
    /// When it ended.
    pub close_time: Option<SystemTime>,
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionResult {
    /// With these values.
    Completed(Vec<Payload>),
    /// With this failure: of kind `Cancelled`, `Terminated` or `Timeout` for those ends.
    Failed(Box<Failure>),
}
