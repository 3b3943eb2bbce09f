//! What an attempt knows of itself.

use expect_test::expect;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use temporalio_common::protos::temporal::api::common::v1::Priority;

use super::Guest;
use crate::support::{Caller, Worker};

/// What differs from run to run.
const CHANGING: [&str; 7] = [
    "activity_id",
    "task_queue",
    "task_token",
    "scheduled_time",
    "current_attempt_scheduled_time",
    "started_time",
    "deadline",
];

/// What an attempt knows, without what differs from run to run.
async fn info(worker: &Worker, caller: Caller) -> Value {
    let call = worker.called_by(caller, "info").start_to_close("20s").heartbeat("15s").attempts(3).start().await;
    let mut info: Value = call.outcome().await.json();
    assert_eq!(info["activity_id"], call.id());
    assert_eq!(info["task_queue"], worker.queue());
    assert!(info["task_token"].as_array().is_some_and(|token| !token.is_empty()));
    let time = |name: &str| info[name].as_f64().unwrap();
    assert!(time("scheduled_time") <= time("current_attempt_scheduled_time"));
    assert!(time("current_attempt_scheduled_time") <= time("started_time"));
    for changing in CHANGING {
        info[changing] = json!("…");
    }
    info
}

pub(super) async fn a_standalone_attempt_knows_what_it_is(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let mut info = info(&worker, Caller::Client).await;
    assert!(info["activity_run_id"].as_str().is_some_and(|id| !id.is_empty()));
    info["activity_run_id"] = json!("…");
    // The longest interval is what the server made of the policy.
    expect![[r#"
        {
          "activity_id": "…",
          "activity_run_id": "…",
          "activity_type": "info",
          "attempt": 1,
          "current_attempt_scheduled_time": "…",
          "deadline": "…",
          "headers": {},
          "heartbeat_details": [],
          "heartbeat_timeout": 15.0,
          "is_local": false,
          "namespace": "default",
          "priority": {
            "fairness_key": null,
            "fairness_weight": null,
            "priority_key": null
          },
          "retry_policy": {
            "backoff_coefficient": 1.0,
            "initial_interval": 0.1,
            "maximum_attempts": 3,
            "maximum_interval": 10.0,
            "non_retryable_error_types": []
          },
          "schedule_to_close_timeout": null,
          "scheduled_time": "…",
          "start_to_close_timeout": 20.0,
          "started_time": "…",
          "task_queue": "…",
          "task_token": "…",
          "workflow": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&info).unwrap());
    worker.stop().await;
}

pub(super) async fn an_attempt_of_a_workflow_knows_its_workflow(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let info = info(&worker, Caller::Workflow).await;
    assert_eq!(info["activity_run_id"], Value::Null);
    let workflow = &info["workflow"];
    assert_eq!((&workflow["namespace"], &workflow["workflow_type"]), (&json!("default"), &json!("CallsOneActivity")));
    assert!(workflow["workflow_id"].as_str().is_some_and(|id| id.starts_with("workflow-")), "{workflow}");
    assert!(workflow["run_id"].as_str().is_some_and(|id| !id.is_empty()), "{workflow}");
    worker.stop().await;
}

pub(super) async fn priority_and_headers_arrive(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let priority = Priority { priority_key: 2, fairness_key: "tenant".to_owned(), fairness_weight: 1.5 };
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "info").priority(priority.clone()).header("trace", "abc");
        let info: Value = call.non_retryable_type("Fatal").run().await.json();
        expect![[r#"{"fairness_key":"tenant","fairness_weight":1.5,"priority_key":2} {"trace":"\"abc\""} ["Fatal"]"#]]
            .assert_eq(&format!(
                "{} {} {}",
                info["priority"], info["headers"], info["retry_policy"]["non_retryable_error_types"]
            ));
    }
    worker.stop().await;
}

pub(super) async fn the_deadline_is_the_nearer_timeout(guest: Guest) {
    let worker = guest.worker().await.start().await;
    let time = |info: &Value, name: &str| info[name].as_f64().unwrap();
    for caller in Caller::BOTH {
        let info: Value = worker.called_by(caller, "info").start_to_close("20s").run().await.json();
        let left = time(&info, "deadline") - time(&info, "started_time");
        assert!((19.0..=20.0).contains(&left), "the deadline is {left} s after the start");

        let info: Value = worker.called_by(caller, "info").schedule_to_close("15s").run().await.json();
        let left = time(&info, "deadline") - time(&info, "scheduled_time");
        assert!((14.9..=15.1).contains(&left), "the deadline is {left} s after it was scheduled");
        assert_eq!(info["schedule_to_close_timeout"], 15.0);
    }
    worker.stop().await;
}

pub(super) async fn an_activity_has_an_idempotency_key(guest: Guest) {
    let worker = guest.worker().await.start().await;
    for caller in Caller::BOTH {
        let call = worker.called_by(caller, "idempotency_key").start().await;
        let (key, workflow_id, run_id): (String, Option<String>, String) = call.outcome().await.json();
        let id = call.id();
        // As docs/http.md tells a server that makes it for itself.
        let parts: Vec<&str> = match &workflow_id {
            Some(workflow_id) => vec!["workflow", "default", workflow_id, &run_id, id],
            None => vec!["activity", "default", id, &run_id],
        };
        let mut hash = Sha256::new();
        for part in ["isolet activity idempotency key 1"].into_iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        assert_eq!(key, format!("{:x}", hash.finalize()), "{caller:?}");
    }
    worker.stop().await;
}
