//! A worker that shuts down while an activity runs.

use expect_test::{Expect, expect};
use rustix::process::Signal;

use super::Guest;
use crate::support::{DevServer, Worker, proxy::Proxy, worker::is_about};

/// Stops a worker while the activity runs, and tells what its caller sees.
pub(super) async fn check(worker: Worker, activity: &str, expected: Expect) {
    let call = worker.standalone(activity).heartbeat("30s").start().await;
    worker.started(call.id()).await;
    worker.signal(Signal::TERM);
    let exit = worker.exit().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    expected.assert_eq(&call.outcome().await.to_string());
}

pub(super) async fn it_is_known_before_the_grace_ends(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("30s").start().await;
    let expected = expect![[r#"completed: "shutdown: true, cancelled: false""#]];
    check(worker, "stay_until_shutdown", expected).await;
}

pub(super) async fn without_grace_it_cancels(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("0s").start().await;
    check(worker, "wait_cancel_caught", expect![[r#"completed: "caught: worker_shutdown""#]]).await;
}

pub(super) async fn let_out_it_is_a_failure_of_its_own(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("0s").start().await;
    check(
        worker,
        "wait_cancel_uncaught",
        expect![[r#"
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}

pub(super) async fn an_uninterruptible_result_stands(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("0s").kill_grace("30s").start().await;
    check(worker, "wait_cancel_ignored", expect![[r#"completed: "ignored: true""#]]).await;
}

pub(super) async fn another_worker_takes_over(guest: Guest) {
    let worker = async || guest.worker().await.shutdown_grace("0s").kill_grace("100ms");
    let first = worker().await.start().await;
    let call = first.standalone("heartbeat_then_hang").arg(1).heartbeat("30s").attempts(2).start().await;
    first.event("a heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
    let second = worker().await.queue(first.queue()).start().await;
    first.stop().await;
    expect![[r#"completed: {"attempt":2,"details":1}"#]].assert_eq(&call.outcome().await.to_string());
    second.stop().await;
}

pub(super) async fn no_task_is_taken_any_more(guest: Guest) {
    let worker = async || guest.worker().await.heartbeats_often().shutdown_grace("10m");
    let first = worker().await.start().await;
    let staying = first.standalone("wait_cancel_uncaught").heartbeat("5s").start_to_close("60s").start().await;
    first.started(staying.id()).await;
    first.signal(Signal::TERM);
    first.event("that it stops", |event| event["event"] == "stopping").await;
    let second = worker().await.queue(first.queue()).start().await;
    for _ in 0..8 {
        // What the server gave to a poll that ended at that moment, nobody has: it is tried again.
        let call = first.standalone("greet").arg("Ada").start_to_close("5s").attempts(3).start().await;
        expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&call.outcome().await.to_string());
        second.started(call.id()).await;
    }
    // All the while the first worker has room, and waits for its attempt.
    staying.cancel().await;
    expect!["cancelled: Activity canceled []"].assert_eq(&staying.outcome().await.to_string());
    assert_eq!(first.exit().await.code, Some(0));
    assert_eq!(first.events_named("attempt-started").len(), 1);
    second.stop().await;
}

pub(super) async fn a_task_on_its_way_is_told_at_once(guest: Guest) {
    // Such a server answers polls after the beginning of a shutdown, too; then core waits for what they bring.
    let server = DevServer::start_configured(&["frontend.enableCancelWorkerPollsOnShutdown=true"]).await;
    let proxy = Proxy::start(server.address()).await;
    let worker = guest.worker_on(&server).through(&proxy).shutdown_grace("30s").start().await;
    // Its polls wait at the server by then.
    let first = worker.standalone("greet").arg("Ada").start().await;
    worker.finished(first.id(), 1).await;
    proxy.answers.shut();
    // Else the server could hear of the shutdown and take the task back.
    proxy.requests.shut();
    let call = worker.standalone("stay_until_shutdown").heartbeat("60s").start_to_close("60s").start().await;
    worker.signal(Signal::TERM);
    worker.event("that it stops", |event| event["event"] == "stopping").await;
    proxy.answers.open();
    worker.started(call.id()).await;
    proxy.requests.open();
    expect![[r#"completed: "shutdown: true, cancelled: false""#]].assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.exit().await.code, Some(0));
    let told: Vec<_> = worker.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told[3..], ["stopping", "attempt-started", "attempt-finished", "stopped"]);
}
