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
    for cost in ["wall_ms", "cpu_ms", "sandbox_start_ms", "peak_memory_bytes", "host_calls", "bytes_in", "bytes_out"] {
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
async fn every_field_of_the_info_can_be_given() {
    let told = [
        "--workflow-id=w",
        "--workflow-type=Order",
        "--workflow-namespace=theirs",
        "--namespace=ours",
        "--run-id=r",
        "--task-queue=q",
        "--task-token=token",
        "--local",
        "--scheduled-time=2026-01-31T12:00:00Z",
        "--current-attempt-scheduled-time=2026-01-31T12:00:01Z",
        "--started-time=2026-01-31T12:00:02.5Z",
        "--schedule-to-close-timeout=1h",
        "--timeout=20s",
        "--heartbeat-timeout=5s",
        "--heartbeat-details=1",
        "--heartbeat-details=[2]",
        "--retry=maximum-attempts=3",
        "--retry=initial-interval=2s",
        "--retry=non-retryable-error-types=Final",
        "--fairness-key=k",
        "--fairness-weight=0.5",
    ];
    let document: Value = serde_json::from_str(&run("conformance", &[&["info"], &told[..]].concat()).await).unwrap();
    let mut info = document["result"].clone();
    // Told by tests of their own, or never the same.
    for elsewhere in ["activity_id", "attempt", "headers"] {
        info.as_object_mut().unwrap().remove(elsewhere);
    }
    expect![[r#"
        {"activity_run_id":null,"activity_type":"info","current_attempt_scheduled_time":1769860801.0,"deadline":1769860822.5,"heartbeat_details":["1","[2]"],"heartbeat_timeout":5.0,"is_local":true,"namespace":"ours","priority":{"fairness_key":"k","fairness_weight":0.5,"priority_key":null},"retry_policy":{"backoff_coefficient":2.0,"initial_interval":2.0,"maximum_attempts":3,"maximum_interval":200.0,"non_retryable_error_types":["Final"]},"schedule_to_close_timeout":3600.0,"scheduled_time":1769860800.0,"start_to_close_timeout":20.0,"started_time":1769860802.5,"task_queue":"q","task_token":[116,111,107,101,110],"workflow":{"namespace":"theirs","run_id":"r","workflow_id":"w","workflow_type":"Order"}}
    "#]]
    .assert_eq(&format!("{info}\n"));
}

#[tokio::test]
async fn info_that_no_server_would_give_is_refused() {
    let refused = async |flag: &str, reason: &str| {
        let component = component("conformance").display().to_string();
        let run = Isolet::with(["run", &component, "info", flag]).run().await;
        assert_eq!(run.code, Some(2), "{flag}: {}", run.stderr);
        assert!(run.stderr.contains(reason), "{flag}: {}", run.stderr);
    };
    refused("--attempt=0", "0 is not in 1..").await;
    refused("--priority=0", "0 is not in 1..").await;
    refused("--fairness-weight=-1", "\"-1\" is no number above 0").await;
    refused("--retry=maximum-interval=1ms", "maximum-interval is at least as long as initial-interval").await;
    refused("--retry=tries=1", "there is initial-interval").await;
    refused("--started-time=noon", "\"2026-01-31T12:00:00Z\"").await;
    refused("--header=nothing", "write it NAME=JSON").await;
    refused("--heartbeat-details=what", "what is not JSON").await;
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
    // A grant that is given holds.
    let granted = ["--client", "methods=Query*", "--client", "workflow-ids=payment-*"];
    let refused = run("speaker", &[&arguments[..], &granted[..]].concat()).await;
    assert!(refused.contains("does not cover workflow id"), "{refused}");
}

#[tokio::test]
async fn metrics_are_shown() {
    expect![[r#"
        {"metrics":[{"attributes":{"kind":"order"},"kind":"counter","name":"rows","unit":"","value":3}],"outcome":"completed","result":null}
    "#]]
    .assert_eq(&run("speaker", &["measure", "3", "--show", "metrics"]).await);
}
