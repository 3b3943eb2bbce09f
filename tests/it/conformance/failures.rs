//! Failures: what the caller sees of them.

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;

use super::Guest;
use crate::support::{
    Caller,
    call::{transcript, whoever_calls},
};

/// What a client sees of each call, and a workflow too.
async fn check(guest: Guest, calls: &[(&str, Value)], expected: Expect) {
    let worker = guest.worker().await.start().await;
    let outcomes = transcript(calls, async |activity, arguments| {
        whoever_calls(async |caller| worker.called_by(caller, activity).args(arguments).run().await.to_string()).await
    });
    expected.assert_eq(&outcomes.await);
    worker.stop().await;
}

pub(super) async fn a_plain_error_has_its_type_and_message(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for call in [worker.standalone("fail"), worker.in_workflow("fail")] {
        let outcome = call.run().await;
        let failure = outcome.failure();
        let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else { panic!("{outcome}") };
        // The language's own error for a text that is no number, by its own name.
        assert!(!info.r#type.is_empty() && !info.r#type.contains([':', '.', '<']), "{outcome}");
        assert!(!failure.message.is_empty() && !info.non_retryable && info.details.is_none(), "{outcome}");
    }
    worker.stop().await;
}

pub(super) async fn every_field_arrives(guest: Guest) {
    let calls = [
        ("fail_application", json!(["OutOfStock", false, null])),
        ("fail_application", json!(["OutOfStock", true, null])),
        ("fail_application", json!(["OutOfStock", false, 1_500])),
        ("fail_benign", json!([])),
    ];
    check(
        guest,
        &calls,
        expect![[r#"
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
          benign
        not tried again: MaximumAttemptsReached
    "#]],
    )
    .await;
}

pub(super) async fn causes_are_a_chain(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.in_workflow("fail_with_cause").run().await;
    let mut chain = Vec::new();
    let mut next = Some(outcome.failure());
    while let Some(failure) = next {
        let failure_type = match &failure.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => info.r#type.as_str(),
            // As Temporal's TypeScript package has errors that are causes.
            None => "",
            Some(_) => panic!("{outcome}"),
        };
        chain.push((failure_type, failure.message.as_str()));
        next = failure.cause.as_deref();
    }
    // The innermost is the language's own error.
    assert_eq!((chain.len(), &chain[..2]), (3, &[("Outer", "outer"), ("Inner", "inner")][..]), "{outcome}");
    worker.stop().await;
}

pub(super) async fn an_empty_one_is_taken(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let outcome = worker.called_by(caller, "fail_empty").run().await;
        let failure = outcome.failure();
        let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else { panic!("{outcome}") };
        assert_eq!((failure.message.as_str(), info.r#type.as_str()), ("", ""));
    }
    worker.stop().await;
}

pub(super) async fn one_with_a_bad_detail_says_so(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let outcome = worker.in_workflow("fail_with_bad_detail").run().await;
    let message = &outcome.failure().message;
    assert!(message.starts_with("Failed building exception result: "), "{message}");
    worker.stop().await;
}

pub(super) async fn one_of_another_kind_is_wrapped(guest: Guest) {
    let kinds = ["timeout", "terminated", "server", "activity", "child_workflow"];
    let calls = kinds.map(|kind| ("fail_with_kind", json!([kind])));
    check(
        guest,
        &calls,
        expect![[r#"
        > fail_with_kind ["timeout"]
        failed: TimeoutError: of another kind
        caused by timed out: StartToClose: of another kind
        not tried again: MaximumAttemptsReached
        > fail_with_kind ["terminated"]
        failed: TerminatedError: of another kind
        caused by terminated: of another kind
        not tried again: MaximumAttemptsReached
        > fail_with_kind ["server"]
        failed: ServerError: of another kind
        caused by of another kind (Some(ServerFailureInfo(ServerFailureInfo { non_retryable: true })))
        not tried again: MaximumAttemptsReached
        > fail_with_kind ["activity"]
        failed: ActivityError: of another kind
        caused by of another kind (Some(ActivityFailureInfo(ActivityFailureInfo { scheduled_event_id: 0, started_event_id: 0, identity: "somebody", activity_type: Some(ActivityType { name: "ship" }), activity_id: "7", retry_state: Unspecified })))
        not tried again: MaximumAttemptsReached
        > fail_with_kind ["child_workflow"]
        failed: ChildWorkflowError: of another kind
        caused by of another kind (Some(ChildWorkflowExecutionFailureInfo(ChildWorkflowExecutionFailureInfo { namespace: "default", workflow_execution: Some(WorkflowExecution { workflow_id: "order-7", run_id: "run" }), workflow_type: Some(WorkflowType { name: "Order" }), initiated_event_id: 0, started_event_id: 0, retry_state: Unspecified })))
        not tried again: MaximumAttemptsReached
    "#]],
    )
    .await;
}
