//! What the running attempt is.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::RawValue;

/// Everything that is known about the running attempt. The host fills every field; all times are the server's.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ActivityInfo {
    /// The activity's id, unique in its workflow, or in the namespace for a standalone activity.
    pub activity_id: String,
    /// The run id of a standalone activity, none for a workflow's.
    pub activity_run_id: Option<String>,
    /// The activity's type, as it was asked for; for a dynamic activity, the name it was called by.
    pub activity_type: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The namespace of the activity.
    pub namespace: String,
    /// The task queue that the attempt was leased from.
    pub task_queue: String,
    /// The token that completes this very attempt from elsewhere.
    pub task_token: Vec<u8>,
    /// The workflow that scheduled the activity, none for a standalone activity.
    pub workflow: Option<WorkflowExecution>,
    /// Whether it is a local activity.
    pub is_local: bool,
    /// When the activity was first scheduled.
    pub scheduled_time: SystemTime,
    /// When this attempt was scheduled.
    pub current_attempt_scheduled_time: SystemTime,
    /// When the server handed this attempt to the worker.
    pub started_time: SystemTime,
    /// The longest time from scheduling to the end, over all attempts; none for no limit.
    pub schedule_to_close_timeout: Option<Duration>,
    /// The longest time of one attempt; none for no limit.
    pub start_to_close_timeout: Option<Duration>,
    /// The longest time between heartbeats; none for no limit.
    pub heartbeat_timeout: Option<Duration>,
    /// When this attempt must have ended; none without a close timeout.
    pub deadline: Option<SystemTime>,
    /// The details of the previous attempt's last heartbeat; empty when there was none.
    pub heartbeat_details: Vec<RawValue>,
    /// The retry policy in effect.
    pub retry_policy: Option<RetryPolicy>,
    /// The task's priority.
    pub priority: Priority,
    /// Headers that interceptors of the caller set.
    pub headers: BTreeMap<String, RawValue>,
}

/// The workflow that scheduled an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowExecution {
    /// The workflow's namespace.
    pub namespace: String,
    /// The workflow's id.
    pub workflow_id: String,
    /// The workflow's run id.
    pub run_id: String,
    /// The workflow's type.
    pub workflow_type: String,
}

/// How the server retries an activity.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// The wait before the first retry.
    pub initial_interval: Option<Duration>,
    /// By how much each wait is longer than the one before.
    pub backoff_coefficient: f64,
    /// The longest wait; none leaves it to the server.
    pub maximum_interval: Option<Duration>,
    /// The most attempts, 0 for no limit.
    pub maximum_attempts: u32,
    /// Application failure types that are not retried.
    pub non_retryable_error_types: Vec<String>,
}

/// The priority and fairness that a task was scheduled with. A field that was not set is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priority {
    /// 1 is the most urgent.
    pub priority_key: Option<u32>,
    /// Tasks share the queue's capacity between fairness keys.
    pub fairness_key: Option<String>,
    /// The weight of the fairness key, 0.001 to 1000.
    pub fairness_weight: Option<f32>,
}
