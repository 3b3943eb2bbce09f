//! Activities that are completed from elsewhere.

use expect_test::expect;
use serde_json::Value;
use temporalio_common::protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo};

use super::Guest;
use crate::support::{
    Caller, Worker,
    call::{Started, whoever_calls},
};

/// An activity whose attempt has ended without a result.
async fn left_open(worker: &Worker, caller: Caller) -> Started {
    let call = worker.called_by(caller, "complete_async").start().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "will-complete-async");
    call
}

fn refusal() -> Failure {
    let info = ApplicationFailureInfo { r#type: "Refused".to_owned(), ..ApplicationFailureInfo::default() };
    Failure {
        message: "not today".to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    }
}

pub(super) async fn it_is_completed_by_its_id(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let call = left_open(&worker, caller).await;
        call.complete("from elsewhere").await;
        expect![[r#"completed: "from elsewhere""#]].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}

pub(super) async fn it_is_failed_by_its_id(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let refused = async |caller| {
        let call = left_open(&worker, caller).await;
        call.fail(refusal()).await;
        call.outcome().await.to_string()
    };
    expect![[r#"
        failed: Refused: not today
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&whoever_calls(refused).await);
    worker.stop().await;
}

/// The token that the activity told in its log line.
async fn task_token(worker: &Worker, call: &Started) -> Vec<u8> {
    let told = |event: &Value| event["message"] == "completing elsewhere" && event["activity_id"] == call.id();
    let line = worker.event("task token", told).await;
    serde_json::from_value(line["fields"]["task_token"].clone()).unwrap()
}

pub(super) async fn it_is_completed_by_its_task_token(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let call = left_open(&worker, caller).await;
        call.complete_by_token(task_token(&worker, &call).await, "by token").await;
        expect![[r#"completed: "by token""#]].assert_eq(&call.outcome().await.to_string());
        let call = left_open(&worker, caller).await;
        call.fail_by_token(task_token(&worker, &call).await, refusal()).await;
        assert_eq!(call.outcome().await.failure().message, "not today");
    }
    worker.stop().await;
}

pub(super) async fn the_worker_can_go_first(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let call = left_open(&worker, Caller::Client).await;
    worker.stop().await;
    call.complete(42).await;
    expect!["completed: 42"].assert_eq(&call.outcome().await.to_string());
}
