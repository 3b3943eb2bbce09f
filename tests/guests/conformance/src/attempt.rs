//! What an attempt knows and tells.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use isolet_sdk::{ActivityContext, ActivityError, Level, RawValue, activity};
use serde_json::{Value, json};

/// Leaves the completion to somebody else, whom it tells its task token in a log line.
#[activity]
pub(crate) fn complete_async(context: &ActivityContext) -> Result<(), ActivityError> {
    context.log_with(Level::Info, "completing elsewhere", &[("task_token", &context.info().task_token)]);
    Err(ActivityError::WillCompleteAsync)
}

/// All that is known about the attempt: times as seconds since the epoch, durations as seconds, the token as bytes.
#[activity]
pub(crate) fn info(context: &ActivityContext) -> Value {
    let info = context.info();
    let workflow = info.workflow.as_ref().map(|workflow| {
        json!({
            "namespace": workflow.namespace,
            "workflow_id": workflow.workflow_id,
            "run_id": workflow.run_id,
            "workflow_type": workflow.workflow_type,
        })
    });
    let retry_policy = info.retry_policy.as_ref().map(|policy| {
        json!({
            "initial_interval": policy.initial_interval.map(seconds),
            "backoff_coefficient": policy.backoff_coefficient,
            "maximum_interval": policy.maximum_interval.map(seconds),
            "maximum_attempts": policy.maximum_attempts,
            "non_retryable_error_types": policy.non_retryable_error_types,
        })
    });
    json!({
        "activity_id": info.activity_id,
        "activity_run_id": info.activity_run_id,
        "activity_type": info.activity_type,
        "attempt": info.attempt,
        "namespace": info.namespace,
        "task_queue": info.task_queue,
        "task_token": info.task_token,
        "workflow": workflow,
        "is_local": info.is_local,
        "scheduled_time": since_epoch(info.scheduled_time),
        "current_attempt_scheduled_time": since_epoch(info.current_attempt_scheduled_time),
        "started_time": since_epoch(info.started_time),
        "schedule_to_close_timeout": info.schedule_to_close_timeout.map(seconds),
        "start_to_close_timeout": info.start_to_close_timeout.map(seconds),
        "heartbeat_timeout": info.heartbeat_timeout.map(seconds),
        "deadline": info.deadline.map(since_epoch),
        "heartbeat_details": info.heartbeat_details.iter().map(text).collect::<Vec<_>>(),
        "retry_policy": retry_policy,
        "priority": {
            "priority_key": info.priority.priority_key,
            "fairness_key": info.priority.fairness_key,
            "fairness_weight": info.priority.fairness_weight,
        },
        "headers": info.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect::<Value>(),
    })
}

/// What all attempts share, and what it is made of: the workflow's id, if one called, and the run's.
#[activity]
pub(crate) fn idempotency_key(context: &ActivityContext) -> Value {
    let info = context.info();
    let workflow = info.workflow.as_ref();
    let run_id = workflow.map_or(info.activity_run_id.as_deref(), |workflow| Some(&workflow.run_id));
    json!([context.idempotency_key(), workflow.map(|workflow| &workflow.workflow_id), run_id])
}

/// One line at each level with the fields `text`, `number` and `activity_id`, which is the host's; then one line on
/// standard output and one on standard error.
#[activity]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what the test is about")]
pub(crate) fn log_lines(context: &ActivityContext, text: String) {
    let levels = [
        (Level::Trace, "trace line"),
        (Level::Debug, "debug line"),
        (Level::Info, "info line"),
        (Level::Warn, "warn line"),
        (Level::Error, "error line"),
    ];
    for (level, message) in levels {
        context.log_with(level, message, &[("text", &text), ("number", &42), ("activity_id", &"forged")]);
    }
    println!("output line");
    eprintln!("error output line");
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn since_epoch(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(-1.0, seconds)
}

fn text(value: &RawValue) -> Value {
    String::from_utf8_lossy(&value.data).into()
}
