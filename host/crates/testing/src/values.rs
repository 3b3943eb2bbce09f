//! Values that tests need.

use std::time::{Duration, SystemTime};

use activity::{CancellationDetails, Info, Payload, Priority, WorkflowExecution};
use bytes::Bytes;
use serde_json::Value;

/// What an attempt is told of itself unless a test says otherwise: the same as in Python's `ActivityEnvironment`, an
/// activity of a workflow, in its first attempt.
///
/// It has timeouts, but no deadline: only [`ActivityTest::timeout`](crate::ActivityTest::timeout) lets one pass.
pub fn default_info() -> Info {
    let second = Some(Duration::from_secs(1));
    Info {
        activity_id: "test".to_owned(),
        activity_run_id: None,
        activity_type: "unknown".to_owned(),
        attempt: 1,
        namespace: "default".to_owned(),
        task_queue: "test".to_owned(),
        task_token: Bytes::from_static(b"test"),
        workflow: Some(WorkflowExecution {
            namespace: "default".to_owned(),
            workflow_id: "test".to_owned(),
            run_id: "test-run".to_owned(),
            workflow_type: "test".to_owned(),
        }),
        is_local: false,
        scheduled_time: SystemTime::UNIX_EPOCH,
        current_attempt_scheduled_time: SystemTime::UNIX_EPOCH,
        started_time: SystemTime::UNIX_EPOCH,
        schedule_to_close_timeout: second,
        start_to_close_timeout: second,
        heartbeat_timeout: None,
        deadline: None,
        heartbeat_details: Vec::new(),
        retry_policy: None,
        priority: Priority::default(),
        headers: Vec::new(),
        trace: None,
    }
}

/// A value as the default payload converter encodes it: null as `binary/null`, anything else as `json/plain`.
pub fn payload(value: impl Into<Value>) -> Payload {
    match value.into() {
        Value::Null => Payload::null(),
        value => Payload::json(value.to_string()),
    }
}

/// The details of a cancellation that was requested, by a workflow or a client.
pub fn cancel_requested() -> CancellationDetails {
    CancellationDetails::CANCEL_REQUESTED
}

/// The value of a payload that is JSON or null; null for any other.
pub(crate) fn value(payload: &Payload) -> Value {
    let is_json = payload.metadata("encoding").is_some_and(|encoding| encoding.starts_with(b"json/"));
    let value = is_json.then(|| serde_json::from_slice(&payload.data).ok()).flatten();
    value.unwrap_or(Value::Null)
}
