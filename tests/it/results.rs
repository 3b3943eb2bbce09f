//! Arguments that arrive and results that come back, whoever calls.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{
    Caller, DevServer, Isolet, Worker,
    call::{transcript, whoever_calls},
    payload::{self, encoded, encoding},
};

#[tokio::test]
async fn values_go_in_and_come_out() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let calls = [
        ("greet", json!(["Ada"])),
        ("add", json!([40, 2])),
        ("nothing", json!([])),
        ("echo", json!([{"b": [1.5, null], "a": "ü"}])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        whoever_calls(async |caller| worker.called_by(caller, activity).args(arguments).run().await.to_string()).await
    });
    expect![[r#"
        > greet ["Ada"]
        completed: "Hello, Ada!"
        > add [40,2]
        completed: 42
        > nothing []
        completed: null
        > echo [{"a":"ü","b":[1.5,null]}]
        completed: {"a":"ü","b":[1.5,null]}
    "#]]
    .assert_eq(&outcomes.await);
    worker.stop().await;
}

#[tokio::test]
async fn payloads_pass_through_untouched() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let mut tagged = encoded("json/plain", *b" {\"spaces\" :  1} ");
    tagged.metadata.insert("of-the-user".to_owned(), vec![0, 255]);
    for value in [
        tagged,
        encoded("binary/null", []),
        encoded("binary/plain", (0..=255).collect::<Vec<u8>>()),
        encoded("binary/plain", vec![7; 1 << 20]),
        encoded("json/protobuf", *b"{}"),
        encoded("nobody/knows", *b"?"),
    ] {
        let outcome = worker.standalone("echo").payload(value.clone()).run().await;
        assert!(outcome.payload() == &value, "{} came back as {outcome}", payload::shown(&value));
    }
    worker.stop().await;
}

#[tokio::test]
async fn binary_values_are_bytes() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let outcome = worker.standalone("reverse_bytes").payload(encoded("binary/plain", [1, 2, 255])).run().await;
    assert_eq!(
        (encoding(outcome.payload()).as_str(), outcome.payload().data.as_slice()),
        ("binary/plain", &[255, 2, 1][..])
    );
    worker.stop().await;
}

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
    let left = time("deadline") - time("started_time");
    assert!((19.0..=20.0).contains(&left), "the deadline is {left} s after the start");
    for changing in [
        "activity_id",
        "task_queue",
        "task_token",
        "scheduled_time",
        "current_attempt_scheduled_time",
        "started_time",
        "deadline",
    ] {
        info[changing] = json!("…");
    }
    info
}

#[tokio::test]
async fn an_attempt_knows_what_it_is() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;

    let mut standalone = info(&worker, Caller::Client).await;
    assert!(standalone["activity_run_id"].as_str().is_some_and(|id| !id.is_empty()));
    standalone["activity_run_id"] = json!("…");
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
    .assert_eq(&serde_json::to_string_pretty(&standalone).unwrap());

    let in_workflow = info(&worker, Caller::Workflow).await;
    assert_eq!(in_workflow["activity_run_id"], Value::Null);
    assert_eq!(in_workflow["workflow"]["namespace"], "default");
    assert_eq!(in_workflow["workflow"]["workflow_type"], "CallsOneActivity");
    worker.stop().await;
}
