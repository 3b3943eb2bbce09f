//! Timeouts: of an attempt that listens, and of guests that don't care: one computes for ever, the other waits for ever.

use expect_test::{Expect, expect};
use futures_util::future::join_all;

use super::Guest;
use crate::support::{Worker, call::Call};

/// The two guests run into the timeout that `limit` sets, and the worker has their slots back.
async fn check(guest: Guest, limit: impl Fn(Call) -> Call, expected: Expect) {
    let worker = guest.worker().await.max_concurrent(2).kill_grace("1s").start().await;
    let outcomes =
        join_all(["spin", "park"].map(|activity| times_out(&worker, limit(worker.standalone(activity))))).await;
    let [spun, parked] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!(spun, parked);
    expected.assert_eq(spun);
    let greeting = worker.standalone("greet").arg("next").run().await;
    expect![[r#"completed: "Hello, next!""#]].assert_eq(&greeting.to_string());
    worker.stop().await;
}

/// What the caller sees, and then what the worker says of the killed attempt.
async fn times_out(worker: &Worker, call: Call) -> String {
    let call = call.start().await;
    let outcome = call.outcome().await;
    let finished = worker.finished(call.id(), 1).await;
    format!("{outcome}\nattempt: {} {}", finished["outcome"], finished["failure_type"])
}

pub(super) async fn an_attempt_is_told_of_its_deadline(guest: Guest) {
    let worker = guest.worker().await.kill_grace("30s").start().await;
    let call = worker.standalone("wait_cancel_caught").start_to_close("1s").start().await;
    worker.event("its reason", |event| event["message"] == "caught: timed_out").await;
    // The guest is not killed, but what it returns comes too late.
    let finished = worker.finished(call.id(), 1).await;
    expect![[r#""timed-out" null"#]].assert_eq(&format!("{} {}", finished["outcome"], finished["failure_type"]));
    worker.stop().await;
}

pub(super) async fn let_out_it_is_left_to_the_server(guest: Guest) {
    let worker = guest.worker().await.kill_grace("30s").start().await;
    let call = worker.in_workflow("wait_cancel_uncaught").start_to_close("1s").start().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "timed-out");
    let outcome = call.outcome().await.to_string();
    assert!(outcome.starts_with("timed out: StartToClose: activity StartToClose timeout"), "{outcome}");
    worker.stop().await;
}

pub(super) async fn after_start_to_close_it_is_killed(guest: Guest) {
    check(
        guest,
        |call| call.start_to_close("1s"),
        expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached
        attempt: "timed-out" null"#]],
    )
    .await;
}

pub(super) async fn after_schedule_to_close_it_is_killed(guest: Guest) {
    check(
        guest,
        |call| call.schedule_to_close("1s"),
        expect![[r#"
        timed out: ScheduleToClose: activity ScheduleToClose timeout
        not tried again: Timeout
        attempt: "timed-out" null"#]],
    )
    .await;
}

pub(super) async fn after_a_missed_heartbeat_it_is_killed(guest: Guest) {
    check(
        guest,
        |call| call.heartbeat("1s"),
        expect![[r#"
        timed out: Heartbeat: activity Heartbeat timeout
        not tried again: MaximumAttemptsReached
        attempt: "timed-out" null"#]],
    )
    .await;
}

pub(super) async fn a_killed_attempt_is_tried_again(guest: Guest) {
    let worker = guest.worker().await.kill_grace("1s").start().await;
    let call = worker.in_workflow("park").start_to_close("500ms").attempts(3).start().await;
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        caused by timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}
