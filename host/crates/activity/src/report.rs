//! What is reported for an end: parity with Temporal's Python worker, except that nothing the server would refuse is
//! ever sent.

use crate::{
    ApplicationFailure, CancellationDetails, End, Failure, FailureKind, Info, KillReason, Outcome, Payload, Reported,
    SandboxFailure, SandboxFailureKind, shown,
};

/// Type and message of the failure of an attempt that was paused and ended as cancelled.
const PAUSED: (&str, &str) = ("ActivityPause", "Unhandled activity cancel error produced by activity pause");

/// Type and message of the failure of an attempt that was reset and ended as cancelled.
const RESET: (&str, &str) = ("ActivityReset", "Unhandled activity cancel error produced by activity reset");

/// What is reported on an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A result.
    Completed(Payload),
    /// A failure of the application kind.
    Failed(Box<Failure>),
    /// A cancellation that was requested, with details.
    Cancelled(Vec<Payload>),
    /// That it will be completed from elsewhere.
    WillCompleteAsync,
    /// Nothing: the attempt's time was over before it ended, and the server times it out by itself.
    TimedOut,
    /// Nothing: the server has given up the attempt.
    Abandoned,
}

impl Report {
    /// What to report for `end`, given every reason to stop that there was and the failure of a heartbeat that could not
    /// be encoded.
    pub fn decide(end: End, reasons: CancellationDetails, heartbeat_failure: Option<Failure>) -> Self {
        if reasons.contains(CancellationDetails::TIMED_OUT) {
            // Whatever the attempt came to, it came too late: a report could overtake the server's timeout and hide it. The
            // server that has timed it out by then knows it no more, which is a consequence and no reason.
            return Self::TimedOut;
        }
        if reasons.contains(CancellationDetails::NOT_FOUND) {
            // The server knows the attempt no more, so there is nobody to report to.
            return Self::Abandoned;
        }
        match end {
            End::Returned(Outcome::Completed(output)) => Self::Completed(output.unwrap_or_else(Payload::null)),
            End::Returned(Outcome::Failed(failure)) => failed(failure),
            End::Returned(Outcome::WillCompleteAsync) => Self::WillCompleteAsync,
            End::Returned(Outcome::Cancelled(details)) => stopped_as_cancelled(details, reasons, heartbeat_failure),
            End::Stopped(failure) => failed(failure.into()),
            End::Killed(reason) => killed(reason, reasons, heartbeat_failure),
        }
    }

    /// The failure of a task whose type nothing serves: the Python worker's, word for word, but for a list that is cut.
    pub fn not_registered(info: &Info, available: &[String]) -> Self {
        let workflow_id = info.workflow.as_ref().map_or("", |workflow| workflow.workflow_id.as_str());
        let message = format!(
            "Activity function {} for workflow {workflow_id} is not registered on this worker, available activities: {}",
            info.activity_type,
            shown::names(available.iter().map(String::as_str))
        );
        failed(Failure::application("NotFoundError", message))
    }

    /// The failure of an attempt that a bug of the worker lost.
    pub fn lost() -> Self {
        failed(SandboxFailure::new(SandboxFailureKind::Load, "the worker lost the attempt").into())
    }

    /// What made an attempt that ended as cancelled a failure: `pause` or `reset`, when it was one of these.
    pub fn unhandled_cancellation(failure: &Failure) -> Option<&'static str> {
        let failure_type = failure.as_application()?.failure_type.as_str();
        match (failure_type, failure.message.as_str()) {
            PAUSED => Some("pause"),
            RESET => Some("reset"),
            _ => None,
        }
    }

    /// Whether the server is told of it.
    pub fn needs_saying(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_) | Self::Cancelled(_))
    }

    /// As an observer sees it.
    pub fn as_reported(&self) -> Reported<'_> {
        match self {
            Self::Completed(_) => Reported::Completed,
            Self::Failed(failure) => Reported::Failed(failure),
            Self::Cancelled(_) => Reported::Cancelled,
            Self::WillCompleteAsync => Reported::WillCompleteAsync,
            Self::TimedOut => Reported::TimedOut,
            Self::Abandoned => Reported::Abandoned,
        }
    }
}

/// The guest stopped as cancelled.
fn stopped_as_cancelled(
    details: Vec<Payload>,
    reasons: CancellationDetails,
    heartbeat_failure: Option<Failure>,
) -> Report {
    if let Some(failure) = heartbeat_failure {
        return failed(failure);
    }
    if let Some(report) = requested(&details, reasons) {
        return report;
    }
    if reasons.contains(CancellationDetails::WORKER_SHUTDOWN) {
        return worker_shutdown();
    }
    let message = "the activity ended as cancelled, but its cancellation was not requested";
    let fields = ApplicationFailure { failure_type: "CancelledError".to_owned(), details, ..Default::default() };
    failed(Failure::new(message, FailureKind::Application(fields)))
}

fn killed(reason: KillReason, reasons: CancellationDetails, heartbeat_failure: Option<Failure>) -> Report {
    match reason {
        KillReason::LeaseLost => return Report::Abandoned,
        KillReason::Deadline => return Report::TimedOut,
        KillReason::WorkerShutdown | KillReason::Cancelled => {}
    }
    if let Some(report) = requested(&[], reasons) {
        return report;
    }
    if reason == KillReason::WorkerShutdown {
        return worker_shutdown();
    }
    // Killed as cancelled without any request known: what the server would refuse as a cancellation.
    let killed = || Failure::application("CancelledError", "the attempt was killed as cancelled");
    failed(heartbeat_failure.unwrap_or_else(killed))
}

/// What a stop that somebody asked for is reported as. The server takes a cancellation only when it was requested.
fn requested(details: &[Payload], reasons: CancellationDetails) -> Option<Report> {
    if reasons.contains(CancellationDetails::PAUSED) {
        Some(failed(Failure::application(PAUSED.0, PAUSED.1)))
    } else if reasons.contains(CancellationDetails::RESET) {
        Some(failed(Failure::application(RESET.0, RESET.1)))
    } else if reasons.contains(CancellationDetails::CANCEL_REQUESTED) {
        Some(Report::Cancelled(details.to_vec()))
    } else {
        None
    }
}

/// Core's own failure for the case, so that every Temporal worker reports the same.
fn worker_shutdown() -> Report {
    let message = "Worker is shutting down and this activity did not complete in time";
    failed(Failure::application("WorkerShutdown", message))
}

/// A failure that the server accepts: one of another kind than application becomes the cause of one that is.
fn failed(failure: Failure) -> Report {
    if matches!(failure.kind, FailureKind::Application(_)) {
        return Report::Failed(Box::new(failure));
    }
    let mut wrapper = Failure::application(failure.kind.type_name(), failure.message.clone());
    wrapper.cause = Some(Box::new(failure));
    Report::Failed(Box::new(wrapper))
}

#[cfg(test)]
mod tests;
