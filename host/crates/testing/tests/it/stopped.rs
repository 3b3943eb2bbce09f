//! What stops an attempt: cancellations, shutdown, timeouts, limits.

use std::time::Duration;

use testing::{CancellationDetails, Event, KillReason, Limits, OnCancel, Stopping, When, cancel_requested};

use crate::support::{component, conformance, report};

/// No test waits so long.
const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_cancellation_after_a_heartbeat_comes_before_the_next_one() {
    for count in [1, 3] {
        let test = conformance().activity("wait_cancel_caught").unwrap();
        let run = test.cancel(When::heartbeats(count), cancel_requested()).run().await;
        assert_eq!(run.said.heartbeat_count(), count);
        assert_eq!(report(&run), r#"completed: "caught: cancel_requested""#);
    }
}

#[tokio::test]
async fn the_reasons_decide_what_is_reported() {
    let check = async |activity: &str, details, expected: &str| {
        let test = conformance().activity(activity).unwrap();
        let run = test.cancel(When::heartbeats(1), details).run().await;
        assert_eq!(report(&run), expected, "{details:?}");
    };
    let uncaught = "wait_cancel_uncaught";
    let pause = "failed: ActivityPause: Unhandled activity cancel error produced by activity pause";
    let reset = "failed: ActivityReset: Unhandled activity cancel error produced by activity reset";
    check(uncaught, cancel_requested(), "cancelled with 0 details").await;
    check(uncaught, CancellationDetails::PAUSED, pause).await;
    check(uncaught, CancellationDetails::RESET, reset).await;
    check(uncaught, CancellationDetails::NOT_FOUND, "abandoned").await;
    check("wait_cancel_caught", CancellationDetails::RESET, r#"completed: "caught: reset""#).await;
    let test = conformance().activity("wait_cancel_ignored").unwrap();
    let run = test.cancel(When::heartbeats(1), cancel_requested()).run().await;
    assert!(report(&run).starts_with("completed: "), "{run:?}");
}

#[tokio::test]
async fn a_cancellation_can_have_come_before_the_start() {
    let test = conformance().activity("wait_cancel_silent").unwrap();
    let run = test.cancel(When::started(), cancel_requested()).run().await;
    assert_eq!(report(&run), r#"completed: "caught: cancel_requested""#);
}

#[tokio::test]
async fn a_condition_may_be_about_anything_that_was_said() {
    let test = conformance().activity("wait_cancel_caught").unwrap();
    let third = |said: &testing::Transcript| matches!(said.events().get(2), Some(Event::Heartbeat(_)));
    let run = test.cancel(When::once(third), cancel_requested()).run().await;
    assert_eq!(run.said.heartbeat_count(), 3);
}

#[tokio::test]
async fn time_cancels_too() {
    let test = conformance().activity("wait_cancel_silent").unwrap();
    let run = test.cancel(When::after(Duration::from_millis(20)), cancel_requested()).run().await;
    assert_eq!(report(&run), r#"completed: "caught: cancel_requested""#);
}

#[tokio::test]
async fn a_shutdown_is_told_and_after_its_grace_it_cancels() {
    let stay = || conformance().activity("stay_until_shutdown").unwrap();
    let told = stay().worker_shutdown(When::heartbeats(2)).run().await;
    assert!(report(&told).starts_with("completed: \"shutdown: "), "{told:?}");
    let late = stay().late().run().await;
    assert_eq!(report(&late), report(&told));
    assert_eq!(late.said.heartbeat_count(), 0);
    let test = conformance().activity("wait_cancel_uncaught").unwrap();
    let run = test.worker_shutdown(When::heartbeats(1)).shutdown_grace(Duration::ZERO).run().await;
    assert_eq!(run.failure_type(), Some("WorkerShutdown"));
}

#[tokio::test]
async fn a_deadline_is_told_and_after_the_kill_grace_it_kills() {
    let stopping = Stopping { kill_grace: Duration::from_millis(20), ..Stopping::default() };
    let test = conformance().activity("park").unwrap().timeout(Duration::from_millis(20)).stopping(stopping);
    assert_eq!(report(&test.run().await), "timed out");
    let test = conformance().activity("wait_cancel_silent").unwrap().timeout(Duration::from_millis(20));
    // It was told, and returned in its grace; but a worker reports nothing that comes so late.
    assert_eq!(report(&test.run().await), "timed out");
}

#[tokio::test]
async fn what_goes_on_is_killed_where_the_rules_say_so() {
    let stopping = Stopping { on_cancel: OnCancel::Kill, cancel_grace: Duration::from_millis(20), kill_grace: LONG };
    let test = conformance().activity("park").unwrap().stopping(stopping);
    assert_eq!(report(&test.cancel(When::started(), cancel_requested()).run().await), "cancelled with 0 details");
    let test = conformance().activity("park").unwrap().kill(When::started(), KillReason::LeaseLost);
    assert_eq!(report(&test.run().await), "abandoned");
}

#[tokio::test]
async fn limits_hold_as_under_a_worker() {
    let limits = Limits { cpu_time: Some(Duration::from_millis(50)), ..Limits::default() };
    let run = component("conformance", limits).activity("spin").unwrap().run().await;
    assert_eq!(run.failure_type(), Some("SandboxCpuLimit"));
}
