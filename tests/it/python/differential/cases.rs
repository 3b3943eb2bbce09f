//! Calls: how they are told, and those of the examples and of the conformance suite.

use std::fmt;

use serde_json::{Value, json};
use temporalio_common::protos::temporal::api::common::v1::Payload;

use super::differences::Known;
use crate::support::{call::Call, payload};

/// A call that is made on both workers.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) activity: &'static str,
    pub(super) then: Then,
    /// In which way what is seen of it differs.
    pub(super) known: Option<&'static Known>,
    input: Vec<Payload>,
    attempts: i32,
    start_to_close: &'static str,
    heartbeat: Option<&'static str>,
}

/// What happens once the activity has logged that it is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It does not wait.
    Nothing,
    /// Its cancellation is requested.
    Cancel,
    /// It is completed by somebody else.
    Complete,
}

/// A call with these arguments, a JSON array.
pub(super) fn call(activity: &'static str, arguments: Value) -> Case {
    let input = arguments.as_array().into_iter().flatten().map(payload::json).collect();
    Case { activity, then: Then::Nothing, known: None, input, attempts: 1, start_to_close: "30s", heartbeat: None }
}

impl Case {
    /// With one more argument, encoded already.
    pub(super) fn payload(mut self, payload: Payload) -> Self {
        self.input.push(payload);
        self
    }

    /// With at most so many attempts.
    pub(super) fn attempts(mut self, attempts: i32) -> Self {
        self.attempts = attempts;
        self
    }

    /// With so much time for each attempt.
    pub(super) fn start_to_close(mut self, timeout: &'static str) -> Self {
        self.start_to_close = timeout;
        self
    }

    /// With at most so much time between heartbeats.
    pub(super) fn heartbeat(mut self, timeout: &'static str) -> Self {
        self.heartbeat = Some(timeout);
        self
    }

    /// With this done once it waits.
    pub(super) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    /// With a difference that is known.
    pub(super) fn knowing(mut self, known: &'static Known) -> Self {
        self.known = Some(known);
        self
    }

    /// The call as it is made.
    pub(super) fn of(&self, call: Call) -> Call {
        let call = call.attempts(self.attempts).start_to_close(self.start_to_close);
        let call = self.input.iter().cloned().fold(call, Call::payload);
        self.heartbeat.into_iter().fold(call, Call::heartbeat)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments: Vec<String> = self.input.iter().map(payload::shown).collect();
        write!(f, "{} [{}]", self.activity, arguments.join(", "))
    }
}

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
