//! Calling an activity, as a client or a workflow does.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use temporalio_client::Connection;
use temporalio_common::protos::temporal::api::common::v1::{Header, Payload, Payloads, Priority, RetryPolicy};

use super::{outcome::Outcome, payload, standalone::Standalone, workflow::WorkflowActivity};

/// The namespace that a development server always has.
pub(crate) const NAMESPACE: &str = "default";

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A client.
    Client,
    /// A workflow.
    Workflow,
}

impl Caller {
    /// Both, for tests of what must not depend on it.
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Workflow];
}

/// What the caller sees, which must not depend on who calls.
pub(crate) async fn whoever_calls(outcome: impl AsyncFn(Caller) -> String) -> String {
    let (by_client, by_workflow) = tokio::join!(outcome(Caller::Client), outcome(Caller::Workflow));
    assert_eq!(by_client, by_workflow, "a client sees something else than a workflow");
    by_client
}

/// What each of these calls comes to, one after the other. The arguments are a JSON array.
pub(crate) async fn transcript(calls: &[(&str, Value)], outcome: impl AsyncFn(&str, &Value) -> String) -> String {
    let mut transcript = String::new();
    for (activity, arguments) in calls {
        let outcome = outcome(activity, arguments).await;
        transcript.push_str(&format!("> {activity} {arguments}\n{outcome}\n"));
    }
    transcript
}

/// An activity about to be called. Unless asked for, it gets 30 seconds and one attempt.
#[derive(Clone, Debug)]
#[must_use = "nothing is called before `start` or `run`"]
pub(crate) struct Call {
    pub(super) connection: Connection,
    pub(super) queue: String,
    pub(super) caller: Caller,
    pub(super) activity_id: String,
    pub(super) activity_type: String,
    pub(super) input: Vec<Payload>,
    pub(super) start_to_close: Option<Duration>,
    pub(super) schedule_to_close: Option<Duration>,
    pub(super) heartbeat: Option<Duration>,
    pub(super) retry: RetryPolicy,
    pub(super) priority: Option<Priority>,
    pub(super) header: Option<Header>,
}

impl Call {
    /// A call to the activity on this task queue.
    pub(crate) fn new(connection: Connection, queue: &str, caller: Caller, activity_type: &str) -> Self {
        Self {
            connection,
            queue: queue.to_owned(),
            caller,
            activity_id: unique(activity_type),
            activity_type: activity_type.to_owned(),
            input: Vec::new(),
            start_to_close: Some(Duration::from_secs(30)),
            schedule_to_close: None,
            heartbeat: None,
            retry: RetryPolicy {
                initial_interval: proto_duration(Some(Duration::from_millis(100))),
                backoff_coefficient: 1.0,
                maximum_attempts: 1,
                ..RetryPolicy::default()
            },
            priority: None,
            header: None,
        }
    }

    /// The same once more, with an id of its own.
    pub(crate) fn again(&self) -> Self {
        Self { activity_id: unique(&self.activity_type), ..self.clone() }
    }

    /// With this id.
    pub(crate) fn activity_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.activity_id);
        self
    }

    /// With one more argument.
    pub(crate) fn arg(self, value: impl Serialize) -> Self {
        self.payload(payload::json(value))
    }

    /// With these arguments, a JSON array.
    pub(crate) fn args(self, values: &Value) -> Self {
        values.as_array().unwrap().iter().fold(self, Self::arg)
    }

    /// With one more argument, encoded already.
    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.input.push(payload);
        self
    }

    /// With this much time for each attempt.
    pub(crate) fn start_to_close(mut self, timeout: &str) -> Self {
        self.start_to_close = Some(duration(timeout));
        self
    }

    /// With this much time for all attempts, and no other limit for one.
    pub(crate) fn schedule_to_close(mut self, timeout: &str) -> Self {
        self.schedule_to_close = Some(duration(timeout));
        self.start_to_close = None;
        self
    }

    /// With at most this much time between heartbeats.
    pub(crate) fn heartbeat(mut self, timeout: &str) -> Self {
        self.heartbeat = Some(duration(timeout));
        self
    }

    /// With at most so many attempts, shortly after one another.
    pub(crate) fn attempts(mut self, maximum: i32) -> Self {
        self.retry.maximum_attempts = maximum;
        self
    }

    /// With failures of this type not tried again.
    pub(crate) fn non_retryable_type(mut self, failure_type: &str) -> Self {
        self.retry.non_retryable_error_types.push(failure_type.to_owned());
        self
    }

    /// With a place in the queue.
    pub(crate) fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// With a header, as a caller's interceptor sets one.
    pub(crate) fn header(mut self, name: &str, value: impl Serialize) -> Self {
        let fields = HashMap::from([(name.to_owned(), payload::json(value))]);
        self.header = Some(Header { fields });
        self
    }

    /// Calls it.
    pub(crate) async fn start(self) -> Started {
        match self.caller {
            Caller::Client => Started::Standalone(Standalone::start(self).await),
            Caller::Workflow => Started::InWorkflow(WorkflowActivity::start(self).await),
        }
    }

    /// Calls it and waits for its end.
    pub(crate) async fn run(self) -> Outcome {
        self.start().await.outcome().await
    }

    pub(super) fn input(&self) -> Option<Payloads> {
        Some(Payloads { payloads: self.input.clone() })
    }
}

/// What a client's request and a workflow's command say alike about the call, and what only the one says.
macro_rules! scheduled {
    ($call:expr, $message:ident { $($own:ident: $value:expr),* $(,)? }) => {{
        let call = &$call;
        $message {
            activity_id: call.activity_id.clone(),
            activity_type: Some(ActivityType { name: call.activity_type.clone() }),
            task_queue: Some(TaskQueue { name: call.queue.clone(), ..TaskQueue::default() }),
            input: call.input(),
            schedule_to_close_timeout: proto_duration(call.schedule_to_close),
            start_to_close_timeout: proto_duration(call.start_to_close),
            heartbeat_timeout: proto_duration(call.heartbeat),
            retry_policy: Some(call.retry.clone()),
            priority: call.priority.clone(),
            header: call.header.clone(),
            $($own: $value,)*
            ..$message::default()
        }
    }};
}
pub(super) use scheduled;

/// An activity that was called.
#[derive(Debug)]
pub(crate) enum Started {
    /// By a client.
    Standalone(Standalone),
    /// By a workflow.
    InWorkflow(WorkflowActivity),
}

impl Started {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Standalone(activity) => &activity.id,
            Self::InWorkflow(activity) => &activity.id,
        }
    }

    /// The id of the workflow that called it, if one did.
    pub(crate) fn workflow_id(&self) -> Option<&str> {
        match self {
            Self::Standalone(_) => None,
            Self::InWorkflow(activity) => Some(&activity.workflow_id),
        }
    }

    /// Requests its cancellation.
    pub(crate) async fn cancel(&self) {
        match self {
            Self::Standalone(activity) => activity.cancel().await,
            Self::InWorkflow(activity) => activity.cancel().await,
        }
    }

    /// Waits for its end.
    pub(crate) async fn outcome(&self) -> Outcome {
        self.outcome_within(super::GUARD).await
    }

    /// The same for what computes for long.
    pub(crate) async fn outcome_within(&self, patience: Duration) -> Outcome {
        let outcome = async {
            match self {
                Self::Standalone(activity) => activity.outcome().await,
                Self::InWorkflow(activity) => activity.outcome().await,
            }
        };
        match tokio::time::timeout(patience, outcome).await {
            Ok(outcome) => outcome,
            Err(_) => panic!("the activity {} did not end in {patience:?}", self.id()),
        }
    }

    /// What only a client's activity can be asked.
    pub(crate) fn standalone(&self) -> &Standalone {
        match self {
            Self::Standalone(activity) => activity,
            Self::InWorkflow(_) => panic!("the activity {} was called by a workflow", self.id()),
        }
    }
}

/// A length of time such as `1s 500ms`.
pub(crate) fn duration(text: &str) -> Duration {
    humantime::parse_duration(text).unwrap()
}

pub(super) fn proto_duration<T>(duration: Option<Duration>) -> Option<T>
where
    Duration: TryInto<T>,
{
    duration.and_then(|duration| duration.try_into().ok())
}

/// A name that nothing else on any server has.
pub(crate) fn unique(name: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{name}-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
}
