//! What activities may ask Temporal, and what they are answered.

use expect_test::expect;
use prost::Message as _;
use serde_json::{Value, json};
use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    common::v1::{WorkflowExecution, WorkflowType},
    enums::v1::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy},
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{
        DescribeWorkflowExecutionRequest, ExecuteMultiOperationRequest, GetWorkflowExecutionHistoryRequest,
        PauseActivityExecutionRequest, ResetActivityExecutionRequest, SignalWithStartWorkflowExecutionRequest,
        SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest, UnpauseActivityExecutionRequest,
        execute_multi_operation_request::{Operation, operation},
    },
};

use crate::support::{
    Caller, DevServer, Isolet, Worker,
    call::{NAMESPACE, Started, unique},
    dev_server::connect,
    worker::WorkerBuilder,
    workflow_worker::WorkflowWorker,
};

/// Guests with the same activities in Rust, in C and in C++, whose clients are written by hand.
const GUESTS: [&str; 3] = ["conformance", "conformance-c", "client-cpp"];

/// A worker whose guest may ask for everything, but in its own namespace alone, and not by task tokens.
fn granted(server: &DevServer) -> WorkerBuilder<'_> {
    granted_to(server, "conformance")
}

fn granted_to<'server>(server: &'server DevServer, guest: &str) -> WorkerBuilder<'server> {
    Isolet::worker(server)
        .component(guest)
        .option("--client", "methods=*")
        .option("--client", "workflow-ids=*")
        .option("--client", "task-queues=*")
        .option("--client", "activity-ids=*")
}

async fn workflows(server: &DevServer) -> WorkflowWorker {
    WorkflowWorker::start(connect(&server.address()).await)
}

#[tokio::test]
async fn a_workflow_is_started_and_asked_and_waited_for() {
    let server = DevServer::start().await;
    let workflows = workflows(server).await;
    let expected = json!({
        "again": true,
        "existing": true,
        "seen": ["first", "second", "third"],
        "updated": 3,
        "refused": "Refused: there is no such update",
        "running": "Running Collect",
        "ended": "Completed true",
        "result": ["first", "second", "third"],
    });
    for guest in GUESTS {
        let worker = granted_to(server, guest).start().await;
        let call = worker.standalone("client_drive_workflow").arg(unique("order")).arg(workflows.queue());
        assert_eq!(call.run().await.json::<Value>(), expected, "{guest}");
        worker.stop().await;
    }
}

#[tokio::test]
async fn how_a_workflow_ends_reaches_the_guest() {
    let server = DevServer::start().await;
    let workflows = workflows(server).await;
    for guest in GUESTS {
        ends_reach(&granted_to(server, guest).start().await, &workflows).await;
    }
}

async fn ends_reach(worker: &Worker, workflows: &WorkflowWorker) {
    let outcome = async |activity: &str, argument: &str| {
        let call = worker.standalone(activity).arg(argument).arg(unique("order")).arg(workflows.queue());
        call.run().await.to_string()
    };
    expect![[r#"completed: "completed: \"input\"""#]].assert_eq(&outcome("client_execute_workflow", "Echo").await);
    expect![[r#"completed: "completed: \"second run\"""#]]
        .assert_eq(&outcome("client_execute_workflow", "Twice").await);
    expect![[r#"completed: "Broken: it broke, because the cause""#]]
        .assert_eq(&outcome("client_execute_workflow", "Fail").await);
    expect![[r#"completed: "Cancelled: Workflow cancelled""#]]
        .assert_eq(&outcome("client_stop_workflow", "cancel").await);
    expect![[r#"completed: "Terminated: enough""#]].assert_eq(&outcome("client_stop_workflow", "terminate").await);
    // With its causes, when the guest passes it on.
    expect![[r#"
        failed: ClientError: what was called failed
        caused by failed: Broken: it broke
        caused by failed: Cause: the cause
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&outcome("client_pass_on_failure", "Fail").await);
    worker.stop().await;
}

#[tokio::test]
async fn a_standalone_activity_is_started_and_waited_for() {
    let server = DevServer::start().await;
    let worker = granted(server).start().await;
    let execute = async |activity: &str, arguments: Value| {
        let call = worker.standalone("client_execute_activity").arg(activity).arg(unique("ship")).arg(arguments);
        call.run().await.to_string()
    };
    expect![[r#"completed: {"result":"Hello, Ada!","type":"greet"}"#]]
        .assert_eq(&execute("greet", json!(["Ada"])).await);
    expect![[r#"completed: {"result":"Mine: failed on purpose","type":"fail_application"}"#]]
        .assert_eq(&execute("fail_application", json!(["Mine", true, null])).await);
    let stop = async |how: &str| {
        worker.standalone("client_stop_activity").arg(how).arg(unique("ship")).run().await.to_string()
    };
    expect![[r#"completed: "Cancelled: Activity canceled""#]].assert_eq(&stop("cancel").await);
    expect![[r#"completed: "Terminated: enough""#]].assert_eq(&stop("terminate").await);
    worker.stop().await;
}

/// An activity whose attempt has ended without a result.
async fn left_open(worker: &Worker, caller: Caller) -> Started {
    let call = worker.called_by(caller, "complete_async").start().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "will-complete-async");
    call
}

#[tokio::test]
async fn another_activity_is_completed_by_its_ids() {
    for guest in GUESTS {
        completed_by_ids(&granted_to(DevServer::start().await, guest).start().await).await;
    }
}

async fn completed_by_ids(worker: &Worker) {
    for caller in Caller::BOTH {
        let complete = async |how: &str| {
            let open = left_open(worker, caller).await;
            let workflow_id = open.workflow_id().unwrap_or_default();
            let call = worker.standalone("client_complete_by_id").arg(how).arg(workflow_id).arg(open.id());
            assert_eq!(call.run().await.to_string(), "completed: null");
            open.outcome().await.to_string()
        };
        expect![[r#"completed: "by id""#]].assert_eq(&complete("complete").await);
        // Each guest says in its own way that nothing is to stop.
        expect![[r#"completed: "heartbeat: none""#]].assert_eq(&complete("heartbeat").await.to_lowercase());
        let failed = complete("fail").await;
        assert!(failed.starts_with("failed: Refused: not today"), "{failed}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn cpp_reports_what_it_cancelled_and_asks_in_messages() {
    let worker = granted_to(DevServer::start().await, "client-cpp").start().await;
    let open = left_open(&worker, Caller::Client).await;
    let told = worker.standalone("client_cancel_by_id").arg(open.id()).run().await;
    expect![[r#"completed: "Cancelled, told""#]].assert_eq(&told.to_string());
    expect![[r#"cancelled: Activity canceled ["done", 1]"#]].assert_eq(&open.outcome().await.to_string());
    let ask = async |id: &str| {
        let execution = WorkflowExecution { workflow_id: id.to_owned(), ..WorkflowExecution::default() };
        let request = DescribeWorkflowExecutionRequest { namespace: NAMESPACE.to_owned(), execution: Some(execution) };
        let call = worker.standalone("client_rpc").arg("DescribeWorkflowExecution").arg(request.encode_to_vec());
        call.run().await.to_string()
    };
    assert_eq!(ask("nobody").await, r#"completed: "not found""#);
    worker.stop().await;
}

#[tokio::test]
async fn another_activity_is_completed_by_its_token_if_tokens_are_granted() {
    let server = DevServer::start().await;
    let worker = granted(server).option("--client", "task-tokens=true").start().await;
    let restricted = granted(server).start().await;
    let open = worker.standalone("client_tell_token").start().await;
    let line = worker.event("the token", |event| event["event"] == "log" && event["activity_id"] == open.id()).await;
    let token = line["fields"]["token"].clone();
    let refused = restricted.standalone("client_complete_by_token").arg(&token).run().await.to_string();
    assert!(refused.contains("add task-tokens = true to"), "{refused}");
    assert_eq!(worker.standalone("client_complete_by_token").arg(&token).run().await.to_string(), "completed: null");
    expect![[r#"completed: "by token""#]].assert_eq(&open.outcome().await.to_string());
    worker.stop().await;
    restricted.stop().await;
}

#[tokio::test]
async fn what_is_not_granted_is_refused_with_the_missing_line() {
    let server = DevServer::start().await;
    let outcome = async |builder: WorkerBuilder<'_>, namespace: Option<&str>| {
        let worker = builder.start().await;
        let outcome = worker.standalone("client_describe").arg("order-1").arg(namespace).run().await;
        worker.stop().await;
        outcome.json::<String>()
    };
    let without = Isolet::worker(server).component("conformance");
    expect![[r#"not granted: the component lacks the grant `client`: add the table [tenants.workers.components.grants.client] to isolet.toml, with methods = ["…"] and what they may be called with"#]].assert_eq(&outcome(without, None).await);
    let other_method = Isolet::worker(server).component("conformance").option("--client", "methods=Signal*");
    expect![[r#"not granted: the grant `client` does not cover method "DescribeWorkflowExecution": add it to methods in [tenants.workers.components.grants.client]"#]].assert_eq(&outcome(other_method, None).await);
    let other_id = || {
        Isolet::worker(server)
            .component("conformance")
            .option("--client", "methods=Describe*")
            .option("--client", "workflow-ids=payment-*")
    };
    expect![[r#"not granted: the grant `client` does not cover workflow id "order-1": add it to workflow-ids in [tenants.workers.components.grants.client]"#]].assert_eq(&outcome(other_id(), None).await);
    let right_id = other_id().option("--client", "workflow-ids=order-*");
    expect!["not found"].assert_eq(&outcome(right_id, None).await);
    expect![[r#"not granted: the grant `client` does not cover namespace "other": add it to namespaces in [tenants.workers.components.grants.client]"#]].assert_eq(&outcome(granted(server), Some("other")).await);
}

#[tokio::test]
async fn a_raw_call_is_checked_like_any_other() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server)
        .component("conformance")
        .option("--client", "methods=DescribeWorkflowExecution,SignalWorkflowExecution")
        .option("--client", "workflow-ids=order-*")
        .start()
        .await;
    let rpc = async |method: &str, request: Vec<u8>| {
        worker.standalone("client_rpc").arg(method).arg(request).run().await.json::<String>()
    };
    let execution = |id: &str| Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() });
    let describe = |id: &str| {
        DescribeWorkflowExecutionRequest { namespace: String::new(), execution: execution(id) }.encode_to_vec()
    };
    let signal = SignalWorkflowExecutionRequest {
        namespace: "other".to_owned(),
        workflow_execution: execution("order-none"),
        ..SignalWorkflowExecutionRequest::default()
    };
    expect!["not found"].assert_eq(&rpc("DescribeWorkflowExecution", describe("order-none")).await);
    expect![[r#"not granted: the grant `client` does not cover workflow id "payment-1": add it to workflow-ids in [tenants.workers.components.grants.client]"#]].assert_eq(&rpc("DescribeWorkflowExecution", describe("payment-1")).await);
    expect![[r#"not granted: the grant `client` does not cover namespace "other": add it to namespaces in [tenants.workers.components.grants.client]"#]].assert_eq(&rpc("SignalWorkflowExecution", signal.encode_to_vec()).await);
    expect!["invalid: the request is no encoded DescribeWorkflowExecutionRequest: failed to decode Protobuf message: invalid varint"].assert_eq(&rpc("DescribeWorkflowExecution", vec![0xff, 0xff]).await);
    expect![[r#"not granted: the method "StartBatchOperation" can't be granted"#]]
        .assert_eq(&rpc("StartBatchOperation", Vec::new()).await);
    worker.stop().await;
}

#[expect(deprecated, reason = "a guest may still send it")]
/// What starts a workflow, as raw requests, with what is to become of one of the same id that runs.
fn starts(id: &str, queue: &str, end_running: EndRunning) -> [(&'static str, Vec<u8>); 3] {
    let (conflict, reuse) = match end_running {
        EndRunning::ByConflictPolicy => {
            (WorkflowIdConflictPolicy::TerminateExisting, WorkflowIdReusePolicy::Unspecified)
        }
        EndRunning::ByReusePolicy => (WorkflowIdConflictPolicy::Unspecified, WorkflowIdReusePolicy::TerminateIfRunning),
    };
    let workflow_type = Some(WorkflowType { name: "Collect".to_owned() });
    let task_queue = Some(TaskQueue { name: queue.to_owned(), ..TaskQueue::default() });
    let start = StartWorkflowExecutionRequest {
        workflow_id: id.to_owned(),
        workflow_type: workflow_type.clone(),
        task_queue: task_queue.clone(),
        workflow_id_conflict_policy: conflict.into(),
        workflow_id_reuse_policy: reuse.into(),
        ..StartWorkflowExecutionRequest::default()
    };
    let signal = SignalWithStartWorkflowExecutionRequest {
        workflow_id: id.to_owned(),
        workflow_type,
        task_queue,
        workflow_id_conflict_policy: conflict.into(),
        workflow_id_reuse_policy: reuse.into(),
        signal_name: "add".to_owned(),
        ..SignalWithStartWorkflowExecutionRequest::default()
    };
    let operation = Operation { operation: Some(operation::Operation::StartWorkflow(start.clone())) };
    let many = ExecuteMultiOperationRequest { operations: vec![operation], ..ExecuteMultiOperationRequest::default() };
    [
        ("StartWorkflowExecution", start.encode_to_vec()),
        ("SignalWithStartWorkflowExecution", signal.encode_to_vec()),
        ("ExecuteMultiOperation", many.encode_to_vec()),
    ]
}

#[derive(Clone, Copy)]
enum EndRunning {
    ByConflictPolicy,
    ByReusePolicy,
}

#[tokio::test]
async fn a_start_that_terminates_needs_to_be_granted_that() {
    let server = DevServer::start().await;
    let workflows = workflows(server).await;
    let connection = connect(&server.address()).await;
    let starter = || {
        Isolet::worker(server)
            .component("conformance")
            .option("--client", "methods=StartWorkflowExecution,SignalWithStartWorkflowExecution,ExecuteMultiOperation")
            .option("--client", "workflow-ids=order-*")
            .option("--client", "task-queues=*")
    };
    let (starts_only, terminates) =
        (starter().start().await, starter().option("--client", "methods=TerminateWorkflowExecution").start().await);
    for end_running in [EndRunning::ByConflictPolicy, EndRunning::ByReusePolicy] {
        let id = unique("order");
        for (method, request) in starts(&id, workflows.queue(), end_running) {
            let refused = starts_only.standalone("client_rpc").arg(method).arg(request).run().await.json::<String>();
            expect![[r#"not granted: the grant `client` does not cover method "TerminateWorkflowExecution": add it to methods in [tenants.workers.components.grants.client]"#]].assert_eq(&refused);
        }
        let mut run_ids = Vec::new();
        for (method, request) in starts(&id, workflows.queue(), end_running).into_iter().take(2) {
            let started = terminates.standalone("client_rpc").arg(method).arg(request).run().await.json::<String>();
            assert!(started.ends_with(" bytes"), "{method}: {started}");
            run_ids.push(newest_run(&connection, &id).await);
        }
        assert_ne!(run_ids[0], run_ids[1], "the second start has terminated what the first one started");
    }
    starts_only.stop().await;
    terminates.stop().await;
}

async fn newest_run(connection: &Connection, id: &str) -> String {
    let execution = Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() });
    let request = DescribeWorkflowExecutionRequest { namespace: NAMESPACE.to_owned(), execution };
    let described = connection.workflow_service().describe_workflow_execution(request.into_request()).await.unwrap();
    described.into_inner().workflow_execution_info.unwrap().execution.unwrap().run_id
}

#[tokio::test]
async fn another_activity_is_paused_and_let_go_on_and_reset() {
    let server = DevServer::start().await;
    let operator = Isolet::worker(server)
        .component("conformance")
        .option("--client", "methods=PauseActivityExecution,UnpauseActivityExecution,ResetActivityExecution")
        .option("--client", "activity-ids=*")
        .start()
        .await;
    let worker = Isolet::worker(server).component("conformance").heartbeats_often().start().await;
    let start = async |activity: &str| {
        let call = worker.standalone(activity).heartbeat("5s").attempts(3).start().await;
        worker.started(call.id()).await;
        call
    };
    let call = start("wait_cancel_first_attempt").await;
    let rpc = async |method: &str, request: Vec<u8>| {
        operator.standalone("client_rpc").arg(method).arg(request).run().await.json::<String>()
    };
    let activity_id = call.id().to_owned();
    let pause = PauseActivityExecutionRequest { activity_id: activity_id.clone(), ..Default::default() };
    let unpause = UnpauseActivityExecutionRequest { activity_id, ..Default::default() };
    let done = |answer: String| assert!(answer.ends_with(" bytes"), "{answer}");
    done(rpc("PauseActivityExecution", pause.encode_to_vec()).await);
    assert_eq!(worker.finished(call.id(), 1).await["failure_type"], "ActivityPause");
    done(rpc("UnpauseActivityExecution", unpause.encode_to_vec()).await);
    let outcome = call.outcome().await.to_string();
    assert!(outcome.starts_with("completed: [2,"), "{outcome}");
    let call = start("wait_cancel_caught").await;
    let reset = ResetActivityExecutionRequest { activity_id: call.id().to_owned(), ..Default::default() };
    done(rpc("ResetActivityExecution", reset.encode_to_vec()).await);
    worker.finished(call.id(), 1).await;
    operator.stop().await;
    worker.stop().await;
}

#[tokio::test]
async fn a_wait_ends_with_its_timeout_and_with_the_attempt() {
    let server = DevServer::start().await;
    let worker = granted(server).cancel_check("200ms").option("--on-cancel", "kill").option("--cancel-grace", "100ms");
    let worker = worker.start().await;
    let workflows = workflows(server).await;
    let id = unique("order");
    let waits = |ms: Option<u64>| worker.standalone("client_wait_forever").arg(&id).arg(workflows.queue()).arg(ms);
    expect![[r#"completed: "timeout""#]].assert_eq(&waits(Some(500)).run().await.to_string());
    let late = waits(None).start_to_close("1s").start().await;
    let outcome = late.outcome().await.to_string();
    assert!(outcome.contains("StartToClose"), "{outcome}");
    // The wait ends with the deadline, so that the guest can end by itself.
    worker.finished(late.id(), 1).await;
    let killed = waits(None).start().await;
    worker.started(killed.id()).await;
    killed.cancel().await;
    expect!["cancelled: Activity canceled []"].assert_eq(&killed.outcome().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn after_its_deadline_an_attempt_may_not_ask() {
    let server = DevServer::start().await;
    let worker = granted(server).start().await;
    let call = worker.standalone("client_after_deadline").arg("order-1").start_to_close("1s").start().await;
    let line = worker.event("its log line", |event| event["event"] == "log" && event["activity_id"] == call.id()).await;
    assert_eq!(line["message"], "after the deadline: lease lost");
    worker.stop().await;
}

#[tokio::test]
async fn a_stopping_worker_does_not_wait_for_a_guest_that_waits() {
    let server = DevServer::start().await;
    let worker = granted(server).shutdown_grace("0s").kill_grace("100ms").start().await;
    let workflows = workflows(server).await;
    let call = worker
        .standalone("client_wait_forever")
        .arg(unique("order"))
        .arg(workflows.queue())
        .arg(None::<u64>)
        .start_to_close("60s")
        .start()
        .await;
    worker.started(call.id()).await;
    worker.stop().await;
    assert_eq!(worker.finished(call.id(), 1).await["outcome"], "failed");
}

/// A workflow that nobody runs, and the token of its history's second page.
async fn paged(connection: &Connection, id: &str) -> (String, Vec<u8>) {
    let start = StartWorkflowExecutionRequest {
        namespace: NAMESPACE.to_owned(),
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Nobody's".to_owned() }),
        task_queue: Some(TaskQueue { name: id.to_owned(), ..TaskQueue::default() }),
        request_id: unique("request"),
        ..StartWorkflowExecutionRequest::default()
    };
    let run_id =
        connection.workflow_service().start_workflow_execution(start.into_request()).await.unwrap().into_inner().run_id;
    let first = GetWorkflowExecutionHistoryRequest { maximum_page_size: 1, ..history(NAMESPACE, id, Vec::new()) };
    let answer = connection.workflow_service().get_workflow_execution_history(first.into_request()).await.unwrap();
    let token = answer.into_inner().next_page_token;
    assert!(!token.is_empty(), "the history has one page alone");
    (run_id, token)
}

fn history(namespace: &str, id: &str, next_page_token: Vec<u8>) -> GetWorkflowExecutionHistoryRequest {
    GetWorkflowExecutionHistoryRequest {
        namespace: namespace.to_owned(),
        execution: Some(WorkflowExecution { workflow_id: id.to_owned(), ..WorkflowExecution::default() }),
        next_page_token,
        ..GetWorkflowExecutionHistoryRequest::default()
    }
}

/// Tokens are not looked into: that one of another workflow is of no use is the server's doing, and this test sees when
/// it no longer is.
#[tokio::test]
async fn a_page_of_another_workflow_is_not_given() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server)
        .component("conformance")
        .option("--client", "methods=GetWorkflowExecutionHistory")
        .option("--client", "workflow-ids=order-*")
        .start()
        .await;
    let connection = connect(&server.address()).await;
    let (own, other) = (unique("order"), unique("payment"));
    let (own_run, own_token) = paged(&connection, &own).await;
    let (other_run, other_token) = paged(&connection, &other).await;
    let page = async |id: &str, token: &[u8]| {
        let request = history("", id, token.to_vec()).encode_to_vec();
        let call = worker.standalone("client_rpc").arg("GetWorkflowExecutionHistory").arg(request);
        call.run().await.json::<String>()
    };
    let given = page(&own, &own_token).await;
    assert!(given.ends_with(" bytes"), "{given}");
    expect!["not found"].assert_eq(&page(&own, &other_token).await);
    // Where the token names the run, it is made to name the right one; the rest of it still leads elsewhere.
    let at = other_token.windows(other_run.len()).position(|window| window == other_run.as_bytes()).unwrap();
    let forged = [&other_token[..at], own_run.as_bytes(), &other_token[at + other_run.len()..]].concat();
    let refused = page(&own, &forged).await;
    assert!(refused.starts_with("status: ") && refused.contains("don't match"), "{refused}");
    assert!(page(&other, &other_token).await.starts_with("not granted"));
    worker.stop().await;
}
