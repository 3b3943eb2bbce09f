//! What both the log and events say, as JSON.

use std::time::Duration;

use activity::{LogRecord, Usage};
use serde_json::{Map, Value, json};

/// The field that counts fields that a line of a guest had too many of.
pub(crate) const FIELDS_LEFT_OUT: &str = "fields_left_out";

/// What an attempt cost.
pub fn usage_fields(usage: Usage) -> [(&'static str, Value); 4] {
    let milliseconds = |duration: Duration| json!(1_000.0 * duration.as_secs_f64());
    [
        ("wall_ms", milliseconds(usage.wall)),
        ("cpu_ms", milliseconds(usage.cpu)),
        ("sandbox_start_ms", milliseconds(usage.sandbox_start)),
        ("peak_memory_bytes", json!(usage.peak_memory)),
    ]
}

/// A line that a guest logged.
pub fn log_fields(record: &LogRecord) -> [(&'static str, Value); 4] {
    [
        ("level", json!(record.level.as_str())),
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
