//! Log lines with structured fields.

use serde::Serialize;

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Finer than debug.
    Trace,
    /// For whoever debugs the activity.
    Debug,
    /// Normal operation.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

/// A value of a structured field: whatever serde can serialize.
pub trait LogField {
    /// The value as JSON text.
    fn to_json(&self) -> String;
}

impl<T: Serialize + ?Sized> LogField for T {
    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| serde_json::Value::from(error.to_string()).to_string())
    }
}

/// One line, ready for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogRecord {
    pub(crate) level: Level,
    pub(crate) logger: String,
    pub(crate) message: String,
    pub(crate) fields: Vec<(String, String)>,
}
