//! Lines about attempts: what guests say, and what Temporal's Python worker logs of them, in its words and at its levels.
//!
//! The Python worker logs heartbeat details and results at debug level. Here nobody's payloads are logged: they may be
//! secret, and whoever reads a log is not always who may read them. Their number and size stand for them.

use std::sync::Arc;

use activity::{About, Failure, FailureCategory, Level, Observation, Observer, Payload, Report, Reported, Usage};
use serde_json::{Map, Value};

use crate::{
    Log,
    fields::usage_fields,
    filter::is_enabled,
    line::Line,
    queue::{Owner, Speaker},
};

/// The Python SDK's logger for lines about an activity.
const SDK_LOGGER: &str = "temporalio.activity";

/// How the Python SDK marks a line on a failed activity.
const FAILURE_IDENTIFIER: &str = "ActivityFailure";

/// Tells of attempts in the log.
#[derive(Clone, Debug)]
pub struct AttemptLog {
    log: Log,
    /// Who pays for lines about attempts that no component runs.
    tenant: Arc<str>,
}

impl AttemptLog {
    /// Tells of the attempts of `tenant`.
    pub fn new(log: Log, tenant: &str) -> Self {
        Self { log, tenant: tenant.into() }
    }

    fn write(&self, speaker: Speaker, about: About<'_>, line: Line<'_>) {
        let about = Some(about);
        self.log.write(self.owner(speaker, about), &Line { about, ..line });
    }

    fn owner(&self, speaker: Speaker, about: Option<About<'_>>) -> Owner {
        Owner::new(speaker, &self.tenant, about.and_then(|about| about.component))
    }

    /// One of the SDK's own lines.
    fn say(&self, speaker: Speaker, about: About<'_>, level: Level, message: &str) {
        if is_enabled(level) {
            self.write(speaker, about, Line::new(level, SDK_LOGGER, message));
        }
    }

    fn finished(&self, about: About<'_>, reported: &Reported<'_>, usage: Usage) {
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
            Reported::Unreported { refusal: Some(refusal) } => {
                (Level::Error, format!("Not completed: the server refused what it came to: {refusal}"))
            }
            Reported::Unreported { refusal: None } => {
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
        let fields = fields.collect::<Map<String, Value>>();
        self.write(Speaker::Attempt, about, Line { fields, identifier, failure, ..line });
    }
}

impl Observer for AttemptLog {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        match observation {
            Observation::Started => self.say(Speaker::Attempt, about, Level::Debug, "Starting activity"),
            Observation::Logged(line) => self.log.put(self.owner(Speaker::Guest, Some(about)), line.to_owned()),
            Observation::LogLinesDropped(count) => {
                let message = format!("{count} log lines of this activity were dropped: too many at once");
                self.say(Speaker::Guest, about, Level::Warn, &message);
            }
            Observation::Heartbeat(details) => self.say(Speaker::Guest, about, Level::Debug, &heartbeat(details)),
            Observation::HeartbeatFailed(failure) => {
                let message = "Cancelling activity because failed recording heartbeat";
                if is_enabled(Level::Warn) {
                    let line = Line::new(Level::Warn, SDK_LOGGER, message);
                    self.write(Speaker::Guest, about, Line { failure: Some(failure), ..line });
                }
            }
            // Metrics have an exporter of their own.
            Observation::Measured(_) => {}
            Observation::Finished { reported, usage, .. } => self.finished(about, &reported, usage),
        }
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

/// Described alone: what guests record may be secret.
fn heartbeat(details: &[Payload]) -> String {
    let bytes = details.iter().map(|payload| payload.data.len()).sum::<usize>();
    format!("Recording heartbeat with details of {} values and {bytes} bytes", details.len())
}
