//! All that the program prints. Nothing else writes to standard output or standard error.
//!
//! Whoever reads may go away at any time, so a write that fails is no error of the program: it is dropped.

pub(crate) mod human;

pub(crate) mod lines;

pub(crate) mod log;

pub(crate) mod progress;

pub(crate) mod reporter;

pub(crate) mod releases;

pub(crate) mod status;

use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
};

use activity::{
    Payload,
    shown::{in_json, on_its_lines},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::exit::Problem;

/// For whom the output is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// For scripts: JSON on standard output, one document a line.
    Json,
}

/// Prints a line on standard output.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints text on standard output as it is.
pub(crate) fn print(text: &str) {
    raw(text.as_bytes());
}

/// Writes bytes to standard output.
pub(crate) fn raw(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(bytes);
    let _ = stdout.flush();
}

/// Prints one JSON document as a line on standard output.
pub(crate) fn json(document: &Value) {
    print(&json_line(document));
}

/// Prints text on standard output, for what tells again and again: it ends once nobody reads.
///
/// # Errors
/// When nobody reads it.
pub(crate) fn read_by_somebody(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// One JSON document as a line.
pub(crate) fn json_line(document: &Value) -> String {
    format!("{}\n", in_json(&document.to_string()))
}

/// Tells the user something on standard error, where it does not mix with the result.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints what went wrong, why, and what to do.
pub(crate) fn problem(problem: &Problem) {
    let mut told = indented(&problem.error.to_string());
    for cause in problem.error.chain().skip(1) {
        let cause = indented(&cause.to_string());
        // Some errors tell their causes themselves.
        if !told.contains(&cause) {
            told = format!("{told}\n  because: {cause}");
        }
    }
    if let Some(cure) = &problem.cure {
        told = format!("{told}\n  cure: {}", indented(cure));
    }
    note(format_args!("error: {told}"));
}

/// A payload as scripts read it: its value where that is JSON, else its encoding and its bytes in base64.
pub(crate) fn payload(payload: &Payload) -> Value {
    payload_json(payload).unwrap_or_else(|| {
        let encoding = payload.metadata("encoding").map(|encoding| String::from_utf8_lossy(encoding).into_owned());
        json!({"encoding": encoding, "base64": STANDARD.encode(&payload.data)})
    })
}

/// The value of a payload that is JSON or null; `None` for any other.
fn payload_json(payload: &Payload) -> Option<Value> {
    match payload.metadata("encoding").map(AsRef::as_ref) {
        Some(b"binary/null") => Some(Value::Null),
        Some(encoding) if encoding.starts_with(b"json/") => serde_json::from_slice(&payload.data).ok(),
        _ => None,
    }
}

/// Clears the terminal that standard output is.
pub(crate) fn clear() {
    raw(b"\x1b[H\x1b[2J");
}

/// Whether standard output is a terminal, where binary data does harm.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Further lines of a text under its first.
fn indented(text: &str) -> String {
    on_its_lines(text.trim_end()).replace('\n', "\n    ").replace("\n    \n", "\n\n")
}
