//! The same modules on Temporal's own Python worker and in the sandbox, each activity called on both.
//!
//! What its caller sees must be the same, stack traces aside; `docs/python.md` lists what differs on purpose, and
//! nothing of that is called here.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, isolet::target, process::Process, repository};

/// The modules, by their folders below `tests/guests-python`.
const MODULES: [(&str, &[&str]); 3] = [
    ("conformance", &["values", "failures", "heartbeats", "work"]),
    ("ways", &["ways"]),
    (
        "examples",
        &[
            "e02_process_data",
            "e03_sync_process_data",
            "e04_custom_name",
            "e05_robust_activity",
            "e08_tracked_activity",
            "e09_conditional_logic",
            "e10_long_running_task",
            "e11_cancellable_activity",
            "e12_shutdown_aware_activity",
            "e13_detailed_cancellation_handling",
            "e14_sync_activity_with_cleanup",
            "e15_sync_monitoring_activity",
            "e16_graceful_shutdown_activity",
            "e20_metrics_activity",
            "e21_info_logging_activity",
            "e22_logging_activity",
            "e23_robust_data_processor",
        ],
    ),
];

/// Temporal's own worker on this task queue.
async fn official_worker(address: &str, queue: &str) -> Process {
    // Where `cargo xtask guests` installs it.
    let packages = target().join("../.tools/pip/temporalio-1.35.0");
    assert!(packages.is_dir(), "{} is missing: run `cargo xtask guests`", packages.display());
    let script = repository("tests/it/python/official_worker.py").display().to_string();
    let places = MODULES.iter().flat_map(|(folder, modules)| {
        let folder = repository(&format!("tests/guests-python/{folder}")).display().to_string();
        modules.iter().map(move |module| format!("{folder}:{module}"))
    });
    let arguments = [script, address.to_owned(), queue.to_owned()].into_iter().chain(places);
    let environment = [
        ("PYTHONPATH".to_owned(), packages.display().to_string()),
        ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
    ];
    let process = Process::start("Temporal's Python worker", Path::new("python3"), arguments, &environment);
    process.find("that it is ready", |line| line.starts_with("ready").then_some(())).await;
    process
}

/// An activity and its arguments.
type Called = (&'static str, Value);

/// What is called, and how often it may be tried.
fn calls() -> Vec<(Called, i32)> {
    let once = values_failures_and_work().into_iter().chain(ways_and_examples());
    let twice = [
        ("heartbeat_then_fail", json!([3])),
        ("heartbeat_then_fail", json!([1, 5])),
        ("heartbeat_details", json!(["none"])),
        ("heartbeat_details", json!(["several"])),
        ("heartbeat_details", json!(["unreadable"])),
        ("fail_until_attempt", json!([2, 10])),
    ];
    once.map(|called| (called, 1)).chain(twice.map(|called| (called, 2))).collect()
}

fn values_failures_and_work() -> Vec<Called> {
    vec![
        ("add", json!([40, 2])),
        ("add", json!([1.9, true])),
        ("add", json!([9_007_199_254_740_993_u64, 1])),
        ("add", json!(["a", 1])),
        ("add", json!([null, 1])),
        ("add", json!([1])),
        ("add", json!([1, 2, 3])),
        ("add", json!([])),
        ("echo", json!([{"a": [1, "ü", null]}])),
        ("greet", json!(["Ada"])),
        ("greet", json!([1])),
        ("greet", json!([["Ada"]])),
        ("nothing", json!([])),
        ("nothing", json!([1])),
        ("recode", json!([null])),
        ("recode", json!([[1, 2.5, "x", true, {"b": 1, "a": 2}]])),
        ("recode", json!(["\u{1f600} ü"])),
        ("reverse_bytes", json!(["text"])),
        ("unencodable_result", json!([])),
        ("with_default", json!([1])),
        ("with_default", json!([1, 7])),
        ("with_default", json!([1, null])),
        ("fail", json!([])),
        ("fail_application", json!(["T", false])),
        ("fail_application", json!(["T", true, null])),
        ("fail_application", json!(["T", false, 1500])),
        ("fail_benign", json!([])),
        ("fail_empty", json!([])),
        ("fail_with_bad_detail", json!([])),
        ("fail_with_cause", json!([])),
        ("fail_until_attempt", json!([1])),
        ("heartbeat_unencodable_returned", json!([])),
        ("sleep_with_heartbeats", json!([50, 10])),
        ("sleep_ms", json!([5])),
        ("cpu_ms", json!([5])),
        ("allocate", json!([1])),
    ]
}

fn ways_and_examples() -> Vec<Called> {
    let id = "0b1f0a52-6a0e-4a6e-9c55-3e0f6f1a7f00";
    vec![
        ("gathered", json!([])),
        ("grouped", json!([])),
        ("timed_out", json!([])),
        ("in_threads", json!([])),
        ("loop_of_its_own", json!([])),
        ("imports_late", json!([])),
        ("types", json!([{"x": 1, "unknown": 1}, id, {"a": [{"x": 0, "y": 7}]}])),
        ("types", json!([{"y": 1}, id, {"a": []}])),
        ("types", json!([{"x": 1}, "no id", {"a": []}])),
        ("types", json!([{"x": 1}, id, {"b": []}])),
        ("fails_deep", json!([])),
        ("method", json!(["Ada"])),
        ("static_method", json!(["Ada"])),
        ("callable_class", json!([2])),
        ("process_data", json!(["x"])),
        ("sync_process_data", json!(["x"])),
        ("custom_activity_name", json!(["x"])),
        ("robust_activity", json!(["quick"])),
        ("tracked_activity", json!(["x"])),
        ("call_conditional_logic", json!([])),
        ("long_running_task", json!([["a", "b"]])),
        ("cancellable_activity", json!([1])),
        ("shutdown_aware_activity", json!([["a"]])),
        ("detailed_cancellation_handling", json!([])),
        ("sync_activity_with_cleanup", json!(["quick"])),
        ("sync_monitoring_activity", json!([0.1])),
        ("graceful_shutdown_activity", json!([["a"]])),
        ("metrics_activity", json!([0])),
        ("info_logging_activity", json!(["x"])),
        ("logging_activity", json!(["x"])),
    ]
}

#[tokio::test]
async fn a_caller_sees_the_same() {
    let server = DevServer::start().await;
    let worker = MODULES.iter().fold(Isolet::worker(server).limit("memory=256MiB"), |worker, (folder, _)| {
        worker.component(&format!("{folder}-python"))
    });
    let worker = worker.start().await;
    let queue = format!("{}-official", worker.queue());
    let _official = official_worker(&server.address(), &queue).await;
    let calls = calls();
    assert!(60 < calls.len());
    let mut differences = Vec::new();
    for ((activity, arguments), attempts) in &calls {
        let ours = worker.standalone(activity).args(arguments).attempts(*attempts).run();
        let theirs = worker.standalone_on(&queue, activity).args(arguments).attempts(*attempts).run();
        let (ours, theirs) = tokio::join!(ours, theirs);
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        if ours != theirs {
            differences.push(format!("> {activity} {arguments}\nours   {ours}\ntheirs {theirs}\n"));
        }
    }
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), calls.len(), differences.concat());
    worker.stop().await;
}
