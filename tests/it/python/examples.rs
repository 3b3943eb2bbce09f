//! The code examples of Temporal's activity documentation, as they are written there: `tests/guests-python/examples`.
//!
//! What each comes to was observed on Temporal's own Python worker. Two differ on purpose: floats are taken where an
//! integer histogram gets them, and `typing.Sequence` is taken for what it means.

use std::time::Duration;

use expect_test::expect;
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::common::v1::Priority;

use crate::{
    metrics::{lines, scrape},
    support::{
        DevServer, GUARD, Isolet, Worker,
        call::{Call, Started, transcript},
        component,
        worker::WorkerBuilder,
    },
};

/// A worker that serves all examples that are no dynamic ones.
async fn examples() -> WorkerBuilder<'static> {
    Isolet::worker(DevServer::start().await).component("examples-python").limit("memory=256MiB")
}

/// The messages that the activity logged, without the suffix that tells the attempt.
fn messages(worker: &Worker, activity_id: &str) -> Vec<String> {
    let lines = worker.events_named("log").into_iter().filter(|line| line["activity_id"] == activity_id);
    lines.map(|line| line["message"].as_str().unwrap().split(" ({'activity_id'").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn undisturbed_each_gives_its_result() {
    let worker = examples().await.start().await;
    let calls = [
        ("process_data", json!(["x"])),
        ("sync_process_data", json!(["x"])),
        ("custom_activity_name", json!(["x"])),
        ("robust_activity", json!(["quick"])),
        ("tracked_activity", json!(["x"])),
        ("call_conditional_logic", json!([])),
        ("long_running_task", json!([["a", "b", "c"]])),
        ("cancellable_activity", json!([1])),
        ("shutdown_aware_activity", json!([["a", "b"]])),
        ("detailed_cancellation_handling", json!([])),
        ("sync_activity_with_cleanup", json!(["quick"])),
        ("sync_monitoring_activity", json!([])),
        ("sync_monitoring_activity", json!([0.1])),
        ("graceful_shutdown_activity", json!([["a", "b"]])),
        ("info_logging_activity", json!(["x"])),
        ("logging_activity", json!(["x"])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > process_data ["x"]
        completed: "Processed: x"
        > sync_process_data ["x"]
        completed: "Processed: x"
        > custom_activity_name ["x"]
        completed: "Result: x"
        > robust_activity ["quick"]
        completed: "critical:quick:False"
        > tracked_activity ["x"]
        completed: "Processed x in attempt 1"
        > call_conditional_logic []
        completed: ["Running outside activity context"]
        > long_running_task [["a","b","c"]]
        completed: ["p:a","p:b","p:c"]
        > cancellable_activity [1]
        completed: "Completed successfully"
        > shutdown_aware_activity [["a","b"]]
        completed: ["p:a","p:b"]
        > detailed_cancellation_handling []
        completed: "Success"
        > sync_activity_with_cleanup ["quick"]
        completed: "critical:quick"
        > sync_monitoring_activity []
        completed: "Work completed successfully"
        > sync_monitoring_activity [0.1]
        completed: "Work completed successfully"
        > graceful_shutdown_activity [["a","b"]]
        completed: ["p:a","p:b"]
        > info_logging_activity ["x"]
        completed: "Processed x in attempt 1"
        > logging_activity ["x"]
        completed: "Logged: x"
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}

#[tokio::test]
async fn the_dynamic_ones_take_any_name() {
    let server = DevServer::start().await;
    let dynamic = Isolet::worker(server).component("examples-dynamic-python").limit("memory=256MiB").start().await;
    let outcome = dynamic.standalone("whatever").args(&json!(["a", 1, {"k": [1]}])).run().await;
    expect![[r#"completed: {"args":["a",1,{"k":[1]}]}"#]].assert_eq(&outcome.to_string());
    dynamic.stop().await;

    let payloads = Isolet::worker(server).component("examples-dynamic-payload-python").limit("memory=256MiB");
    let payloads = payloads.queue(&format!("{}-payload", dynamic.queue())).start().await;
    let calls = [("a", json!(["s"])), ("b", json!([2, 3])), ("c", json!([2.5, null]))];
    let outcome =
        async |activity: &str, arguments: &Value| payloads.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > a ["s"]
        completed: "String processing: s"
        > b [2,3]
        completed: "Math result: 5"
        > c [2.5,null]
        completed: "Generic processing: [2.5, None]"
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    payloads.stop().await;
}

#[tokio::test]
async fn metrics_take_floats() {
    let worker = examples().await.option("--metrics-address", "127.0.0.1:0").start().await;
    let result: String = worker.standalone("metrics_activity").arg(3).run().await.json();
    assert!(result.starts_with("Processed 3 items in 0."), "{result}");
    let items = json!([{"id": 1}, {"id": 2, "bad": true}, {"id": 3}]);
    let call = worker.standalone("robust_data_processor").arg(items).arg(2).heartbeat("5s").start().await;
    let mut result: Value = call.outcome().await.json();
    worker.finished(call.id(), 1).await;
    assert!(result["processing_time"].take().is_f64() && result["success_rate"].take().as_f64().unwrap() < 0.67);
    result["activity_info"]["activity_id"].take();
    expect![[r#"{"activity_info":{"activity_id":null,"attempt":1,"workflow_id":null},"processed_items":2,"processing_time":null,"success_rate":null,"total_items":3}"#]].assert_eq(&result.to_string());
    expect![[r#"["Starting robust processing of 3 items", "Failed to process item 1: bad item", "Successfully processed 2/3 items"]"#]]
        .assert_eq(&format!("{:?}", messages(&worker, call.id())));
    expect![[r#"
        activity_items_processed{activity_type="metrics_activity",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 3
        items_processed{activity_type="robust_data_processor",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE"} 2
    "#]].assert_eq(&lines(&scrape(&worker).await, "items_processed{"));
    worker.stop().await;
}

#[tokio::test]
async fn a_heartbeat_after_each_item() {
    let component = component("examples-python");
    let run = Isolet::with(["run", &component.display().to_string(), "long_running_task", "[\"a\"]"]).run().await;
    let heartbeats: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("heartbeat")).collect();
    assert_eq!(heartbeats, [r#"heartbeat {"last_item":"a","processed":1,"total":1}"#], "{}", run.stderr);
}

#[tokio::test]
async fn log_lines_arrive_as_they_are_written() {
    let worker = examples().await.start().await;
    let priority = Priority { priority_key: 2, ..Priority::default() };
    let tracked = worker.in_workflow("tracked_activity").arg("x").start().await;
    tracked.outcome().await;
    let inside = worker.standalone("call_conditional_logic").start().await;
    inside.outcome().await;
    assert_eq!(messages(&worker, inside.id()), ["Running in activity call_conditional_logic"]);
    let about = worker.in_workflow("info_logging_activity").arg("x").heartbeat("5s").priority(priority).start().await;
    about.outcome().await;
    let logging = worker.standalone("logging_activity").arg("x").start().await;
    logging.outcome().await;
    let starts =
        |id: &str| messages(&worker, id).iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    let tracked: Vec<String> = messages(&worker, tracked.id());
    assert!(
        tracked[0].starts_with("Processing activity tracked_activity (attempt 1) for workflow workflow"),
        "{tracked:?}"
    );
    let about: Vec<String> = starts(about.id());
    assert_eq!(
        about[4..],
        ["Is local activity", "Heartbeat timeout", "Start-to-close timeout", "Priority key"],
        "{about:?}"
    );
    let lines = worker.events_named("log").into_iter().filter(|line| line["activity_id"] == logging.id());
    let shown: Vec<String> = lines
        .map(|line| {
            let fields: Vec<&String> = line["fields"].as_object().unwrap().keys().collect();
            let suffixed = line["message"].as_str().unwrap().contains("({'activity_id': '");
            format!("{} {} suffix: {suffixed} fields: {fields:?}", line["level"], line["logger"])
        })
        .collect();
    expect![[r#"
        "info" "temporalio.activity" suffix: false fields: []
        "warn" "temporalio.activity" suffix: false fields: []
        "info" "custom" suffix: false fields: ["activity_info"]"#]]
    .assert_eq(&shown.join("\n"));
    worker.stop().await;
}

/// Cancels the call once its activity says so by a heartbeat or a line, or else once it runs; and tells what it ends in.
async fn cancelled(worker: &Worker, call: Call) -> (Started, String) {
    let call = call.start().await;
    worker.started(call.id()).await;
    call.cancel().await;
    let outcome = call.outcome().await.to_string();
    (call, outcome)
}

#[tokio::test]
async fn cancelled_each_ends_as_on_temporal_s_worker() {
    let worker = examples().await.cancel_check("300ms").start().await;
    let many: Vec<u32> = (0..200).collect();
    let names: Vec<String> = many.iter().map(ToString::to_string).collect();
    let items: Vec<Value> = many.iter().map(|id| json!({"id": id})).collect();
    let calls = [
        ("robust_activity", json!(["wait"]), true),
        ("long_running_task", json!([names]), true),
        ("cancellable_activity", json!([50]), true),
        ("shutdown_aware_activity", json!([names]), false),
        ("detailed_cancellation_handling", json!([]), true),
        ("sync_activity_with_cleanup", json!(["wait"]), true),
        ("sync_monitoring_activity", json!([0.1]), true),
        ("robust_data_processor", json!([items, 1]), true),
    ];
    let all = calls.iter().map(async |(activity, arguments, heartbeats)| {
        let call = worker.in_workflow(activity).args(arguments).start_to_close("50s");
        let call = if *heartbeats { call.heartbeat("3s") } else { call };
        let (call, outcome) = cancelled(&worker, call).await;
        format!("> {activity}\n{outcome}\n{:?}\n", messages(&worker, call.id()))
    });
    expect![[r#"
        > robust_activity
        completed: "critical:wait:True"
        []
        > long_running_task
        cancelled: Activity canceled []
        []
        > cancellable_activity
        cancelled: Activity canceled []
        []
        > shutdown_aware_activity
        cancelled: Activity canceled []
        []
        > detailed_cancellation_handling
        cancelled: Activity canceled []
        []
        > sync_activity_with_cleanup
        completed: "Cancelled after cleanup"
        ["critical cleanup"]
        > sync_monitoring_activity
        cancelled: Activity canceled []
        []
        > robust_data_processor
        cancelled: Activity canceled []
        ["Starting robust processing of 200 items"]
    "#]]
    .assert_eq(&futures_util::future::join_all(all).await.concat());
    worker.stop().await;
}

/// Shuts the worker down while these activities run, and tells what each ends in and what it logged.
async fn shut_down(worker: Worker, calls: &[(&str, Value)]) -> String {
    let started = calls.iter().map(async |(activity, arguments)| {
        let call = worker.standalone(activity).args(arguments).start_to_close("50s").heartbeat("20s").start().await;
        worker.started(call.id()).await;
        call
    });
    let started = futures_util::future::join_all(started).await;
    worker.signal(Signal::TERM);
    assert_eq!(tokio::time::timeout(GUARD, worker.exit()).await.unwrap().code, Some(0));
    let mut transcript = String::new();
    for (call, (activity, _)) in started.iter().zip(calls) {
        let lines = messages(&worker, call.id());
        let lines: Vec<&str> = lines.iter().map(|line| line.split('\n').next().unwrap()).collect();
        transcript.push_str(&format!("> {activity}\n{}\n{lines:?}\n", call.outcome().await));
    }
    transcript
}

/// How activities end that don't look at a shutdown which leaves them too little time.
const UNAWARE_OF_SHUTDOWN: &str = r#"> robust_activity
completed: "critical:wait:True"
[]
> long_running_task
failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
not tried again: MaximumAttemptsReached
[]
> cancellable_activity
failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
not tried again: MaximumAttemptsReached
[]
> detailed_cancellation_handling
failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
not tried again: MaximumAttemptsReached
[]
> sync_activity_with_cleanup
completed: "Cancelled after cleanup"
["critical cleanup"]
> sync_monitoring_activity
failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
not tried again: MaximumAttemptsReached
[]
> metrics_activity
failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
not tried again: MaximumAttemptsReached
[]
"#;

/// Shuts down a worker that runs what doesn't look at its shutdown, and gives it less time than that would take.
async fn shut_down_too_early(grace: &str, more: &[(&str, Value)]) -> String {
    let worker = examples().await.shutdown_grace(grace).kill_grace("20s").max_concurrent(20).start().await;
    let names: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    let mut calls = vec![
        ("robust_activity", json!(["wait"])),
        ("long_running_task", json!([names])),
        ("cancellable_activity", json!([50])),
        ("detailed_cancellation_handling", json!([])),
        ("sync_activity_with_cleanup", json!(["wait"])),
        ("sync_monitoring_activity", json!([0.1])),
        ("metrics_activity", json!([2000])),
    ];
    calls.extend_from_slice(more);
    shut_down(worker, &calls).await
}

#[tokio::test]
async fn shut_down_without_grace_each_ends_as_on_temporal_s_worker() {
    let names: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    let items: Vec<Value> = (0..200).map(|id: u32| json!({"id": id})).collect();
    let aware = [("shutdown_aware_activity", json!([names])), ("robust_data_processor", json!([items]))];
    let transcript = shut_down_too_early("0s", &aware).await;
    let aware = transcript.strip_prefix(UNAWARE_OF_SHUTDOWN).unwrap_or(&transcript);
    expect![[r#"
        > shutdown_aware_activity
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached
        []
        > robust_data_processor
        failed: WorkerShutdown: Worker is shutting down and this activity did not complete in time
        not tried again: MaximumAttemptsReached
        ["Starting robust processing of 200 items"]
    "#]]
    .assert_eq(aware);
}

#[tokio::test]
async fn shut_down_with_too_little_grace_each_ends_as_without() {
    assert_eq!(shut_down_too_early("1s", &[]).await, UNAWARE_OF_SHUTDOWN);
}

#[tokio::test]
async fn shut_down_without_grace_one_may_still_save_what_it_has() {
    let worker = examples().await.shutdown_grace("0s").kill_grace("20s").start().await;
    let names: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    let transcript = shut_down(worker, &[("graceful_shutdown_activity", json!([names]))]).await;
    // The shutdown and the cancellation come together, and it waits for both.
    let saved =
        transcript.contains("failed: Exception: Worker shutdown, saved") && transcript.contains("[\"saved results\"]");
    assert!(saved || transcript.contains("failed: WorkerShutdown: "), "{transcript}");
}

#[tokio::test]
async fn shut_down_with_grace_each_saves_what_it_has() {
    let worker = examples().await.shutdown_grace("30s").max_concurrent(10).start().await;
    let many: Vec<u32> = (0..300).collect();
    let names: Vec<String> = many.iter().map(ToString::to_string).collect();
    let items: Vec<Value> = many.iter().map(|id| json!({"id": id})).collect();
    let calls = [
        ("shutdown_aware_activity", json!([names])),
        ("graceful_shutdown_activity", json!([names])),
        ("robust_data_processor", json!([items])),
        ("metrics_activity", json!([50])),
    ];
    // How far each came is a matter of time.
    let transcript = shut_down(worker, &calls).await;
    let transcript: String = transcript
        .lines()
        .map(|line| match line.split_once("completed: ") {
            Some((_, result)) if result.starts_with('{') => {
                let result: Value = serde_json::from_str(result).unwrap();
                let partial = result["processed_items"].as_u64().unwrap() < 300;
                format!("completed: partial: {partial}, of {}\n", result["total_items"])
            }
            _ => line.chars().map(|char| if char.is_ascii_digit() { 'N' } else { char }).collect::<String>() + "\n",
        })
        .collect();
    expect![[r#"
        > shutdown_aware_activity
        failed: Exception: Worker shutting down, partial results saved
        not tried again: MaximumAttemptsReached
        ["saved some of N results"]
        > graceful_shutdown_activity
        failed: Exception: Worker shutdown, saved N results
        not tried again: MaximumAttemptsReached
        ["saved results"]
        > robust_data_processor
        completed: partial: true, of 300
        ["Starting robust processing of N items", "Worker shutting down, saving progress", "saved N partial results", "Successfully processed N/N items"]
        > metrics_activity
        completed: "Processed N items in N.Ns"
        []
    "#]]
    .assert_eq(&transcript.replace("NN", "N").replace("NN", "N"));
}

#[tokio::test]
async fn one_is_completed_from_elsewhere() {
    let worker = examples().await.start().await;
    let call = worker.in_workflow("async_completion_activity").arg("t1").start().await;
    worker.finished(call.id(), 1).await;
    // The worker has forgotten it: it ends at once, and the activity goes on without it.
    worker.stop().await;
    call.complete("External completion result").await;
    expect![[r#"completed: "External completion result""#]].assert_eq(&call.outcome().await.to_string());
    expect![[r#"["started t1, to be answered at http://callback/complete"]"#]]
        .assert_eq(&format!("{:?}", messages(&worker, call.id())));
}

#[tokio::test]
async fn one_asks_after_its_deadline() {
    let worker = examples().await.kill_grace("10s").start().await;
    let call = worker.standalone("detailed_cancellation_handling").heartbeat("30s").start_to_close("1s");
    let outcome = tokio::time::timeout(Duration::from_secs(50), call.run()).await.unwrap();
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
          last heartbeat: ["working"]
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&outcome.to_string());
    worker.stop().await;
}
