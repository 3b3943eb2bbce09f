//! Failures: a list, the outermost first, because a guest chooses how long a chain is.

use std::time::Duration;

use activity::{ApplicationFailure, FailureCategory, FailureKind, TimeoutFailure, TimeoutType, WorkflowExecution};

use super::{
    Broken,
    values::{Crosses, Payload, Span, numbered},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Failure {
    #[prost(message, repeated, tag = "1")]
    pub(crate) chain: Vec<Link>,
}

/// One failure without its cause.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Link {
    #[prost(string, tag = "1")]
    message: String,
    #[prost(string, tag = "2")]
    stack_trace: String,
    #[prost(message, optional, tag = "3")]
    encoded_attributes: Option<Payload>,
    #[prost(oneof = "kind::Kind", tags = "4, 5, 6, 7, 8, 9, 10, 11")]
    kind: Option<kind::Kind>,
}

pub(crate) mod kind {
    use super::{Activity, Application, Timeout, Workflow};
    use crate::wire::values::Payloads;

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Kind {
        #[prost(message, tag = "4")]
        Application(Application),
        #[prost(message, tag = "5")]
        Cancelled(Payloads),
        #[prost(message, tag = "6")]
        Timeout(Timeout),
        #[prost(bool, tag = "7")]
        Terminated(bool),
        /// Whether retrying is pointless.
        #[prost(bool, tag = "8")]
        Server(bool),
        #[prost(message, tag = "9")]
        Activity(Activity),
        #[prost(message, tag = "10")]
        ChildWorkflow(Workflow),
        #[prost(string, tag = "11")]
        Other(String),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Application {
    #[prost(string, tag = "1")]
    failure_type: String,
    #[prost(bool, tag = "2")]
    non_retryable: bool,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Payload>,
    #[prost(message, optional, tag = "4")]
    next_retry_delay: Option<Span>,
    #[prost(uint32, tag = "5")]
    category: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Timeout {
    #[prost(uint32, tag = "1")]
    timeout_type: u32,
    #[prost(message, repeated, tag = "2")]
    last_heartbeat_details: Vec<Payload>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Activity {
    #[prost(string, tag = "1")]
    activity_type: String,
    #[prost(string, tag = "2")]
    activity_id: String,
    #[prost(string, tag = "3")]
    identity: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Workflow {
    #[prost(string, tag = "1")]
    namespace: String,
    #[prost(string, tag = "2")]
    workflow_id: String,
    #[prost(string, tag = "3")]
    run_id: String,
    #[prost(string, tag = "4")]
    workflow_type: String,
}

numbered!(FailureCategory, "category", [FailureCategory::Unspecified, FailureCategory::Benign]);

numbered!(
    TimeoutType,
    "timeout",
    [
        TimeoutType::Unspecified,
        TimeoutType::StartToClose,
        TimeoutType::ScheduleToStart,
        TimeoutType::ScheduleToClose,
        TimeoutType::Heartbeat,
    ]
);

impl Crosses for activity::Failure {
    type Message = Failure;

    fn send(self) -> Failure {
        let mut chain = Vec::new();
        let mut next = Some(Box::new(self));
        while let Some(failure) = next {
            let Self { message, stack_trace, kind, encoded_attributes, cause } = *failure;
            let encoded_attributes = encoded_attributes.map(activity::Payload::send);
            chain.push(Link { message, stack_trace, encoded_attributes, kind: Some(kind.send()) });
            next = cause;
        }
        Failure { chain }
    }

    fn receive(message: Failure) -> Result<Self, Broken> {
        let mut outer = None;
        for link in message.chain.into_iter().rev() {
            let Link { message, stack_trace, encoded_attributes, kind } = link;
            outer = Some(Self {
                message,
                stack_trace,
                kind: FailureKind::required(kind, "kind of failure")?,
                encoded_attributes: activity::Payload::optional(encoded_attributes)?,
                cause: outer.map(Box::new),
            });
        }
        outer.ok_or(Broken("failure"))
    }
}

impl Crosses for FailureKind {
    type Message = kind::Kind;

    fn send(self) -> kind::Kind {
        match self {
            Self::Application(fields) => kind::Kind::Application(fields.send()),
            Self::Cancelled(details) => kind::Kind::Cancelled(details.send()),
            Self::Timeout(fields) => kind::Kind::Timeout(fields.send()),
            Self::Terminated => kind::Kind::Terminated(true),
            Self::Server { non_retryable } => kind::Kind::Server(non_retryable),
            Self::Activity { activity_type, activity_id, identity } => {
                kind::Kind::Activity(Activity { activity_type, activity_id, identity })
            }
            Self::ChildWorkflow { workflow } => kind::Kind::ChildWorkflow(workflow.send()),
            Self::Other(name) => kind::Kind::Other(name),
        }
    }

    fn receive(message: kind::Kind) -> Result<Self, Broken> {
        Ok(match message {
            kind::Kind::Application(fields) => Self::Application(ApplicationFailure::receive(fields)?),
            kind::Kind::Cancelled(details) => Self::Cancelled(Vec::receive(details)?),
            kind::Kind::Timeout(fields) => Self::Timeout(TimeoutFailure::receive(fields)?),
            kind::Kind::Terminated(_) => Self::Terminated,
            kind::Kind::Server(non_retryable) => Self::Server { non_retryable },
            kind::Kind::Activity(Activity { activity_type, activity_id, identity }) => {
                Self::Activity { activity_type, activity_id, identity }
            }
            kind::Kind::ChildWorkflow(workflow) => {
                Self::ChildWorkflow { workflow: WorkflowExecution::receive(workflow)? }
            }
            kind::Kind::Other(name) => Self::Other(name),
        })
    }
}

impl Crosses for ApplicationFailure {
    type Message = Application;

    fn send(self) -> Application {
        Application {
            failure_type: self.failure_type,
            non_retryable: self.non_retryable,
            details: activity::Payload::send_all(self.details),
            next_retry_delay: self.next_retry_delay.map(Duration::send),
            category: self.category.send(),
        }
    }

    fn receive(message: Application) -> Result<Self, Broken> {
        Ok(Self {
            failure_type: message.failure_type,
            non_retryable: message.non_retryable,
            details: activity::Payload::receive_all(message.details)?,
            next_retry_delay: Duration::optional(message.next_retry_delay)?,
            category: FailureCategory::receive(message.category)?,
        })
    }
}

impl Crosses for TimeoutFailure {
    type Message = Timeout;

    fn send(self) -> Timeout {
        let last_heartbeat_details = activity::Payload::send_all(self.last_heartbeat_details);
        Timeout { timeout_type: self.timeout_type.send(), last_heartbeat_details }
    }

    fn receive(message: Timeout) -> Result<Self, Broken> {
        let last_heartbeat_details = activity::Payload::receive_all(message.last_heartbeat_details)?;
        Ok(Self { timeout_type: TimeoutType::receive(message.timeout_type)?, last_heartbeat_details })
    }
}

impl Crosses for WorkflowExecution {
    type Message = Workflow;

    fn send(self) -> Workflow {
        let Self { namespace, workflow_id, run_id, workflow_type } = self;
        Workflow { namespace, workflow_id, run_id, workflow_type }
    }

    fn receive(message: Workflow) -> Result<Self, Broken> {
        let Workflow { namespace, workflow_id, run_id, workflow_type } = message;
        Ok(Self { namespace, workflow_id, run_id, workflow_type })
    }
}
