//! What a guest in a cell wants to be started.

use std::time::Duration;

use activity::{ActivityStart, IdConflictPolicy, IdReusePolicy, WorkflowStart};

use super::{
    Broken,
    task::{Priority, RetryPolicy},
    values::{Crosses, Named, Payload, Span, numbered},
};

/// Of a workflow or an activity, which have most in common.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Start {
    #[prost(string, optional, tag = "1")]
    namespace: Option<String>,
    #[prost(string, tag = "2")]
    id: String,
    #[prost(string, tag = "3")]
    type_name: String,
    #[prost(string, tag = "4")]
    task_queue: String,
    #[prost(message, repeated, tag = "5")]
    input: Vec<Payload>,
    /// Of a workflow: execution, run and task; of an activity: schedule to close, schedule to start, start to close, and
    /// heartbeat.
    #[prost(message, repeated, tag = "6")]
    timeouts: Vec<Timeout>,
    #[prost(uint32, optional, tag = "7")]
    id_reuse: Option<u32>,
    #[prost(uint32, optional, tag = "8")]
    id_conflict: Option<u32>,
    #[prost(message, optional, tag = "9")]
    retry_policy: Option<RetryPolicy>,
    #[prost(message, optional, tag = "10")]
    start_delay: Option<Span>,
    #[prost(message, repeated, tag = "11")]
    memo: Vec<Named>,
    #[prost(message, repeated, tag = "12")]
    search_attributes: Vec<Named>,
    #[prost(message, optional, tag = "13")]
    priority: Option<Priority>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Timeout {
    #[prost(message, optional, tag = "1")]
    timeout: Option<Span>,
}

numbered!(
    IdReusePolicy,
    "policy",
    [IdReusePolicy::AllowDuplicate, IdReusePolicy::AllowDuplicateFailedOnly, IdReusePolicy::RejectDuplicate]
);

numbered!(
    IdConflictPolicy,
    "policy",
    [IdConflictPolicy::Fail, IdConflictPolicy::UseExisting, IdConflictPolicy::TerminateExisting]
);

impl Start {
    /// A start of a workflow as it is sent.
    pub(crate) fn of_workflow(start: WorkflowStart) -> Self {
        Self {
            namespace: start.namespace,
            id: start.workflow_id,
            type_name: start.workflow_type,
            task_queue: start.task_queue,
            input: activity::Payload::send_all(start.input),
            timeouts: timeouts([start.execution_timeout, start.run_timeout, start.task_timeout]),
            id_reuse: start.id_reuse.map(IdReusePolicy::send),
            id_conflict: start.id_conflict.map(IdConflictPolicy::send),
            retry_policy: start.retry_policy.map(activity::RetryPolicy::send),
            start_delay: start.start_delay.map(Duration::send),
            memo: Crosses::send_all(start.memo),
            search_attributes: Crosses::send_all(start.search_attributes),
            priority: start.priority.map(activity::Priority::send),
        }
    }

    /// A start of an activity as it is sent.
    pub(crate) fn of_activity(start: ActivityStart) -> Self {
        Self {
            namespace: start.namespace,
            id: start.activity_id,
            type_name: start.activity_type,
            task_queue: start.task_queue,
            input: activity::Payload::send_all(start.input),
            timeouts: timeouts([
                start.schedule_to_close_timeout,
                start.schedule_to_start_timeout,
                start.start_to_close_timeout,
                start.heartbeat_timeout,
            ]),
            id_reuse: start.id_reuse.map(IdReusePolicy::send),
            id_conflict: start.id_conflict.map(IdConflictPolicy::send),
            retry_policy: start.retry_policy.map(activity::RetryPolicy::send),
            start_delay: start.start_delay.map(Duration::send),
            memo: Vec::new(),
            search_attributes: Crosses::send_all(start.search_attributes),
            priority: start.priority.map(activity::Priority::send),
        }
    }

    /// The start of a workflow as it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn workflow(self) -> Result<WorkflowStart, Broken> {
        let [execution_timeout, run_timeout, task_timeout] = received_timeouts(self.timeouts)?;
        Ok(WorkflowStart {
            namespace: self.namespace,
            workflow_id: self.id,
            workflow_type: self.type_name,
            task_queue: self.task_queue,
            input: activity::Payload::receive_all(self.input)?,
            execution_timeout,
            run_timeout,
            task_timeout,
            id_reuse: IdReusePolicy::optional(self.id_reuse)?,
            id_conflict: IdConflictPolicy::optional(self.id_conflict)?,
            retry_policy: activity::RetryPolicy::optional(self.retry_policy)?,
            start_delay: Duration::optional(self.start_delay)?,
            memo: Crosses::receive_all(self.memo)?,
            search_attributes: Crosses::receive_all(self.search_attributes)?,
            priority: activity::Priority::optional(self.priority)?,
        })
    }

    /// The start of an activity as it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn activity(self) -> Result<ActivityStart, Broken> {
        let [schedule_to_close_timeout, schedule_to_start_timeout, start_to_close_timeout, heartbeat_timeout] =
            received_timeouts(self.timeouts)?;
        Ok(ActivityStart {
            namespace: self.namespace,
            activity_id: self.id,
            activity_type: self.type_name,
            task_queue: self.task_queue,
            input: activity::Payload::receive_all(self.input)?,
            schedule_to_close_timeout,
            schedule_to_start_timeout,
            start_to_close_timeout,
            heartbeat_timeout,
            id_reuse: IdReusePolicy::optional(self.id_reuse)?,
            id_conflict: IdConflictPolicy::optional(self.id_conflict)?,
            retry_policy: activity::RetryPolicy::optional(self.retry_policy)?,
            start_delay: Duration::optional(self.start_delay)?,
            search_attributes: Crosses::receive_all(self.search_attributes)?,
            priority: activity::Priority::optional(self.priority)?,
        })
    }
}

fn timeouts<const N: usize>(timeouts: [Option<Duration>; N]) -> Vec<Timeout> {
    timeouts.into_iter().map(|timeout| Timeout { timeout: timeout.map(Duration::send) }).collect()
}

fn received_timeouts<const N: usize>(timeouts: Vec<Timeout>) -> Result<[Option<Duration>; N], Broken> {
    let timeouts = timeouts.into_iter().map(|each| Duration::optional(each.timeout)).collect::<Result<Vec<_>, _>>()?;
    timeouts.try_into().map_err(|_| Broken("timeouts"))
}
