//! Failures: what the caller sees, and when an activity is tried again.

use std::time::Duration;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{
    Caller, DevServer, Isolet,
    call::{transcript, whoever_calls},
};

/// What a client sees of each call, and a workflow too.
async fn check(calls: &[(&str, Value)], expected: Expect) {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let outcomes = transcript(calls, async |activity, arguments| {
        whoever_calls(async |caller| worker.called_by(caller, activity).args(arguments).run().await.to_string()).await
    });
    expected.assert_eq(&outcomes.await);
    worker.stop().await;
}

#[tokio::test]
async fn failures_carry_type_details_and_causes() {
    let calls = [
        ("fail", json!([])),
        ("fail_application", json!(["OutOfStock", false, null])),
        ("fail_application", json!(["OutOfStock", true, null])),
        ("fail_application", json!(["OutOfStock", false, 1_500])),
        ("fail_benign", json!([])),
        ("fail_with_cause", json!([])),
    ];
    check(
        &calls,
        expect![[r#"
        > fail []
        failed: ParseIntError: invalid digit found in string
        not tried again: MaximumAttemptsReached
        > fail_application ["OutOfStock",false,null]
        failed: OutOfStock: failed on purpose
          details: ["detail", 42]
        not tried again: MaximumAttemptsReached
        > fail_application ["OutOfStock",true,null]
        failed: OutOfStock: failed on purpose
          details: ["detail", 42]
          non-retryable
        not tried again: NonRetryableFailure
        > fail_application ["OutOfStock",false,1500]
        failed: OutOfStock: failed on purpose
          details: ["detail", 42]
          next attempt in 1s 500ms
        not tried again: MaximumAttemptsReached
        > fail_benign []
        failed: Expected: expected
        not tried again: MaximumAttemptsReached
        > fail_with_cause []
        failed: Outer: outer
        caused by failed: Inner: inner
        caused by failed: ParseIntError: invalid digit found in string
        not tried again: MaximumAttemptsReached
    "#]],
    )
    .await;
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_a_failure() {
    let calls = [("greet", json!([7])), ("greet", json!([])), ("add", json!([1, 2, 3]))];
    check(
        &calls,
        expect![[r#"
        > greet [7]
        failed: : Failed decoding arguments
        caused by failed: TypeError: invalid type: integer `7`, expected a string at line 1 column 1
        not tried again: MaximumAttemptsReached
        > greet []
        failed: TypeError: greet() missing 1 required positional argument: 'name'
        not tried again: MaximumAttemptsReached
        > add [1,2,3]
        failed: TypeError: add() takes 2 positional arguments but 3 were given
        not tried again: MaximumAttemptsReached
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_panic_is_a_failure_with_its_message_and_place() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let outcome = worker.standalone("panic").arg("no more tea").run().await;
    expect![[r#"
        failed: SandboxTrap: the guest panicked: no more tea at tests/guests/conformance/src/failures.rs:61:5
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&outcome.to_string());
    assert!(outcome.failure().stack_trace.contains("panic"), "{:?}", outcome.failure());
    worker.stop().await;
}

#[tokio::test]
async fn a_failed_activity_is_tried_again() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
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

#[tokio::test]
async fn a_failure_can_say_when_to_try_again() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let call = worker.standalone("fail_until_attempt").arg(2).arg(1_500).attempts(2).start().await;
    worker.finished(call.id(), 1).await;
    let failed = Instant::now();
    worker.attempt_started(call.id(), 2).await;
    let waited = failed.elapsed();
    assert!(Duration::from_millis(1_300) < waited, "the next attempt started after {waited:?}");
    expect!["completed: 2"].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_non_retryable_failure_is_final() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
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
