//! A workflow worker, played by hand: just enough workflows to be asked for by activities.

use std::collections::HashMap;

use prost::Message as _;
use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    command::v1::{
        CancelWorkflowExecutionCommandAttributes, Command, CompleteWorkflowExecutionCommandAttributes,
        ContinueAsNewWorkflowExecutionCommandAttributes, FailWorkflowExecutionCommandAttributes,
        ProtocolMessageCommandAttributes, command::Attributes as CommandAttributes,
    },
    common::v1::{Payload, Payloads, WorkflowType},
    enums::v1::{CommandType, QueryResultType},
    failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
    history::v1::{WorkflowExecutionStartedEventAttributes, history_event::Attributes},
    protocol::v1::Message,
    query::v1::WorkflowQueryResult,
    taskqueue::v1::TaskQueue,
    update::v1::{self as update, outcome::Value as UpdateValue},
    workflowservice::v1::{
        PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse, RespondQueryTaskCompletedRequest,
        RespondWorkflowTaskCompletedRequest,
    },
};
use tokio::task::JoinHandle;

use super::{
    call::{NAMESPACE, unique},
    payload,
};

/// Serves these workflow types until it is dropped:
/// - `Collect` keeps its arguments and those of each signal `add`, and completes with them at the signal `finish`; the
///   query `all` tells them, the update `count` how many there are, and any other update is refused; it is cancelled
///   when it is asked to be.
/// - `Echo` completes with its argument.
/// - `Twice` goes on as new once, and then completes with "second run".
/// - `Fail` fails, because of something.
#[derive(Debug)]
pub(crate) struct WorkflowWorker {
    queue: String,
    polling: JoinHandle<()>,
}

impl WorkflowWorker {
    /// Starts it on a task queue of its own.
    pub(crate) fn start(connection: Connection) -> Self {
        let queue = unique("workflows");
        let polling = tokio::spawn(serve(connection, queue.clone()));
        Self { queue, polling }
    }

    /// Its task queue.
    pub(crate) fn queue(&self) -> &str {
        &self.queue
    }
}

impl Drop for WorkflowWorker {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

async fn serve(connection: Connection, queue: String) {
    loop {
        let request = PollWorkflowTaskQueueRequest {
            namespace: NAMESPACE.to_owned(),
            task_queue: Some(TaskQueue { name: queue.clone(), ..TaskQueue::default() }),
            ..PollWorkflowTaskQueueRequest::default()
        };
        let polled = connection.workflow_service().poll_workflow_task_queue(request.into_request()).await;
        let Ok(task) = polled.map(|answer| answer.into_inner()) else { continue };
        if !task.task_token.is_empty() {
            answer(&connection, task).await;
        }
    }
}

/// Answers one task. That the workflow was ended meanwhile is none of its business.
async fn answer(connection: &Connection, task: PollWorkflowTaskQueueResponse) {
    let state = State::of(&task);
    let mut service = connection.workflow_service();
    if let Some(query) = &task.query {
        let request = RespondQueryTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token: task.task_token,
            completed_type: QueryResultType::Answered.into(),
            query_result: state.query(&query.query_type),
            ..RespondQueryTaskCompletedRequest::default()
        };
        let _ = service.respond_query_task_completed(request.into_request()).await;
        return;
    }
    let result = |(id, query): (&String, &temporalio_common::protos::temporal::api::query::v1::WorkflowQuery)| {
        let result = WorkflowQueryResult {
            result_type: QueryResultType::Answered.into(),
            answer: state.query(&query.query_type),
            ..WorkflowQueryResult::default()
        };
        (id.clone(), result)
    };
    let query_results: HashMap<_, _> = task.queries.iter().map(result).collect();
    let messages: Vec<Message> = task.messages.iter().flat_map(|message| state.update(message)).collect();
    let protocol = |message: &Message| {
        let attributes = ProtocolMessageCommandAttributes { message_id: message.id.clone() };
        command(CommandType::ProtocolMessage, CommandAttributes::ProtocolMessageCommandAttributes(attributes))
    };
    let commands = messages.iter().filter(|message| !is_rejection(message)).map(protocol).chain(state.end()).collect();
    let request = RespondWorkflowTaskCompletedRequest {
        namespace: NAMESPACE.to_owned(),
        task_token: task.task_token,
        commands,
        messages,
        query_results,
        ..RespondWorkflowTaskCompletedRequest::default()
    };
    let _ = service.respond_workflow_task_completed(request.into_request()).await;
}

/// A workflow as its history has it.
struct State {
    started: WorkflowExecutionStartedEventAttributes,
    collected: Vec<Payload>,
    is_finished: bool,
    is_cancelled: bool,
}

impl State {
    fn of(task: &PollWorkflowTaskQueueResponse) -> Self {
        let events = task.history.as_ref().map(|history| history.events.as_slice()).unwrap_or_default();
        let mut state = Self {
            started: WorkflowExecutionStartedEventAttributes::default(),
            collected: Vec::new(),
            is_finished: false,
            is_cancelled: false,
        };
        for attributes in events.iter().filter_map(|event| event.attributes.as_ref()) {
            match attributes {
                Attributes::WorkflowExecutionStartedEventAttributes(started) => {
                    state.collected.extend(payloads(started.input.as_ref()));
                    state.started = started.clone();
                }
                Attributes::WorkflowExecutionSignaledEventAttributes(signal) if signal.signal_name == "finish" => {
                    state.is_finished = true;
                }
                Attributes::WorkflowExecutionSignaledEventAttributes(signal) => {
                    state.collected.extend(payloads(signal.input.as_ref()));
                }
                Attributes::WorkflowExecutionCancelRequestedEventAttributes(_) => state.is_cancelled = true,
                _ => {}
            }
        }
        state
    }

    fn all(&self) -> Payload {
        let decode = |payload: &Payload| serde_json::from_slice::<serde_json::Value>(&payload.data).unwrap();
        payload::json(self.collected.iter().map(decode).collect::<Vec<_>>())
    }

    fn query(&self, query: &str) -> Option<Payloads> {
        (query == "all").then(|| one(self.all()))
    }

    /// What is said to an update: that it is accepted, and what came of it; or that it is refused.
    fn update(&self, message: &Message) -> Vec<Message> {
        let Some(body) = &message.body else { return Vec::new() };
        let request = update::Request::decode(body.value.as_slice()).unwrap();
        let name = request.input.as_ref().map(|input| input.name.clone()).unwrap_or_default();
        let event = match message.sequencing_id {
            Some(temporalio_common::protos::temporal::api::protocol::v1::message::SequencingId::EventId(id)) => id,
            _ => 0,
        };
        if name != "count" {
            let failure = failed("Refused", "there is no such update");
            let rejection = update::Rejection {
                rejected_request_message_id: message.id.clone(),
                rejected_request_sequencing_event_id: event,
                rejected_request: Some(request),
                failure: Some(failure),
            };
            return vec![said(message, "rejection", &rejection)];
        }
        let outcome = UpdateValue::Success(one(payload::json(self.collected.len())));
        let response =
            update::Response { meta: request.meta.clone(), outcome: Some(update::Outcome { value: Some(outcome) }) };
        let acceptance = update::Acceptance {
            accepted_request_message_id: message.id.clone(),
            accepted_request_sequencing_event_id: event,
            accepted_request: Some(request),
        };
        vec![said(message, "acceptance", &acceptance), said(message, "response", &response)]
    }

    /// How it ends, if it does now.
    fn end(&self) -> Option<Command> {
        let complete = |payload| {
            let attributes = CompleteWorkflowExecutionCommandAttributes { result: Some(one(payload)) };
            let attributes = CommandAttributes::CompleteWorkflowExecutionCommandAttributes(attributes);
            command(CommandType::CompleteWorkflowExecution, attributes)
        };
        let workflow_type = self.started.workflow_type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
        match workflow_type {
            "Echo" => Some(complete(self.collected.first().cloned().unwrap_or_default())),
            "Twice" if self.started.continued_execution_run_id.is_empty() => {
                let attributes = ContinueAsNewWorkflowExecutionCommandAttributes {
                    workflow_type: Some(WorkflowType { name: "Twice".to_owned() }),
                    task_queue: self.started.task_queue.clone(),
                    ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
                };
                let attributes = CommandAttributes::ContinueAsNewWorkflowExecutionCommandAttributes(attributes);
                Some(command(CommandType::ContinueAsNewWorkflowExecution, attributes))
            }
            "Twice" => Some(complete(payload::json("second run"))),
            "Fail" => {
                let cause = Some(Box::new(failed("Cause", "the cause")));
                let failure = Some(Failure { cause, ..failed("Broken", "it broke") });
                let attributes = FailWorkflowExecutionCommandAttributes { failure };
                let attributes = CommandAttributes::FailWorkflowExecutionCommandAttributes(attributes);
                Some(command(CommandType::FailWorkflowExecution, attributes))
            }
            _ if self.is_finished => Some(complete(self.all())),
            _ if self.is_cancelled => {
                let attributes =
                    CancelWorkflowExecutionCommandAttributes { details: Some(one(payload::json("as asked"))) };
                let attributes = CommandAttributes::CancelWorkflowExecutionCommandAttributes(attributes);
                Some(command(CommandType::CancelWorkflowExecution, attributes))
            }
            _ => None,
        }
    }
}

fn said<M: prost::Message + prost::Name>(to: &Message, what: &str, body: &M) -> Message {
    let mut message = Message {
        id: format!("{}/{what}", to.protocol_instance_id),
        protocol_instance_id: to.protocol_instance_id.clone(),
        ..Message::default()
    };
    let any = message.body.get_or_insert_default();
    any.type_url = format!("type.googleapis.com/{}", M::full_name());
    any.value = body.encode_to_vec();
    message
}

fn is_rejection(message: &Message) -> bool {
    message.id.ends_with("/rejection")
}

fn failed(failure_type: &str, message: &str) -> Failure {
    let info = ApplicationFailureInfo { r#type: failure_type.to_owned(), ..ApplicationFailureInfo::default() };
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    }
}

fn command(kind: CommandType, attributes: CommandAttributes) -> Command {
    Command { command_type: kind.into(), attributes: Some(attributes), ..Command::default() }
}

fn one(payload: Payload) -> Payloads {
    Payloads { payloads: vec![payload] }
}

fn payloads(payloads: Option<&Payloads>) -> Vec<Payload> {
    payloads.map(|list| list.payloads.clone()).unwrap_or_default()
}
