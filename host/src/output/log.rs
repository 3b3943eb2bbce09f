//! The log, on standard error: what the host tells, what Temporal's SDK would tell of attempts, and what guests say.
//!
//! Reading order: a [`mod@line`] is what is logged; [`text`] and [`json`] write it down; [`host`] makes lines of the host's
//! own, [`attempts`] those about attempts; [`sink`] is where they go.

pub(crate) mod line;

pub(crate) mod text;

mod json;

pub(crate) mod sink;

mod host;

pub(crate) mod attempts;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub(crate) use self::sink::Log;
use super::Format;
use crate::config::{log::LogFormat, settings::LogSettings};

/// The variable that says what is logged, in `tracing`'s notation, such as `debug` or `isolet=debug,activity=trace`.
const FILTER_VARIABLE: &str = "ISOLET_LOG";

/// What is logged unless someone says so: what commands tell people and what activities say from `info` on, everything
/// else from `warn` on.
const FILTER: &str = "warn,isolet=info,activity=info";

/// What is logged where people, or scripts, are told by other means.
const QUIET_FILTER: &str = "warn";

/// What is never logged below errors, whatever is asked for: lines that a guest could write without end.
const GUESTS_DOING: &str = "wasmtime_wasi_http=error";

/// The target under which a filter knows lines about attempts.
const ACTIVITY_TARGET: &str = "activity";

/// Begins to log for a command that serves: to people everything that they may want to know, beside events only what is
/// wrong; or what the settings or the variable say.
pub(crate) fn start(settings: &LogSettings, output: Format) -> Log {
    let default = match output {
        Format::Human => FILTER,
        Format::Json => QUIET_FILTER,
    };
    start_with(settings.format, settings.filter.as_deref().unwrap_or(default))
}

/// Begins to log for a command whose result is all that people want.
pub(crate) fn start_quiet() {
    start_with(LogFormat::Text, QUIET_FILTER);
}

fn start_with(format: LogFormat, filter: &str) -> Log {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(filter));
    let filter = GUESTS_DOING.parse().into_iter().fold(filter, EnvFilter::add_directive);
    let terminal = io::stderr().is_terminal();
    let log = Log::new(match format {
        LogFormat::Text => sink::Style::Text { colours: terminal },
        LogFormat::Json => sink::Style::Json,
    });
    // Fails only when logging was started before, and then it is already as wanted.
    let _ = tracing_subscriber::registry().with(filter).with(host::HostLines::new(log.clone())).try_init();
    log
}

#[cfg(test)]
mod tests;
