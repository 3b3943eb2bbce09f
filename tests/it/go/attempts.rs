//! How attempts of Go components end that end badly, and what makes instances fresh.

use std::time::SystemTime;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{
    examples::{goes_on_where_it_was, weather},
    support::{DevServer, Isolet, Worker, component, isolet::Run},
};

/// One attempt, without a server.
async fn run(activity: &str, argument: Value) -> Run {
    let file = component("conformance-go").display().to_string();
    Isolet::with(["run", &file, activity, &argument.to_string()]).run().await
}

/// Why it failed, without the stack.
async fn check(activity: &str, argument: Value, expected: Expect) {
    let run = run(activity, argument).await;
    let failure = run.stderr.lines().find_map(|line| line.strip_prefix("failure: "));
    expected.assert_eq(failure.unwrap_or(&run.stderr));
}

#[tokio::test]
async fn what_ends_a_program_ends_the_attempt_with_its_reason() {
    check("panic", json!("no more tea"), expect!["no more tea (type PanicError)"]).await;
    check("panic_elsewhere", json!("no more tea"), expect!["the guest panicked: no more tea (type SandboxTrap)"]).await;
    check(
        "deadlock",
        json!(null),
        expect!["the guest panicked: fatal error: all goroutines are asleep - deadlock! (type SandboxTrap)"],
    )
    .await;
    check("exit", json!(3), expect!["the guest exited with code 3 (type SandboxTrap)"]).await;
    check("exit", json!(0), expect!["the guest exited with code 0 (type SandboxTrap)"]).await;
    check("recurse", json!(0), expect!["the guest's stack is used up: recurse less deeply, or build the guest with a larger stack (type SandboxStackOverflow, not retried)"]).await;
    check("allocate", json!(200), expect!["the guest asked for more memory than its limit of 64 MiB: raise `limits.memory` (type SandboxMemoryLimit, not retried)"]).await;
}

#[tokio::test]
async fn goroutines_wait_beside_each_other() {
    let file = component("conformance-go").display().to_string();
    let took: u64 = Isolet::with(["run", &file, "together", "100", "1000"]).run().await.stdout.trim().parse().unwrap();
    // One after the other would be 100 s.
    assert!((1_000..50_000).contains(&took), "100 sleeps of 1 s took {took} ms");
}

#[tokio::test]
async fn instances_are_fresh() {
    let [one, other] = [run("random", json!(null)).await.stdout, run("random", json!(null)).await.stdout];
    assert_ne!(one, other);
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let told: u128 = run("clock", json!(null)).await.stdout.trim().parse().unwrap();
    assert!(told.abs_diff(now) < 60_000, "{told} instead of {now}");
}

#[tokio::test]
async fn a_weather_report_goes_on_where_a_killed_attempt_was() {
    let report = |worker: &Worker, pauses: bool| {
        let pause = if pauses { 0.25 } else { 0.0 };
        let options = json!({"chunk_rows": 250, "pause_per_chunk": pause});
        worker.standalone("weather_report").payload(weather()).arg(options)
    };
    goes_on_where_it_was("go-weather-report", report, "places").await;
}

#[tokio::test]
async fn instruments_measure() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance-go").option("--metrics-address", "127.0.0.1:0");
    let worker = worker.start().await;
    let call = worker.standalone("measure").arg("go").start().await;
    expect!["completed: null"].assert_eq(&call.outcome().await.to_string());
    worker.finished(call.id(), 1).await;
    expect![[r##"
        # HELP go_counter go_counter
        # TYPE go_counter counter
        go_counter{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 9
        go_counter{activity_type="measure",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE",text="a \"b\""} 1
    "##]].assert_eq(&crate::metrics::lines(&crate::metrics::scrape(&worker).await, "go_counter"));
    worker.stop().await;
}
