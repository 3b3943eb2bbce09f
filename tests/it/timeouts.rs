//! Timeouts of guests that don't care: one computes for ever, the other waits for ever.

use expect_test::{Expect, expect};
use futures_util::future::join_all;

use crate::support::{DevServer, Isolet, Worker, call::Call};

/// The two guests run into the timeout that `limit` sets, and the worker has their slots back.
async fn check(limit: impl Fn(Call) -> Call, expected: Expect) {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").max_concurrent(2).kill_grace("1s").start().await;
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

#[tokio::test]
async fn start_to_close() {
    check(
        |call| call.start_to_close("1s"),
        expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached
        attempt: "failed" "SandboxDeadline""#]],
    )
    .await;
}

#[tokio::test]
async fn schedule_to_close() {
    check(
        |call| call.schedule_to_close("1s"),
        expect![[r#"
        timed out: ScheduleToClose: activity ScheduleToClose timeout
        not tried again: Timeout
        attempt: "failed" "SandboxDeadline""#]],
    )
    .await;
}

#[tokio::test]
async fn heartbeat() {
    check(
        |call| call.heartbeat("1s"),
        expect![[r#"
        timed out: Heartbeat: activity Heartbeat timeout
        not tried again: MaximumAttemptsReached
        attempt: "failed" "SandboxDeadline""#]],
    )
    .await;
}

#[tokio::test]
async fn a_killed_attempt_is_tried_again() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("1s").start().await;
    let call = worker.in_workflow("park").start_to_close("500ms").attempts(3).start().await;
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        caused by timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_guest_that_is_told_may_finish() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("30s").start().await;
    let call = worker.standalone("wait_cancel_silent").start_to_close("1s").start().await;
    // It may be too late for the server, but the guest is not killed.
    let finished = worker.finished(call.id(), 1).await;
    expect![[r#""completed" null"#]].assert_eq(&format!("{} {}", finished["outcome"], finished["failure_type"]));
    worker.stop().await;
}
