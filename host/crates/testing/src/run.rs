//! How an attempt went.

use activity::{End, Failure, Payload, Report, Usage};
use serde::de::DeserializeOwned;

use crate::{Error, Transcript, values::value};

/// How an attempt went.
#[derive(Debug)]
pub struct Run {
    /// What the attempt said.
    pub said: Transcript,
    /// What a worker would report to the server.
    pub report: Report,
    /// How the guest came to its end.
    pub end: End,
    /// What it cost.
    pub usage: Usage,
}

impl Run {
    /// The result, decoded from JSON; null decodes as such.
    ///
    /// # Errors
    /// When the attempt did not complete, and when its result is not JSON of this type.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match &self.report {
            Report::Completed(payload) => decode(payload),
            Report::Failed(failure) => Err(Error::Result(format!("the attempt failed: {}", failure.message))),
            Report::Cancelled(_) => Err(Error::Result("the attempt was cancelled".to_owned())),
            Report::WillCompleteAsync => Err(Error::Result("the attempt completes from elsewhere".to_owned())),
            Report::TimedOut => Err(Error::Result("the attempt's time was over before it ended".to_owned())),
            Report::Abandoned => Err(Error::Result("the server would have given the attempt up".to_owned())),
        }
    }

    /// The failure, if one would be reported.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.report {
            Report::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The type of the failure, if one would be reported.
    pub fn failure_type(&self) -> Option<&str> {
        Some(self.failure()?.as_application()?.failure_type.as_str())
    }
}

fn decode<T: DeserializeOwned>(payload: &Payload) -> Result<T, Error> {
    serde_json::from_value(value(payload)).map_err(|error| Error::Result(error.to_string()))
}
