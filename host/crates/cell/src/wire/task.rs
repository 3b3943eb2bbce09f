//! An attempt on its way to a cell.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use super::{
    Broken,
    failure::Workflow,
    trace::Trace,
    values::{Crosses, Named, Payload, Span, Time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Task {
    /// The component, by the number that it was loaded under.
    #[prost(uint64, tag = "1")]
    pub(crate) load: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) info: Option<Info>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) input: Vec<Payload>,
    #[prost(message, optional, tag = "4")]
    pub(crate) kill_after: Option<Span>,
    #[prost(bool, tag = "5")]
    pub(crate) worker_shutdown: bool,
    #[prost(map = "string, string", tag = "6")]
    identity: std::collections::HashMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Info {
    #[prost(string, tag = "1")]
    activity_id: String,
    #[prost(string, optional, tag = "2")]
    activity_run_id: Option<String>,
    #[prost(string, tag = "3")]
    activity_type: String,
    #[prost(uint32, tag = "4")]
    attempt: u32,
    #[prost(string, tag = "5")]
    namespace: String,
    #[prost(string, tag = "6")]
    task_queue: String,
    #[prost(bytes = "bytes", tag = "7")]
    task_token: Bytes,
    #[prost(message, optional, tag = "8")]
    workflow: Option<Workflow>,
    #[prost(bool, tag = "9")]
    is_local: bool,
    #[prost(message, optional, tag = "10")]
    scheduled_time: Option<Time>,
    #[prost(message, optional, tag = "11")]
    current_attempt_scheduled_time: Option<Time>,
    #[prost(message, optional, tag = "12")]
    started_time: Option<Time>,
    #[prost(message, optional, tag = "13")]
    schedule_to_close_timeout: Option<Span>,
    #[prost(message, optional, tag = "14")]
    start_to_close_timeout: Option<Span>,
    #[prost(message, optional, tag = "15")]
    heartbeat_timeout: Option<Span>,
    #[prost(message, optional, tag = "16")]
    deadline: Option<Time>,
    #[prost(message, repeated, tag = "17")]
    heartbeat_details: Vec<Payload>,
    #[prost(message, optional, tag = "18")]
    retry_policy: Option<RetryPolicy>,
    #[prost(message, optional, tag = "19")]
    priority: Option<Priority>,
    #[prost(message, repeated, tag = "20")]
    headers: Vec<Named>,
    #[prost(message, optional, tag = "21")]
    trace: Option<Trace>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RetryPolicy {
    #[prost(message, optional, tag = "1")]
    initial_interval: Option<Span>,
    #[prost(double, tag = "2")]
    backoff_coefficient: f64,
    #[prost(message, optional, tag = "3")]
    maximum_interval: Option<Span>,
    #[prost(uint32, tag = "4")]
    maximum_attempts: u32,
    #[prost(string, repeated, tag = "5")]
    non_retryable_error_types: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Priority {
    #[prost(uint32, optional, tag = "1")]
    priority_key: Option<u32>,
    #[prost(string, optional, tag = "2")]
    fairness_key: Option<String>,
    #[prost(float, optional, tag = "3")]
    fairness_weight: Option<f32>,
}

impl Task {
    /// A task as it is sent, for the component with this number.
    pub(crate) fn new(task: activity::Task, load: u64) -> Self {
        let activity::Task { info, input, kill_after, worker_shutdown, identity, .. } = task;
        let token = |(audience, token): (String, activity::Secret)| (audience, token.reveal().to_owned());
        Self {
            load,
            info: Some(Arc::unwrap_or_clone(info).send()),
            input: activity::Payload::send_all(input),
            kill_after: kill_after.map(Duration::send),
            worker_shutdown,
            identity: identity.into_iter().map(token).collect(),
        }
    }

    /// When the cell kills it by itself, counted from its start.
    pub(crate) fn kill_after(&self) -> Option<Duration> {
        // One that makes no sense ends the attempt where it is received.
        Duration::optional(self.kill_after).ok().flatten()
    }

    /// The task as it arrives, for this component.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(self, component: activity::ComponentHandle) -> Result<activity::Task, Broken> {
        let token = |(audience, token)| (audience, activity::Secret::new(token));
        Ok(activity::Task {
            component,
            info: Arc::new(activity::Info::required(self.info, "info")?),
            input: activity::Payload::receive_all(self.input)?,
            kill_after: Duration::optional(self.kill_after)?,
            worker_shutdown: self.worker_shutdown,
            identity: self.identity.into_iter().map(token).collect(),
        })
    }
}

impl Crosses for activity::Info {
    type Message = Info;

    fn send(self) -> Info {
        Info {
            activity_id: self.activity_id,
            activity_run_id: self.activity_run_id,
            activity_type: self.activity_type,
            attempt: self.attempt,
            namespace: self.namespace,
            task_queue: self.task_queue,
            task_token: self.task_token,
            workflow: self.workflow.map(activity::WorkflowExecution::send),
            is_local: self.is_local,
            scheduled_time: Some(self.scheduled_time.send()),
            current_attempt_scheduled_time: Some(self.current_attempt_scheduled_time.send()),
            started_time: Some(self.started_time.send()),
            schedule_to_close_timeout: self.schedule_to_close_timeout.map(Duration::send),
            start_to_close_timeout: self.start_to_close_timeout.map(Duration::send),
            heartbeat_timeout: self.heartbeat_timeout.map(Duration::send),
            deadline: self.deadline.map(SystemTime::send),
            heartbeat_details: activity::Payload::send_all(self.heartbeat_details),
            retry_policy: self.retry_policy.map(activity::RetryPolicy::send),
            priority: Some(self.priority.send()),
            headers: Crosses::send_all(self.headers),
            trace: self.trace.map(Crosses::send),
        }
    }

    fn receive(message: Info) -> Result<Self, Broken> {
        Ok(Self {
            activity_id: message.activity_id,
            activity_run_id: message.activity_run_id,
            activity_type: message.activity_type,
            attempt: message.attempt,
            namespace: message.namespace,
            task_queue: message.task_queue,
            task_token: message.task_token,
            workflow: activity::WorkflowExecution::optional(message.workflow)?,
            is_local: message.is_local,
            scheduled_time: SystemTime::required(message.scheduled_time, "time")?,
            current_attempt_scheduled_time: SystemTime::required(message.current_attempt_scheduled_time, "time")?,
            started_time: SystemTime::required(message.started_time, "time")?,
            schedule_to_close_timeout: Duration::optional(message.schedule_to_close_timeout)?,
            start_to_close_timeout: Duration::optional(message.start_to_close_timeout)?,
            heartbeat_timeout: Duration::optional(message.heartbeat_timeout)?,
            deadline: SystemTime::optional(message.deadline)?,
            heartbeat_details: activity::Payload::receive_all(message.heartbeat_details)?,
            retry_policy: activity::RetryPolicy::optional(message.retry_policy)?,
            priority: activity::Priority::required(message.priority, "priority")?,
            headers: Crosses::receive_all(message.headers)?,
            trace: Crosses::optional(message.trace)?,
        })
    }
}

impl Crosses for activity::RetryPolicy {
    type Message = RetryPolicy;

    fn send(self) -> RetryPolicy {
        RetryPolicy {
            initial_interval: self.initial_interval.map(Duration::send),
            backoff_coefficient: self.backoff_coefficient,
            maximum_interval: self.maximum_interval.map(Duration::send),
            maximum_attempts: self.maximum_attempts,
            non_retryable_error_types: self.non_retryable_error_types,
        }
    }

    fn receive(message: RetryPolicy) -> Result<Self, Broken> {
        Ok(Self {
            initial_interval: Duration::optional(message.initial_interval)?,
            backoff_coefficient: message.backoff_coefficient,
            maximum_interval: Duration::optional(message.maximum_interval)?,
            maximum_attempts: message.maximum_attempts,
            non_retryable_error_types: message.non_retryable_error_types,
        })
    }
}

impl Crosses for activity::Priority {
    type Message = Priority;

    fn send(self) -> Priority {
        let Self { priority_key, fairness_key, fairness_weight } = self;
        Priority { priority_key, fairness_key, fairness_weight }
    }

    fn receive(message: Priority) -> Result<Self, Broken> {
        let Priority { priority_key, fairness_key, fairness_weight } = message;
        Ok(Self { priority_key, fairness_key, fairness_weight })
    }
}
