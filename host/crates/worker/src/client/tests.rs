//! What a grant lets through, and what reaches the server.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use activity::{CLIENT_SERVICE, Pattern};
use prost::Message as _;
use temporalio_common::protos::temporal::api::{
    common::v1::{Callback, WorkflowExecution, WorkflowType},
    taskqueue::v1::TaskQueue,
    update::v1 as update,
    workflowservice::v1 as proto,
};

use super::*;

mod fields;

mod typed;

/// A server that notes what it is asked, and answers from a script, else with nothing.
#[derive(Default)]
struct Script {
    asked: Mutex<Vec<(&'static str, Vec<u8>)>>,
    answers: Mutex<VecDeque<Result<Vec<u8>, Status>>>,
}

impl Wire for Script {
    async fn send<M: Method>(&self, request: M, _: Option<Duration>) -> Result<M::Response, Status> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((M::NAME, request.encode_to_vec()));
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match answer {
            None => Ok(M::Response::default()),
            Some(answer) => Ok(M::Response::decode(answer?.as_slice()).unwrap()),
        }
    }
}

impl Script {
    /// The requests so far, which are all of one type.
    fn asked<M: Method>(&self) -> Vec<M> {
        let asked = self.asked.lock().unwrap();
        let request = |(name, bytes): &(&str, Vec<u8>)| {
            assert_eq!(*name, M::NAME);
            M::decode(bytes.as_slice()).unwrap()
        };
        asked.iter().map(request).collect()
    }
}

fn client(answers: impl IntoIterator<Item = Result<Vec<u8>, Status>>) -> Client<Script> {
    let host = Host { namespace: "mine".to_owned(), identity: "the worker".to_owned() };
    let wire = Script { answers: Mutex::new(answers.into_iter().collect()), ..Script::default() };
    Client { wire, host }
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().copied().map(Pattern::new).collect()
}

fn grant() -> ClientGrant {
    ClientGrant {
        methods: patterns(&["*"]),
        namespaces: Vec::new(),
        workflow_ids: patterns(&["order-*"]),
        task_queues: patterns(&["orders"]),
        activity_ids: patterns(&["ship-*"]),
        task_tokens: false,
        beyond: None,
    }
}

fn everything() -> ClientGrant {
    let all = || patterns(&["*"]);
    ClientGrant {
        methods: all(),
        namespaces: all(),
        workflow_ids: all(),
        task_queues: all(),
        activity_ids: all(),
        task_tokens: true,
        beyond: None,
    }
}

fn question(grant: &ClientGrant, request: ClientRequest) -> Question {
    Question { grant: Arc::new(grant.clone()), coding: PayloadCoding::default(), request, timeout: None, trace: None }
}

/// What a raw call comes to: what is missing, or nothing.
async fn raw(grant: &ClientGrant, method: &str, request: Vec<u8>) -> Result<Client<Script>, String> {
    let client = client([]);
    let request =
        ClientRequest::Rpc { service: CLIENT_SERVICE.to_owned(), method: method.to_owned(), request: request.into() };
    let answer = client.call(question(grant, request)).await;
    let asked = client.wire.asked.lock().unwrap().len();
    match answer {
        Ok(_) => {
            assert_eq!(asked, 1);
            Ok(client)
        }
        Err(ClientError::NotGranted(text)) | Err(ClientError::Invalid(text)) => {
            assert_eq!(asked, 0, "refused, but sent");
            Err(text)
        }
        Err(other) => panic!("{other}"),
    }
}

async fn ask<M: Method>(grant: &ClientGrant, request: M) -> Result<M, String> {
    let client = raw(grant, M::NAME, request.encode_to_vec()).await?;
    Ok(client.wire.asked::<M>().remove(0))
}

/// Fails unless the request is refused for a reason that says this.
async fn refuse<M: Method>(grant: &ClientGrant, request: M, reason: &str) {
    let text = ask(grant, request).await.err().expect(reason);
    assert!(text.contains(reason), "{}: {text:?} does not say {reason:?}", M::NAME);
}

fn execution(id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() })
}

fn start(id: &str, queue: &str) -> proto::StartWorkflowExecutionRequest {
    proto::StartWorkflowExecutionRequest {
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
        task_queue: Some(TaskQueue { name: queue.to_owned(), ..TaskQueue::default() }),
        ..Default::default()
    }
}

fn signal(namespace: &str, id: &str) -> proto::SignalWorkflowExecutionRequest {
    let namespace = namespace.to_owned();
    proto::SignalWorkflowExecutionRequest { namespace, workflow_execution: execution(id), ..Default::default() }
}

#[tokio::test]
async fn the_host_says_who_asks_where_and_makes_request_ids() {
    let forged = proto::SignalWorkflowExecutionRequest { identity: "forged".to_owned(), ..signal("", "order-1") };
    let sent = ask(&grant(), forged).await.unwrap();
    assert_eq!((sent.namespace.as_str(), sent.identity.as_str()), ("mine", "the worker"));
    assert_eq!(sent.request_id.len(), 36);
    let own = proto::SignalWorkflowExecutionRequest { request_id: "own".to_owned(), ..signal("", "order-1") };
    assert_eq!(ask(&grant(), own).await.unwrap().request_id, "own");
    let update = proto::UpdateWorkflowExecutionRequest {
        workflow_execution: execution("order-1"),
        request: Some(update::Request {
            meta: Some(update::Meta { update_id: "u".to_owned(), identity: "forged".to_owned() }),
            ..Default::default()
        }),
        ..Default::default()
    };
    let meta = ask(&grant(), update).await.unwrap().request.unwrap().meta.unwrap();
    assert_eq!((meta.update_id.as_str(), meta.identity.as_str()), ("u", "the worker"));
}

#[tokio::test]
async fn a_start_never_brings_a_workflow_task_home() {
    let eager = proto::StartWorkflowExecutionRequest { request_eager_execution: true, ..start("order-1", "orders") };
    assert!(!ask(&grant(), eager).await.unwrap().request_eager_execution);
}

#[tokio::test]
async fn what_the_grant_does_not_cover_is_refused_with_the_missing_line() {
    let grant = grant();
    let missing = |key: &str, what: &str| {
        format!("does not cover {what}: add it to {key} in [tenants.workers.components.grants.client]")
    };
    refuse(&grant, signal("", "payment-1"), &missing("workflow-ids", "workflow id \"payment-1\"")).await;
    refuse(&grant, signal("other", "order-1"), &missing("namespaces", "namespace \"other\"")).await;
    refuse(&grant, start("payment-1", "orders"), &missing("workflow-ids", "workflow id \"payment-1\"")).await;
    refuse(&grant, start("order-1", "payments"), &missing("task-queues", "task queue \"payments\"")).await;
    let mut hidden = start("order-1", "orders");
    hidden.task_queue.get_or_insert_default().normal_name = "payments".to_owned();
    refuse(&grant, hidden, &missing("task-queues", "task queue \"payments\"")).await;
    let few = ClientGrant { methods: patterns(&["Describe*"]), ..grant };
    refuse(&few, signal("", "order-1"), &missing("methods", "method \"SignalWorkflowExecution\"")).await;
    refuse(&ClientGrant::default(), proto::GetSystemInfoRequest::default(), "method \"GetSystemInfo\"").await;
}

#[tokio::test]
async fn namespaces_that_are_listed_are_all_there_are() {
    let grant = ClientGrant { namespaces: patterns(&["team-*"]), ..grant() };
    assert!(ask(&grant, signal("team-a", "order-1")).await.is_ok());
    refuse(&grant, signal("", "order-1"), "namespace \"mine\"").await;
}

#[tokio::test]
async fn a_request_that_names_nothing_is_refused() {
    let grant = everything();
    refuse(&grant, proto::SignalWorkflowExecutionRequest::default(), "lacks the workflow's id").await;
    refuse(&grant, proto::PollWorkflowExecutionUpdateRequest::default(), "lacks the workflow's id").await;
    refuse(&grant, proto::TerminateActivityExecutionRequest::default(), "lacks the activity's id").await;
    refuse(&grant, proto::RespondActivityTaskCompletedByIdRequest::default(), "lacks the activity's id").await;
    refuse(&grant, proto::RespondActivityTaskCompletedRequest::default(), "lacks the task token").await;
    let no_queue = proto::StartWorkflowExecutionRequest { task_queue: None, ..start("order-1", "") };
    refuse(&grant, no_queue, "lacks the task queue").await;
}

#[tokio::test]
async fn activities_are_known_by_their_ids() {
    let grant = grant();
    let complete = |workflow: &str, activity: &str| proto::RespondActivityTaskCompletedByIdRequest {
        workflow_id: workflow.to_owned(),
        activity_id: activity.to_owned(),
        ..Default::default()
    };
    assert!(ask(&grant, complete("", "ship-1")).await.is_ok());
    assert!(ask(&grant, complete("order-1", "ship-1")).await.is_ok());
    refuse(&grant, complete("", "pay-1"), "activity id \"pay-1\"").await;
    refuse(&grant, complete("payment-1", "ship-1"), "workflow id \"payment-1\"").await;
    let standalone = proto::DescribeActivityExecutionRequest { activity_id: "pay-1".to_owned(), ..Default::default() };
    refuse(&grant, standalone, "activity id \"pay-1\"").await;
}

#[tokio::test]
async fn task_tokens_need_a_grant_of_their_own() {
    let heartbeat =
        || proto::RecordActivityTaskHeartbeatRequest { task_token: b"token".to_vec(), ..Default::default() };
    refuse(&grant(), heartbeat(), "add task-tokens = true to [tenants.workers.components.grants.client]").await;
    let grant = ClientGrant { task_tokens: true, ..grant() };
    assert!(ask(&grant, heartbeat()).await.is_ok());
    let elsewhere = proto::RecordActivityTaskHeartbeatRequest { namespace: "other".to_owned(), ..heartbeat() };
    refuse(&grant, elsewhere, "namespace \"other\"").await;
}

#[tokio::test]
async fn all_of_a_namespace_is_everything_or_nothing() {
    let list = proto::ListWorkflowExecutionsRequest::default();
    let count = proto::CountActivityExecutionsRequest::default();
    refuse(&grant(), list.clone(), "set workflow-ids = [\"*\"]").await;
    refuse(&grant(), count.clone(), "set activity-ids = [\"*\"]").await;
    assert!(ask(&everything(), list).await.is_ok());
    assert!(ask(&everything(), count).await.is_ok());
}

#[tokio::test]
async fn no_grant_lets_the_server_call_what_a_guest_names() {
    let callbacks = vec![Callback::default()];
    let with =
        proto::StartWorkflowExecutionRequest { completion_callbacks: callbacks.clone(), ..start("order-1", "orders") };
    refuse(&everything(), with, "callbacks can't be granted").await;
    let update = proto::UpdateWorkflowExecutionRequest {
        workflow_execution: execution("order-1"),
        request: Some(update::Request { completion_callbacks: callbacks, ..Default::default() }),
        ..Default::default()
    };
    refuse(&everything(), update, "callbacks can't be granted").await;
}

#[tokio::test]
async fn the_parts_of_a_request_are_checked_like_requests() {
    use proto::execute_multi_operation_request::{Operation, operation};

    let both = |start_id: &str, update_id: &str| proto::ExecuteMultiOperationRequest {
        operations: vec![
            Operation { operation: Some(operation::Operation::StartWorkflow(start(start_id, "orders"))) },
            Operation {
                operation: Some(operation::Operation::UpdateWorkflow(proto::UpdateWorkflowExecutionRequest {
                    workflow_execution: execution(update_id),
                    ..Default::default()
                })),
            },
        ],
        ..Default::default()
    };
    assert!(ask(&grant(), both("order-1", "order-1")).await.is_ok());
    refuse(&grant(), both("payment-1", "order-1"), "workflow id \"payment-1\"").await;
    refuse(&grant(), both("order-1", "payment-1"), "workflow id \"payment-1\"").await;
    let start_only = ClientGrant { methods: patterns(&["ExecuteMultiOperation", "StartWorkflowExecution"]), ..grant() };
    refuse(&start_only, both("order-1", "order-1"), "method \"UpdateWorkflowExecution\"").await;
}

#[tokio::test]
async fn a_start_that_terminates_needs_the_grant_to_terminate() {
    use temporalio_common::protos::temporal::api::enums::v1::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};
    const UNKNOWN: i32 = 99;
    let starts = |methods: &[&str]| ClientGrant { methods: patterns(methods), ..grant() };
    let methods = ["StartWorkflowExecution", "SignalWithStartWorkflowExecution", "ExecuteMultiOperation"];
    let (may_start, may_both) =
        (starts(&methods), starts(&[methods.as_slice(), &["TerminateWorkflowExecution"]].concat()));
    let terminate_existing = WorkflowIdConflictPolicy::TerminateExisting as i32;
    #[expect(deprecated, reason = "a guest can still send it")]
    let terminate_if_running = WorkflowIdReusePolicy::TerminateIfRunning as i32;
    for (conflict, reuse) in [(terminate_existing, 0), (0, terminate_if_running), (UNKNOWN, 0), (0, UNKNOWN)] {
        let start = proto::StartWorkflowExecutionRequest {
            workflow_id_conflict_policy: conflict,
            workflow_id_reuse_policy: reuse,
            ..start("order-1", "orders")
        };
        let signal = proto::SignalWithStartWorkflowExecutionRequest {
            workflow_id: start.workflow_id.clone(),
            task_queue: start.task_queue.clone(),
            workflow_id_conflict_policy: conflict,
            workflow_id_reuse_policy: reuse,
            ..Default::default()
        };
        let operation = proto::execute_multi_operation_request::Operation {
            operation: Some(proto::execute_multi_operation_request::operation::Operation::StartWorkflow(start.clone())),
        };
        let both = proto::ExecuteMultiOperationRequest { operations: vec![operation], ..Default::default() };
        refuse(&may_start, start.clone(), "TerminateWorkflowExecution").await;
        refuse(&may_start, signal.clone(), "TerminateWorkflowExecution").await;
        refuse(&may_start, both.clone(), "TerminateWorkflowExecution").await;
        ask(&may_both, start).await.unwrap();
        ask(&may_both, signal).await.unwrap();
        ask(&may_both, both).await.unwrap();
    }
    let keeps = proto::StartWorkflowExecutionRequest {
        workflow_id_conflict_policy: WorkflowIdConflictPolicy::UseExisting as i32,
        workflow_id_reuse_policy: WorkflowIdReusePolicy::RejectDuplicate as i32,
        ..start("order-1", "orders")
    };
    ask(&may_start, keeps).await.unwrap();
    let activity = proto::StartActivityExecutionRequest {
        activity_id: "ship-1".to_owned(),
        task_queue: start("", "orders").task_queue,
        id_conflict_policy: UNKNOWN,
        ..Default::default()
    };
    refuse(&starts(&["StartActivityExecution"]), activity, "TerminateActivityExecution").await;
}

#[tokio::test]
async fn methods_of_many_of_namespaces_and_of_workers_can_not_be_granted() {
    let hostile = [
        "StartBatchOperation",
        "StopBatchOperation",
        "RegisterNamespace",
        "UpdateNamespace",
        "DeprecateNamespace",
        "DescribeNamespace",
        "ListNamespaces",
        "SetWorkerDeploymentCurrentVersion",
        "SetWorkerDeploymentRampingVersion",
        "UpdateWorkerBuildIdCompatibility",
        "UpdateTaskQueueConfig",
        "PollActivityTaskQueue",
        "PollWorkflowTaskQueue",
        "RespondWorkflowTaskCompleted",
        "ResetStickyTaskQueue",
        "CreateSchedule",
        "DeleteSchedule",
        "ShutdownWorker",
        "UpdateActivityOptions",
        "startWorkflowExecution",
        "",
        "*",
    ];
    for method in hostile {
        let text = raw(&everything(), method, Vec::new()).await.err().expect(method);
        assert!(text.contains("can't be granted"), "{method}: {text}");
    }
    let other = ClientRequest::Rpc {
        service: "temporal.api.operatorservice.v1.OperatorService".to_owned(),
        method: "DeleteNamespace".to_owned(),
        request: Bytes::new(),
    };
    let answer = client([]).call(question(&everything(), other)).await;
    assert!(matches!(answer, Err(ClientError::NotGranted(_))));
}

#[tokio::test]
async fn what_is_no_protobuf_is_refused_by_every_method() {
    for method in CLIENT_METHODS {
        let text = raw(&everything(), method, vec![0xff, 0xff, 0xff]).await.err().expect(method);
        assert!(text.contains(&format!("no encoded {method}Request")), "{text}");
    }
}

#[tokio::test]
async fn nothing_that_is_not_known_reaches_the_server() {
    let mut bytes = signal("", "order-1").encode_to_vec();
    let known = bytes.len();
    // Field 9999 with the text "x".
    bytes.extend([0xfa, 0xf0, 0x04, 0x01, b'x']);
    let sent = raw(&grant(), "SignalWorkflowExecution", bytes).await.unwrap();
    let sent = sent.wire.asked.lock().unwrap().remove(0).1;
    assert!(!sent.contains(&b'x') && known < sent.len(), "the host's own fields only");
}

#[tokio::test]
async fn of_two_workflow_ids_the_one_that_is_sent_is_checked() {
    let mut bytes = signal("", "order-1").encode_to_vec();
    bytes.extend(signal("", "payment-1").encode_to_vec());
    let text = raw(&grant(), "SignalWorkflowExecution", bytes).await.err().unwrap();
    assert!(text.contains("payment-1"), "{text}");
}

#[tokio::test]
async fn where_the_server_is_stays_with_the_host() {
    let refusal = |status: Status| match refused(&status) {
        ClientError::Status(status) => (status.code, status.message),
        other => panic!("{other}"),
    };
    let transport = Status::from_error(Box::new(std::io::Error::other("connection to 10.0.0.1:7233 refused")));
    assert!(!refusal(transport).1.contains("10.0.0.1"));
    assert_eq!(refusal(Status::not_found("no such workflow")), (5, "no such workflow".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_no_longer_than_its_timeout() {
    let endless = std::iter::repeat_with(|| Err(Status::deadline_exceeded("nothing yet"))).take(1_000);
    let request = ClientRequest::WaitWorkflow(activity::WorkflowReference {
        workflow_id: "order-1".to_owned(),
        ..Default::default()
    });
    let begun = Instant::now();
    let client = client(endless);
    let answer = client.call(Question { timeout: Some(Duration::from_secs(7)), ..question(&grant(), request) }).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
    assert_eq!(answer, Err(too_late()));
}
