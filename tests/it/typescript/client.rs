//! Temporal's own client in an activity: what the conformance suite has not, workflows and what goes wrong.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{
    DevServer, Isolet, call::unique, dev_server::connect, worker::WorkerBuilder, workflow_worker::WorkflowWorker,
};

fn granted(server: &DevServer) -> WorkerBuilder<'_> {
    Isolet::worker(server)
        .component("conformance-typescript")
        .option("--client", "methods=*Workflow*")
        .option("--client", "workflow-ids=*")
        .option("--client", "task-queues=*")
}

#[tokio::test]
async fn workflows_are_started_and_driven_and_waited_for() {
    let server = DevServer::start().await;
    let worker = granted(server).start().await;
    let workflows = WorkflowWorker::start(connect(&server.address()).await);
    let ask = async |activity: &str, first: &[&str]| {
        let call = first.iter().fold(worker.standalone(activity).attempts(1), |call, each| call.arg(each));
        call.arg(unique("order")).arg(workflows.queue()).run().await
    };
    let seen: Value = ask("client_drive_workflow", &[]).await.json();
    let expected = json!({
        "again": true,
        "existing": true,
        "seen": ["first", "second", "third"],
        "updated": 3,
        "refused": "Refused: there is no such update",
        "running": "RUNNING Collect test",
        "ended": "COMPLETED true",
        "result": ["first", "second", "third"],
    });
    assert_eq!(seen, expected);
    let outcome = async |activity: &str, first: &str| ask(activity, &[first]).await.to_string();
    expect![[r#"completed: "completed: \"input\"""#]].assert_eq(&outcome("client_execute_workflow", "Echo").await);
    expect![[r#"completed: "completed: \"second run\"""#]]
        .assert_eq(&outcome("client_execute_workflow", "Twice").await);
    expect![[r#"completed: "Broken: it broke""#]].assert_eq(&outcome("client_execute_workflow", "Fail").await);
    expect![[r#"completed: "Cancelled: Workflow canceled""#]]
        .assert_eq(&outcome("client_stop_workflow", "cancel").await);
    expect![[r#"completed: "Terminated: enough""#]].assert_eq(&outcome("client_stop_workflow", "terminate").await);
    let waited: Value = ask("client_wait_in_vain", &[]).await.json();
    assert_eq!(waited, json!({ "late": true, "aborted": true, "past": true }));
    worker.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_told_as_by_grpc() {
    let server = DevServer::start().await;
    let worker = granted(server).start().await;
    let told = worker.standalone("client_errors").attempts(1).run().await.to_string();
    expect![[r#"completed: {"absent":true,"details":1,"isKnown":true,"list":"the method \"ListNamespaces\" can't be granted","raw":"Error: 5 NOT_FOUND: workflow not found for ID: absent","schedule":"the method \"DescribeSchedule\" can't be granted"}"#]].assert_eq(&told);
    let call = worker.standalone("client_after_deadline").arg("order-1").start_to_close("1s").start().await;
    let line = worker.event("its log line", |event| event["event"] == "log" && event["activity_id"] == call.id()).await;
    assert_eq!(
        line["message"],
        "after the deadline: not granted: the attempt's deadline has passed: it may not act any more"
    );
    worker.stop().await;
}
