//! A worker that shuts down while an activity runs.

use expect_test::{Expect, expect};
use rustix::process::Signal;

use super::Guest;
use crate::support::{Worker, worker::is_about};

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
