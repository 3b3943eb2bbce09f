//! What the running attempt is.

mod idempotency;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use crate::{Payload, Trace};

/// Everything that is known about an attempt. Filled by the worker from the leased task and its own settings, never by
/// a guest.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// The activity's id.
    pub activity_id: String,
    /// The run id of a standalone activity.
    pub activity_run_id: Option<String>,
    /// The activity's type, as the caller named it.
    pub activity_type: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// The namespace of the activity.
    pub namespace: String,
    /// The worker's task queue.
    pub task_queue: String,
    /// The token that completes this attempt.
    pub task_token: Bytes,
    /// The workflow that scheduled it; `None` for a standalone activity.
    pub workflow: Option<WorkflowExecution>,
    /// Whether it is a local activity.
    pub is_local: bool,
    /// When it was first scheduled.
    pub scheduled_time: SystemTime,
    /// When this attempt was scheduled.
    pub current_attempt_scheduled_time: SystemTime,
    /// When the server handed out this attempt.
    pub started_time: SystemTime,
    /// The longest time over all attempts.
    pub schedule_to_close_timeout: Option<Duration>,
    /// The longest time of one attempt.
    pub start_to_close_timeout: Option<Duration>,
    /// The longest time between heartbeats.
    pub heartbeat_timeout: Option<Duration>,
    /// When this attempt must have ended: the nearer of both close timeouts, by the server's clock.
    pub deadline: Option<SystemTime>,
    /// The last heartbeat's details of the previous attempt.
    pub heartbeat_details: Vec<Payload>,
    /// The retry policy in effect.
    pub retry_policy: Option<RetryPolicy>,
    /// The task's priority.
    pub priority: Priority,
    /// Headers of the caller's interceptors.
    pub headers: Vec<(String, Payload)>,
    /// Where the attempt stands in a trace, if it is in any.
    pub trace: Option<Arc<Trace>>,
}

impl Default for Info {
    /// Nothing known: empty names, the Unix epoch for every time, no limits.
    fn default() -> Self {
        Self {
            activity_id: String::new(),
            activity_run_id: None,
            activity_type: String::new(),
            attempt: 0,
            namespace: String::new(),
            task_queue: String::new(),
            task_token: Bytes::new(),
            workflow: None,
            is_local: false,
            scheduled_time: SystemTime::UNIX_EPOCH,
            current_attempt_scheduled_time: SystemTime::UNIX_EPOCH,
            started_time: SystemTime::UNIX_EPOCH,
            schedule_to_close_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: None,
            deadline: None,
            heartbeat_details: Vec::new(),
            retry_policy: None,
            priority: Priority::default(),
            headers: Vec::new(),
            trace: None,
        }
    }
}

/// The workflow that scheduled an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowExecution {
    /// Its namespace.
    pub namespace: String,
    /// Its id.
    pub workflow_id: String,
    /// Its run id.
    pub run_id: String,
    /// Its type.
    pub workflow_type: String,
}

/// Priority and fairness of a task; what was not set is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priority {
    /// 1 is the most urgent.
    pub priority_key: Option<u32>,
    /// Tasks share the queue's capacity between fairness keys.
    pub fairness_key: Option<String>,
    /// The fairness key's weight.
    pub fairness_weight: Option<f32>,
}

/// How the server retries.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// The wait before the first retry.
    pub initial_interval: Option<Duration>,
    /// By how much each wait is longer than the one before.
    pub backoff_coefficient: f64,
    /// The longest wait.
    pub maximum_interval: Option<Duration>,
    /// The most attempts, 0 for no limit.
    pub maximum_attempts: u32,
    /// Application failure types that are not retried.
    pub non_retryable_error_types: Vec<String>,
}
