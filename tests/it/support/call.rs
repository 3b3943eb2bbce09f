//! Calling an activity, as a client or a workflow does.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    common::v1::{Payload, Payloads, RetryPolicy},
    failure::v1::Failure,
    workflowservice::v1::{RespondActivityTaskCompletedByIdRequest, RespondActivityTaskFailedByIdRequest},
};

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
}

impl Call {
    /// A call to the activity on this task queue.
    pub(super) fn new(connection: Connection, queue: &str, caller: Caller, activity_type: &str) -> Self {
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
        }
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

    /// Requests its cancellation.
    pub(crate) async fn cancel(&self) {
        match self {
            Self::Standalone(activity) => activity.cancel().await,
            Self::InWorkflow(activity) => activity.cancel().await,
        }
    }

    /// Waits for its end.
    pub(crate) async fn outcome(&self) -> Outcome {
        let outcome = async {
            match self {
                Self::Standalone(activity) => activity.outcome().await,
                Self::InWorkflow(activity) => activity.outcome().await,
            }
        };
        match tokio::time::timeout(super::GUARD, outcome).await {
            Ok(outcome) => outcome,
            Err(_) => panic!("the activity {} did not end in {:?}", self.id(), super::GUARD),
        }
    }

    /// Completes it from elsewhere, by its ids.
    pub(crate) async fn complete(&self, value: impl Serialize) {
        let (connection, workflow_id, run_id) = self.ids();
        let request = RespondActivityTaskCompletedByIdRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id,
            run_id,
            activity_id: self.id().to_owned(),
            result: Some(Payloads { payloads: vec![payload::json(value)] }),
            ..RespondActivityTaskCompletedByIdRequest::default()
        };
        connection.workflow_service().respond_activity_task_completed_by_id(request.into_request()).await.unwrap();
    }

    /// Fails it from elsewhere, by its ids.
    pub(crate) async fn fail(&self, failure: Failure) {
        let (connection, workflow_id, run_id) = self.ids();
        let request = RespondActivityTaskFailedByIdRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id,
            run_id,
            activity_id: self.id().to_owned(),
            failure: Some(failure),
            ..RespondActivityTaskFailedByIdRequest::default()
        };
        connection.workflow_service().respond_activity_task_failed_by_id(request.into_request()).await.unwrap();
    }

    /// The ids that name it beside its own: its workflow's, or its run's.
    fn ids(&self) -> (&Connection, String, String) {
        match self {
            Self::Standalone(activity) => (&activity.connection, String::new(), activity.run_id.clone()),
            Self::InWorkflow(activity) => (&activity.connection, activity.workflow_id.clone(), String::new()),
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
