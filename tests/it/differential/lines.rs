//! What activities log, and what their workers log of them, by activity.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Language;

/// The lines about each activity, by its id.
pub(crate) type Log = HashMap<String, Vec<Line>>;

/// A line about an activity.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) attempt: u64,
    pub(crate) level: String,
    pub(crate) logger: String,
    pub(crate) message: String,
    pub(crate) fields: Map<String, Value>,
    /// Whether the worker says it, and not the activity.
    pub(crate) is_workers: bool,
}

impl Line {
    fn shown(&self, language: &dyn Language) -> String {
        let Self { attempt, level, logger, message, fields, .. } = self;
        let message = language.users(message).join("\n    ");
        format!("  {attempt} {level} {logger}: {message} {}\n", Value::Object(fields.clone()))
    }
}

/// The lines about one activity on both sides, as text.
pub(super) fn shown(language: &dyn Language, lines: [&[Line]; 2]) -> [String; 2] {
    language.comparable(lines).map(|lines| lines.iter().map(|line| line.shown(language)).collect())
}

/// The lines of a log that `read` wants, given the line and what was understood of it.
pub(crate) fn collected(log: &str, read: impl Fn(&Value, Line) -> Option<Line>) -> Log {
    let mut collected = Log::new();
    for text in log.lines() {
        // The program of a language itself complains in lines of another kind.
        let Ok(line) = serde_json::from_str::<Value>(text) else { continue };
        let about = &line["temporal_activity"];
        let Some(id) = about["activity_id"].as_str() else { continue };
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let parsed = Line {
            attempt: about["attempt"].as_u64().unwrap_or_default(),
            level: word("level"),
            logger: word("logger"),
            message: word("message"),
            fields: line["fields"].as_object().cloned().unwrap_or_default(),
            is_workers: false,
        };
        if let Some(wanted) = read(&line, parsed) {
            collected.entry(id.to_owned()).or_default().push(wanted);
        }
    }
    for lines in collected.values_mut() {
        // Isolet tells how an attempt ended once it has.
        lines.sort_by_key(|line| (line.attempt, line.is_workers && line.message.starts_with("Completing ")));
    }
    collected
}
