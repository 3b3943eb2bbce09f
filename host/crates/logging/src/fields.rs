//! What both the log and events say, as JSON.

use std::time::Duration;

use activity::{KillReason, LogRecord, Reported, SandboxFailureKind, Usage};
use serde_json::{Map, Value, json};

/// The field that counts fields that a line of a guest had too many of.
pub(crate) const FIELDS_LEFT_OUT: &str = "fields_left_out";

/// What an attempt cost.
pub fn usage_fields(usage: Usage) -> [(&'static str, Value); 7] {
    let milliseconds = |duration: Duration| json!(1_000.0 * duration.as_secs_f64());
    [
        ("wall_ms", milliseconds(usage.wall)),
        ("cpu_ms", milliseconds(usage.cpu)),
        ("sandbox_start_ms", milliseconds(usage.sandbox_start)),
        ("peak_memory_bytes", json!(usage.peak_memory)),
        ("host_calls", json!(usage.traffic.host_calls)),
        ("bytes_in", json!(usage.traffic.bytes_in)),
        ("bytes_out", json!(usage.traffic.bytes_out)),
    ]
}

/// What was reported of an attempt, in a word.
pub fn outcome(reported: &Reported<'_>) -> &'static str {
    match reported {
        Reported::Completed => "completed",
        Reported::Failed(_) => "failed",
        Reported::Cancelled => "cancelled",
        Reported::WillCompleteAsync => "will-complete-async",
        Reported::TimedOut => "timed-out",
        Reported::Abandoned => "abandoned",
        Reported::Unreported { .. } => "unreported",
    }
}

/// Which limit an attempt has hit, by the host's word and not by what its failure says.
pub fn limit(stopped: Option<SandboxFailureKind>, killed: Option<KillReason>) -> Option<&'static str> {
    let stopped = stopped.and_then(|kind| match kind {
        SandboxFailureKind::StackOverflow => Some("stack"),
        SandboxFailureKind::MemoryLimit => Some("memory"),
        SandboxFailureKind::CpuLimit => Some("cpu-time"),
        SandboxFailureKind::OutputLimit => Some("output"),
        SandboxFailureKind::Denied => Some("grant"),
        SandboxFailureKind::Blocked => Some("block"),
        SandboxFailureKind::Deadline => Some("deadline"),
        SandboxFailureKind::Trap | SandboxFailureKind::Load | SandboxFailureKind::Lost => None,
    });
    stopped.or_else(|| {
        killed.map(|reason| match reason {
            KillReason::Deadline => "deadline",
            KillReason::Cancelled => "cancelled",
            KillReason::LeaseLost => "lease-lost",
            KillReason::WorkerShutdown => "worker-shutdown",
        })
    })
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
