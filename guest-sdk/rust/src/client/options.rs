//! What is started, and how.

use std::time::Duration;

use crate::{ConversionError, Priority, RawValue, RetryPolicy, ToPayload};

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
    /// The call is answered with that one.
    UseExisting,
    /// That one is terminated. For workflows alone.
    TerminateExisting,
}

/// How a workflow is started. What is not set is left to the server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WorkflowOptions {
    /// The workflow's id.
    pub workflow_id: String,
    /// The task queue of its worker.
    pub task_queue: String,
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
    pub memo: Vec<(String, RawValue)>,
    /// Values that it can be found by, by name.
    pub search_attributes: Vec<(String, RawValue)>,
    /// Its priority.
    pub priority: Option<Priority>,
}

impl WorkflowOptions {
    /// A workflow of this id for the workers on this task queue.
    pub fn new(workflow_id: impl Into<String>, task_queue: impl Into<String>) -> Self {
        Self {
            workflow_id: workflow_id.into(),
            task_queue: task_queue.into(),
            execution_timeout: None,
            run_timeout: None,
            task_timeout: None,
            id_reuse: None,
            id_conflict: None,
            retry_policy: None,
            start_delay: None,
            memo: Vec::new(),
            search_attributes: Vec::new(),
            priority: None,
        }
    }

    /// The longest time of the whole execution.
    #[must_use]
    pub fn execution_timeout(self, timeout: Duration) -> Self {
        Self { execution_timeout: Some(timeout), ..self }
    }

    /// The longest time of one run.
    #[must_use]
    pub fn run_timeout(self, timeout: Duration) -> Self {
        Self { run_timeout: Some(timeout), ..self }
    }

    /// The longest time of one workflow task.
    #[must_use]
    pub fn task_timeout(self, timeout: Duration) -> Self {
        Self { task_timeout: Some(timeout), ..self }
    }

    /// What happens when a workflow of that id has ended.
    #[must_use]
    pub fn id_reuse(self, policy: IdReusePolicy) -> Self {
        Self { id_reuse: Some(policy), ..self }
    }

    /// What happens when a workflow of that id runs.
    #[must_use]
    pub fn id_conflict(self, policy: IdConflictPolicy) -> Self {
        Self { id_conflict: Some(policy), ..self }
    }

    /// How the server retries it.
    #[must_use]
    pub fn retry_policy(self, policy: RetryPolicy) -> Self {
        Self { retry_policy: Some(policy), ..self }
    }

    /// How long its first task is held back.
    #[must_use]
    pub fn start_delay(self, delay: Duration) -> Self {
        Self { start_delay: Some(delay), ..self }
    }

    /// Adds a value that is kept with it.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn memo(mut self, name: impl Into<String>, value: impl ToPayload) -> Result<Self, ConversionError> {
        self.memo.push((name.into(), value.to_payload()?));
        Ok(self)
    }

    /// Adds a value that it can be found by.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn search_attribute(mut self, name: impl Into<String>, value: impl ToPayload) -> Result<Self, ConversionError> {
        self.search_attributes.push((name.into(), value.to_payload()?));
        Ok(self)
    }

    /// Its priority.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        Self { priority: Some(priority), ..self }
    }
}

/// How a standalone activity is started. What is not set is left to the server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ActivityOptions {
    /// The activity's id.
    pub activity_id: String,
    /// The task queue of its worker.
    pub task_queue: String,
    /// The longest time over all attempts. This or the start-to-close timeout is needed.
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
    pub search_attributes: Vec<(String, RawValue)>,
    /// Its priority.
    pub priority: Option<Priority>,
}

impl ActivityOptions {
    /// An activity of this id for the workers on this task queue. It needs a start-to-close or a schedule-to-close
    /// timeout, too.
    pub fn new(activity_id: impl Into<String>, task_queue: impl Into<String>) -> Self {
        Self {
            activity_id: activity_id.into(),
            task_queue: task_queue.into(),
            schedule_to_close_timeout: None,
            schedule_to_start_timeout: None,
            start_to_close_timeout: None,
            heartbeat_timeout: None,
            id_reuse: None,
            id_conflict: None,
            retry_policy: None,
            start_delay: None,
            search_attributes: Vec::new(),
            priority: None,
        }
    }

    /// The longest time over all attempts.
    #[must_use]
    pub fn schedule_to_close_timeout(self, timeout: Duration) -> Self {
        Self { schedule_to_close_timeout: Some(timeout), ..self }
    }

    /// The longest time until a worker starts it.
    #[must_use]
    pub fn schedule_to_start_timeout(self, timeout: Duration) -> Self {
        Self { schedule_to_start_timeout: Some(timeout), ..self }
    }

    /// The longest time of one attempt.
    #[must_use]
    pub fn start_to_close_timeout(self, timeout: Duration) -> Self {
        Self { start_to_close_timeout: Some(timeout), ..self }
    }

    /// The longest time between heartbeats.
    #[must_use]
    pub fn heartbeat_timeout(self, timeout: Duration) -> Self {
        Self { heartbeat_timeout: Some(timeout), ..self }
    }

    /// What happens when an activity of that id has ended.
    #[must_use]
    pub fn id_reuse(self, policy: IdReusePolicy) -> Self {
        Self { id_reuse: Some(policy), ..self }
    }

    /// What happens when an activity of that id runs.
    #[must_use]
    pub fn id_conflict(self, policy: IdConflictPolicy) -> Self {
        Self { id_conflict: Some(policy), ..self }
    }

    /// How the server retries it.
    #[must_use]
    pub fn retry_policy(self, policy: RetryPolicy) -> Self {
        Self { retry_policy: Some(policy), ..self }
    }

    /// How long it is held back.
    #[must_use]
    pub fn start_delay(self, delay: Duration) -> Self {
        Self { start_delay: Some(delay), ..self }
    }

    /// Adds a value that it can be found by.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn search_attribute(mut self, name: impl Into<String>, value: impl ToPayload) -> Result<Self, ConversionError> {
        self.search_attributes.push((name.into(), value.to_payload()?));
        Ok(self)
    }

    /// Its priority.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        Self { priority: Some(priority), ..self }
    }
}
