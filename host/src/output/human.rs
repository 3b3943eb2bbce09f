//! Values as people read them.

use std::{borrow::Cow, time::Duration};

use activity::{
    Failure, LogRecord, Payload, Usage,
    shown::{on_its_lines, on_one_line},
};

/// A line that a guest logged, without its level.
pub(crate) fn log_text(record: &LogRecord) -> String {
    let fields = record.fields.iter().map(|(name, value)| format!(" {}={}", on_one_line(name), on_one_line(value)));
    let mut fields = fields.collect::<String>();
    if record.fields_left_out > 0 {
        fields = format!("{fields} (and {} more fields)", record.fields_left_out);
    }
    let logger = if record.logger.is_empty() { String::new() } else { format!("{}: ", on_one_line(&record.logger)) };
    format!("{logger}{}{fields}", on_one_line(&record.message))
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
        false => on_one_line(&payloads.iter().map(told).collect::<Vec<_>>().join(", ")).into_owned(),
    }
}

/// A failure with its causes, for people.
pub(crate) fn failure(failure: &Failure) -> String {
    let mut text = format!("failure: {}", link(failure));
    let mut next = failure.cause.as_deref();
    while let Some(cause) = next {
        text.push_str(&format!("\n  caused by: {}", link(cause)));
        next = cause.cause.as_deref();
    }
    text
}

/// One failure of a chain.
fn link(failure: &Failure) -> String {
    let mut text = printable(&failure.message).into_owned();
    if let Some(fields) = failure.as_application() {
        let mut notes = Vec::new();
        if !fields.failure_type.is_empty() {
            notes.push(format!("type {}", printable(&fields.failure_type)));
        }
        if fields.non_retryable {
            notes.push("not retried".to_owned());
        }
        if !notes.is_empty() {
            text.push_str(&format!(" ({})", notes.join(", ")));
        }
        if !fields.details.is_empty() {
            text.push_str(&format!("\n    details: {}", payloads(&fields.details)));
        }
    }
    for line in failure.stack_trace.lines() {
        text.push_str(&format!("\n    {}", printable(line)));
    }
    text
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

/// Text of guests and callers on the lines that it has.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    on_its_lines(text)
}
