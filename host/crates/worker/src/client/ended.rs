//! How workflows, updates and standalone activities ended.

use activity::{ExecutionResult, Failure, FailureKind, TimeoutFailure, TimeoutType};
use temporalio_common::protos::temporal::api::{
    activity::v1::activity_execution_outcome::Value as ActivityValue,
    failure::v1 as proto,
    history::v1::history_event::Attributes,
    update::v1::{Outcome, outcome::Value as UpdateValue},
};

use super::failures;
use crate::{PayloadCoding, from_proto};

/// How a run of a workflow ended.
pub(super) enum Run {
    /// The workflow has ended with it.
    Ended(ExecutionResult),
    /// It goes on as the run of this id.
    GoesOn(String),
}

/// How a run ended, by the last event of its history.
pub(super) fn workflow(event: Attributes) -> Run {
    let (next, result) = match event {
        Attributes::WorkflowExecutionCompletedEventAttributes(end) => {
            (end.new_execution_run_id, ExecutionResult::Completed(from_proto::payloads(end.result)))
        }
        Attributes::WorkflowExecutionFailedEventAttributes(end) => (end.new_execution_run_id, failed(end.failure)),
        Attributes::WorkflowExecutionTimedOutEventAttributes(end) => {
            let fields = TimeoutFailure { timeout_type: TimeoutType::StartToClose, last_heartbeat_details: Vec::new() };
            (end.new_execution_run_id, ended_by("Workflow timed out", FailureKind::Timeout(fields)))
        }
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(end) => {
            (end.new_execution_run_id, ended_by("Workflow went on as new", unknown("ContinuedAsNew")))
        }
        Attributes::WorkflowExecutionCanceledEventAttributes(end) => {
            let kind = FailureKind::Cancelled(from_proto::payloads(end.details));
            (String::new(), ended_by("Workflow cancelled", kind))
        }
        Attributes::WorkflowExecutionTerminatedEventAttributes(end) => {
            let message = if end.reason.is_empty() { "Workflow terminated".to_owned() } else { end.reason };
            (String::new(), ended_by(message, FailureKind::Terminated))
        }
        _ => (String::new(), ended_by("Workflow ended in a way that is not known", unknown("Unknown"))),
    };
    if next.is_empty() { Run::Ended(result) } else { Run::GoesOn(next) }
}

/// How an update ended.
pub(super) fn update(outcome: Outcome) -> ExecutionResult {
    match outcome.value {
        Some(UpdateValue::Success(values)) => ExecutionResult::Completed(from_proto::payloads(Some(values))),
        Some(UpdateValue::Failure(failure)) => failed(Some(failure)),
        None => ExecutionResult::Completed(Vec::new()),
    }
}

/// How a standalone activity ended.
pub(super) fn activity(value: ActivityValue) -> ExecutionResult {
    match value {
        ActivityValue::Result(values) => ExecutionResult::Completed(from_proto::payloads(Some(values))),
        ActivityValue::Failure(failure) => failed(Some(failure)),
    }
}

fn failed(failure: Option<proto::Failure>) -> ExecutionResult {
    let mut failure = failures::failure(failure.unwrap_or_default());
    PayloadCoding::show_texts(&mut failure);
    ExecutionResult::Failed(Box::new(failure))
}

fn ended_by(message: impl Into<String>, kind: FailureKind) -> ExecutionResult {
    ExecutionResult::Failed(Box::new(Failure::new(message, kind)))
}

fn unknown(name: &str) -> FailureKind {
    FailureKind::Other(name.to_owned())
}
