//! Cancellations, of a workflow's activity and of a client's: caught, ignored, let out, and not even noticed.

use expect_test::{Expect, expect};

use crate::support::{Caller, DevServer, Isolet, Worker, call::Call, call::whoever_calls};

/// Cancels the activity once it runs.
async fn check(worker: &Worker, call: impl Fn(Caller) -> Call, expected: Expect) {
    let cancelled = async |caller| {
        let call = call(caller).start().await;
        worker.started(call.id()).await;
        call.cancel().await;
        call.outcome().await.to_string()
    };
    expected.assert_eq(&whoever_calls(cancelled).await);
}

#[tokio::test]
async fn a_cancelled_guest_decides_how_it_ends() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let heartbeating = |activity: &'static str| {
        let worker = &worker;
        move |caller| worker.called_by(caller, activity).heartbeat("1s")
    };
    check(&worker, heartbeating("wait_cancel_caught"), expect![[r#"completed: "caught: cancel_requested""#]]).await;
    check(&worker, heartbeating("wait_cancel_ignored"), expect![[r#"completed: "ignored""#]]).await;
    check(&worker, heartbeating("wait_cancel_uncaught"), expect!["cancelled: Activity canceled []"]).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_guest_that_never_heartbeats_learns_of_it_too() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").cancel_check("300ms").start().await;
    let silent = |caller| worker.called_by(caller, "wait_cancel_silent");
    check(&worker, silent, expect![[r#"completed: "caught: cancel_requested""#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_guest_that_does_not_care_can_be_killed() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server)
        .component("conformance")
        .cancel_check("300ms")
        .option("--on-cancel", "kill")
        .option("--cancel-grace", "200ms")
        .start()
        .await;
    check(&worker, |caller| worker.called_by(caller, "spin"), expect!["cancelled: Activity canceled []"]).await;
    check(&worker, |caller| worker.called_by(caller, "park"), expect!["cancelled: Activity canceled []"]).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_terminated_activity_is_killed_and_not_reported() {
    let server = DevServer::start().await;
    let worker =
        Isolet::worker(server).component("conformance").cancel_check("300ms").kill_grace("200ms").start().await;
    let call = worker.standalone("spin").start().await;
    worker.started(call.id()).await;
    call.standalone().terminate().await;
    expect!["terminated: enough"].assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "abandoned");
    worker.stop().await;
}
