//! Waits for a cancellation or a shutdown.

use expect_test::expect;
use rustix::process::Signal;

use super::{Guest, cancellation::check};

pub(super) async fn they_end_with_their_timeouts(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let (told, took): (Vec<bool>, u64) = worker.standalone("wait_with_timeouts").run().await.json();
    assert_eq!(told, [false; 4]);
    assert!(100 <= took, "four waits of 0, 0, 50 and 50 ms took {took} ms");
    worker.stop().await;
}

pub(super) async fn an_event_loop_hears_of_a_cancellation(guest: Guest) {
    // It waits without heartbeats, so the worker must ask for it.
    let worker = guest.worker().await.cancel_check("300ms").start().await;
    check(&worker, |caller| worker.called_by(caller, "wait_cancel_async"), expect!["completed: true"]).await;
    worker.stop().await;
}

pub(super) async fn an_event_loop_hears_of_a_shutdown(guest: Guest) {
    let worker = guest.worker().await.shutdown_grace("30s").start().await;
    let call = worker.standalone("stay_until_shutdown_async").start().await;
    worker.started(call.id()).await;
    worker.signal(Signal::TERM);
    expect![[r#"completed: "shutdown: true, cancelled: false""#]].assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.exit().await.code, Some(0));
}
