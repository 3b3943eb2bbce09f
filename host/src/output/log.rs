//! The log as commands want it: its style, and what is in it.

use std::io::{self, IsTerminal as _};

use activity::Level;
use logging::{Log, Style};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::Format;
use crate::config::{log::LogFormat, settings::LogSettings};

/// The variable that says what is logged, in `tracing`'s notation, such as `debug` or `isolet=debug,activity=trace`.
const FILTER_VARIABLE: &str = "ISOLET_LOG";

/// What is logged unless someone says so: what commands tell people and what activities say from `info` on, everything
/// else from `warn` on.
const FILTER: &str = "warn,isolet=info,activity=info";

/// What is logged where people, or scripts, are told by other means.
const QUIET_FILTER: &str = "warn";

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

/// Begins to log in a process that a worker has started, which passes on the lines.
pub(crate) fn start_for_worker() {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(LevelFilter::WARN);
    // It is the only one here.
    let _ = lines.with_ansi(false).without_time().with_level(false).with_target(false).try_init();
}

/// The least important level of lines that anyone is told: those that the filter lets through, or all of them as events.
pub(super) fn least_level(output: Format) -> Level {
    match output {
        Format::Human => logging::least_level(),
        Format::Json => Level::Trace,
    }
}

fn start_with(format: LogFormat, filter: &str) -> Log {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(filter));
    let style = match format {
        LogFormat::Text => Style::Text { colours: io::stderr().is_terminal() },
        LogFormat::Json => Style::Json,
    };
    logging::start(style, filter)
}
