//! The span of an attempt.

use std::time::SystemTime;

use activity::{About, Failure, FailureCategory, FailureKind, Reported, Trace, Usage};
use opentelemetry::{
    KeyValue,
    trace::{Event, SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents};

use super::{Finished, Made, name};

pub(super) fn span(
    about: About<'_>,
    trace: &Trace,
    tenant: &str,
    finished: &Finished<'_>,
    ended: SystemTime,
) -> SpanData {
    let mut attributes = who(about, tenant);
    attributes.extend(how(finished));
    let mut events = SpanEvents::default();
    let status = match finished.reported {
        Reported::Completed | Reported::Cancelled | Reported::WillCompleteAsync => Status::Unset,
        Reported::Failed(failure) => {
            events.events.push(exception(failure, ended));
            failed(failure, &mut attributes)
        }
        Reported::TimedOut | Reported::Abandoned | Reported::Unreported { .. } => {
            attributes.push(KeyValue::new("error.type", logging::outcome(finished.reported)));
            Status::error(logging::outcome(finished.reported))
        }
    };
    Made { name: name(about.info), kind: SpanKind::Server, began: trace.began, ended, attributes, events, status }
        .of_attempt(trace)
}

/// Which attempt it is: by the names of Temporal's interceptors what they tell, by ours the rest.
fn who(about: About<'_>, tenant: &str) -> Vec<KeyValue> {
    let About { info, component } = about;
    let mut attributes = vec![KeyValue::new("temporalActivityID", info.activity_id.clone())];
    match &info.workflow {
        Some(workflow) => attributes.extend([
            KeyValue::new("temporalWorkflowID", workflow.workflow_id.clone()),
            KeyValue::new("temporalRunID", workflow.run_id.clone()),
        ]),
        None => attributes.extend(info.activity_run_id.clone().map(|id| KeyValue::new("isolet.activity_run_id", id))),
    }
    attributes.extend([
        KeyValue::new("isolet.attempt", i64::from(info.attempt)),
        KeyValue::new("isolet.namespace", info.namespace.clone()),
        KeyValue::new("isolet.task_queue", info.task_queue.clone()),
        KeyValue::new("isolet.tenant", tenant.to_owned()),
    ]);
    if let Some(component) = component {
        attributes.extend([
            KeyValue::new("isolet.component", component.name.clone()),
            KeyValue::new("isolet.digest", component.digest.clone()),
        ]);
    }
    attributes
}

/// How it went, and what it cost.
fn how(finished: &Finished<'_>) -> Vec<KeyValue> {
    let Finished { reported, killed, stopped, usage, parts } = finished;
    let mut attributes = vec![KeyValue::new("isolet.outcome", logging::outcome(reported))];
    attributes.extend(logging::limit(*stopped, *killed).map(|limit| KeyValue::new("isolet.limit", limit)));
    if parts.started.is_some() {
        let Usage { cpu, peak_memory, traffic, .. } = usage;
        attributes.extend([
            KeyValue::new("isolet.cpu_ms", 1_000.0 * cpu.as_secs_f64()),
            KeyValue::new("isolet.peak_memory_bytes", whole(*peak_memory)),
            KeyValue::new("isolet.host_calls", whole(traffic.host_calls)),
        ]);
    }
    if parts.left_out() != 0 {
        attributes.push(KeyValue::new("isolet.spans_left_out", whole(parts.left_out())));
    }
    attributes
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A benign failure is no error of a span, as for Temporal's interceptors.
fn failed(failure: &Failure, attributes: &mut Vec<KeyValue>) -> Status {
    if failure.as_application().is_some_and(|fields| fields.category == FailureCategory::Benign) {
        return Status::Unset;
    }
    let kind = kind(failure);
    attributes.push(KeyValue::new("error.type", kind.to_owned()));
    Status::error(format!("{kind}: {}", failure.message))
}

/// What it failed with, by OpenTelemetry's names. Details are payloads, which are nobody's but the caller's.
fn exception(failure: &Failure, at: SystemTime) -> Event {
    let mut attributes = vec![
        KeyValue::new("exception.type", kind(failure).to_owned()),
        KeyValue::new("exception.message", failure.message.clone()),
    ];
    if !failure.stack_trace.is_empty() {
        attributes.push(KeyValue::new("exception.stacktrace", failure.stack_trace.clone()));
    }
    Event::new("exception", at, attributes, 0)
}

fn kind(failure: &Failure) -> &str {
    match &failure.kind {
        FailureKind::Application(fields) if fields.failure_type.is_empty() => "ApplicationError",
        kind => kind.type_name(),
    }
}
