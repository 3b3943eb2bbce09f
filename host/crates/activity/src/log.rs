//! Log lines of guests, and the port to what writes them down.

use std::fmt;

use crate::About;

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

impl Level {
    /// Its name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
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
    /// How many more fields there were: too many, or too large for the line.
    pub fields_left_out: usize,
}

impl LogRecord {
    /// A line without fields.
    pub fn new(level: Level, logger: impl Into<String>, message: impl Into<String>) -> Self {
        Self { level, logger: logger.into(), message: message.into(), fields: Vec::new(), fields_left_out: 0 }
    }

    /// Bytes of its texts.
    pub fn size(&self) -> usize {
        let fields = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        self.logger.len() + self.message.len() + fields
    }
}

/// Writes lines of guests down as they will be read.
///
/// Called on the guest's own thread, in its time: escaping and encoding what it says costs the guest, and nobody else.
/// What comes out is only copied from there on.
pub trait LineFormat: fmt::Debug + Send + Sync + 'static {
    /// The line of `record`, without the end of the line.
    fn line(&self, about: About<'_>, record: &LogRecord) -> String;
}
