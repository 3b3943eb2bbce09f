//! Panics: their message reaches the failure.
//!
//! A panic aborts the instance, which can then return no outcome. So the message leaves beforehand, as a log line of
//! its own logger, and the host takes the last such line as the message of the failure that it reports for the trap.

use std::panic::{PanicHookInfo, set_hook};

use crate::bindings::isolet::activity::log;

/// The logger by which the host knows a panic.
const LOGGER: &str = "isolet.panic";

/// Installs the hook; once for each instance, which runs one attempt.
pub(crate) fn install() {
    set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("panic");
    let message = match panic.location() {
        Some(place) => format!("{message} at {}:{}:{}", place.file(), place.line(), place.column()),
        None => message.to_owned(),
    };
    log::write(&log::LogRecord { level: log::Level::Error, logger: LOGGER.to_owned(), message, fields: Vec::new() });
}
