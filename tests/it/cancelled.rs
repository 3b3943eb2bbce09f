//! What an activity says when it ends as cancelled.

use crate::support::{Caller, DevServer, Isolet};

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
