//! The outcome table, row by row.

use super::*;
use crate::{FailureCategory, TimeoutFailure, TimeoutType, WorkflowExecution};

const NONE: CancellationDetails = CancellationDetails::empty();
const REQUESTED: CancellationDetails = CancellationDetails::CANCEL_REQUESTED;
const PAUSED: CancellationDetails = CancellationDetails::PAUSED;
const RESET: CancellationDetails = CancellationDetails::RESET;
const TIMED_OUT: CancellationDetails = CancellationDetails::TIMED_OUT;
const NOT_FOUND: CancellationDetails = CancellationDetails::NOT_FOUND;
const SHUTDOWN: CancellationDetails = CancellationDetails::WORKER_SHUTDOWN;
/// Reasons for which an attempt's word still counts.
const IN_TIME: [CancellationDetails; 5] = [NONE, REQUESTED, PAUSED, RESET, SHUTDOWN];

fn show(report: &Report) -> String {
    match report {
        Report::Completed(payload) => format!("completed {}", String::from_utf8_lossy(&payload.data)),
        Report::Failed(failure) => {
            let fields = failure.as_application().expect("only application failures are reported");
            let retried = if fields.non_retryable { "fatal" } else { "failed" };
            format!("{retried} {}", fields.failure_type)
        }
        Report::Cancelled(details) => format!("cancelled with {}", details.len()),
        Report::WillCompleteAsync => "async".to_owned(),
        Report::TimedOut => "timed out".to_owned(),
        Report::Abandoned => "abandoned".to_owned(),
    }
}

#[track_caller]
fn check(end: End, reasons: CancellationDetails, expected: &str) {
    assert_eq!(show(&Report::decide(end, reasons, None)), expected);
}

fn cancelled() -> End {
    End::Returned(Outcome::Cancelled(vec![Payload::json("1")]))
}

#[test]
fn a_return_counts_whatever_was_asked() {
    for reasons in IN_TIME {
        check(End::Returned(Outcome::Completed(Some(Payload::json("7")))), reasons, "completed 7");
        check(End::Returned(Outcome::WillCompleteAsync), reasons, "async");
        check(End::Returned(Outcome::Failed(Failure::application("Mine", "m"))), reasons, "failed Mine");
        let trap = SandboxFailure::new(SandboxFailureKind::Trap, "unreachable");
        check(End::Stopped(trap), reasons, "failed SandboxTrap");
    }
}

#[test]
fn nothing_counts_once_the_time_of_the_attempt_is_over() {
    let ends = || {
        [
            End::Returned(Outcome::Completed(Some(Payload::json("7")))),
            End::Returned(Outcome::WillCompleteAsync),
            End::Returned(Outcome::Failed(Failure::application("Mine", "m"))),
            cancelled(),
            End::Stopped(SandboxFailure::new(SandboxFailureKind::Trap, "unreachable")),
            End::Killed(KillReason::Deadline),
            End::Killed(KillReason::Cancelled),
            End::Killed(KillReason::WorkerShutdown),
        ]
    };
    for reasons in [REQUESTED, PAUSED, RESET, SHUTDOWN, NONE] {
        for end in ends() {
            check(end, TIMED_OUT.union(reasons), "timed out");
        }
        for end in ends() {
            check(end, TIMED_OUT.union(NOT_FOUND).union(reasons), "timed out");
        }
        for end in ends() {
            check(end, NOT_FOUND.union(reasons), "abandoned");
        }
    }
    // An executor that keeps the deadline by itself may be the first to know.
    check(End::Killed(KillReason::Deadline), NONE, "timed out");
}

#[test]
fn no_value_is_the_null_payload() {
    assert_eq!(Report::decide(End::Returned(Outcome::Completed(None)), NONE, None), Report::Completed(Payload::null()));
}

#[test]
fn a_guest_that_stops_as_cancelled_is_reported_by_who_asked() {
    check(cancelled(), NONE, "failed CancelledError");
    check(cancelled(), REQUESTED, "cancelled with 1");
    check(cancelled(), PAUSED, "failed ActivityPause");
    check(cancelled(), RESET, "failed ActivityReset");
    check(cancelled(), SHUTDOWN, "failed WorkerShutdown");
    check(cancelled(), TIMED_OUT, "timed out");
    check(cancelled(), NOT_FOUND, "abandoned");
    check(cancelled(), REQUESTED.union(CancellationDetails::PAUSED), "failed ActivityPause");
    check(cancelled(), REQUESTED.union(CancellationDetails::WORKER_SHUTDOWN), "cancelled with 1");
}

#[test]
fn a_heartbeat_that_could_not_be_encoded_explains_the_cancellation() {
    let failure = || Some(Failure::application("TypeError", "not serialisable"));
    for reasons in IN_TIME {
        assert_eq!(show(&Report::decide(cancelled(), reasons, failure())), "failed TypeError");
    }
    let returned = End::Returned(Outcome::Completed(Some(Payload::json("7"))));
    assert_eq!(show(&Report::decide(returned, NONE, failure())), "completed 7");
    let killed = End::Killed(KillReason::Cancelled);
    assert_eq!(show(&Report::decide(killed, NONE, failure())), "failed TypeError");
}

#[test]
fn a_kill_is_reported_by_its_reason_unless_somebody_asked() {
    let cases = [
        (KillReason::Deadline, TIMED_OUT, "timed out"),
        (KillReason::Deadline, REQUESTED.union(CancellationDetails::TIMED_OUT), "timed out"),
        (KillReason::Cancelled, REQUESTED, "cancelled with 0"),
        (KillReason::Cancelled, PAUSED, "failed ActivityPause"),
        (KillReason::Cancelled, RESET, "failed ActivityReset"),
        (KillReason::Cancelled, NONE, "failed CancelledError"),
        (KillReason::WorkerShutdown, SHUTDOWN, "failed WorkerShutdown"),
        (KillReason::WorkerShutdown, REQUESTED.union(CancellationDetails::WORKER_SHUTDOWN), "cancelled with 0"),
        (KillReason::LeaseLost, NOT_FOUND, "abandoned"),
    ];
    for (reason, reasons, expected) in cases {
        check(End::Killed(reason), reasons, expected);
    }
}

#[test]
fn any_other_kind_of_failure_is_wrapped_and_kept_as_the_cause() {
    let timeout = TimeoutFailure { timeout_type: TimeoutType::StartToClose, last_heartbeat_details: Vec::new() };
    let kinds = [
        (FailureKind::Cancelled(Vec::new()), "CancelledError"),
        (FailureKind::Timeout(timeout), "TimeoutError"),
        (FailureKind::Terminated, "TerminatedError"),
        (FailureKind::Server { non_retryable: true }, "ServerError"),
        (FailureKind::ChildWorkflow { workflow: WorkflowExecution::default() }, "ChildWorkflowError"),
        (FailureKind::Other("NexusOperationFailureInfo".to_owned()), "NexusOperationFailureInfo"),
    ];
    for (kind, failure_type) in kinds {
        let failure = Failure::new("m", kind);
        let Report::Failed(reported) = Report::decide(End::Returned(Outcome::Failed(failure.clone())), NONE, None)
        else {
            panic!("not reported as failed");
        };
        assert_eq!(reported.as_application().unwrap().failure_type, failure_type);
        assert_eq!((reported.message.as_str(), reported.cause), ("m", Some(Box::new(failure))));
    }
}

#[test]
fn an_application_failure_passes_unchanged() {
    let fields = ApplicationFailure {
        failure_type: "Mine".to_owned(),
        non_retryable: true,
        category: FailureCategory::Benign,
        ..Default::default()
    };
    let failure = Failure::new("m", FailureKind::Application(fields));
    let report = Report::decide(End::Returned(Outcome::Failed(failure.clone())), NONE, None);
    assert_eq!(report, Report::Failed(Box::new(failure)));
}
