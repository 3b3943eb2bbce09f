//! Between the contract's types and the host's. Total in both directions: what a guest sends has a meaning, however odd.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use activity::{
    ActivityName, ApplicationFailure, Failure, FailureCategory, FailureKind, Info, Level, LogRecord, Outcome, Payload,
    RetryPolicy, TimeoutFailure, TimeoutType, WorkflowExecution,
};
use serde::de::IgnoredAny;

use crate::{
    bindings::{
        exports::isolet::activity::handler,
        isolet::activity::{cancellation, info, log, types},
    },
    outlet::truncate,
    size::Size,
};

/// Fields of one log line: each is parsed, and shown.
const MOST_FIELDS: usize = 64;

/// How many failures of a chain are kept.
const LONGEST_CHAIN: usize = 32;

/// The names that a component says its activities have, and whether each may be interrupted.
pub fn activity_names(definitions: Vec<handler::ActivityDefinition>) -> Vec<(ActivityName, bool)> {
    let name = |name| match name {
        handler::ActivityName::Named(name) => ActivityName::Named(name),
        handler::ActivityName::Dynamic => ActivityName::Dynamic,
    };
    definitions.into_iter().map(|definition| (name(definition.name), definition.interruptible)).collect()
}

/// What a guest returned, and what of it counts towards the limit on results: its bytes, and its elements where they are
/// many.
pub fn outcome_from_guest(outcome: handler::Outcome) -> (Outcome, usize) {
    match outcome {
        handler::Outcome::Completed(output) => {
            let output = output.map(payload_from_guest);
            let size = Size::of_payloads(&output);
            (Outcome::Completed(output), size)
        }
        handler::Outcome::Failed(chain) => {
            let failure = failure_from_guest(chain);
            let size = Size::of_failure(&failure);
            (Outcome::Failed(failure), size)
        }
        handler::Outcome::Cancelled(details) => {
            let details = payloads_from_guest(details);
            let size = Size::of_payloads(&details);
            (Outcome::Cancelled(details), size)
        }
        handler::Outcome::WillCompleteAsync => (Outcome::WillCompleteAsync, 0),
    }
}

/// Payloads as a guest takes them.
pub fn payloads_to_guest(payloads: Vec<Payload>) -> Vec<types::Payload> {
    payloads.into_iter().map(payload_to_guest).collect()
}

pub(crate) fn payload_to_guest(payload: Payload) -> types::Payload {
    let metadata = payload.metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    types::Payload { metadata, data: payload.data.into() }
}

pub(crate) fn payloads_from_guest(payloads: Vec<types::Payload>) -> Vec<Payload> {
    payloads.into_iter().map(payload_from_guest).collect()
}

pub(crate) fn payload_from_guest(payload: types::Payload) -> Payload {
    let metadata = payload.metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    Payload { metadata, data: payload.data.into() }
}

pub(crate) fn duration_from_guest(duration: types::Duration) -> Duration {
    Duration::new(duration.seconds, duration.nanoseconds.min(999_999_999))
}

pub(crate) fn duration_to_guest(duration: Duration) -> types::Duration {
    types::Duration { seconds: duration.as_secs(), nanoseconds: duration.subsec_nanos() }
}

pub(crate) fn timestamp_to_guest(time: SystemTime) -> types::Timestamp {
    let (seconds, nanoseconds) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).map_or(i64::MIN, |seconds| -seconds);
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanoseconds => (seconds.saturating_sub(1), 1_000_000_000 - nanoseconds),
            }
        }
    };
    types::Timestamp { seconds, nanoseconds }
}

pub(crate) fn info_to_guest(info: &Info) -> info::ActivityInfo {
    info::ActivityInfo {
        activity_id: info.activity_id.clone(),
        activity_run_id: info.activity_run_id.clone(),
        activity_type: info.activity_type.clone(),
        attempt: info.attempt,
        namespace: info.namespace.clone(),
        task_queue: info.task_queue.clone(),
        task_token: info.task_token.to_vec(),
        workflow: info.workflow.as_ref().map(|workflow| info::WorkflowExecution {
            namespace: workflow.namespace.clone(),
            workflow_id: workflow.workflow_id.clone(),
            run_id: workflow.run_id.clone(),
            workflow_type: workflow.workflow_type.clone(),
        }),
        is_local: info.is_local,
        scheduled_time: timestamp_to_guest(info.scheduled_time),
        current_attempt_scheduled_time: timestamp_to_guest(info.current_attempt_scheduled_time),
        started_time: timestamp_to_guest(info.started_time),
        schedule_to_close_timeout: info.schedule_to_close_timeout.map(duration_to_guest),
        start_to_close_timeout: info.start_to_close_timeout.map(duration_to_guest),
        heartbeat_timeout: info.heartbeat_timeout.map(duration_to_guest),
        deadline: info.deadline.map(timestamp_to_guest),
        heartbeat_details: payloads_to_guest(info.heartbeat_details.clone()),
        retry_policy: info.retry_policy.as_ref().map(retry_policy_to_guest),
        priority: types::Priority {
            priority_key: info.priority.priority_key,
            fairness_key: info.priority.fairness_key.clone(),
            fairness_weight: info.priority.fairness_weight,
        },
        headers: info.headers.iter().map(|(name, value)| (name.clone(), payload_to_guest(value.clone()))).collect(),
    }
}

fn retry_policy_to_guest(policy: &RetryPolicy) -> types::RetryPolicy {
    types::RetryPolicy {
        initial_interval: policy.initial_interval.map(duration_to_guest),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: policy.maximum_interval.map(duration_to_guest),
        maximum_attempts: policy.maximum_attempts,
        non_retryable_error_types: policy.non_retryable_error_types.clone(),
    }
}

pub(crate) fn cancellation_details_to_guest(
    details: activity::CancellationDetails,
) -> cancellation::CancellationDetails {
    use cancellation::CancellationDetails as Details;
    [
        (details.contains(activity::CancellationDetails::NOT_FOUND), Details::NOT_FOUND),
        (details.contains(activity::CancellationDetails::CANCEL_REQUESTED), Details::CANCEL_REQUESTED),
        (details.contains(activity::CancellationDetails::PAUSED), Details::PAUSED),
        (details.contains(activity::CancellationDetails::RESET), Details::RESET),
        (details.contains(activity::CancellationDetails::TIMED_OUT), Details::TIMED_OUT),
        (details.contains(activity::CancellationDetails::WORKER_SHUTDOWN), Details::WORKER_SHUTDOWN),
    ]
    .into_iter()
    .fold(Details::empty(), |all, (set, flag)| if set { all | flag } else { all })
}

pub(crate) fn level_from_guest(level: log::Level) -> Level {
    match level {
        log::Level::Trace => Level::Trace,
        log::Level::Debug => Level::Debug,
        log::Level::Info => Level::Info,
        log::Level::Warn => Level::Warn,
        log::Level::Error => Level::Error,
    }
}

/// A line cut to `limit` bytes and [`MOST_FIELDS`] fields, before anything is made of it: the text is worth more than
/// the fields, and of those the first more than the last. Fields whose name `is_reserved` are not the guest's.
pub(crate) fn log_record_from_guest(
    record: log::LogRecord,
    limit: usize,
    is_reserved: impl Fn(&str) -> bool,
) -> LogRecord {
    let log::LogRecord { level, mut logger, mut message, fields } = record;
    truncate(&mut logger, limit);
    let mut left = limit - logger.len();
    truncate(&mut message, left);
    left -= message.len();
    let mut cut = LogRecord::new(level_from_guest(level), logger, message);
    for (name, value) in fields.into_iter().filter(|(name, _)| !is_reserved(name)) {
        let size = name.len() + value.len();
        if left < size || cut.fields.len() == MOST_FIELDS {
            cut.fields_left_out += 1;
            continue;
        }
        left -= size;
        cut.fields.push((name, json_text(value)));
    }
    cut
}

/// A value that is not JSON counts as a string.
fn json_text(value: String) -> String {
    match serde_json::from_str::<IgnoredAny>(&value) {
        Ok(_) => value,
        Err(_) => serde_json::Value::String(value).to_string(),
    }
}

/// A chain as nested failures: the first, with the others as its causes.
pub(crate) fn failure_from_guest(mut chain: types::FailureChain) -> Failure {
    chain.truncate(LONGEST_CHAIN);
    let nest = |cause: Option<Box<Failure>>, failure| Some(Box::new(Failure { cause, ..link_from_guest(failure) }));
    let nested = chain.into_iter().rev().fold(None, nest);
    nested.map_or_else(|| Failure::application("", ""), |failure| *failure)
}

fn link_from_guest(failure: types::Failure) -> Failure {
    Failure {
        message: failure.message,
        stack_trace: failure.stack_trace,
        kind: failure_kind_from_guest(failure.kind),
        encoded_attributes: failure.encoded_attributes.map(payload_from_guest),
        cause: None,
    }
}

fn failure_kind_from_guest(kind: types::FailureKind) -> FailureKind {
    match kind {
        types::FailureKind::Application(fields) => FailureKind::Application(ApplicationFailure {
            failure_type: fields.type_,
            non_retryable: fields.non_retryable,
            details: payloads_from_guest(fields.details),
            next_retry_delay: fields.next_retry_delay.map(duration_from_guest),
            category: match fields.category {
                types::FailureCategory::Unspecified => FailureCategory::Unspecified,
                types::FailureCategory::Benign => FailureCategory::Benign,
            },
        }),
        types::FailureKind::Cancelled(details) => FailureKind::Cancelled(payloads_from_guest(details)),
        types::FailureKind::Timeout(fields) => FailureKind::Timeout(TimeoutFailure {
            timeout_type: match fields.timeout_type {
                types::TimeoutType::Unspecified => TimeoutType::Unspecified,
                types::TimeoutType::StartToClose => TimeoutType::StartToClose,
                types::TimeoutType::ScheduleToStart => TimeoutType::ScheduleToStart,
                types::TimeoutType::ScheduleToClose => TimeoutType::ScheduleToClose,
                types::TimeoutType::Heartbeat => TimeoutType::Heartbeat,
            },
            last_heartbeat_details: payloads_from_guest(fields.last_heartbeat_details),
        }),
        types::FailureKind::Terminated => FailureKind::Terminated,
        types::FailureKind::Server(non_retryable) => FailureKind::Server { non_retryable },
        types::FailureKind::Activity(fields) => FailureKind::Activity {
            activity_type: fields.activity_type,
            activity_id: fields.activity_id,
            identity: fields.identity,
        },
        types::FailureKind::ChildWorkflow(fields) => FailureKind::ChildWorkflow {
            workflow: WorkflowExecution {
                namespace: fields.namespace,
                workflow_id: fields.workflow_id,
                run_id: fields.run_id,
                workflow_type: fields.workflow_type,
            },
        },
        types::FailureKind::Other(name) => FailureKind::Other(name),
    }
}

#[cfg(test)]
mod tests;
