//! A worker that is told to stop impatiently, and what it says at its end.

use expect_test::expect;
use rustix::process::Signal;

use crate::support::{DevServer, Isolet};

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
    expect![[r#"{"abandoned":0,"cancelled":0,"completed":1,"event":"stopped","failed":1,"timed_out":0,"unreported":0,"will_complete_async":0}"#]]
        .assert_eq(last);
}
