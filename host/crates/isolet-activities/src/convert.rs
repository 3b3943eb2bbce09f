//! The SDK's values ↔ the engine's.

use std::{collections::HashMap, time::SystemTime};

use activity::{
    ApplicationFailure, Failure, FailureCategory, FailureKind, Info, Payload, Priority, Report, RetryPolicy,
    WorkflowExecution,
};
use bytes::Bytes;
use temporalio_common::{
    data_converters::RawValue,
    error::{ApplicationErrorCategory, ApplicationFailure as SdkFailure, IncomingError},
    protos::temporal::api::{
        common::v1,
        enums::v1 as enums,
        failure::v1::{self as proto, failure::FailureInfo},
    },
};
use temporalio_sdk::activities::{ActivityContext, ActivityError};

/// What an attempt is told of itself: all that the SDK knows of it.
pub(crate) fn info(context: &ActivityContext) -> Info {
    let info = context.info();
    let started_time = info.started_time.unwrap_or_else(SystemTime::now);
    let scheduled_time = info.scheduled_time.unwrap_or(started_time);
    Info {
        activity_id: info.activity_id.clone(),
        activity_run_id: info.activity_run_id.clone(),
        activity_type: info.activity_type.clone(),
        attempt: info.attempt,
        namespace: info.namespace.clone(),
        task_queue: info.task_queue.clone(),
        task_token: info.task_token.clone().into(),
        workflow: info.workflow_id.as_ref().map(|id| WorkflowExecution {
            namespace: info.namespace.clone(),
            workflow_id: id.clone(),
            run_id: info.workflow_run_id.clone().unwrap_or_default(),
            workflow_type: info.workflow_type.clone().unwrap_or_default(),
        }),
        is_local: info.is_local,
        scheduled_time,
        current_attempt_scheduled_time: info.current_attempt_scheduled_time.unwrap_or(scheduled_time),
        started_time,
        // The SDK tells what they come to, which is the deadline.
        schedule_to_close_timeout: None,
        start_to_close_timeout: None,
        heartbeat_timeout: info.heartbeat_timeout.filter(|timeout| !timeout.is_zero()),
        deadline: info.deadline,
        heartbeat_details: context.heartbeat_details().raw().iter().cloned().map(payload_from_sdk).collect(),
        retry_policy: info.retry_policy.as_ref().map(|policy| RetryPolicy {
            initial_interval: Some(policy.initial_interval()).filter(|interval| !interval.is_zero()),
            backoff_coefficient: policy.backoff_coefficient(),
            maximum_interval: policy.maximum_interval(),
            maximum_attempts: policy.maximum_attempts(),
            non_retryable_error_types: policy.non_retryable_error_types().to_vec(),
        }),
        priority: Priority {
            priority_key: info.priority.priority_key,
            fairness_key: info.priority.fairness_key.clone(),
            fairness_weight: info.priority.fairness_weight,
        },
        headers: headers(context.headers()),
        trace: None,
    }
}

fn headers(fields: &HashMap<String, v1::Payload>) -> Vec<(String, Payload)> {
    let mut headers: Vec<_> =
        fields.iter().map(|(name, value)| (name.clone(), payload_from_sdk(value.clone()))).collect();
    headers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    headers
}

pub(crate) fn payload_from_sdk(payload: v1::Payload) -> Payload {
    let mut metadata: Vec<_> = payload.metadata.into_iter().map(|(key, value)| (key, Bytes::from(value))).collect();
    // A map has no order, and what a guest sees should not change from run to run.
    metadata.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Payload { metadata, data: payload.data.into() }
}

pub(crate) fn payload_to_sdk(payload: Payload) -> v1::Payload {
    let metadata = payload.metadata.into_iter().map(|(key, value)| (key, value.to_vec())).collect();
    v1::Payload { metadata, data: payload.data.to_vec(), ..v1::Payload::default() }
}

fn raw(payloads: Vec<Payload>) -> RawValue {
    RawValue::new(payloads.into_iter().map(payload_to_sdk).collect())
}

/// What the SDK reports.
pub(crate) fn report(report: Report) -> Result<RawValue, ActivityError> {
    match report {
        Report::Completed(payload) => Ok(raw(vec![payload])),
        Report::Failed(failure) => Err(ActivityError::application(failure_to_sdk(*failure))),
        Report::Cancelled(details) if details.is_empty() => Err(ActivityError::cancelled()),
        Report::Cancelled(details) => Err(ActivityError::cancelled_with_details(raw(details))),
        Report::WillCompleteAsync => Err(ActivityError::WillCompleteAsync),
        // Nobody listens to an attempt whose time is over: the server's word is the outcome.
        Report::TimedOut | Report::Abandoned => Err(ActivityError::cancelled()),
    }
}

fn failure_to_sdk(failure: Failure) -> SdkFailure {
    let fields = match failure.kind {
        FailureKind::Application(fields) => fields,
        // What is reported is always of that kind.
        _ => ApplicationFailure::default(),
    };
    let cause = failure.cause.map(|cause| Box::new(cause_to_sdk(*cause)));
    let details = (!fields.details.is_empty()).then(|| raw(fields.details));
    SdkFailure::builder(failure.message)
        .maybe_type_name((!fields.failure_type.is_empty()).then_some(fields.failure_type))
        .non_retryable(fields.non_retryable)
        .maybe_next_retry_delay(fields.next_retry_delay)
        .category(match fields.category {
            FailureCategory::Unspecified => ApplicationErrorCategory::Unspecified,
            FailureCategory::Benign => ApplicationErrorCategory::Benign,
        })
        .maybe_details(details)
        .maybe_cause(cause)
        .build()
}

/// A cause, as if it had been received: only of what was received the SDK passes on everything.
fn cause_to_sdk(cause: Failure) -> IncomingError {
    let message = cause.message.clone();
    IncomingError::Application(SdkFailure::builder(message).failure(cause_to_proto(cause)).build())
}

fn cause_to_proto(cause: Failure) -> proto::Failure {
    proto::Failure {
        message: cause.message,
        stack_trace: cause.stack_trace,
        cause: cause.cause.map(|cause| Box::new(cause_to_proto(*cause))),
        failure_info: Some(match cause.kind {
            FailureKind::Application(fields) => FailureInfo::ApplicationFailureInfo(proto::ApplicationFailureInfo {
                r#type: fields.failure_type,
                non_retryable: fields.non_retryable,
                details: some_payloads(fields.details),
                next_retry_delay: fields.next_retry_delay.and_then(|delay| delay.try_into().ok()),
                category: match fields.category {
                    FailureCategory::Unspecified => enums::ApplicationErrorCategory::Unspecified,
                    FailureCategory::Benign => enums::ApplicationErrorCategory::Benign,
                }
                .into(),
            }),
            FailureKind::Cancelled(details) => FailureInfo::CanceledFailureInfo(proto::CanceledFailureInfo {
                details: some_payloads(details),
                ..Default::default()
            }),
            FailureKind::Terminated => FailureInfo::TerminatedFailureInfo(proto::TerminatedFailureInfo::default()),
            // Without a client a guest has met none of these; what it made up is told as what it is.
            _ => FailureInfo::ApplicationFailureInfo(proto::ApplicationFailureInfo::default()),
        }),
        ..Default::default()
    }
}

fn some_payloads(payloads: Vec<Payload>) -> Option<v1::Payloads> {
    let payloads: Vec<_> = payloads.into_iter().map(payload_to_sdk).collect();
    (!payloads.is_empty()).then_some(v1::Payloads { payloads })
}
