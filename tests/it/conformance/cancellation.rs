//! Cancellations, of a workflow's activity and of a client's: why, how often, and what they end in.

use expect_test::{Expect, expect};
use rustix::process::Signal;

use super::Guest;
use crate::support::{
    Caller, Worker,
    call::{Call, whoever_calls},
};

/// Cancels the activity once it runs, whoever called it.
pub(super) async fn check(worker: &Worker, call: impl Fn(Caller) -> Call, expected: Expect) {
    let cancelled = async |caller| {
        let call = call(caller).start().await;
        worker.started(call.id()).await;
        call.cancel().await;
        call.outcome().await.to_string()
    };
    expected.assert_eq(&whoever_calls(cancelled).await);
}

/// The same for an activity that heartbeats.
pub(super) async fn check_heartbeating(worker: &Worker, activity: &str, expected: Expect) {
    check(worker, |caller| worker.called_by(caller, activity).heartbeat("5s"), expected).await;
}

pub(super) async fn a_requested_one_has_its_reason(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(&worker, "wait_cancel_caught", expect![[r#"completed: "caught: cancel_requested""#]]).await;
    worker.stop().await;
}

pub(super) async fn one_that_is_let_out_ends_as_cancelled(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    check_heartbeating(&worker, "wait_cancel_uncaught", expect!["cancelled: Activity canceled []"]).await;
    worker.stop().await;
}

pub(super) async fn the_first_reason_stays(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().shutdown_grace("0s").kill_grace("30s").start().await;
    let call = worker.standalone("wait_cancel_twice").heartbeat("5s").start().await;
    worker.started(call.id()).await;
    call.cancel().await;
    worker.event("first cancellation", |event| event["message"] == "cancelled once").await;
    worker.signal(Signal::TERM);
    expect![[r#"completed: ["none","cancel_requested","cancel_requested"]"#]]
        .assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.exit().await.code, Some(0));
}

pub(super) async fn an_activity_without_heartbeats_learns_of_it(guest: Guest) {
    let worker = guest.worker().await.cancel_check("300ms").start().await;
    let silent = |caller| worker.called_by(caller, "wait_cancel_silent");
    check(&worker, silent, expect![[r#"completed: "caught: cancel_requested""#]]).await;
    worker.stop().await;
}

pub(super) async fn a_failure_after_it_is_final(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    let call = worker.in_workflow("wait_cancel_then_fail").heartbeat("5s").attempts(5).start().await;
    worker.started(call.id()).await;
    call.cancel().await;
    expect![[r#"
        failed: Halfway: stopped halfway
        not tried again: CancelRequested"#]]
    .assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}

pub(super) async fn one_that_nobody_requested_is_a_failure(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = async |caller| worker.called_by(caller, "fail_cancelled").run().await.to_string();
    expect![[r#"
        failed: CancelledError: the activity ended as cancelled, but its cancellation was not requested
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&whoever_calls(call).await);
    worker.stop().await;
}

pub(super) async fn a_terminated_activity_is_not_found(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    let call = worker.standalone("wait_cancel_caught").heartbeat("5s").start().await;
    worker.started(call.id()).await;
    call.standalone().terminate().await;
    worker.event("its reason", |event| event["message"] == "caught: not_found").await;
    // Its result comes too late for anybody.
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "abandoned");
    expect!["terminated: enough"].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}
