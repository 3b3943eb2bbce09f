//! What happens, as JSON lines on standard output: the form that scripts read.

use std::{io, sync::Arc, time::Duration};

use activity::{
    About, Failure, Info, LineFormat, LogRecord, Observation, Observer, Payload, Reported, Usage, shown::in_json,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    human::level,
    queue::{self, Owner, Printer, Queue, Speaker},
};

/// The field that counts fields that a line of a guest had too many of.
pub(crate) const FIELDS_LEFT_OUT: &str = "fields_left_out";

/// Writes events; each is one line.
#[derive(Clone, Debug)]
pub(crate) struct EventWriter {
    queue: Queue,
    /// Whose attempts it tells of; empty for the host.
    tenant: Arc<str>,
}

/// Writes lines of guests down as events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogEvents;

/// Starts the thread that prints events on standard output.
///
/// # Errors
/// When the system has no thread left.
pub(crate) fn start() -> io::Result<(EventWriter, Printer)> {
    let (queue, printer) = queue::start("events", io::stdout(), Box::new(lost))?;
    Ok((EventWriter { queue, tenant: "".into() }, printer))
}

impl EventWriter {
    /// The same, for the attempts of `tenant`.
    pub(crate) fn of(&self, tenant: &str) -> Self {
        Self { queue: self.queue.clone(), tenant: tenant.into() }
    }

    /// Tells of the host.
    pub(crate) fn tell(&self, event: &Value) {
        self.queue.write(Owner::host(), line(event));
    }
}

impl Observer for EventWriter {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        let (event, speaker, fields) = match observation {
            Observation::Started => ("attempt-started", Speaker::Attempt, Vec::new()),
            Observation::Logged(line) => {
                return self.queue.write(Owner::of(Speaker::Guest, &self.tenant, about.component), line.to_owned());
            }
            Observation::LogLinesDropped(count) => ("log-lines-dropped", Speaker::Guest, vec![("count", json!(count))]),
            // Metrics have an exporter of their own.
            Observation::Measured(_) => return,
            Observation::Heartbeat(_) => ("heartbeat", Speaker::Guest, Vec::new()),
            Observation::HeartbeatFailed(failure) => {
                ("heartbeat-failed", Speaker::Guest, failure_fields(failure).collect())
            }
            Observation::Finished { reported, usage, killed: _ } => {
                let fields = reported_fields(&reported).into_iter().chain(usage_fields(usage)).collect();
                ("attempt-finished", Speaker::Attempt, fields)
            }
        };
        let event = about_attempt(about.info, event, fields);
        self.queue.write(Owner::of(speaker, &self.tenant, about.component), line(&event));
    }
}

impl LineFormat for LogEvents {
    fn line(&self, about: About<'_>, record: &LogRecord) -> String {
        let left_out = (record.fields_left_out > 0).then(|| (FIELDS_LEFT_OUT, json!(record.fields_left_out)));
        line(&about_attempt(about.info, "log", log_fields(record).into_iter().chain(left_out)))
    }
}

fn lost(owner: &Owner, count: u64) -> String {
    let mut event = json!({"event": "events-dropped", "count": count});
    let of = match owner.speaker {
        Speaker::Guest => "guest",
        Speaker::Attempt => "attempt",
        Speaker::Host => "host",
    };
    if let Some(object) = event.as_object_mut() {
        object.insert("of".to_owned(), json!(of));
        let whose = [("tenant", &owner.tenant), ("component", &owner.component)];
        let whose = whose.into_iter().filter(|(_, name)| !name.is_empty());
        object.extend(whose.map(|(key, name)| (key.to_owned(), json!(name))));
    }
    line(&event)
}

fn line(event: &Value) -> String {
    in_json(&event.to_string()).into_owned()
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
        Reported::Unreported { .. } => "unreported",
    };
    let mut fields = vec![("outcome", json!(outcome))];
    match reported {
        Reported::Failed(failure) => fields.extend(failure_fields(failure)),
        Reported::Unreported { refusal: Some(refusal) } => fields.push(("message", json!(refusal))),
        _ => {}
    }
    fields
}

fn failure_fields(failure: &Failure) -> impl Iterator<Item = (&'static str, Value)> {
    let failure_type = failure.as_application().map(|fields| &fields.failure_type);
    let failure_type = failure_type.map(|failure_type| ("failure_type", json!(failure_type)));
    failure_type.into_iter().chain([("message", json!(failure.message))])
}

fn about_attempt(info: &Info, event: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
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
        let fields = vec![("rows".to_owned(), "3".to_owned()), ("who".to_owned(), "not json".to_owned())];
        let record = LogRecord { fields, ..LogRecord::new(Level::Warn, "orders", "slow") };
        let fields: Map<String, Value> =
            log_fields(&record).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        assert_eq!(fields["fields"], json!({"rows": 3, "who": "not json"}));
        assert_eq!(fields["level"], "warn");
    }
}
