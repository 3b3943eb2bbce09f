//! The attempt: what it is, its heartbeats, its log, and being told to stop.

use rquickjs::{Array, Ctx, Function, Object, Result};
use serde_json::{Value as Json, json};

use crate::{
    bytes,
    contract::isolet::activity::{
        cancellation::{self, CancellationDetails, Event},
        heartbeat,
        info::{self, ActivityInfo},
        log::{self, Level, LogRecord},
        types::{Duration, Timestamp},
    },
    event_loop,
    text::Text,
    values,
};

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("info", Function::new(ctx.clone(), give_info)?)?;
    host.set("idempotencyKey", Function::new(ctx.clone(), info::idempotency_key)?)?;
    host.set("heartbeatDetails", Function::new(ctx.clone(), heartbeat_details)?)?;
    host.set("cancellationDetails", Function::new(ctx.clone(), cancellation_details)?)?;
    host.set("isCancelled", Function::new(ctx.clone(), cancellation::is_cancelled)?)?;
    host.set("isWorkerShutdown", Function::new(ctx.clone(), cancellation::is_worker_shutdown)?)?;
    host.set("watchCancellation", Function::new(ctx.clone(), || event_loop::watch(Event::CANCELLED))?)?;
    host.set("watchShutdown", Function::new(ctx.clone(), || event_loop::watch(Event::WORKER_SHUTDOWN))?)?;
    host.set("heartbeat", Function::new(ctx.clone(), record_heartbeat)?)?;
    host.set("heartbeatFailed", Function::new(ctx.clone(), fail_heartbeat)?)?;
    host.set("log", Function::new(ctx.clone(), write_log)?)
}

/// Ends with a kill.
pub(crate) fn wait_for_ever() -> ! {
    loop {
        cancellation::wait(Event::empty(), None);
    }
}

fn give_info<'js>(ctx: Ctx<'js>) -> Result<Object<'js>> {
    let info = info::get();
    let object: Object<'js> = ctx.json_parse(plain(&info).to_string())?.get()?;
    object.set("taskToken", bytes::give(&ctx, &info.task_token)?)?;
    let headers = Object::new(ctx.clone())?;
    for (name, payload) in &info.headers {
        headers.set(name.as_str(), values::give_payload(&ctx, payload)?)?;
    }
    object.set("headers", headers)?;
    Ok(object)
}

/// What the last attempt told with its last heartbeat: every attempt asks, and few for more of the info.
fn heartbeat_details<'js>(ctx: Ctx<'js>) -> Result<Array<'js>> {
    values::give_payloads(&ctx, &info::get().heartbeat_details)
}

/// All but what has bytes in it. Times are milliseconds.
fn plain(info: &ActivityInfo) -> Json {
    let retry_policy = info.retry_policy.as_ref().map(|policy| {
        json!({
            "initialInterval": policy.initial_interval.map(milliseconds),
            "backoffCoefficient": policy.backoff_coefficient,
            "maximumInterval": policy.maximum_interval.map(milliseconds),
            "maximumAttempts": policy.maximum_attempts,
            "nonRetryableErrorTypes": policy.non_retryable_error_types,
        })
    });
    let workflow = info.workflow.as_ref().map(|workflow| {
        json!({
            "namespace": workflow.namespace,
            "workflowId": workflow.workflow_id,
            "runId": workflow.run_id,
            "workflowType": workflow.workflow_type,
        })
    });
    json!({
        "activityId": info.activity_id,
        "activityRunId": info.activity_run_id,
        "activityType": info.activity_type,
        "attempt": info.attempt,
        "namespace": info.namespace,
        "taskQueue": info.task_queue,
        "workflow": workflow,
        "isLocal": info.is_local,
        "scheduledTime": since_epoch(info.scheduled_time),
        "currentAttemptScheduledTime": since_epoch(info.current_attempt_scheduled_time),
        "startedTime": since_epoch(info.started_time),
        "scheduleToCloseTimeout": info.schedule_to_close_timeout.map(milliseconds),
        "startToCloseTimeout": info.start_to_close_timeout.map(milliseconds),
        "heartbeatTimeout": info.heartbeat_timeout.map(milliseconds),
        "deadline": info.deadline.map(since_epoch),
        "retryPolicy": retry_policy,
        "priority": {
            "priorityKey": info.priority.priority_key,
            "fairnessKey": info.priority.fairness_key,
            "fairnessWeight": info.priority.fairness_weight,
        },
    })
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript has no other numbers for it")]
fn milliseconds(duration: Duration) -> f64 {
    duration.seconds as f64 * 1e3 + f64::from(duration.nanoseconds) / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript has no other numbers for it")]
fn since_epoch(time: Timestamp) -> f64 {
    time.seconds as f64 * 1e3 + f64::from(time.nanoseconds) / 1e6
}

fn cancellation_details<'js>(ctx: Ctx<'js>) -> Result<Option<Object<'js>>> {
    let Some(details) = cancellation::details() else { return Ok(None) };
    let object = Object::new(ctx)?;
    let names = [
        ("notFound", CancellationDetails::NOT_FOUND),
        ("cancelRequested", CancellationDetails::CANCEL_REQUESTED),
        ("paused", CancellationDetails::PAUSED),
        ("timedOut", CancellationDetails::TIMED_OUT),
        ("workerShutdown", CancellationDetails::WORKER_SHUTDOWN),
        ("reset", CancellationDetails::RESET),
    ];
    for (name, flag) in names {
        object.set(name, details.contains(flag))?;
    }
    Ok(Some(object))
}

fn record_heartbeat(details: Array<'_>) -> Result<()> {
    heartbeat::record(&values::take_payloads(&details)?);
    Ok(())
}

fn fail_heartbeat(failures: Array<'_>) -> Result<()> {
    heartbeat::record_failed(&values::failures(&failures)?);
    Ok(())
}

/// A line with its fields, as pairs of names and JSON. What would not be kept is not looked at.
fn write_log(level: Text, logger: Text, message: Text, fields: Array<'_>) -> Result<()> {
    let level = match level.0.as_str() {
        "TRACE" => Level::Trace,
        "DEBUG" => Level::Debug,
        "WARN" => Level::Warn,
        "ERROR" => Level::Error,
        _ => Level::Info,
    };
    if log::enabled(level) {
        let fields = fields.iter::<Array<'_>>().map(|pair| {
            let pair = pair?;
            Ok((pair.get::<Text>(0)?.0, pair.get::<Text>(1)?.0))
        });
        let fields = fields.collect::<Result<Vec<_>>>()?;
        log::write(&LogRecord { level, logger: logger.0, message: message.0, fields });
    }
    Ok(())
}
