//! Activities that somebody pauses, or has begin again.

use expect_test::expect;

use super::Guest;
use crate::support::{Caller, Worker, call::Started, worker::is_about};

/// An activity that runs, called with enough attempts.
async fn running(worker: &Worker, caller: Caller, activity: &str) -> Started {
    let call = worker.called_by(caller, activity).heartbeat("5s").attempts(3).start().await;
    worker.started(call.id()).await;
    call
}

/// What the worker says of its first attempt.
async fn first_attempt(worker: &Worker, call: &Started) -> String {
    let finished = worker.finished(call.id(), 1).await;
    format!("{} {} {}", finished["outcome"], finished["failure_type"], finished["message"])
}

pub(super) async fn a_pause_has_its_reason(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    for caller in Caller::BOTH {
        let call = running(&worker, caller, "wait_cancel_caught").await;
        call.pause().await;
        // A result is a result, also of an activity that was paused.
        expect![[r#"completed: "caught: paused""#]].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn a_pause_that_is_let_out_waits_for_its_end(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    for caller in Caller::BOTH {
        let call = running(&worker, caller, "wait_cancel_first_attempt").await;
        call.pause().await;
        expect![[r#""failed" "ActivityPause" "Unhandled activity cancel error produced by activity pause""#]]
            .assert_eq(&first_attempt(&worker, &call).await);
        call.unpause().await;
        expect!["completed: [2,30]"].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn changed_options_reach_the_next_attempt(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    // The server tells a workflow's attempts of the timeouts that they were scheduled with.
    let call = running(&worker, Caller::Client, "wait_cancel_first_attempt").await;
    call.pause().await;
    worker.finished(call.id(), 1).await;
    call.change_start_to_close("40s").await;
    call.unpause().await;
    expect!["completed: [2,40]"].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}

pub(super) async fn a_reset_has_its_reason(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    for caller in Caller::BOTH {
        let call = running(&worker, caller, "wait_cancel_caught").await;
        call.reset().await;
        expect![[r#"completed: "caught: reset""#]].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn a_reset_that_is_let_out_begins_again(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    for caller in Caller::BOTH {
        let call = running(&worker, caller, "wait_cancel_uncaught").await;
        call.reset().await;
        expect![[r#""failed" "ActivityReset" "Unhandled activity cancel error produced by activity reset""#]]
            .assert_eq(&first_attempt(&worker, &call).await);
        // Its next attempt is the first again, or in a workflow the second.
        worker.nth_event(2, "start", |event| is_about(event, "attempt-started", call.id())).await;
        call.cancel().await;
        expect!["cancelled: Activity canceled []"].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}
