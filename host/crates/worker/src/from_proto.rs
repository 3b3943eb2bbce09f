//! From core's messages to the vocabulary. What is moved is not copied.

use std::time::{Duration, SystemTime};

use activity::{CancellationDetails, Info, Payload, Priority, RetryPolicy, WorkflowExecution};
use bytes::Bytes;
use temporalio_common::protos::{
    coresdk::activity_task::{ActivityCancelReason, Cancel, Start},
    temporal::api::common::v1,
};

use crate::source::Leased;

/// A task leased by the worker on `namespace` and `task_queue`.
pub(crate) fn leased(task_token: Bytes, start: Start, namespace: &str, task_queue: &str) -> Leased {
    let schedule_to_close_timeout = start.schedule_to_close_timeout.and_then(timeout);
    let start_to_close_timeout = start.start_to_close_timeout.and_then(timeout);
    let started_time = start.started_time.map_or_else(SystemTime::now, time);
    let scheduled_time = start.scheduled_time.map_or(started_time, time);
    let current_attempt_scheduled_time = start.current_attempt_scheduled_time.map_or(scheduled_time, time);
    let workflow = start.workflow_execution.filter(|execution| !execution.workflow_id.is_empty());
    let is_standalone = workflow.is_none();
    // A standalone activity's start delay is not told, though schedule-to-close runs from its end: that is when the
    // first attempt was scheduled, and not known later. There start-to-close bounds the attempt, which the server
    // never leaves longer than schedule-to-close; too early a deadline would stop an attempt that may go on.
    let schedule_to_close_from = match (is_standalone, start.attempt) {
        (false, _) => Some(scheduled_time),
        (true, 0 | 1) => Some(current_attempt_scheduled_time),
        (true, _) => None,
    };
    let deadline = [
        schedule_to_close_from.zip(schedule_to_close_timeout).and_then(|(from, timeout)| from.checked_add(timeout)),
        start_to_close_timeout.and_then(|timeout| started_time.checked_add(timeout)),
    ];
    let namespace = if start.workflow_namespace.is_empty() { namespace.to_owned() } else { start.workflow_namespace };
    let info = Info {
        activity_id: start.activity_id,
        activity_run_id: (is_standalone && !start.run_id.is_empty()).then_some(start.run_id),
        activity_type: start.activity_type,
        attempt: start.attempt,
        task_queue: task_queue.to_owned(),
        task_token,
        workflow: workflow.map(|execution| WorkflowExecution {
            namespace: namespace.clone(),
            workflow_id: execution.workflow_id,
            run_id: execution.run_id,
            workflow_type: start.workflow_type,
        }),
        namespace,
        is_local: start.is_local,
        scheduled_time,
        current_attempt_scheduled_time,
        started_time,
        schedule_to_close_timeout,
        start_to_close_timeout,
        heartbeat_timeout: start.heartbeat_timeout.and_then(timeout),
        deadline: deadline.into_iter().flatten().min(),
        heartbeat_details: start.heartbeat_details.into_iter().map(payload).collect(),
        retry_policy: start.retry_policy.map(retry_policy),
        priority: start.priority.map(priority).unwrap_or_default(),
        headers: headers(start.header_fields),
        trace: None,
    };
    Leased { info, input: start.input.into_iter().map(payload).collect() }
}

/// Why a task is cancelled. Core sets the details; the single reason stands in when it does not.
pub(crate) fn cancellation_details(cancel: Cancel) -> CancellationDetails {
    match cancel.details {
        Some(details) => CancellationDetails::from_flags([
            (details.is_not_found, CancellationDetails::NOT_FOUND),
            (details.is_cancelled, CancellationDetails::CANCEL_REQUESTED),
            (details.is_paused, CancellationDetails::PAUSED),
            (details.is_reset, CancellationDetails::RESET),
            (details.is_timed_out, CancellationDetails::TIMED_OUT),
            (details.is_worker_shutdown, CancellationDetails::WORKER_SHUTDOWN),
        ]),
        None => match cancel.reason() {
            ActivityCancelReason::NotFound => CancellationDetails::NOT_FOUND,
            ActivityCancelReason::Cancelled => CancellationDetails::CANCEL_REQUESTED,
            ActivityCancelReason::TimedOut => CancellationDetails::TIMED_OUT,
            ActivityCancelReason::WorkerShutdown => CancellationDetails::WORKER_SHUTDOWN,
            ActivityCancelReason::Paused => CancellationDetails::PAUSED,
            ActivityCancelReason::Reset => CancellationDetails::RESET,
        },
    }
}

/// A payload.
pub(crate) fn payload(payload: v1::Payload) -> Payload {
    let mut metadata: Vec<_> = payload.metadata.into_iter().map(|(key, value)| (key, Bytes::from(value))).collect();
    // A map has no order, and what a guest sees should not change from run to run.
    metadata.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Payload { metadata, data: payload.data.into() }
}

fn headers(fields: std::collections::HashMap<String, v1::Payload>) -> Vec<(String, Payload)> {
    let mut headers: Vec<_> = fields.into_iter().map(|(name, value)| (name, payload(value))).collect();
    headers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    headers
}

fn retry_policy(policy: v1::RetryPolicy) -> RetryPolicy {
    RetryPolicy {
        initial_interval: policy.initial_interval.and_then(timeout),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: policy.maximum_interval.and_then(timeout),
        maximum_attempts: policy.maximum_attempts.try_into().unwrap_or_default(),
        non_retryable_error_types: policy.non_retryable_error_types,
    }
}

fn priority(priority: v1::Priority) -> Priority {
    Priority {
        priority_key: u32::try_from(priority.priority_key).ok().filter(|key| *key != 0),
        fairness_key: Some(priority.fairness_key).filter(|key| !key.is_empty()),
        fairness_weight: Some(priority.fairness_weight).filter(|weight| *weight != 0.0),
    }
}

/// Payloads; none when there are none.
pub(crate) fn payloads(payloads: Option<v1::Payloads>) -> Vec<Payload> {
    payloads.map(|list| list.payloads).unwrap_or_default().into_iter().map(payload).collect()
}

/// A duration; `None` when it is zero, which is how the server says that there is no limit.
pub(crate) fn timeout(duration: impl TryInto<Duration>) -> Option<Duration> {
    duration.try_into().ok().filter(|duration| !duration.is_zero())
}

/// A moment; the nearest that the system's clock can hold.
pub(crate) fn time(timestamp: impl TryInto<SystemTime>) -> SystemTime {
    timestamp.try_into().unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
