//! A component's activities in a worker of Temporal's own Rust SDK.

use expect_test::expect;
use isolet_activities::{Compile, Error, Options, Stopping, WasmActivities};
use serde_json::json;
use temporalio_client::{Client, ClientOptions};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::support::{
    DevServer,
    call::{Call, Caller, unique},
    component,
    dev_server::connect,
};

#[tokio::test]
async fn a_worker_of_temporal_s_sdk_runs_them() {
    let server = DevServer::start().await;
    let connection = connect(&server.address()).await;
    let queue = unique("rust-sdk");
    let options = Options {
        stopping: Stopping { kill_grace: std::time::Duration::from_millis(100), ..Stopping::default() },
        sandboxes: 8,
        // The `main` of these tests is not ours.
        compile: Compile::InProcess,
        ..Options::default()
    };
    let activities = WasmActivities::from_file_with(component("conformance"), options).unwrap();
    assert!(activities.names().contains(&"greet".to_owned()));
    let client = Client::new(connection.clone(), ClientOptions::new("default").build()).unwrap();
    let runtime = Runtime::from_current_tokio(Default::default()).unwrap();
    let options = WorkerOptions::new(queue.as_str()).register_activities(activities).build();
    let mut worker = Worker::new(&runtime, client, options).unwrap();
    let stop = worker.shutdown_handle();
    let calls = async {
        let told = told(|activity| Call::new(connection.clone(), &queue, Caller::Client, activity)).await;
        stop();
        told
    };
    let (ran, told) = tokio::join!(worker.run(), calls);
    ran.unwrap();
    expect![[r#"
        > greet ["Ann"]
        completed: "Hello, Ann!"
        > add [1]
        failed: TypeError: add() missing 1 required positional argument: 'b'
        not tried again: MaximumAttemptsReached
        > fail_application ["Bad",true,null]
        failed: Bad: failed on purpose
          details: ["detail", 42]
          non-retryable
        not tried again: NonRetryableFailure
        > fail_with_cause []
        failed: Outer: outer
        caused by failed: Inner: inner
        caused by failed: ParseIntError: invalid digit found in string
        not tried again: MaximumAttemptsReached
        > panic ["oh"]
        failed: SandboxTrap: the guest panicked: oh at tests/guests/conformance/src/failures.rs:74:5
        not tried again: MaximumAttemptsReached
        > heartbeat_then_fail
        completed: {"attempt":2,"details":3}
        > wait_cancel_uncaught
        cancelled: Activity canceled []
        > wait_cancel_caught
        completed: "caught: cancel_requested"
        > spin
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached
        > greet
        completed: "Hello, Bob!"
    "#]]
    .assert_eq(&told);
}

/// What calls come to, one after the other.
async fn told(call: impl Fn(&str) -> Call) -> String {
    let mut told = String::new();
    for (activity, arguments) in [
        ("greet", json!(["Ann"])),
        ("add", json!([1])),
        ("fail_application", json!(["Bad", true, null])),
        ("fail_with_cause", json!([])),
        ("panic", json!(["oh"])),
    ] {
        told += &format!("> {activity} {arguments}\n{}\n", call(activity).args(&arguments).run().await);
    }
    let resumed = call("heartbeat_then_fail").args(&json!([3])).attempts(2).heartbeat("5s").run().await;
    told += &format!("> heartbeat_then_fail\n{resumed}\n");
    for activity in ["wait_cancel_uncaught", "wait_cancel_caught"] {
        let waiting = call(activity).heartbeat("1s").start().await;
        // It runs once it has heartbeated; each look is a call of the server.
        while waiting.standalone().describe().await.heartbeat_details.is_none() {}
        waiting.cancel().await;
        told += &format!("> {activity}\n{}\n", waiting.outcome().await);
    }
    // It is killed, so that another finds its place.
    told += &format!("> spin\n{}\n", call("spin").start_to_close("1s").run().await);
    told += &format!("> greet\n{}\n", call("greet").arg("Bob").run().await);
    told
}

#[test]
fn what_can_t_be_registered_says_why() {
    let missing = WasmActivities::from_file("no-such.wasm").unwrap_err();
    assert_eq!(missing.to_string(), "read component no-such.wasm");
    let unconfined = WasmActivities::from_file(component("dynamic")).unwrap_err();
    assert!(matches!(unconfined, Error::NoCompiler) && unconfined.cure().is_some(), "{unconfined}");
    let trusted = Options { compile: Compile::InProcess, ..Options::default() };
    let dynamic = WasmActivities::from_file_with(component("dynamic"), trusted).unwrap_err();
    assert!(matches!(dynamic, Error::Dynamic(_)) && dynamic.cure().is_some(), "{dynamic}");
}
