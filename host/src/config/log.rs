//! `[log]`: how the log looks, and what is in it.

use clap::Args;
use tracing_subscriber::EnvFilter;

pub(crate) use super::raw::LogFormat;
use super::{problems::Problems, raw::RawLog};

/// The log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogSettings {
    /// How it looks.
    pub format: LogFormat,
    /// What is in it, in `tracing`'s notation; `None` for what suits the command.
    pub filter: Option<String>,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Log (on standard error; ISOLET_LOG says what is in it)")]
pub(crate) struct LogFlags {
    /// For people, or one JSON object a line [default: text].
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
}

/// Checks what was written.
pub(super) fn validate(raw: RawLog, problems: &mut Problems) -> LogSettings {
    if let Some(Err(error)) = raw.filter.as_ref().map(EnvFilter::try_new) {
        problems.add("log.filter", error);
    }
    LogSettings { format: raw.format(), filter: raw.filter }
}

impl LogFlags {
    /// Puts the flag over `settings`.
    pub(crate) fn apply(self, settings: &mut LogSettings) {
        settings.format = self.log_format.unwrap_or(settings.format);
    }
}
