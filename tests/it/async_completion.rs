//! Activities that are completed from elsewhere.

use expect_test::expect;
use temporalio_common::protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo};

use crate::support::{Caller, DevServer, Isolet, Worker, call::Started, call::whoever_calls};

/// An activity whose attempt has ended without a result.
async fn left_open(worker: &Worker, caller: Caller) -> Started {
    let call = worker.called_by(caller, "complete_async").start().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "will-complete-async");
    call
}

#[tokio::test]
async fn it_is_completed_by_its_id() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    for caller in Caller::BOTH {
        let call = left_open(&worker, caller).await;
        call.complete("from elsewhere").await;
        expect![[r#"completed: "from elsewhere""#]].assert_eq(&call.outcome().await.to_string());
    }
    worker.stop().await;
}

#[tokio::test]
async fn it_is_failed_by_its_id() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let refused = async |caller| {
        let call = left_open(&worker, caller).await;
        let info = ApplicationFailureInfo { r#type: "Refused".to_owned(), ..ApplicationFailureInfo::default() };
        let failure = Failure {
            message: "not today".to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Failure::default()
        };
        call.fail(failure).await;
        call.outcome().await.to_string()
    };
    expect![[r#"
        failed: Refused: not today
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&whoever_calls(refused).await);
    worker.stop().await;
}

#[tokio::test]
async fn the_worker_can_go_before_it_is_completed() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let call = left_open(&worker, Caller::Client).await;
    worker.stop().await;
    call.complete(42).await;
    expect!["completed: 42"].assert_eq(&call.outcome().await.to_string());
}
