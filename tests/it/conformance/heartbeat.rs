//! Heartbeats: progress that outlives an attempt.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::Guest;
use crate::support::{
    call::{Call, whoever_calls},
    payload::all_shown,
    worker::is_about,
};

/// The first attempt ends badly after its heartbeats; the second tells what it was given.
async fn check(guest: Guest, activity: &str, arguments: Value, with: impl Fn(Call) -> Call, expected: Expect) {
    let worker = guest.worker().await.kill_grace("200ms").start().await;
    let call = async |caller| {
        let call = worker.called_by(caller, activity).args(&arguments).attempts(2);
        with(call).run().await.to_string()
    };
    expected.assert_eq(&whoever_calls(call).await);
    worker.stop().await;
}

pub(super) async fn the_newest_details_win(guest: Guest) {
    let expected = expect![[r#"completed: {"attempt":2,"details":50}"#]];
    check(guest, "heartbeat_then_fail", json!([50]), |call| call.heartbeat("10s"), expected).await;
}

pub(super) async fn a_failure_flushes_the_newest_details(guest: Guest) {
    // The first is sent at once and the next after 8 s: what arrives, the failure brought.
    let expected = expect![[r#"completed: {"attempt":2,"details":5}"#]];
    check(guest, "heartbeat_then_fail", json!([5, 50]), |call| call.heartbeat("10s"), expected).await;
}

pub(super) async fn a_success_drops_what_was_held_back(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.standalone("sleep_with_heartbeats").arg(500).arg(100).heartbeat("10s").start().await;
    expect!["completed: 5"].assert_eq(&call.outcome().await.to_string());
    let info = call.standalone().describe().await;
    // The first was sent at once.
    assert!(info.total_heartbeat_count <= 1, "{} heartbeats", info.total_heartbeat_count);
    assert_ne!(all_shown(info.heartbeat_details.as_ref()), "[5]");
    worker.stop().await;
}

pub(super) async fn details_of_any_number_arrive(guest: Guest) {
    let given = |kind: &str| json!([kind]);
    check(guest, "heartbeat_details", given("none"), |call| call, expect!["completed: []"]).await;
    check(guest, "heartbeat_details", given("several"), |call| call, expect![[r#"completed: [null,1,"a"]"#]]).await;
    // An attempt without a heartbeat leaves none.
    let expected = expect![[r#"completed: {"attempt":2,"details":null}"#]];
    check(guest, "heartbeat_then_fail", json!([0]), |call| call, expected).await;
}

pub(super) async fn details_that_do_not_decode_are_final(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.in_workflow("heartbeat_details").arg("unreadable").attempts(5);
    let outcome = call.run().await.to_string();
    assert!(
        outcome.starts_with("failed: : Failed decoding heartbeat details\n  non-retryable\ncaused by "),
        "{outcome}"
    );
    assert!(outcome.ends_with("not tried again: NonRetryableFailure"), "{outcome}");
    worker.stop().await;
}

pub(super) async fn details_outlive_a_kill(guest: Guest) {
    let expected = expect![[r#"completed: {"attempt":2,"details":3}"#]];
    check(guest, "heartbeat_then_hang", json!([3]), |call| call.heartbeat("1s"), expected).await;
}

pub(super) async fn heartbeats_are_held_back(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.standalone("sleep_with_heartbeats").arg(2_500).arg(50).heartbeat("5s").start().await;
    expect!["completed: 50"].assert_eq(&call.outcome().await.to_string());
    let info = call.standalone().describe().await;
    // At most one in 4 s.
    assert!((1..10).contains(&info.total_heartbeat_count), "{} heartbeats", info.total_heartbeat_count);
    worker.stop().await;
}

pub(super) async fn heartbeats_keep_an_activity_alive(guest: Guest) {
    let worker = guest.worker().await.heartbeats_often().start().await;
    let call = worker.standalone("sleep_with_heartbeats").arg(5_000).arg(100).heartbeat("3s").start().await;
    worker.event("heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
    expect!["completed: 50"].assert_eq(&call.outcome().await.to_string());
    assert_eq!(call.standalone().describe().await.attempt, 1);
    worker.stop().await;
}

pub(super) async fn details_are_seen_meanwhile(guest: Guest) {
    let worker = guest.worker().await.kill_grace("0s").start().await;
    let call = worker.standalone("heartbeat_then_hang").arg(1).heartbeat("1s").start().await;
    worker.finished(call.id(), 1).await;
    let info = call.standalone().describe().await;
    assert_eq!(all_shown(info.heartbeat_details.as_ref()), "[1]");
    worker.stop().await;
}
