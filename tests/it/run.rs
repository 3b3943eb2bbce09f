//! `isolet run` as a test environment: what an attempt is told, what happens to it, and what is shown of it.

use expect_test::{Expect, expect};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Isolet, component};

/// What one attempt comes to, without its cost.
async fn run(guest: &str, arguments: &[&str]) -> String {
    let component = component(guest).display().to_string();
    let run = Isolet::with([&["run", &component, "--output", "json"], arguments].concat()).run().await;
    let mut document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));
    for cost in ["wall_ms", "cpu_ms", "sandbox_start_ms", "peak_memory_bytes"] {
        document.as_object_mut().unwrap().remove(cost);
    }
    format!("{document}\n")
}

async fn check(arguments: &[&str], expected: Expect) {
    expected.assert_eq(&run("conformance", arguments).await);
}

#[tokio::test]
async fn the_activity_is_told_what_the_flags_say() {
    let told = ["--attempt", "2", "--workflow-id", "w", "--header", "a=[1]", "--priority", "2", "--activity-id", "7"];
    let document: Value = serde_json::from_str(&run("conformance", &[&["info"], &told[..]].concat()).await).unwrap();
    let info = &document["result"];
    assert_eq!((&info["attempt"], &info["activity_id"]), (&2.into(), &"7".into()), "{info}");
    assert_eq!(info["workflow"]["workflow_id"], "w", "{info}");
    assert_eq!(info["headers"]["a"], "[1]", "{info}");
    assert_eq!(info["priority"]["priority_key"], 2, "{info}");
}

#[tokio::test]
async fn conditions_stop_the_attempt_where_the_test_says() {
    let uncaught = "wait_cancel_uncaught";
    check(
        &[uncaught, "--cancel-after", "heartbeats=3", "--show", "heartbeats"],
        expect![[r#"
            {"details":[],"heartbeats":[["waiting"],["waiting"],["waiting"]],"outcome":"cancelled"}
        "#]],
    )
    .await;
    check(&[uncaught, "--pause", "heartbeats=1"], expect![[r#"
        {"failure":{"details":[],"kind":"application","message":"Unhandled activity cancel error produced by activity pause","non_retryable":false,"type":"ActivityPause"},"outcome":"failed"}
    "#]]).await;
    check(
        &[uncaught, "--cancel-after", "heartbeats=1", "--cancel-reason", "not-found"],
        expect![[r#"
            {"outcome":"abandoned","result":null}
        "#]],
    )
    .await;
    check(&[uncaught, "--worker-shutdown-after", "heartbeats=1", "--shutdown-grace", "0s"], expect![[r#"
        {"failure":{"details":[],"kind":"application","message":"Worker is shutting down and this activity did not complete in time","non_retryable":false,"type":"WorkerShutdown"},"outcome":"failed"}
    "#]]).await;
}

#[tokio::test]
async fn a_file_answers_the_client() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("answers.json");
    std::fs::write(&file, r#"{"query-workflow": {"values": ["shipped"]}}"#).unwrap();
    let file = file.display().to_string();
    let arguments = ["ask", r#""order-7""#, "--client-stub", &file, "--show", "calls"];
    expect![[r#"
        {"calls":["query-workflow"],"outcome":"completed","result":"shipped"}
    "#]]
    .assert_eq(&run("speaker", &arguments).await);
}

#[tokio::test]
async fn metrics_are_shown() {
    expect![[r#"
        {"metrics":[{"attributes":{"kind":"order"},"kind":"counter","name":"rows","unit":"","value":3}],"outcome":"completed","result":null}
    "#]]
    .assert_eq(&run("speaker", &["measure", "3", "--show", "metrics"]).await);
}
