//! When an activity is tried again, and how many run at once.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;
use tokio::time::Instant;

use super::Guest;
use crate::support::{Caller, Worker};

pub(super) async fn a_failed_activity_is_tried_again(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "fail_until_attempt").arg(3).arg(json!(null)).attempts(5);
        expect!["completed: 3"].assert_eq(&call.run().await.to_string());
    }
    let call = worker.standalone("fail_until_attempt").arg(3).arg(json!(null)).attempts(2);
    expect![[r#"
        failed: NotYet: attempt 2 fails
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.run().await.to_string());
    worker.stop().await;
}

pub(super) async fn a_failure_says_when_to_try_again(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.standalone("fail_until_attempt").arg(2).arg(1_500).attempts(2).start().await;
    worker.finished(call.id(), 1).await;
    let failed = Instant::now();
    worker.attempt_started(call.id(), 2).await;
    let waited = failed.elapsed();
    assert!(Duration::from_millis(1_300) < waited, "the next attempt started after {waited:?}");
    expect!["completed: 2"].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}

pub(super) async fn a_non_retryable_failure_is_final(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = worker.standalone("fail_application").arg("Fatal").arg(true).arg(json!(null)).attempts(5).start().await;
    expect![[r#"
        failed: Fatal: failed on purpose
          details: ["detail", 42]
          non-retryable
        not tried again: NonRetryableFailure"#]]
    .assert_eq(&call.outcome().await.to_string());
    assert_eq!(call.standalone().describe().await.attempt, 1);
    worker.stop().await;
}

pub(super) async fn a_type_can_be_final_by_policy(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "fail_until_attempt").arg(9).arg(json!(null)).attempts(5);
        expect![[r#"
            failed: NotYet: attempt 1 fails
            not tried again: NonRetryableFailure"#]]
        .assert_eq(&call.non_retryable_type("NotYet").run().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn no_more_run_at_once_than_allowed(guest: Guest) {
    let worker = guest.worker().await.max_concurrent(2).cancel_check("300ms").start().await;
    let mut calls = Vec::new();
    for _ in 0..3 {
        calls.push(worker.standalone("wait_cancel_silent").start().await);
    }
    worker.nth_event(2, "start", |event| event["event"] == "attempt-started").await;
    // The third has no slot, so it is still on the server. It gets that of the first that ends.
    let first_two = running(&worker);
    assert_eq!(first_two.len(), 2);
    let waiting = calls.iter().find(|call| !first_two.iter().any(|id| id == call.id())).unwrap();
    for call in calls.iter().filter(|call| call.id() != waiting.id()) {
        call.cancel().await;
    }
    worker.started(waiting.id()).await;
    waiting.cancel().await;
    for call in &calls {
        assert_eq!(call.outcome().await.to_string(), r#"completed: "caught: cancel_requested""#);
    }
    worker.stop().await;
}

/// The ids of the activities that were started.
fn running(worker: &Worker) -> Vec<String> {
    let started = worker.events_named("attempt-started");
    started.iter().map(|event| event["activity_id"].as_str().unwrap().to_owned()).collect()
}
