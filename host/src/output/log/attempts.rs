//! Lines about attempts: what guests say, and what Temporal's Python worker logs of them, in its words and at its levels.
//!
//! The Python worker logs heartbeat details and results at debug level. Here nobody's payloads are logged: they may be
//! secret, and whoever reads a log is not always who may read them. Their number and size stand for them.

use std::sync::Arc;

use activity::{
    Directory, Failure, FailureCategory, Info, Level, LogRecord, Observation, Observer, Payload, Report, Reported,
    Usage,
};
use serde_json::{Map, Value};

use super::{
    ACTIVITY_TARGET,
    line::{About, Line},
    sink::Log,
};
use crate::output::{
    Format,
    events::{log_values, usage_fields},
};

/// The Python SDK's logger for lines about an activity.
const SDK_LOGGER: &str = "temporalio.activity";

/// How the Python SDK marks a line on a failed activity.
const FAILURE_IDENTIFIER: &str = "ActivityFailure";

/// Tells of the attempts of one task queue in the log.
#[derive(Clone)]
pub(crate) struct AttemptLog {
    log: Log,
    tenant: Arc<str>,
    directory: Arc<dyn Directory>,
}

impl AttemptLog {
    /// Tells of the attempts that `directory` serves for `tenant`.
    pub(crate) fn new(log: Log, tenant: &str, directory: Arc<dyn Directory>) -> Self {
        Self { log, tenant: tenant.into(), directory }
    }

    fn write(&self, info: &Info, line: Line<'_>) {
        let definition = self.directory.find(&info.activity_type);
        let component = definition.as_ref().map(|definition| definition.component.id().name.as_str());
        let about = About { info, component, tenant: &self.tenant };
        self.log.write(&Line { about: Some(about), ..line });
    }

    /// One of the SDK's own lines.
    fn tell(&self, info: &Info, level: Level, message: &str) {
        if is_enabled(level) {
            self.write(info, Line::new(level, SDK_LOGGER, message));
        }
    }

    fn pass_on(&self, info: &Info, record: &LogRecord) {
        if is_enabled(record.level) {
            let line = Line::new(record.level, &record.logger, &record.message);
            self.write(info, Line { fields: log_values(record), ..line });
        }
    }

    fn finished(&self, info: &Info, reported: &Reported<'_>, usage: Usage) {
        let (level, message) = match reported {
            Reported::Completed => (Level::Info, "Completed activity".to_owned()),
            Reported::Failed(failure) => failed(failure),
            Reported::Cancelled => (Level::Debug, "Completing as cancelled".to_owned()),
            Reported::WillCompleteAsync => (Level::Debug, "Completing asynchronously".to_owned()),
            Reported::TimedOut => {
                (Level::Warn, "Not completing, because the time of the attempt was over before it ended".to_owned())
            }
            Reported::Abandoned => {
                (Level::Warn, "Not completing, because the server has given up the activity".to_owned())
            }
            Reported::Unreported => {
                let message = "Not completed: the server could not be reached before the activity timed out";
                (Level::Error, message.to_owned())
            }
        };
        if !is_enabled(level) {
            return;
        }
        let failure = match reported {
            Reported::Failed(failure) if Report::unhandled_cancellation(failure).is_none() => Some(*failure),
            _ => None,
        };
        let fields = usage_fields(usage).into_iter().map(|(key, value)| (key.to_owned(), value));
        let identifier = failure.map(|_| FAILURE_IDENTIFIER);
        let line = Line::new(level, SDK_LOGGER, &message);
        self.write(info, Line { fields: fields.collect::<Map<String, Value>>(), identifier, failure, ..line });
    }
}

impl Observer for AttemptLog {
    fn observe(&self, info: &Info, observation: Observation<'_>) {
        match observation {
            Observation::Started => self.tell(info, Level::Debug, "Starting activity"),
            Observation::Logged(record) => self.pass_on(info, record),
            Observation::LogLinesDropped(count) => {
                self.tell(
                    info,
                    Level::Warn,
                    &format!("{count} log lines of this activity were dropped: too many at once"),
                );
            }
            Observation::Heartbeat(details) => self.tell(info, Level::Debug, &heartbeat(details)),
            Observation::HeartbeatFailed(failure) => {
                let message = "Cancelling activity because failed recording heartbeat";
                if is_enabled(Level::Warn) {
                    self.write(info, Line { failure: Some(failure), ..Line::new(Level::Warn, SDK_LOGGER, message) });
                }
            }
            // Metrics have an exporter of their own.
            Observation::Measured(_) => {}
            Observation::Finished { reported, usage, killed: _ } => self.finished(info, &reported, usage),
        }
    }
}

impl std::fmt::Debug for AttemptLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttemptLog").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// What the Python worker says of a failure that it reports.
fn failed(failure: &Failure) -> (Level, String) {
    if let Some(what) = Report::unhandled_cancellation(failure) {
        let message = format!("Completing as failure due to unhandled cancel error produced by activity {what}");
        return (Level::Warn, message);
    }
    let category = failure.as_application().map(|fields| fields.category);
    let level = if category == Some(FailureCategory::Benign) { Level::Debug } else { Level::Warn };
    (level, "Completing activity as failed".to_owned())
}

fn heartbeat(details: &[Payload]) -> String {
    let bytes = details.iter().map(|payload| payload.data.len()).sum::<usize>();
    format!("Recording heartbeat with details of {} values and {bytes} bytes", details.len())
}

/// The least important level of lines that anyone is told: those that the filter lets through, or all of them as events.
pub(crate) fn least_level(output: Format) -> Level {
    let all = [Level::Trace, Level::Debug, Level::Info, Level::Warn];
    let told = |level: &Level| output == Format::Json || is_enabled(*level);
    all.into_iter().find(told).unwrap_or(Level::Error)
}

/// Whether the filter lets lines about attempts through at this level.
fn is_enabled(level: Level) -> bool {
    match level {
        Level::Trace => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::TRACE),
        Level::Debug => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::DEBUG),
        Level::Info => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::INFO),
        Level::Warn => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::WARN),
        Level::Error => tracing::enabled!(target: ACTIVITY_TARGET, tracing::Level::ERROR),
    }
}
