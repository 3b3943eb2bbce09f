//! What happens, as JSON lines on standard output: the form that scripts read.

use std::{io, sync::Arc};

use activity::{About, Failure, Info, LineFormat, LogRecord, Observation, Observer, Reported, shown::in_json};
use serde_json::{Map, Value, json};

use crate::{
    fields::{FIELDS_LEFT_OUT, limit, log_fields, outcome, usage_fields},
    line::trace_fields,
    queue::{self, Owner, Printer, Queue, Speaker},
};

/// Writes events; each is one line.
#[derive(Clone, Debug)]
pub struct EventWriter {
    queue: Queue,
    /// Whose attempts it tells of; empty for the host.
    tenant: Arc<str>,
}

/// Writes lines of guests down as events.
#[derive(Clone, Copy, Debug)]
pub struct LogEvents;

impl EventWriter {
    /// Starts the thread that prints events on standard output. What is written there tells of the host.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start() -> io::Result<(Self, Printer)> {
        let (queue, printer) = queue::start("events", io::stdout(), Box::new(lost))?;
        Ok((Self { queue, tenant: "".into() }, printer))
    }

    /// The same, for the attempts of `tenant`.
    pub fn of_tenant(&self, tenant: &str) -> Self {
        Self { queue: self.queue.clone(), tenant: tenant.into() }
    }

    /// Tells of the host.
    pub fn write(&self, event: &Value) {
        self.queue.write(Owner::host(), line(event));
    }
}

impl Observer for EventWriter {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        let (event, speaker, fields) = match observation {
            Observation::Started => ("attempt-started", Speaker::Attempt, Vec::new()),
            Observation::Logged(line) => {
                return self.queue.write(Owner::new(Speaker::Guest, &self.tenant, about.component), line.to_owned());
            }
            Observation::LogLinesDropped(count) => ("log-lines-dropped", Speaker::Guest, vec![("count", json!(count))]),
            // Metrics have an exporter of their own.
            Observation::Measured(_) => return,
            Observation::Heartbeat(_) => ("heartbeat", Speaker::Guest, Vec::new()),
            Observation::HeartbeatFailed(failure) => {
                ("heartbeat-failed", Speaker::Guest, failure_fields(failure).collect())
            }
            Observation::Finished { reported, usage, killed, stopped } => {
                let limit = limit(stopped, killed).map(|limit| ("limit", json!(limit)));
                let fields = reported_fields(&reported).into_iter().chain(usage_fields(usage)).chain(limit).collect();
                ("attempt-finished", Speaker::Attempt, fields)
            }
        };
        let by = about.component.map(|component| {
            [
                ("tenant", json!(component.tenant)),
                ("component", json!(component.name)),
                ("digest", json!(component.digest)),
            ]
        });
        let by = by.into_iter().flatten().filter(|_| speaker == Speaker::Attempt);
        let event = about_attempt(about.info, event, fields.into_iter().chain(by));
        self.queue.write(Owner::new(speaker, &self.tenant, about.component), line(&event));
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

fn reported_fields(reported: &Reported<'_>) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("outcome", json!(outcome(reported)))];
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
    object.extend(trace_fields(info).map(|(key, value)| (key.to_owned(), value)));
    object.extend(fields.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}
