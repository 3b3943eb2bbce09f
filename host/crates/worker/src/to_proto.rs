//! From the vocabulary to Temporal's messages. What is moved is not copied.

use activity::{
    ApplicationFailure, Failure, FailureCategory, FailureKind, Payload, Report, SandboxFailure, SandboxFailureKind,
    TimeoutType,
};
use prost::Message as _;
use temporalio_common::protos::temporal::api::{
    common::v1 as common,
    enums::v1 as enums,
    failure::v1::{self as proto, failure::FailureInfo},
};

use crate::codec::{bounded, cut};

/// A failure for the server, in at most `limit` bytes: of an attempt that the component with this digest ran.
pub(crate) fn fitted_failure(failure: Failure, digest: Option<&str>, limit: usize) -> proto::Failure {
    let mut failure = whole_failure(failure);
    if let Some(digest) = digest {
        failure.source = format!("{SOURCE} sha256:{digest}");
    }
    fitted(failure, limit)
}

/// Whether a failure is an expected one, which counts nowhere.
pub(crate) fn is_benign(failure: &proto::Failure) -> bool {
    let benign = enums::ApplicationErrorCategory::Benign;
    matches!(&failure.failure_info, Some(FailureInfo::ApplicationFailureInfo(info)) if info.category() == benign)
}

/// The bytes of payloads, as the server counts them, or a few more.
pub(crate) fn size(payloads: &[Payload]) -> usize {
    let payload = |payload: &Payload| {
        let fields = payload.metadata.iter().map(|(key, value)| key.len() + value.len() + MAP_ENTRY);
        fields.sum::<usize>() + payload.data.len() + MESSAGE
    };
    payloads.iter().map(payload).sum()
}

/// A report whose payloads have at most `limit` bytes, as the server counts them. Details of a cancellation that have
/// more are left out.
///
/// # Errors
/// When its result has more: with the failure to report instead.
pub(crate) fn admit(report: Report, limit: usize) -> Result<Report, Box<Failure>> {
    match report {
        Report::Completed(output) if limit < size(std::slice::from_ref(&output)) => {
            let message = format!(
                "the result has {} bytes as it would be sent, and the namespace takes {limit}: return less, or store it \
                 elsewhere and return where",
                size(&[output])
            );
            Err(Box::new(SandboxFailure::new(SandboxFailureKind::OutputLimit, message).into()))
        }
        Report::Cancelled(details) if limit < size(&details) => Ok(Report::Cancelled(Vec::new())),
        report => Ok(report),
    }
}

/// The most bytes around an entry of the metadata, and around a payload, in the encoded message.
const MAP_ENTRY: usize = 14;
const MESSAGE: usize = 12;

/// Who made a failure.
const SOURCE: &str = "Isolet";

/// Payloads for core.
pub(crate) fn payloads(payloads: Vec<Payload>) -> Vec<common::Payload> {
    payloads.into_iter().map(payload).collect()
}

/// A payload for core.
pub(crate) fn payload(payload: Payload) -> common::Payload {
    common::Payload {
        metadata: payload.metadata.into_iter().map(|(key, value)| (key, value.into())).collect(),
        data: payload.data.into(),
        ..Default::default()
    }
}

/// Payloads for core; `None` for none.
pub(crate) fn some_payloads(list: Vec<Payload>) -> Option<common::Payloads> {
    (!list.is_empty()).then(|| common::Payloads { payloads: payloads(list) })
}

/// A failure for core, as much of it as is reported.
pub(crate) fn whole_failure(failure: Failure) -> proto::Failure {
    self::failure(bounded(failure))
}

fn failure(failure: Failure) -> proto::Failure {
    proto::Failure {
        message: failure.message,
        source: SOURCE.to_owned(),
        stack_trace: failure.stack_trace,
        encoded_attributes: failure.encoded_attributes.map(payload),
        cause: failure.cause.map(|cause| Box::new(self::failure(*cause))),
        failure_info: info(failure.kind),
    }
}

/// `failure` in at most `limit` bytes: without its details, then without its causes, then without its encoded texts, and
/// then with its texts cut, if need be. The server would put an error of its own in the place of one that is too large.
fn fitted(mut failure: proto::Failure, limit: usize) -> proto::Failure {
    if failure.encoded_len() <= limit {
        return failure;
    }
    let mut next = Some(&mut failure);
    while let Some(failure) = next {
        match &mut failure.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => info.details = None,
            Some(FailureInfo::CanceledFailureInfo(info)) => info.details = None,
            Some(FailureInfo::TimeoutFailureInfo(info)) => info.last_heartbeat_details = None,
            _ => {}
        }
        next = failure.cause.as_deref_mut();
    }
    failure.message.push_str(" (its details were left out, because the failure was larger than the server takes)");
    if limit < failure.encoded_len() {
        failure.cause = None;
    }
    if limit < failure.encoded_len() {
        failure.encoded_attributes = None;
    }
    if limit < failure.encoded_len() {
        // A quarter each leaves half for everything else.
        cut(&mut failure.message, limit / 4);
        cut(&mut failure.stack_trace, limit / 4);
    }
    failure
}

fn info(kind: FailureKind) -> Option<FailureInfo> {
    Some(match kind {
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
        // Of no kind, as an error is in TypeScript that another one was caused by.
        FailureKind::Other(name) if name.is_empty() => return None,
        // The kind's fields did not come through the contract; its name is kept where it can be seen.
        FailureKind::Other(name) => {
            FailureInfo::ApplicationFailureInfo(proto::ApplicationFailureInfo { r#type: name, ..Default::default() })
        }
    })
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMIT: usize = 100_000;

    fn failed(failure: Failure) -> proto::Failure {
        fitted_failure(failure, Some("0123"), LIMIT)
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
        assert_eq!((failure.message.as_str(), failure.source.as_str()), ("m", "Isolet sha256:0123"));
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
    fn a_failure_that_is_too_large_loses_details_and_then_causes() {
        let sized = |size: usize| {
            let fields = ApplicationFailure { details: vec![Payload::json(vec![b'1'; size])], ..Default::default() };
            Failure {
                cause: Some(Box::new(Failure::application("C", "c"))),
                ..Failure::new("m", FailureKind::Application(fields))
            }
        };
        assert!(failed(sized(LIMIT / 2)).message == "m");
        let without_details = failed(sized(LIMIT));
        assert!(without_details.message.starts_with("m (its details were left out"), "{}", without_details.message);
        assert!(without_details.cause.is_some() && without_details.encoded_len() < 500);
        let mut long = sized(LIMIT);
        for _ in 0..10 {
            long = Failure { cause: Some(Box::new(long)), ..Failure::application("T", "x".repeat(16_000)) };
        }
        let without_causes = failed(long);
        assert!(without_causes.cause.is_none() && without_causes.encoded_len() < LIMIT);
    }

    #[test]
    fn a_result_that_is_too_large_is_a_failure_and_details_are_left_out() {
        let large = || Payload::json(vec![b'1'; LIMIT]);
        let failure = admit(Report::Completed(large()), LIMIT).unwrap_err();
        assert_eq!(failure.as_application().unwrap().failure_type, "SandboxOutputLimit");
        assert_eq!(admit(Report::Cancelled(vec![large()]), LIMIT), Ok(Report::Cancelled(Vec::new())));
        let small = || Report::Completed(Payload::json(vec![b'1'; LIMIT - 100]));
        assert_eq!(admit(small(), LIMIT), Ok(small()));
    }
}
