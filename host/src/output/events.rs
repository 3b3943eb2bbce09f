//! What happens, as JSON lines on standard output: the form that scripts read.

use std::{io, time::Duration};

use activity::{Failure, Info, LogRecord, Observation, Observer, Payload, Reported, Usage};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    human::level,
    queue::{self, Printer, Queue},
};

/// Writes events; each is one line.
pub(crate) type EventWriter = Queue<Value>;

/// Starts the thread that prints events on standard output.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start() -> io::Result<(EventWriter, Printer)> {
    queue::start("events", io::stdout(), |count| json!({"event": "events-dropped", "count": count}))
}

impl Observer for EventWriter {
    fn observe(&self, info: &Info, observation: Observation<'_>) {
        match observation {
            Observation::Started => self.write(about(info, "attempt-started", [])),
            Observation::Logged(record) => self.write(about(info, "log", log_fields(record))),
            Observation::LogLinesDropped(count) => {
                self.write(about(info, "log-lines-dropped", [("count", json!(count))]));
            }
            // Metrics have an exporter of their own.
            Observation::Measured(_) => {}
            Observation::Heartbeat(_) => self.write(about(info, "heartbeat", [])),
            Observation::HeartbeatFailed(failure) => {
                self.write(about(info, "heartbeat-failed", failure_fields(failure)));
            }
            Observation::Finished { reported, usage, killed: _ } => {
                let fields = reported_fields(&reported).into_iter().chain(usage_fields(usage));
                self.write(about(info, "attempt-finished", fields));
            }
        }
    }
}

/// A payload as events carry it: its value where that is JSON, else its encoding and its bytes in base64.
pub(crate) fn payload(payload: &Payload) -> Value {
    super::payload_json(payload).unwrap_or_else(|| {
        let encoding = payload.metadata("encoding").map(|encoding| String::from_utf8_lossy(encoding).into_owned());
        json!({"encoding": encoding, "base64": STANDARD.encode(&payload.data)})
    })
}

/// What an attempt cost, as events carry it.
pub(crate) fn usage_fields(usage: Usage) -> [(&'static str, Value); 4] {
    let milliseconds = |duration: Duration| json!(1_000.0 * duration.as_secs_f64());
    [
        ("wall_ms", milliseconds(usage.wall)),
        ("cpu_ms", milliseconds(usage.cpu)),
        ("sandbox_start_ms", milliseconds(usage.sandbox_start)),
        ("peak_memory_bytes", json!(usage.peak_memory)),
    ]
}

/// A guest's log line, as events carry it.
pub(crate) fn log_fields(record: &LogRecord) -> [(&'static str, Value); 4] {
    [
        ("level", json!(level(record.level))),
        ("logger", json!(record.logger)),
        ("message", json!(record.message)),
        ("fields", Value::Object(log_values(record))),
    ]
}

/// A guest's structured fields: values where they are JSON, else texts.
pub(crate) fn log_values(record: &LogRecord) -> Map<String, Value> {
    let value = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()));
    record.fields.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}

fn reported_fields(reported: &Reported<'_>) -> Vec<(&'static str, Value)> {
    let outcome = match reported {
        Reported::Completed => "completed",
        Reported::Failed(_) => "failed",
        Reported::Cancelled => "cancelled",
        Reported::WillCompleteAsync => "will-complete-async",
        Reported::TimedOut => "timed-out",
        Reported::Abandoned => "abandoned",
        Reported::Unreported => "unreported",
    };
    let mut fields = vec![("outcome", json!(outcome))];
    if let Reported::Failed(failure) = reported {
        fields.extend(failure_fields(failure));
    }
    fields
}

fn failure_fields(failure: &Failure) -> Vec<(&'static str, Value)> {
    let failure_type = failure.as_application().map(|fields| &fields.failure_type);
    let failure_type = failure_type.map(|failure_type| ("failure_type", json!(failure_type)));
    failure_type.into_iter().chain([("message", json!(failure.message))]).collect()
}

fn about(info: &Info, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut object = Map::new();
    object.insert("event".to_owned(), json!(event));
    object.insert("activity_type".to_owned(), json!(info.activity_type));
    object.insert("activity_id".to_owned(), json!(info.activity_id));
    let run_id = info.workflow.as_ref().map(|workflow| &workflow.run_id).or(info.activity_run_id.as_ref());
    for (key, value) in
        [("workflow_id", info.workflow.as_ref().map(|workflow| &workflow.workflow_id)), ("run_id", run_id)]
    {
        object.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    object.insert("attempt".to_owned(), json!(info.attempt));
    object.insert("task_queue".to_owned(), json!(info.task_queue));
    object.insert("namespace".to_owned(), json!(info.namespace));
    object.extend(fields.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use activity::Level;

    use super::*;

    #[test]
    fn log_fields_are_json_where_they_are_json() {
        let record = LogRecord {
            level: Level::Warn,
            logger: "orders".to_owned(),
            message: "slow".to_owned(),
            fields: vec![("rows".to_owned(), "3".to_owned()), ("who".to_owned(), "not json".to_owned())],
        };
        let fields: Map<String, Value> =
            log_fields(&record).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert_eq!(fields["fields"], json!({"rows": 3, "who": "not json"}));
        assert_eq!(fields["level"], "warn");
    }
}
