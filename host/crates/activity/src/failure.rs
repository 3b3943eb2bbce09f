//! Failures as Temporal's protocol knows them.

use std::time::Duration;

use crate::Payload;

/// A failure with its cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong, for people.
    pub message: String,
    /// The stack at the failure, in the guest language's format; empty when unknown.
    pub stack_trace: String,
    /// The kind, with its fields.
    pub kind: FailureKind,
    /// Message and stack trace as the guest's failure converter encoded them, when it does so.
    pub encoded_attributes: Option<Payload>,
    /// What caused it.
    pub cause: Option<Box<Failure>>,
}

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Raised by the activity's own code: the only kind that the server takes as an activity's outcome.
    Application(ApplicationFailure),
    /// A cancellation, with its details.
    Cancelled(Vec<Payload>),
    /// A timeout of something that was called.
    Timeout(TimeoutFailure),
    /// Something that was called was terminated.
    Terminated,
    /// The server failed.
    Server {
        /// Whether retrying is pointless.
        non_retryable: bool,
    },
    /// An activity that was called failed.
    Activity {
        /// Its type.
        activity_type: String,
        /// Its id.
        activity_id: String,
        /// The worker that ran it last.
        identity: String,
    },
    /// A child workflow failed.
    ChildWorkflow {
        /// The workflow's execution and type.
        workflow: crate::WorkflowExecution,
    },
    /// A kind that the contract does not carry, by its name.
    Other(String),
}

impl FailureKind {
    /// What it is called where failures have types: an application's own type, which may be empty, else as Temporal's SDKs
    /// call it.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Application(fields) => &fields.failure_type,
            Self::Cancelled(_) => "CancelledError",
            Self::Timeout(_) => "TimeoutError",
            Self::Terminated => "TerminatedError",
            Self::Server { .. } => "ServerError",
            Self::Activity { .. } => "ActivityError",
            Self::ChildWorkflow { .. } => "ChildWorkflowError",
            Self::Other(name) => name,
        }
    }
}

/// The fields of an application failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationFailure {
    /// The error's type, as retry policies name it.
    pub failure_type: String,
    /// Whether it is not retried whatever the policy says.
    pub non_retryable: bool,
    /// Encoded values that explain it.
    pub details: Vec<Payload>,
    /// The wait before the next attempt, instead of the policy's.
    pub next_retry_delay: Option<Duration>,
    /// How loudly it is reported.
    pub category: FailureCategory,
}

/// How loudly a failure is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailureCategory {
    /// An error: logged as a warning and counted.
    #[default]
    Unspecified,
    /// Expected in normal operation: logged at debug level, not counted.
    Benign,
}

/// The fields of a timeout failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeoutFailure {
    /// Which timeout.
    pub timeout_type: TimeoutType,
    /// The last heartbeat's details.
    pub last_heartbeat_details: Vec<Payload>,
}

/// Which timeout passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutType {
    /// The server did not say.
    Unspecified,
    /// One attempt took too long.
    StartToClose,
    /// No worker started it in time.
    ScheduleToStart,
    /// All attempts together took too long.
    ScheduleToClose,
    /// The activity stopped heartbeating.
    Heartbeat,
}

impl Failure {
    /// A failure of `kind` without stack or cause.
    pub fn new(message: impl Into<String>, kind: FailureKind) -> Self {
        Self { message: message.into(), stack_trace: String::new(), kind, encoded_attributes: None, cause: None }
    }

    /// A retryable application failure of type `failure_type`.
    pub fn application(failure_type: impl Into<String>, message: impl Into<String>) -> Self {
        let fields = ApplicationFailure { failure_type: failure_type.into(), ..ApplicationFailure::default() };
        Self::new(message, FailureKind::Application(fields))
    }

    /// The application fields, when it is an application failure.
    pub fn as_application(&self) -> Option<&ApplicationFailure> {
        match &self.kind {
            FailureKind::Application(fields) => Some(fields),
            _ => None,
        }
    }
}
