//! Calls of the examples and of the conformance suite.

use serde_json::json;

use crate::differential::{Case, call};

/// The calls of modules that are there for other tests.
pub(super) fn all() -> Vec<Case> {
    let conformance = values().into_iter().chain(failures()).chain(work());
    conformance.chain(examples()).chain(heartbeats()).collect()
}

fn values() -> Vec<Case> {
    vec![
        call("add", json!([40, 2])),
        call("add", json!([1.9, true])),
        call("add", json!([9_007_199_254_740_993_u64, 1])),
        call("add", json!(["a", 1])),
        call("add", json!([null, 1])),
        call("add", json!([1])),
        call("add", json!([1, 2, 3])),
        call("add", json!([])),
        call("echo", json!([{"a": [1, "ü", null]}])),
        call("greet", json!(["Ada"])),
        call("greet", json!([1])),
        call("greet", json!([["Ada"]])),
        call("nothing", json!([])),
        call("nothing", json!([1])),
        call("recode", json!([null])),
        call("recode", json!([[1, 2.5, "x", true, {"b": 1, "a": 2}]])),
        call("recode", json!(["\u{1f600} ü"])),
        call("reverse_bytes", json!(["text"])),
        call("unencodable_result", json!([])),
        call("with_default", json!([1])),
        call("with_default", json!([1, 7])),
        call("with_default", json!([1, null])),
    ]
}

fn failures() -> Vec<Case> {
    vec![
        call("fail", json!([])),
        call("fail_application", json!(["T", false])),
        call("fail_application", json!(["T", true, null])),
        call("fail_application", json!(["T", false, 1500])),
        call("fail_benign", json!([])),
        call("fail_empty", json!([])),
        call("fail_with_bad_detail", json!([])),
        call("fail_with_cause", json!([])),
        call("fail_until_attempt", json!([1])),
        call("fail_until_attempt", json!([2, 10])).attempts(2),
    ]
}

fn work() -> Vec<Case> {
    vec![call("sleep_ms", json!([5])), call("cpu_ms", json!([5])), call("allocate", json!([1]))]
}

fn heartbeats() -> Vec<Case> {
    vec![
        call("heartbeat_unencodable_returned", json!([])),
        call("heartbeat_then_fail", json!([3])).attempts(2),
        call("heartbeat_then_fail", json!([1, 5])).attempts(2),
        call("heartbeat_details", json!(["none"])).attempts(2),
        call("heartbeat_details", json!(["several"])).attempts(2),
        call("heartbeat_details", json!(["unreadable"])).attempts(2),
        call("sleep_with_heartbeats", json!([300, 100])),
    ]
}

fn examples() -> Vec<Case> {
    vec![
        call("process_data", json!(["x"])),
        call("sync_process_data", json!(["x"])),
        call("custom_activity_name", json!(["x"])),
        call("robust_activity", json!(["quick"])),
        call("tracked_activity", json!(["x"])),
        call("call_conditional_logic", json!([])),
        call("long_running_task", json!([["a", "b"]])),
        call("shutdown_aware_activity", json!([["a"]])),
        call("detailed_cancellation_handling", json!([])),
        call("sync_activity_with_cleanup", json!(["quick"])),
        call("sync_monitoring_activity", json!([0.1])),
        call("graceful_shutdown_activity", json!([["a"]])),
        call("metrics_activity", json!([0])),
        call("info_logging_activity", json!(["x"])),
        call("logging_activity", json!(["x"])),
    ]
}
