//! What the server would refuse or replace: it is reported in a way that it takes.

use expect_test::expect;
use serde_json::json;

use crate::support::{DevServer, Isolet};

#[tokio::test]
async fn a_failure_is_cut_to_what_the_server_takes() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").limit("result=8MiB").limit("memory=128MiB").start().await;
    let outcome = worker.standalone("huge_failure").arg(4).run().await;
    let message = &outcome.failure().message;
    assert!(message.len() <= 512 << 10 && message.ends_with("x… (cut)"), "{} bytes", message.len());
    worker.stop().await;
}

#[tokio::test]
async fn a_result_beyond_the_namespace_s_limit_is_a_failure() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").limit("result=8MiB").limit("memory=128MiB").start().await;
    let call = worker.standalone("huge_result").arg(3).start().await;
    expect![[r#"
        failed: SandboxOutputLimit: the result has 3145774 bytes as it would be sent, and the namespace takes 2097152: return less, or store it elsewhere and return where
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "failed");
    worker.stop().await;
}

#[tokio::test]
async fn odd_texts_and_waits_are_taken() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let outcome = worker.in_workflow("fail_application").arg("a\0b").arg(false).arg(json!(null)).run().await;
    assert!(outcome.to_string().starts_with("failed: a\0b: failed on purpose"), "{outcome:?}");

    let long = "T".repeat(100_000);
    let outcome = worker.standalone("fail_application").arg(long).arg(false).arg(0).run().await.to_string();
    assert!(
        outcome.contains("TTT… (cut): failed on purpose") && !outcome.contains("next attempt"),
        "{}",
        outcome.len()
    );

    // Longer than the server counts: it waits, and does not try again at once.
    let call = worker.standalone("fail_application").arg("Later").arg(false).arg(u64::MAX).attempts(2).start().await;
    worker.finished(call.id(), 1).await;
    let info = call.standalone().describe().await;
    assert_eq!(info.attempt, 2, "the next attempt is planned");
    let failure = info.last_failure.unwrap();
    assert_eq!(failure.message, "failed on purpose");
    call.standalone().terminate().await;
    assert_eq!(
        worker.events_named("attempt-started").iter().filter(|event| event["activity_id"] == call.id()).count(),
        1
    );
    worker.stop().await;
}
