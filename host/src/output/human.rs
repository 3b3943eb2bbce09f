//! Attempts as log lines for people.

use std::{borrow::Cow, time::Duration};

use activity::{Info, Level, LogRecord, Observation, Observer, Payload, Reported, Usage};

/// Tells of attempts in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HumanObserver;

impl Observer for HumanObserver {
    fn observe(&self, info: &Info, observation: Observation<'_>) {
        match observation {
            Observation::Started => tracing::debug!("{} started", attempt(info)),
            Observation::Logged(record) => log_line(info, record),
            Observation::LogLinesDropped(count) => tracing::warn!("{} lost {count} log lines", attempt(info)),
            Observation::Heartbeat => tracing::debug!("{} heartbeat", attempt(info)),
            Observation::Finished { reported, usage } => finished(info, &reported, usage),
        }
    }
}

/// A line that a guest logged, without its level.
pub(crate) fn log_text(record: &LogRecord) -> String {
    let fields = record.fields.iter().map(|(name, value)| format!(" {}={}", printable(name), printable(value)));
    let fields = fields.collect::<String>();
    let logger = if record.logger.is_empty() { String::new() } else { format!("{}: ", printable(&record.logger)) };
    format!("{logger}{}{fields}", printable(&record.message))
}

/// Payloads as people write them: JSON, or encoding and size of what is not JSON.
pub(crate) fn payloads(payloads: &[Payload]) -> String {
    let told = |payload: &Payload| match super::payload_json(payload) {
        Some(value) => value.to_string(),
        None => {
            let encoding = payload.metadata("encoding").map(|encoding| String::from_utf8_lossy(encoding).into_owned());
            format!("<{} of {}>", size(payload.data.len() as u64), encoding.unwrap_or_default())
        }
    };
    match payloads.is_empty() {
        true => "none".to_owned(),
        false => printable(&payloads.iter().map(told).collect::<Vec<_>>().join(", ")).into_owned(),
    }
}

fn log_line(info: &Info, record: &LogRecord) {
    let text = format!("{} {}", attempt(info), log_text(record));
    match record.level {
        Level::Trace => tracing::trace!("{text}"),
        Level::Debug => tracing::debug!("{text}"),
        Level::Info => tracing::info!("{text}"),
        Level::Warn => tracing::warn!("{text}"),
        Level::Error => tracing::error!("{text}"),
    }
}

/// What an attempt cost, for people.
pub(crate) fn cost(usage: Usage) -> String {
    format!(
        "{} ({} on a processor, {} to start), with {} of memory",
        milliseconds(usage.wall),
        milliseconds(usage.cpu),
        milliseconds(usage.sandbox_start),
        size(usage.peak_memory)
    )
}

/// A duration for people.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", 1_000.0 * duration.as_secs_f64())
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    // One digit behind the point, without floating point.
    let in_units = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        ..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", in_units(KIB)),
        MIB.. => format!("{} MiB", in_units(MIB)),
    }
}

fn finished(info: &Info, reported: &Reported<'_>, usage: Usage) {
    let (attempt, cost) = (attempt(info), cost(usage));
    match reported {
        Reported::Completed => tracing::info!("{attempt} completed in {cost}"),
        Reported::Failed(failure) => {
            let kind = failure.as_application().map_or("", |fields| fields.failure_type.as_str());
            tracing::warn!("{attempt} failed in {cost}: {kind}: {}", printable(&failure.message));
        }
        Reported::Cancelled => tracing::info!("{attempt} was cancelled after {cost}"),
        Reported::WillCompleteAsync => tracing::info!("{attempt} will complete later; it took {cost}"),
        Reported::Abandoned => tracing::warn!("{attempt} was given up by the server, after {cost}"),
    }
}

fn attempt(info: &Info) -> String {
    let Info { activity_type, activity_id, attempt, task_queue, .. } = info;
    format!("{} {} (attempt {attempt}, {task_queue})", printable(activity_type), printable(activity_id))
}

/// Text of guests and callers without the control characters that could change what a terminal shows.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let harmless = |each: char| !each.is_control() || each == '\n' || each == '\t';
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|each| if harmless(each) { each } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// A level as it stands at the beginning of a line.
pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}
