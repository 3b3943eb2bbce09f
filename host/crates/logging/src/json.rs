//! Lines as JSON, one object each.

use activity::{Failure, FailureKind, shown::in_json};
use serde_json::{Map, Value, json};

use crate::{
    fields::FIELDS_LEFT_OUT,
    line::{Line, attempt_fields, trace_fields},
};

/// A line as a JSON object. Whatever a guest says is a value in it, and never a key beside the host's.
pub(crate) fn json(line: &Line<'_>) -> String {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    put("time", json!(humantime::format_rfc3339_micros(line.time).to_string()));
    put("level", json!(line.level.as_str()));
    put("logger", json!(line.logger));
    put("message", json!(line.message));
    if let Some(about) = line.about {
        // At the top, where whoever reads logs of many programs looks for them.
        trace_fields(about.info).for_each(|(key, value)| put(key, value));
        let fields = attempt_fields(about).into_iter().map(|(key, value)| (key.to_owned(), value));
        put("temporal_activity", Value::Object(fields.collect()));
    }
    if !line.fields.is_empty() {
        put("fields", Value::Object(line.fields.clone()));
    }
    if line.fields_left_out > 0 {
        put(FIELDS_LEFT_OUT, json!(line.fields_left_out));
    }
    if let Some(identifier) = line.identifier {
        put("__temporal_error_identifier", json!(identifier));
    }
    if let Some(failure) = line.failure {
        put("failure", failure_object(failure));
    }
    in_json(&Value::Object(object).to_string()).into_owned()
}

/// A failure without its payloads, which may be secret.
fn failure_object(failure: &Failure) -> Value {
    let mut object = Map::new();
    if let FailureKind::Application(fields) = &failure.kind {
        object.insert("type".to_owned(), json!(fields.failure_type));
        object.insert("non_retryable".to_owned(), json!(fields.non_retryable));
    }
    object.insert("message".to_owned(), json!(failure.message));
    if !failure.stack_trace.is_empty() {
        object.insert("stack_trace".to_owned(), json!(failure.stack_trace));
    }
    if let Some(cause) = &failure.cause {
        object.insert("cause".to_owned(), failure_object(cause));
    }
    Value::Object(object)
}
