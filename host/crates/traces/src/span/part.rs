//! The spans of an attempt's parts: the start of its sandbox, its calls of Temporal's client, and its HTTP requests.

use std::time::{Duration, SystemTime};

use activity::{CallOutcome, Part, RequestOutcome, Trace, TracedCall, TracedRequest};
use opentelemetry::{
    KeyValue,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents};

use super::{Finished, Made};

/// The methods that OpenTelemetry's conventions know; others are told beside `_OTHER`.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// What stands for any other.
const OTHER: &str = "_OTHER";

/// From which status on a response is an error for who has asked.
const FIRST_ERROR: u16 = 400;

pub(super) fn spans(trace: &Trace, finished: Finished<'_>, ended: SystemTime) -> impl Iterator<Item = SpanData> {
    let (usage, parts) = (finished.usage, finished.parts);
    let start = parts.started.filter(|_| usage.sandbox_start != Duration::ZERO).map(|started| {
        // Its process may have had to be started before.
        let began = ended.checked_sub(usage.wall).map_or(started, |began| began.max(started));
        start(trace, began, usage.sandbox_start)
    });
    let calls = parts.calls.into_iter().map(|each| call(trace, each));
    let requests = parts.requests.requests.into_iter().map(|each| request(trace, each));
    start.into_iter().chain(calls).chain(requests)
}

fn start(trace: &Trace, began: SystemTime, took: Duration) -> SpanData {
    let made = Made {
        name: "StartSandbox".to_owned(),
        kind: SpanKind::Internal,
        began,
        ended: after(began, took),
        attributes: Vec::new(),
        events: SpanEvents::default(),
        status: Status::Unset,
    };
    made.of_part(trace, Part::Start)
}

fn call(trace: &Trace, call: TracedCall) -> SpanData {
    let TracedCall { number, name, workflow_id, began, took, outcome } = call;
    let mut attributes: Vec<_> = workflow_id.map(|id| KeyValue::new("temporalWorkflowID", id)).into_iter().collect();
    let error = match outcome {
        CallOutcome::Answered => None,
        CallOutcome::Refused(why) => Some(why.to_owned()),
        CallOutcome::Abandoned => Some("abandoned".to_owned()),
        CallOutcome::Status(code) => {
            attributes.push(KeyValue::new("rpc.grpc.status_code", i64::from(code)));
            Some(code.to_string())
        }
    };
    let status = failed(error, &mut attributes);
    let (kind, events) = (SpanKind::Client, SpanEvents::default());
    Made { name, kind, began, ended: after(began, took), attributes, events, status }.of_part(trace, Part::Call(number))
}

fn request(trace: &Trace, request: TracedRequest) -> SpanData {
    let TracedRequest { number, method, scheme, server, port, path, began, took, outcome } = request;
    let known = METHODS.contains(&method.as_str());
    let address = server.trim_start_matches('[').trim_end_matches(']').to_owned();
    let authority = if port == scheme.default_port() { server } else { format!("{server}:{port}") };
    let name = if known { method.clone() } else { "HTTP".to_owned() };
    let mut attributes = vec![
        KeyValue::new("http.request.method", if known { method.clone() } else { OTHER.to_owned() }),
        KeyValue::new("server.address", address),
        KeyValue::new("server.port", i64::from(port)),
        KeyValue::new("url.full", format!("{}://{authority}{path}", scheme.as_str())),
    ];
    if !known {
        attributes.push(KeyValue::new("http.request.method_original", method));
    }
    let error = match outcome {
        RequestOutcome::Answered(status) => {
            attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
            (FIRST_ERROR <= status).then(|| status.to_string())
        }
        RequestOutcome::Failed(error) => Some(error),
        RequestOutcome::Abandoned => Some("abandoned".to_owned()),
    };
    let status = failed(error, &mut attributes);
    let (kind, events) = (SpanKind::Client, SpanEvents::default());
    Made { name, kind, began, ended: after(began, took), attributes, events, status }
        .of_part(trace, Part::Request(number))
}

fn failed(error: Option<String>, attributes: &mut Vec<KeyValue>) -> Status {
    match error {
        None => Status::Unset,
        Some(error) => {
            attributes.push(KeyValue::new("error.type", error));
            Status::error("")
        }
    }
}

fn after(began: SystemTime, took: Duration) -> SystemTime {
    began.checked_add(took).unwrap_or(began)
}
