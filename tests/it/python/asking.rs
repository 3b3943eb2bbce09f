//! The example that asks Temporal, with the workflow that it runs played by hand.

use expect_test::expect;
use serde_json::json;
use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    command::v1::{Command, CompleteWorkflowExecutionCommandAttributes, command::Attributes},
    common::v1::Payloads,
    enums::v1::CommandType,
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{PollWorkflowTaskQueueRequest, RespondWorkflowTaskCompletedRequest},
};

use crate::support::{DevServer, Isolet, call::NAMESPACE, dev_server::connect, payload};

/// Takes the one task of `external_workflow` and completes it with what it was given.
async fn answer_external_workflow(connection: Connection) {
    let poll = PollWorkflowTaskQueueRequest {
        namespace: NAMESPACE.to_owned(),
        task_queue: Some(TaskQueue { name: "external-queue".to_owned(), ..TaskQueue::default() }),
        ..PollWorkflowTaskQueueRequest::default()
    };
    let task = connection.workflow_service().poll_workflow_task_queue(poll.into_request()).await.unwrap().into_inner();
    let complete = CompleteWorkflowExecutionCommandAttributes {
        result: Some(Payloads {
            payloads: vec![payload::json(json!({"user": "u1", "type": task.workflow_type.unwrap().name}))],
        }),
    };
    let command = Command {
        command_type: CommandType::CompleteWorkflowExecution.into(),
        attributes: Some(Attributes::CompleteWorkflowExecutionCommandAttributes(complete)),
        ..Command::default()
    };
    let answer = RespondWorkflowTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token,
        commands: vec![command],
        ..RespondWorkflowTaskCompletedRequest::default()
    };
    connection.workflow_service().respond_workflow_task_completed(answer.into_request()).await.unwrap();
}

#[tokio::test]
async fn one_runs_a_workflow() {
    let worker = Isolet::worker(DevServer::start().await)
        .component("examples-python")
        .limit("memory=256MiB")
        .option("--client", "methods=*")
        .option("--client", "workflow-ids=external-*");
    let worker = worker.option("--client", "task-queues=external-queue").cancel_check("300ms").start().await;
    let connection = connect(&DevServer::start().await.address()).await;
    let (outcome, ()) = tokio::join!(
        worker.standalone("query_external_service").arg("u1").run(),
        answer_external_workflow(connection),
    );
    expect![[r#"completed: {"type":"external_workflow","user":"u1"}"#]].assert_eq(&outcome.to_string());
    let call = worker.standalone("query_external_service").arg("u2").start().await;
    worker.started(call.id()).await;
    call.cancel().await;
    expect!["cancelled: Activity canceled []"].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}
