//! Heartbeats: progress that outlives an attempt.

use expect_test::{Expect, expect};

use crate::support::{DevServer, Isolet, Worker, call::whoever_calls, payload::all_shown, worker::is_about};

/// Both first attempts end badly after `count` heartbeats; the second ones tell what they were given.
async fn check(worker: &Worker, activity: &str, count: u64, expected: Expect) {
    let call = async |caller| {
        let call = worker.called_by(caller, activity).arg(count).heartbeat("1s").attempts(2);
        call.run().await.to_string()
    };
    expected.assert_eq(&whoever_calls(call).await);
}

#[tokio::test]
async fn the_newest_details_reach_the_next_attempt() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("200ms").start().await;
    check(&worker, "heartbeat_then_fail", 0, expect![[r#"completed: {"attempt":2,"details":null}"#]]).await;
    check(&worker, "heartbeat_then_fail", 50, expect![[r#"completed: {"attempt":2,"details":50}"#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn details_outlive_an_attempt_that_is_killed() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("200ms").start().await;
    check(&worker, "heartbeat_then_hang", 3, expect![[r#"completed: {"attempt":2,"details":3}"#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn heartbeats_keep_an_activity_alive() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let call = worker.standalone("sleep_with_heartbeats").arg(2_500).arg(100).heartbeat("1s").start().await;
    worker.event("heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
    expect!["completed: 25"].assert_eq(&call.outcome().await.to_string());
    let info = call.standalone().describe().await;
    assert_eq!(info.attempt, 1);
    // Held back, so that there are far fewer than were recorded.
    assert!((2..10).contains(&info.total_heartbeat_count), "{} heartbeats", info.total_heartbeat_count);
    worker.stop().await;
}

#[tokio::test]
async fn details_are_seen_while_the_activity_runs() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("0s").start().await;
    let call = worker.standalone("heartbeat_then_hang").arg(1).heartbeat("1s").start().await;
    worker.finished(call.id(), 1).await;
    let info = call.standalone().describe().await;
    assert_eq!(all_shown(info.heartbeat_details.as_ref()), "[1]");
    worker.stop().await;
}

#[tokio::test]
async fn details_that_do_not_encode_fail_the_attempt() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    expect![[r#"
        failed: TypeError: key must be a string
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&worker.standalone("heartbeat_unencodable").run().await.to_string());
    worker.stop().await;
}
