//! What an activity says when it ends as cancelled.

use crate::support::{Caller, DevServer, Isolet, worker::is_about};

#[tokio::test]
async fn details_reach_whoever_cancelled_it() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("speaker").cancel_check("200ms").start().await;
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "give_up").arg("half of it is done").start().await;
        worker.started(call.id()).await;
        call.cancel().await;
        let outcome = call.outcome().await.to_string();
        assert!(outcome.contains(r#"["half of it is done"]"#), "{caller:?}: {outcome}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_result_after_the_deadline_is_never_the_outcome() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    for caller in Caller::BOTH {
        for _ in 0..5 {
            // The guest catches its cancellation and returns at once, before the server's own timer has fired.
            let call = worker.called_by(caller, "wait_cancel_silent").start_to_close("200ms").start().await;
            let outcome = call.outcome().await.to_string();
            assert!(outcome.starts_with("timed out: StartToClose"), "{caller:?}: {outcome}");
            assert_eq!(worker.finished(call.id(), 1).await["outcome"], "timed-out");
        }
        let call = worker.called_by(caller, "wait_cancel_silent").heartbeat("2s").start().await;
        let outcome = call.outcome().await.to_string();
        assert!(outcome.starts_with("timed out: Heartbeat"), "{caller:?}: {outcome}");
        assert_eq!(worker.finished(call.id(), 1).await["outcome"], "timed-out");
    }
    worker.stop().await;
}

/// With a timeout of an hour it would be a minute, and nobody here waits so long.
#[tokio::test]
async fn one_arrives_as_soon_as_heartbeats_are_let_through() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance");
    let worker = worker.heartbeats_often().start().await;
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "wait_cancel_caught").heartbeat("1h").start().await;
        worker.event("a heartbeat", |event| is_about(event, "heartbeat", call.id())).await;
        call.cancel().await;
        assert_eq!(call.outcome().await.to_string(), r#"completed: "caught: cancel_requested""#, "{caller:?}");
    }
    worker.stop().await;
}
