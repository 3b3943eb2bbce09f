//! What an attempt says, for people line by line, for scripts as a whole.

use activity::{AttributeValue, ClientCall, Event, MeasuredValue, Measurement, shown::on_one_line};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use testing::Transcript;

use super::stub;
use crate::output::{self, human};

/// What is shown beside the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// Values recorded on metrics.
    Metrics,
    /// Calls of Temporal's client.
    Calls,
    /// Heartbeats; for people they are shown in any case.
    Heartbeats,
    /// Log lines; for people they are shown in any case.
    Log,
}

/// An event for people, if they want to see it.
pub(super) fn line(event: &Event, show: &[Shown]) -> Option<String> {
    match event {
        Event::Logged(record) => Some(format!("{} {}", record.level.as_str(), human::log_text(record))),
        Event::Heartbeat(details) => Some(format!("heartbeat {}", human::payloads(details))),
        Event::HeartbeatFailed(reason) => Some(format!("heartbeat failed: {}", on_one_line(&reason.message))),
        Event::Measured(measurements) if show.contains(&Shown::Metrics) => {
            Some(measurements.iter().map(|each| format!("metric {}", measured(each))).collect::<Vec<_>>().join("\n"))
        }
        Event::Called(call) if show.contains(&Shown::Calls) => Some(format!("call {}", stub::method(&call.request))),
        Event::Measured(_) | Event::Called(_) => None,
        // A watched attempt's lines are not written down.
        Event::Written(_) | Event::LogLinesDropped(_) | Event::Ended(_) => None,
    }
}

/// What scripts want to see.
pub(super) fn document(said: &Transcript, show: &[Shown]) -> Map<String, Value> {
    let shown = show.iter().map(|shown| match shown {
        Shown::Metrics => ("metrics", said.measurements().map(measurement).collect()),
        Shown::Calls => ("calls", said.calls().map(call).collect()),
        Shown::Heartbeats => {
            ("heartbeats", said.heartbeats().map(|each| each.iter().map(output::payload).collect::<Value>()).collect())
        }
        Shown::Log => ("log", said.log_lines().map(|record| object(logging::log_fields(record))).collect()),
    });
    shown.map(|(key, value): (_, Value)| (key.to_owned(), value)).collect()
}

/// Keys of a measurement in it.
pub(crate) const MEASUREMENT_KEYS: [&str; 5] = ["name", "kind", "unit", "value", "attributes"];

fn measured(measurement: &Measurement) -> String {
    let Measurement { instrument, value, attributes } = measurement;
    let attributes = attributes
        .iter()
        .map(|(name, value)| format!(" {}={}", on_one_line(name), on_one_line(&attribute(value).to_string())));
    let attributes = attributes.collect::<String>();
    format!("{} {}{attributes}", on_one_line(&instrument.name), number(*value))
}

fn measurement(measurement: &Measurement) -> Value {
    let Measurement { instrument, value, attributes } = measurement;
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), attribute(value)));
    json!({
        "name": instrument.name,
        "kind": instrument.kind.aggregation().to_string(),
        "unit": instrument.unit,
        "value": number(*value),
        "attributes": attributes.collect::<Map<String, Value>>(),
    })
}

/// A measured value; a duration in seconds.
fn number(value: MeasuredValue) -> Value {
    match value {
        MeasuredValue::Integer(value) => json!(value),
        MeasuredValue::Float(value) => json!(value),
        MeasuredValue::Duration(value) => json!(value.as_secs_f64()),
    }
}

fn attribute(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(value) => json!(value),
        AttributeValue::Integer(value) => json!(value),
        AttributeValue::Float(value) => json!(value),
        AttributeValue::Boolean(value) => json!(value),
    }
}

fn call(call: &ClientCall) -> Value {
    json!(stub::method(&call.request))
}

fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
