//! A worker that is told to stop: with and without grace, and impatiently.

use expect_test::{Expect, expect};
use rustix::process::Signal;

use crate::support::{DevServer, Isolet, Worker, worker::is_about};

/// Stops a worker while the activity runs, and tells what its caller sees.
async fn check(worker: Worker, activity: &str, expected: Expect) {
    let call = worker.standalone(activity).heartbeat("30s").start().await;
    worker.started(call.id()).await;
    worker.signal(Signal::TERM);
    let exit = worker.exit().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    expected.assert_eq(&call.outcome().await.to_string());
}

#[tokio::test]
async fn with_grace_an_activity_finishes() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").shutdown_grace("30s").start().await;
    check(worker, "stay_until_shutdown", expect![[r#"completed: "shutdown: cancelled false""#]]).await;
}

#[tokio::test]
async fn without_grace_it_is_cancelled() {
    let server = DevServer::start().await;
    let worker = || Isolet::worker(server).component("conformance").shutdown_grace("0s").start();
    check(worker().await, "wait_cancel_caught", expect![[r#"completed: "caught: worker_shutdown""#]]).await;
    check(
        worker().await,
        "wait_cancel_uncaught",
        expect![[r#"
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}

#[tokio::test]
async fn one_that_goes_on_is_killed_and_can_be_retried() {
    let server = DevServer::start().await;
    let worker = || Isolet::worker(server).component("conformance").shutdown_grace("0s").kill_grace("300ms").start();
    check(
        worker().await,
        "spin",
        expect![[r#"
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    check(
        worker().await,
        "park",
        expect![[r#"
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}

#[tokio::test]
async fn another_worker_takes_over() {
    let server = DevServer::start().await;
    let worker = || Isolet::worker(server).component("conformance").shutdown_grace("0s").kill_grace("100ms");
    let first = worker().start().await;
    let call = first.standalone("heartbeat_then_hang").arg(1).heartbeat("30s").attempts(2).start().await;
    first.event("a heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
    let second = worker().queue(first.queue()).start().await;
    first.stop().await;
    expect![[r#"completed: {"attempt":2,"details":1}"#]].assert_eq(&call.outcome().await.to_string());
    second.stop().await;
}

#[tokio::test]
async fn a_second_signal_ends_all_graces() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").shutdown_grace("10m").kill_grace("10m").start().await;
    let call = worker.standalone("spin").start().await;
    worker.started(call.id()).await;
    worker.signal(Signal::INT);
    worker.event("stopping", |event| event["event"] == "stopping").await;
    worker.signal(Signal::INT);
    assert_eq!(worker.exit().await.code, Some(0));
    expect![[r#"
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
}

#[tokio::test]
async fn it_tells_what_it_did() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    worker.standalone("greet").arg("Ada").run().await;
    worker.standalone("fail").run().await;
    worker.signal(Signal::TERM);
    let exit = worker.exit().await;
    let last = exit.stdout.lines().last().unwrap_or_default();
    expect![[r#"{"abandoned":0,"cancelled":0,"completed":1,"event":"stopped","failed":1,"will_complete_async":0}"#]]
        .assert_eq(last);
}
