//! What the host's own code logs by way of `tracing`.

use std::fmt;

use activity::Level;
use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use crate::{Log, line::Line, queue::Owner};

/// The logger of what the program itself tells.
pub(crate) const LOGGER: &str = "isolet";

/// Makes log lines of `tracing`'s events.
#[derive(Debug)]
pub(crate) struct HostLines {
    log: Log,
}

impl HostLines {
    pub(crate) fn new(log: Log) -> Self {
        Self { log }
    }
}

impl<S: Subscriber> Layer<S> for HostLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut content = Content::default();
        event.record(&mut content);
        let target = event.metadata().target();
        // The program's own modules are nothing that people need to tell apart.
        let logger = if target.split("::").next() == Some(LOGGER) { LOGGER } else { target };
        let line = Line::new(level(*event.metadata().level()), logger, &content.message);
        self.log.write(Owner::host(), &Line { fields: content.fields, ..line });
    }
}

/// What an event says.
#[derive(Default)]
struct Content {
    message: String,
    fields: Map<String, Value>,
}

impl Content {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(message)) => self.message = message,
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Content {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::TRACE => Level::Trace,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::INFO => Level::Info,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::ERROR => Level::Error,
    }
}
