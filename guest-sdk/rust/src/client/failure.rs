//! How something that was called failed.

use std::error::Error;
use std::fmt;

use crate::bindings::isolet::activity::types;
use crate::{ApplicationFailure, RawValue};

/// The failure of a workflow, an update or a standalone activity. Its causes are its sources.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExecutionFailure {
    /// What went wrong, for people.
    pub message: String,
    /// Its kind.
    pub kind: FailureKind,
    /// The stack at the failure, in the format of its language. May be empty.
    pub stack_trace: String,
    /// What caused it.
    pub cause: Option<Box<ExecutionFailure>>,
}

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FailureKind {
    /// Raised by its own code.
    Application {
        /// The error's type; empty for none.
        type_name: String,
        /// Whether retrying is pointless.
        non_retryable: bool,
        /// Values that explain it.
        details: Vec<RawValue>,
    },
    /// It was cancelled, with these details.
    Cancelled(Vec<RawValue>),
    /// It took too long.
    Timeout(TimeoutType),
    /// It was terminated.
    Terminated,
    /// The server failed; true when retrying is pointless.
    Server(bool),
    /// An activity failed; why is its cause.
    Activity {
        /// The activity's type.
        activity_type: String,
        /// The activity's id.
        activity_id: String,
        /// The worker that ran it last.
        identity: String,
    },
    /// A child workflow failed; why is its cause.
    ChildWorkflow {
        /// The child's namespace.
        namespace: String,
        /// The child's type.
        workflow_type: String,
        /// The child's id.
        workflow_id: String,
        /// The child's run id.
        run_id: String,
    },
    /// A kind that this version does not know, by its protobuf name.
    Other(String),
}

/// Which timeout passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutType {
    /// The server did not say.
    Unspecified,
    /// One attempt or run took too long.
    StartToClose,
    /// No worker started it in time.
    ScheduleToStart,
    /// All attempts together took too long.
    ScheduleToClose,
    /// It stopped heartbeating.
    Heartbeat,
}

impl ExecutionFailure {
    /// A failure without a cause.
    pub fn new(message: impl Into<String>, kind: FailureKind) -> Self {
        Self { message: message.into(), kind, stack_trace: String::new(), cause: None }
    }

    /// A retryable failure of the callee's own code.
    pub fn application(type_name: impl Into<String>, message: impl Into<String>) -> Self {
        let kind = FailureKind::Application { type_name: type_name.into(), non_retryable: false, details: Vec::new() };
        Self::new(message, kind)
    }

    /// The failure with a cause.
    #[must_use]
    pub fn with_cause(self, cause: Self) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.kind, FailureKind::Cancelled(_))
    }

    /// Whether it was terminated.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.kind == FailureKind::Terminated
    }

    /// The failure and its causes as the host tells them; none for an empty chain.
    #[cfg(target_family = "wasm")]
    pub(super) fn from_chain(chain: types::FailureChain) -> Option<Self> {
        let nest = |cause: Option<Box<Self>>, failure: types::Failure| {
            Some(Box::new(Self {
                message: failure.message,
                kind: FailureKind::from_wit(failure.kind),
                stack_trace: failure.stack_trace,
                cause,
            }))
        };
        chain.into_iter().rev().fold(None, nest).map(|failure| *failure)
    }

    /// The failure that an error is. Errors that have one as their source hold it in a box.
    pub(crate) fn of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        error.downcast_ref::<Self>().or_else(|| error.downcast_ref::<Box<Self>>().map(|boxed| &**boxed))
    }

    /// One link of the chain, to be told to the host as the cause of an activity's failure.
    pub(crate) fn to_wit(&self) -> types::Failure {
        types::Failure {
            message: self.message.clone(),
            stack_trace: self.stack_trace.clone(),
            kind: self.kind.to_wit(),
            encoded_attributes: None,
        }
    }
}

impl fmt::Display for ExecutionFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for ExecutionFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as &(dyn Error + 'static))
    }
}

impl FailureKind {
    #[cfg(target_family = "wasm")]
    fn from_wit(kind: types::FailureKind) -> Self {
        match kind {
            types::FailureKind::Application(fields) => Self::Application {
                type_name: fields.type_,
                non_retryable: fields.non_retryable,
                details: values(fields.details),
            },
            types::FailureKind::Cancelled(details) => Self::Cancelled(values(details)),
            types::FailureKind::Timeout(fields) => Self::Timeout(match fields.timeout_type {
                types::TimeoutType::Unspecified => TimeoutType::Unspecified,
                types::TimeoutType::StartToClose => TimeoutType::StartToClose,
                types::TimeoutType::ScheduleToStart => TimeoutType::ScheduleToStart,
                types::TimeoutType::ScheduleToClose => TimeoutType::ScheduleToClose,
                types::TimeoutType::Heartbeat => TimeoutType::Heartbeat,
            }),
            types::FailureKind::Terminated => Self::Terminated,
            types::FailureKind::Server(non_retryable) => Self::Server(non_retryable),
            types::FailureKind::Activity(types::ActivityFailure { activity_type, activity_id, identity }) => {
                Self::Activity { activity_type, activity_id, identity }
            }
            types::FailureKind::ChildWorkflow(fields) => Self::ChildWorkflow {
                namespace: fields.namespace,
                workflow_type: fields.workflow_type,
                workflow_id: fields.workflow_id,
                run_id: fields.run_id,
            },
            types::FailureKind::Other(name) => Self::Other(name),
        }
    }

    fn to_wit(&self) -> types::FailureKind {
        let payloads = |values: &[RawValue]| values.iter().cloned().map(Into::into).collect();
        match self.clone() {
            Self::Application { type_name, non_retryable, details } => {
                types::FailureKind::Application(types::ApplicationFailure {
                    type_: type_name,
                    non_retryable,
                    details: payloads(&details),
                    next_retry_delay: None,
                    category: types::FailureCategory::Unspecified,
                })
            }
            Self::Cancelled(details) => types::FailureKind::Cancelled(payloads(&details)),
            Self::Timeout(timeout) => types::FailureKind::Timeout(types::TimeoutFailure {
                timeout_type: match timeout {
                    TimeoutType::Unspecified => types::TimeoutType::Unspecified,
                    TimeoutType::StartToClose => types::TimeoutType::StartToClose,
                    TimeoutType::ScheduleToStart => types::TimeoutType::ScheduleToStart,
                    TimeoutType::ScheduleToClose => types::TimeoutType::ScheduleToClose,
                    TimeoutType::Heartbeat => types::TimeoutType::Heartbeat,
                },
                last_heartbeat_details: Vec::new(),
            }),
            Self::Terminated => types::FailureKind::Terminated,
            Self::Server(non_retryable) => types::FailureKind::Server(non_retryable),
            Self::Activity { activity_type, activity_id, identity } => {
                types::FailureKind::Activity(types::ActivityFailure { activity_type, activity_id, identity })
            }
            Self::ChildWorkflow { namespace, workflow_type, workflow_id, run_id } => {
                types::FailureKind::ChildWorkflow(types::ChildWorkflowFailure {
                    namespace,
                    workflow_type,
                    workflow_id,
                    run_id,
                })
            }
            Self::Other(name) => types::FailureKind::Other(name),
        }
    }
}

#[cfg(target_family = "wasm")]
fn values(payloads: Vec<types::Payload>) -> Vec<RawValue> {
    payloads.into_iter().map(Into::into).collect()
}

impl From<ExecutionFailure> for ApplicationFailure {
    fn from(failure: ExecutionFailure) -> Self {
        Self::from_error(failure)
    }
}
