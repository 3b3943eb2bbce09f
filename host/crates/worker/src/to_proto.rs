//! From the vocabulary to core's messages. What is moved is not copied.

use activity::{ApplicationFailure, Failure, FailureCategory, FailureKind, Payload, TimeoutType};
use temporalio_common::protos::{
    coresdk::activity_result::ActivityExecutionResult,
    temporal::api::{
        common::v1 as common,
        enums::v1 as enums,
        failure::v1::{self as proto, failure::FailureInfo},
    },
};

use crate::source::Report;

/// The longest message or stack trace of one failure, in bytes. The longest chain then stays at half of the 2 MiB that
/// the server takes as a failure; it would replace a larger one by an error that says nothing.
const MAX_TEXT: usize = 16 << 10;

/// The failures of one chain that are reported.
const MAX_CHAIN: usize = 32;

/// What is said where a text was cut.
const CUT: &str = "… (cut)";

/// The result for core.
pub(crate) fn result(report: Report) -> ActivityExecutionResult {
    match report {
        Report::Completed(output) => ActivityExecutionResult::ok(payload(output)),
        Report::Failed(failure) => ActivityExecutionResult::fail(self::failure(*failure, MAX_CHAIN)),
        Report::Cancelled(details) => {
            let info = proto::CanceledFailureInfo { details: some_payloads(details), ..Default::default() };
            ActivityExecutionResult::cancel(proto::Failure {
                message: "Cancelled".to_owned(),
                source: SOURCE.to_owned(),
                failure_info: Some(FailureInfo::CanceledFailureInfo(info)),
                ..Default::default()
            })
        }
        // Core forgets an attempt that completes elsewhere without a word to the server, which is just what an
        // abandoned one needs.
        Report::WillCompleteAsync | Report::Abandoned => ActivityExecutionResult::will_complete_async(),
    }
}

/// Who made a failure.
const SOURCE: &str = "Isolet";

/// Payloads for core.
pub(crate) fn payloads(payloads: Vec<Payload>) -> Vec<common::Payload> {
    payloads.into_iter().map(payload).collect()
}

fn payload(payload: Payload) -> common::Payload {
    common::Payload {
        metadata: payload.metadata.into_iter().map(|(key, value)| (key, value.into())).collect(),
        data: payload.data.into(),
        ..Default::default()
    }
}

fn some_payloads(list: Vec<Payload>) -> Option<common::Payloads> {
    (!list.is_empty()).then(|| common::Payloads { payloads: payloads(list) })
}

/// A failure and up to `chain` - 1 of its causes.
fn failure(failure: Failure, chain: usize) -> proto::Failure {
    let cause = failure.cause.filter(|_| 1 < chain);
    proto::Failure {
        message: cut(failure.message),
        source: SOURCE.to_owned(),
        stack_trace: cut(failure.stack_trace),
        encoded_attributes: failure.encoded_attributes.map(payload),
        cause: cause.map(|cause| Box::new(self::failure(*cause, chain - 1))),
        failure_info: Some(info(failure.kind)),
    }
}

fn info(kind: FailureKind) -> FailureInfo {
    match kind {
        FailureKind::Application(fields) => FailureInfo::ApplicationFailureInfo(application(fields)),
        FailureKind::Cancelled(details) => FailureInfo::CanceledFailureInfo(proto::CanceledFailureInfo {
            details: some_payloads(details),
            ..Default::default()
        }),
        FailureKind::Timeout(fields) => FailureInfo::TimeoutFailureInfo(proto::TimeoutFailureInfo {
            timeout_type: timeout_type(fields.timeout_type).into(),
            last_heartbeat_details: some_payloads(fields.last_heartbeat_details),
        }),
        FailureKind::Terminated => FailureInfo::TerminatedFailureInfo(proto::TerminatedFailureInfo::default()),
        FailureKind::Server { non_retryable } => {
            FailureInfo::ServerFailureInfo(proto::ServerFailureInfo { non_retryable })
        }
        FailureKind::Activity { activity_type, activity_id, identity } => {
            FailureInfo::ActivityFailureInfo(proto::ActivityFailureInfo {
                activity_type: Some(common::ActivityType { name: activity_type }),
                activity_id,
                identity,
                ..Default::default()
            })
        }
        FailureKind::ChildWorkflow { workflow } => {
            FailureInfo::ChildWorkflowExecutionFailureInfo(proto::ChildWorkflowExecutionFailureInfo {
                namespace: workflow.namespace,
                workflow_execution: Some(common::WorkflowExecution {
                    workflow_id: workflow.workflow_id,
                    run_id: workflow.run_id,
                }),
                workflow_type: Some(common::WorkflowType { name: workflow.workflow_type }),
                ..Default::default()
            })
        }
        // The kind's fields did not come through the contract; its name is kept where it can be seen.
        FailureKind::Other(name) => {
            FailureInfo::ApplicationFailureInfo(proto::ApplicationFailureInfo { r#type: name, ..Default::default() })
        }
    }
}

fn application(fields: ApplicationFailure) -> proto::ApplicationFailureInfo {
    proto::ApplicationFailureInfo {
        r#type: fields.failure_type,
        non_retryable: fields.non_retryable,
        details: some_payloads(fields.details),
        next_retry_delay: fields.next_retry_delay.and_then(|delay| delay.try_into().ok()),
        category: match fields.category {
            FailureCategory::Unspecified => enums::ApplicationErrorCategory::Unspecified,
            FailureCategory::Benign => enums::ApplicationErrorCategory::Benign,
        }
        .into(),
    }
}

fn timeout_type(timeout: TimeoutType) -> enums::TimeoutType {
    match timeout {
        TimeoutType::Unspecified => enums::TimeoutType::Unspecified,
        TimeoutType::StartToClose => enums::TimeoutType::StartToClose,
        TimeoutType::ScheduleToStart => enums::TimeoutType::ScheduleToStart,
        TimeoutType::ScheduleToClose => enums::TimeoutType::ScheduleToClose,
        TimeoutType::Heartbeat => enums::TimeoutType::Heartbeat,
    }
}

fn cut(mut text: String) -> String {
    if MAX_TEXT < text.len() {
        text.truncate(text.floor_char_boundary(MAX_TEXT - CUT.len()));
        text.push_str(CUT);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;

    use super::*;

    fn failed(failure: Failure) -> proto::Failure {
        match result(Report::Failed(Box::new(failure))).status {
            Some(Status::Failed(failed)) => failed.failure.unwrap(),
            other => panic!("not a failure: {other:?}"),
        }
    }

    #[test]
    fn an_application_failure_keeps_every_field() {
        let fields = ApplicationFailure {
            failure_type: "Mine".to_owned(),
            non_retryable: true,
            details: vec![Payload::json("1")],
            next_retry_delay: Some(Duration::from_secs(7)),
            category: FailureCategory::Benign,
        };
        let failure = failed(Failure::new("m", FailureKind::Application(fields)));
        assert_eq!((failure.message.as_str(), failure.source.as_str()), ("m", "Isolet"));
        let Some(FailureInfo::ApplicationFailureInfo(info)) = failure.failure_info else { panic!("another kind") };
        assert_eq!((info.r#type.as_str(), info.non_retryable), ("Mine", true));
        assert_eq!(info.next_retry_delay.unwrap().seconds, 7);
        assert_eq!(info.category(), enums::ApplicationErrorCategory::Benign);
        let details = info.details.unwrap().payloads;
        assert_eq!(
            (details[0].data.as_slice(), details[0].metadata["encoding"].as_slice()),
            (b"1".as_slice(), b"json/plain".as_slice())
        );
    }

    #[test]
    fn a_text_beyond_the_limit_is_cut_between_characters() {
        let failure = failed(Failure::application("T", "é".repeat(MAX_TEXT)));
        assert!(failure.message.len() <= MAX_TEXT && failure.message.ends_with(CUT));
        let exact = failed(Failure::application("T", "x".repeat(MAX_TEXT)));
        assert_eq!(exact.message.len(), MAX_TEXT);
    }

    #[test]
    fn a_chain_beyond_the_limit_is_cut() {
        let mut chain = Failure::application("T", "m");
        for _ in 0..100 {
            chain = Failure { cause: Some(Box::new(chain)), ..Failure::application("T", "m") };
        }
        let mut length = 1;
        let mut failure = failed(chain);
        while let Some(cause) = failure.cause {
            (length, failure) = (length + 1, *cause);
        }
        assert_eq!(length, MAX_CHAIN);
    }

    #[test]
    fn what_is_abandoned_says_nothing_to_the_server() {
        assert!(matches!(result(Report::Abandoned).status, Some(Status::WillCompleteAsync(_))));
    }

    #[test]
    fn a_cancellation_is_of_the_kind_that_core_expects() {
        let Some(Status::Cancelled(cancelled)) = result(Report::Cancelled(vec![Payload::json("1")])).status else {
            panic!("not cancelled")
        };
        let Some(FailureInfo::CanceledFailureInfo(info)) = cancelled.failure.unwrap().failure_info else {
            panic!("another kind")
        };
        assert_eq!(info.details.unwrap().payloads.len(), 1);
    }
}
