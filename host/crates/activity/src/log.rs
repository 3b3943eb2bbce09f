//! Log lines of guests.

/// How important a line is.
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

/// One line that a guest logged or wrote to standard output or standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// How important it is.
    pub level: Level,
    /// The logger's name; `stdout` and `stderr` for the standard streams.
    pub logger: String,
    /// The text.
    pub message: String,
    /// Structured fields: names, and values as JSON text.
    pub fields: Vec<(String, String)>,
}
