//! The typed requests, as the server sees them, and its answers, as guests do.

use activity::{
    ActivityIds, ActivityReference, ActivityStart, CancellationDetails, ExecutionResult, Failure, FailureKind,
    IdConflictPolicy, Payload, WorkflowReference, WorkflowStart,
};
use temporalio_common::protos::temporal::api::{
    activity::v1::{ActivityExecutionOutcome, activity_execution_outcome},
    common::v1::Payloads,
    enums::v1::WorkflowIdConflictPolicy,
    failure::v1 as failure,
    history::v1::{self as history, History, HistoryEvent, history_event::Attributes},
};

use super::*;
use crate::to_proto;

async fn ask(client: &Client<Script>, request: ClientRequest) -> ClientAnswer {
    client.call(question(&grant(), request)).await
}

fn order() -> WorkflowReference {
    WorkflowReference { workflow_id: "order-1".to_owned(), ..WorkflowReference::default() }
}

fn some(json: &'static str) -> Option<Payloads> {
    to_proto::some_payloads(vec![Payload::json(json)])
}

fn ended(attributes: Attributes) -> Result<Vec<u8>, Status> {
    let event = HistoryEvent { attributes: Some(attributes), ..HistoryEvent::default() };
    let history = Some(History { events: vec![event] });
    Ok(proto::GetWorkflowExecutionHistoryResponse { history, ..Default::default() }.encode_to_vec())
}

fn completed(json: &'static str, next_run: &str) -> Result<Vec<u8>, Status> {
    ended(Attributes::WorkflowExecutionCompletedEventAttributes(history::WorkflowExecutionCompletedEventAttributes {
        result: some(json),
        new_execution_run_id: next_run.to_owned(),
        ..Default::default()
    }))
}

#[tokio::test]
async fn a_workflow_is_started_with_all_that_is_asked_for() {
    let answer = proto::StartWorkflowExecutionResponse { run_id: "run".to_owned(), ..Default::default() };
    let client = client([Ok(answer.encode_to_vec())]);
    let start = WorkflowStart {
        workflow_id: "order-1".to_owned(),
        workflow_type: "Order".to_owned(),
        task_queue: "orders".to_owned(),
        input: vec![Payload::json("1"), Payload::json("2")],
        run_timeout: Some(Duration::from_millis(1_500)),
        id_conflict: Some(IdConflictPolicy::TerminateExisting),
        memo: vec![("why".to_owned(), Payload::json("\"test\""))],
        ..WorkflowStart::default()
    };
    let answer = ask(&client, ClientRequest::StartWorkflow(Box::new(start))).await;
    assert_eq!(answer, Ok(ClientResponse::Started("run".to_owned())));
    let sent = client.wire.asked::<proto::StartWorkflowExecutionRequest>().remove(0);
    assert_eq!((sent.namespace.as_str(), sent.identity.as_str()), ("mine", "the worker"));
    assert_eq!(sent.input.clone().unwrap().payloads.len(), 2);
    assert_eq!(sent.workflow_run_timeout.unwrap().nanos, 500_000_000);
    assert_eq!(sent.workflow_id_conflict_policy(), WorkflowIdConflictPolicy::TerminateExisting);
    assert_eq!(sent.memo.unwrap().fields["why"].data, b"\"test\"");
}

#[tokio::test]
async fn a_typed_request_is_checked_like_a_raw_one() {
    let client = client([]);
    let other = WorkflowReference { workflow_id: "payment-1".to_owned(), ..WorkflowReference::default() };
    let requests = [
        ClientRequest::CancelWorkflow { workflow: other.clone(), reason: String::new() },
        ClientRequest::WaitWorkflow(other.clone()),
        ClientRequest::UpdateWorkflow { workflow: other, update: "u".to_owned(), update_id: None, input: Vec::new() },
        ClientRequest::WaitActivity(ActivityIds { activity_id: "pay-1".to_owned(), ..ActivityIds::default() }),
        ClientRequest::CompleteActivity {
            activity: ActivityReference::TaskToken(Bytes::from_static(b"token")),
            output: None,
        },
    ];
    for request in requests {
        let answer = ask(&client, request.clone()).await;
        assert!(matches!(answer, Err(ClientError::NotGranted(_))), "{request:?}: {answer:?}");
    }
    assert!(client.wire.asked.lock().unwrap().is_empty());
}

/// One request of each kind, which names nothing that [`grant`] does not cover.
fn one_of_each() -> Vec<ClientRequest> {
    let activity = || ActivityIds { activity_id: "ship-1".to_owned(), ..ActivityIds::default() };
    let by_ids = || ActivityReference::Ids(ActivityIds { workflow_id: "order-1".to_owned(), ..activity() });
    let by_token = || ActivityReference::TaskToken(Bytes::from_static(b"token"));
    let (reason, input, details) = (String::new, Vec::new, Vec::new);
    let (id, queue) = ("order-1".to_owned(), "orders".to_owned());
    let workflow_start = WorkflowStart { workflow_id: id, task_queue: queue.clone(), ..WorkflowStart::default() };
    let activity_start =
        ActivityStart { activity_id: "ship-1".to_owned(), task_queue: queue, ..ActivityStart::default() };
    vec![
        ClientRequest::Rpc {
            service: activity::CLIENT_SERVICE.to_owned(),
            method: "GetSystemInfo".to_owned(),
            request: Bytes::new(),
        },
        ClientRequest::StartWorkflow(Box::new(workflow_start)),
        ClientRequest::SignalWorkflow { workflow: order(), signal: "s".to_owned(), input: input() },
        ClientRequest::QueryWorkflow { workflow: order(), query: "q".to_owned(), input: input() },
        ClientRequest::UpdateWorkflow { workflow: order(), update: "u".to_owned(), update_id: None, input: input() },
        ClientRequest::CancelWorkflow { workflow: order(), reason: reason() },
        ClientRequest::TerminateWorkflow { workflow: order(), reason: reason() },
        ClientRequest::DescribeWorkflow(order()),
        ClientRequest::WaitWorkflow(order()),
        ClientRequest::StartActivity(Box::new(activity_start)),
        ClientRequest::WaitActivity(activity()),
        ClientRequest::DescribeActivity(activity()),
        ClientRequest::CancelActivity { activity: activity(), reason: reason() },
        ClientRequest::TerminateActivity { activity: activity(), reason: reason() },
        ClientRequest::CompleteActivity { activity: by_ids(), output: None },
        ClientRequest::CompleteActivity { activity: by_token(), output: None },
        ClientRequest::FailActivity { activity: by_ids(), failure: Failure::application("F", "") },
        ClientRequest::FailActivity { activity: by_token(), failure: Failure::application("F", "") },
        ClientRequest::ReportActivityCancelled { activity: by_ids(), details: details() },
        ClientRequest::ReportActivityCancelled { activity: by_token(), details: details() },
        ClientRequest::HeartbeatActivity { activity: by_ids(), details: details() },
        ClientRequest::HeartbeatActivity { activity: by_token(), details: details() },
    ]
}

/// What tests with a stub refuse by the request alone is what the worker refuses by the message that it would send.
#[tokio::test]
async fn a_stub_is_held_to_the_grant_that_the_worker_holds_to() {
    let full = ClientGrant { task_tokens: true, ..grant() };
    let grants = [
        full.clone(),
        ClientGrant { methods: patterns(&["*ById"]), ..full.clone() },
        ClientGrant { methods: Vec::new(), ..full.clone() },
        ClientGrant { namespaces: patterns(&["other"]), ..full.clone() },
        ClientGrant { workflow_ids: patterns(&["payment-*"]), ..full.clone() },
        ClientGrant { task_queues: Vec::new(), ..full.clone() },
        ClientGrant { activity_ids: Vec::new(), ..full.clone() },
        ClientGrant { task_tokens: false, ..full },
    ];
    for (number, grant) in grants.iter().enumerate() {
        for request in one_of_each() {
            let checked = GrantCheck::new(grant, "mine").request(&request);
            let client = client([Err(Status::not_found("there is nothing here"))]);
            let what = format!("grant {number}, {request:?}");
            let answer = match client.call(question(grant, request)).await {
                Err(ClientError::Status(_)) => Ok(()),
                answer => answer.map(|_| ()),
            };
            assert_eq!(checked, answer, "{what}");
            assert_eq!(client.wire.asked.lock().unwrap().is_empty(), checked.is_err(), "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_asks_again_and_follows_the_runs() {
    let nothing_yet =
        proto::GetWorkflowExecutionHistoryResponse { next_page_token: b"page".to_vec(), ..Default::default() };
    let client = client([
        Ok(nothing_yet.encode_to_vec()),
        Err(Status::deadline_exceeded("nothing yet")),
        completed("1", "second"),
        completed("2", ""),
    ]);
    let answer = ask(&client, ClientRequest::WaitWorkflow(order())).await;
    assert_eq!(answer, Ok(ClientResponse::Ended(ExecutionResult::Completed(vec![Payload::json("2")]))));
    let seen = |request: &proto::GetWorkflowExecutionHistoryRequest| {
        assert!(request.wait_new_event);
        let run_id = request.execution.as_ref().unwrap().run_id.clone();
        (run_id, String::from_utf8(request.next_page_token.clone()).unwrap())
    };
    let asked: Vec<_> = client.wire.asked().iter().map(seen).collect();
    let expected = [("", ""), ("", "page"), ("", "page"), ("second", "")];
    assert_eq!(asked, expected.map(|(run, page)| (run.to_owned(), page.to_owned())));
}

#[tokio::test]
async fn how_a_workflow_ended_is_told_apart() {
    let terminated =
        Attributes::WorkflowExecutionTerminatedEventAttributes(history::WorkflowExecutionTerminatedEventAttributes {
            reason: "enough".to_owned(),
            ..Default::default()
        });
    let cancelled =
        Attributes::WorkflowExecutionCanceledEventAttributes(history::WorkflowExecutionCanceledEventAttributes {
            details: some("1"),
            ..Default::default()
        });
    let timed_out = Attributes::WorkflowExecutionTimedOutEventAttributes(Default::default());
    let cause = to_proto::whole_failure(Failure::application("Inner", "cause"));
    let outer = to_proto::whole_failure(Failure::application("Outer", "message"));
    let failed = Attributes::WorkflowExecutionFailedEventAttributes(history::WorkflowExecutionFailedEventAttributes {
        failure: Some(failure::Failure { cause: Some(Box::new(cause)), ..outer }),
        ..Default::default()
    });
    for (attributes, expected) in [
        (terminated, "Terminated: enough"),
        (cancelled, "Cancelled: Workflow cancelled"),
        (timed_out, "Timeout: Workflow timed out"),
        (failed, "Outer: message, cause"),
    ] {
        let answer = ask(&client([ended(attributes)]), ClientRequest::WaitWorkflow(order())).await;
        let Ok(ClientResponse::Ended(ExecutionResult::Failed(failure))) = answer else { panic!("{answer:?}") };
        let kind = match &failure.kind {
            FailureKind::Terminated => "Terminated",
            FailureKind::Cancelled(details) => {
                assert_eq!(details, &[Payload::json("1")]);
                "Cancelled"
            }
            FailureKind::Timeout(_) => "Timeout",
            FailureKind::Application(fields) => &fields.failure_type,
            other => panic!("{other:?}"),
        };
        let cause = failure.cause.as_ref().map_or(String::new(), |cause| format!(", {}", cause.message));
        assert_eq!(format!("{kind}: {}{cause}", failure.message), expected);
    }
}

#[tokio::test]
async fn an_update_that_is_not_done_is_waited_for() {
    let accepted = proto::UpdateWorkflowExecutionResponse {
        stage: update_stage("UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED"),
        ..Default::default()
    };
    let outcome = update::Outcome { value: Some(update::outcome::Value::Success(some("7").unwrap())) };
    let done = proto::PollWorkflowExecutionUpdateResponse { outcome: Some(outcome), ..Default::default() };
    let nothing_yet = proto::PollWorkflowExecutionUpdateResponse::default();
    let client = client([accepted.encode_to_vec(), nothing_yet.encode_to_vec(), done.encode_to_vec()].map(Ok));
    let request = ClientRequest::UpdateWorkflow {
        workflow: order(),
        update: "add".to_owned(),
        update_id: Some("one".to_owned()),
        input: vec![Payload::json("3")],
    };
    let answer = ask(&client, request).await;
    assert_eq!(answer, Ok(ClientResponse::Ended(ExecutionResult::Completed(vec![Payload::json("7")]))));
    let asked = client.wire.asked.lock().unwrap();
    let names: Vec<_> = asked.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["UpdateWorkflowExecution", "PollWorkflowExecutionUpdate", "PollWorkflowExecutionUpdate"]);
    let poll = proto::PollWorkflowExecutionUpdateRequest::decode(asked[1].1.as_slice()).unwrap();
    assert_eq!(poll.update_ref.unwrap().update_id, "one");
}

fn update_stage(name: &str) -> i32 {
    temporalio_common::protos::temporal::api::enums::v1::UpdateWorkflowExecutionLifecycleStage::from_str_name(name)
        .unwrap()
        .into()
}

#[tokio::test]
async fn a_standalone_activity_is_started_and_waited_for() {
    let client = client([]);
    let start = ActivityStart {
        activity_id: "ship-1".to_owned(),
        activity_type: "ship".to_owned(),
        task_queue: "orders".to_owned(),
        start_to_close_timeout: Some(Duration::from_secs(3)),
        ..ActivityStart::default()
    };
    let conflicting = ActivityStart { id_conflict: Some(IdConflictPolicy::TerminateExisting), ..start.clone() };
    let answer = ask(&client, ClientRequest::StartActivity(Box::new(conflicting))).await;
    assert!(matches!(answer, Err(ClientError::Invalid(_))));
    assert!(ask(&client, ClientRequest::StartActivity(Box::new(start))).await.is_ok());
    let sent = client.wire.asked::<proto::StartActivityExecutionRequest>().remove(0);
    assert_eq!(sent.start_to_close_timeout.unwrap().seconds, 3);

    let nothing_yet = proto::PollActivityExecutionResponse { run_id: "run".to_owned(), ..Default::default() };
    let value = activity_execution_outcome::Value::Result(some("5").unwrap());
    let outcome = Some(ActivityExecutionOutcome { value: Some(value), ..Default::default() });
    let done = proto::PollActivityExecutionResponse { outcome, ..nothing_yet.clone() };
    let client = super::client([nothing_yet.encode_to_vec(), done.encode_to_vec()].map(Ok));
    let ids = ActivityIds { activity_id: "ship-1".to_owned(), ..ActivityIds::default() };
    let answer = ask(&client, ClientRequest::WaitActivity(ids)).await;
    assert_eq!(answer, Ok(ClientResponse::Ended(ExecutionResult::Completed(vec![Payload::json("5")]))));
    let asked = client.wire.asked::<proto::PollActivityExecutionRequest>();
    assert_eq!(asked[1].run_id, "run", "another run is not what is waited for");
}

#[tokio::test]
async fn what_the_server_would_refuse_as_a_failure_is_wrapped() {
    let client = client([]);
    let ids = ActivityIds { activity_id: "ship-1".to_owned(), ..ActivityIds::default() };
    let failure = Failure::new("gone", FailureKind::Terminated);
    let request = ClientRequest::FailActivity { activity: ActivityReference::Ids(ids), failure };
    assert_eq!(ask(&client, request).await, Ok(ClientResponse::Done));
    let sent = client.wire.asked::<proto::RespondActivityTaskFailedByIdRequest>().remove(0).failure.unwrap();
    assert!(matches!(sent.failure_info, Some(failure::failure::FailureInfo::ApplicationFailureInfo(_))));
    assert_eq!(sent.cause.unwrap().message, "gone");
}

#[tokio::test]
async fn a_heartbeat_tells_why_to_stop() {
    let answer = proto::RecordActivityTaskHeartbeatByIdResponse {
        cancel_requested: true,
        activity_paused: true,
        ..Default::default()
    };
    let client = client([Ok(answer.encode_to_vec())]);
    let ids = ActivityIds { activity_id: "ship-1".to_owned(), ..ActivityIds::default() };
    let request = ClientRequest::HeartbeatActivity { activity: ActivityReference::Ids(ids), details: Vec::new() };
    let why = CancellationDetails::CANCEL_REQUESTED.union(CancellationDetails::PAUSED);
    assert_eq!(ask(&client, request).await, Ok(ClientResponse::Heartbeat(why)));
}

/// Turns data round, and says so.
#[derive(Debug)]
struct Reversing;

impl activity::PayloadCodec for Reversing {
    fn encode(&self, payloads: Vec<Payload>) -> activity::CodecFuture<'_> {
        let encode = |payload: Payload| {
            let data: Vec<u8> = payload.data.iter().rev().copied().collect();
            Payload::encoded("reversed", data.into())
        };
        Box::pin(std::future::ready(Ok(payloads.into_iter().map(encode).collect())))
    }

    fn decode(&self, payloads: Vec<Payload>) -> activity::CodecFuture<'_> {
        let decode = |payload: Payload| {
            let data: Vec<u8> = payload.data.iter().rev().copied().collect();
            Payload::json(data)
        };
        Box::pin(std::future::ready(Ok(payloads.into_iter().map(decode).collect())))
    }
}

#[tokio::test]
async fn the_server_sees_what_the_codec_makes_of_it_and_the_guest_does_not() {
    let result = to_proto::some_payloads(vec![Payload::encoded("reversed", Bytes::from_static(b"21"))]);
    let answer = proto::QueryWorkflowResponse { query_result: result, ..Default::default() };
    let client = client([Ok(answer.encode_to_vec())]);
    let request =
        ClientRequest::QueryWorkflow { workflow: order(), query: "all".to_owned(), input: vec![Payload::json("34")] };
    let coding = PayloadCoding::new(Some(Arc::new(Reversing)), true);
    let answer = client.call(Question { coding: coding.clone(), ..question(&grant(), request) }).await;
    assert_eq!(answer, Ok(ClientResponse::Values(vec![Payload::json("12")])));
    let sent = client.wire.asked::<proto::QueryWorkflowRequest>().remove(0).query.unwrap().query_args.unwrap();
    assert_eq!(sent.payloads[0].data, b"43");

    // Neither search attributes nor headers are payloads of a codec; a failure's message is, when it is to be hidden.
    let start = WorkflowStart {
        workflow_id: "order-1".to_owned(),
        task_queue: "orders".to_owned(),
        memo: vec![("memo".to_owned(), Payload::json("12"))],
        search_attributes: vec![("key".to_owned(), Payload::json("12"))],
        ..WorkflowStart::default()
    };
    let client = super::client([]);
    let request = ClientRequest::StartWorkflow(Box::new(start));
    client.call(Question { coding: coding.clone(), ..question(&grant(), request) }).await.unwrap();
    let sent = client.wire.asked::<proto::StartWorkflowExecutionRequest>().remove(0);
    assert_eq!(sent.memo.unwrap().fields["memo"].data, b"21");
    assert_eq!(sent.search_attributes.unwrap().indexed_fields["key"].data, b"12");

    let client = super::client([]);
    let ids = ActivityIds { activity_id: "ship-1".to_owned(), ..ActivityIds::default() };
    let failure = Failure::application("Secret", "the secret");
    let request = ClientRequest::FailActivity { activity: ActivityReference::Ids(ids), failure };
    client.call(Question { coding, ..question(&grant(), request) }).await.unwrap();
    let sent = client.wire.asked::<proto::RespondActivityTaskFailedByIdRequest>().remove(0).failure.unwrap();
    assert!(!sent.message.contains("secret") && sent.encoded_attributes.is_some(), "{sent:?}");
}
