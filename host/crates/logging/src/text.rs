//! Lines as text for people.

use std::fmt::Write as _;

use activity::{Failure, Level, shown::on_one_line};
use serde_json::Value;

use crate::line::{Line, attempt_fields, trace_fields};

/// Begins each further line of one thing that is logged. No line begins so by itself, so none can be forged.
const FURTHER: &str = "\n    ";

/// A line as text. Characters that could end the line or drive a terminal are escaped, whoever they come from.
pub(crate) fn render(line: &Line<'_>, colours: bool) -> String {
    let (dim, strong, plain) = match colours {
        true => ("\u{1b}[2m", strength(line.level), "\u{1b}[0m"),
        false => ("", "", ""),
    };
    let time = humantime::format_rfc3339_millis(line.time);
    let mut text = format!("{dim}{time}{plain} {strong}{:>5}{plain} ", name(line.level));
    if !line.logger.is_empty() {
        put(&mut text, format_args!("{}: ", on_one_line(line.logger)));
    }
    text.push_str(&on_one_line(line.message));
    for (key, value) in &line.fields {
        put(&mut text, format_args!(" {}={}", on_one_line(key), shown(value)));
    }
    if line.fields_left_out > 0 {
        put(&mut text, format_args!(" (and {} more fields)", line.fields_left_out));
    }
    if let Some(about) = line.about {
        let fields = attempt_fields(about).into_iter().chain(trace_fields(about.info));
        let fields: Vec<String> = fields.map(|(key, value)| format!("{key}={}", shown(&value))).collect();
        put(&mut text, format_args!(" {dim}({}){plain}", fields.join(" ")));
    }
    if let Some(failure) = line.failure {
        put_failure(&mut text, failure);
    }
    text
}

/// A failure and what caused it, one after the other.
fn put_failure(text: &mut String, failure: &Failure) {
    let mut next = Some(failure);
    let mut introduction = "";
    while let Some(failure) = next {
        let kind = failure.as_application().map_or("", |fields| fields.failure_type.as_str());
        let separator = if kind.is_empty() { "" } else { ": " };
        let (kind, message) = (on_one_line(kind), on_one_line(&failure.message));
        put(text, format_args!("{FURTHER}{introduction}{kind}{separator}{message}"));
        for frame in failure.stack_trace.lines().filter(|frame| !frame.trim().is_empty()) {
            put(text, format_args!("{FURTHER}  {}", on_one_line(frame)));
        }
        next = failure.cause.as_deref();
        introduction = "caused by ";
    }
}

/// A value: a word as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(word) if is_word(word) => word.clone(),
        value => on_one_line(&value.to_string()).into_owned(),
    }
}

/// Whether a text can be taken for nothing else when it stands without quotes.
fn is_word(text: &str) -> bool {
    let ordinary = |each: char| each.is_alphanumeric() || matches!(each, '-' | '_' | '.' | '/' | ':' | '@' | '+');
    !text.is_empty() && text.chars().all(ordinary)
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Trace => "TRACE",
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    }
}

/// The colour of a level.
fn strength(level: Level) -> &'static str {
    match level {
        Level::Trace => "\u{1b}[35m",
        Level::Debug => "\u{1b}[34m",
        Level::Info => "\u{1b}[32m",
        Level::Warn => "\u{1b}[33m",
        Level::Error => "\u{1b}[31m",
    }
}

fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = text.write_fmt(more);
}
