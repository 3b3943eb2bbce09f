//! Failures that the server tells of.

use activity::{
    ApplicationFailure, Failure, FailureCategory, FailureKind, TimeoutFailure, TimeoutType, WorkflowExecution,
};
use temporalio_common::protos::temporal::api::{
    enums::v1 as enums,
    failure::v1::{self as proto, failure::FailureInfo},
};

use crate::from_proto;

/// A failure with its causes. How many there can be is limited by what the protocol's decoder takes.
pub(crate) fn failure(failure: proto::Failure) -> Failure {
    Failure {
        message: failure.message,
        stack_trace: failure.stack_trace,
        kind: failure.failure_info.map_or_else(|| FailureKind::Other(String::new()), kind),
        encoded_attributes: failure.encoded_attributes.map(from_proto::payload),
        cause: failure.cause.map(|cause| Box::new(self::failure(*cause))),
    }
}

fn kind(info: FailureInfo) -> FailureKind {
    match info {
        FailureInfo::ApplicationFailureInfo(info) => FailureKind::Application(application(info)),
        FailureInfo::CanceledFailureInfo(info) => FailureKind::Cancelled(from_proto::payloads(info.details)),
        FailureInfo::TimeoutFailureInfo(info) => FailureKind::Timeout(TimeoutFailure {
            timeout_type: match info.timeout_type() {
                enums::TimeoutType::Unspecified => TimeoutType::Unspecified,
                enums::TimeoutType::StartToClose => TimeoutType::StartToClose,
                enums::TimeoutType::ScheduleToStart => TimeoutType::ScheduleToStart,
                enums::TimeoutType::ScheduleToClose => TimeoutType::ScheduleToClose,
                enums::TimeoutType::Heartbeat => TimeoutType::Heartbeat,
            },
            last_heartbeat_details: from_proto::payloads(info.last_heartbeat_details),
        }),
        FailureInfo::TerminatedFailureInfo(_) => FailureKind::Terminated,
        FailureInfo::ServerFailureInfo(info) => FailureKind::Server { non_retryable: info.non_retryable },
        FailureInfo::ActivityFailureInfo(info) => FailureKind::Activity {
            activity_type: info.activity_type.map(|kind| kind.name).unwrap_or_default(),
            activity_id: info.activity_id,
            identity: info.identity,
        },
        FailureInfo::ChildWorkflowExecutionFailureInfo(info) => {
            let execution = info.workflow_execution.unwrap_or_default();
            FailureKind::ChildWorkflow {
                workflow: WorkflowExecution {
                    namespace: info.namespace,
                    workflow_id: execution.workflow_id,
                    run_id: execution.run_id,
                    workflow_type: info.workflow_type.map(|kind| kind.name).unwrap_or_default(),
                },
            }
        }
        FailureInfo::ResetWorkflowFailureInfo(_) => other("ResetWorkflowFailureInfo"),
        FailureInfo::NexusOperationExecutionFailureInfo(_) => other("NexusOperationFailureInfo"),
        FailureInfo::NexusHandlerFailureInfo(_) => other("NexusHandlerFailureInfo"),
    }
}

fn application(info: proto::ApplicationFailureInfo) -> ApplicationFailure {
    let category = match info.category() {
        enums::ApplicationErrorCategory::Unspecified => FailureCategory::Unspecified,
        enums::ApplicationErrorCategory::Benign => FailureCategory::Benign,
    };
    ApplicationFailure {
        failure_type: info.r#type,
        non_retryable: info.non_retryable,
        details: from_proto::payloads(info.details),
        next_retry_delay: info.next_retry_delay.and_then(from_proto::timeout),
        category,
    }
}

fn other(name: &str) -> FailureKind {
    FailureKind::Other(name.to_owned())
}
