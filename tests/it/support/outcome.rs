//! How an activity ended, as its caller sees it.

use std::{fmt, time::Duration};

use serde::de::DeserializeOwned;
use temporalio_common::protos::temporal::api::{
    common::v1::Payload,
    enums::v1::{ApplicationErrorCategory, RetryState, TimeoutType},
    failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
};

use super::payload;

/// How an activity ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// With this value.
    Completed(Payload),
    /// With this failure: timeouts, cancellations and terminations are kinds of it.
    Failed {
        /// What went wrong.
        failure: Box<Failure>,
        /// Why it was not tried again.
        retry_state: RetryState,
    },
}

impl Outcome {
    /// With this failure.
    pub(crate) fn failed(failure: Option<Failure>, retry_state: i32) -> Self {
        let retry_state = RetryState::try_from(retry_state).unwrap();
        Self::Failed { failure: Box::new(failure.unwrap()), retry_state }
    }

    /// The value.
    pub(crate) fn payload(&self) -> &Payload {
        match self {
            Self::Completed(payload) => payload,
            Self::Failed { .. } => panic!("the activity did not complete: {self}"),
        }
    }

    /// The value, decoded from JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        let payload = self.payload();
        serde_json::from_slice(&payload.data)
            .unwrap_or_else(|error| panic!("the result {} does not decode: {error}", payload::shown(payload)))
    }

    /// The failure.
    pub(crate) fn failure(&self) -> &Failure {
        match self {
            Self::Failed { failure, .. } => failure,
            Self::Completed(_) => panic!("the activity did not fail: {self}"),
        }
    }

    /// Whether its attempt took too long.
    pub(crate) fn is_start_to_close_timeout(&self) -> bool {
        let Self::Failed { failure, .. } = self else { return false };
        matches!(&failure.failure_info, Some(FailureInfo::TimeoutFailureInfo(timeout)) if timeout.timeout_type() == TimeoutType::StartToClose)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed(payload) => write!(f, "completed: {}", payload::shown(payload)),
            Self::Failed { failure, retry_state } => {
                let mut next = Some(failure.as_ref());
                let mut intro = "";
                while let Some(failure) = next {
                    f.write_str(intro)?;
                    write_failure(f, failure)?;
                    next = failure.cause.as_deref();
                    intro = "\ncaused by ";
                }
                match retry_state {
                    RetryState::Unspecified => Ok(()),
                    state => write!(f, "\nnot tried again: {state:?}"),
                }
            }
        }
    }
}

/// Everything but the stack trace.
fn write_failure(f: &mut fmt::Formatter<'_>, failure: &Failure) -> fmt::Result {
    let message = &failure.message;
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            write!(f, "failed: {}: {message}", info.r#type)?;
            write_application_fields(f, info)
        }
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            let kind = TimeoutType::try_from(info.timeout_type).map_err(|_| fmt::Error)?;
            write!(f, "timed out: {kind:?}: {message}")?;
            match &info.last_heartbeat_details {
                Some(details) => write!(f, "\n  last heartbeat: {}", payload::all_shown(Some(details))),
                None => Ok(()),
            }
        }
        Some(FailureInfo::CanceledFailureInfo(info)) => {
            write!(f, "cancelled: {message} {}", payload::all_shown(info.details.as_ref()))
        }
        Some(FailureInfo::TerminatedFailureInfo(_)) => write!(f, "terminated: {message}"),
        other => write!(f, "{message} ({other:?})"),
    }
}

fn write_application_fields(f: &mut fmt::Formatter<'_>, info: &ApplicationFailureInfo) -> fmt::Result {
    if let Some(details) = &info.details {
        write!(f, "\n  details: {}", payload::all_shown(Some(details)))?;
    }
    if info.non_retryable {
        write!(f, "\n  non-retryable")?;
    }
    if info.category == i32::from(ApplicationErrorCategory::Benign) {
        write!(f, "\n  benign")?;
    }
    if let Some(delay) = info.next_retry_delay {
        let delay = Duration::try_from(delay).map_err(|_| fmt::Error)?;
        write!(f, "\n  next attempt in {}", humantime::format_duration(delay))?;
    }
    Ok(())
}
