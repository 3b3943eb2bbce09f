//! A workflow that calls one activity, played by hand.
//!
//! The tests answer its workflow tasks themselves. So there is no workflow SDK between what Isolet reports and what a
//! test sees, and a cancellation is requested exactly when a test says so.

use temporalio_client::{Connection, tonic::IntoRequest as _};
use temporalio_common::protos::temporal::api::{
    command::v1::{
        Command, CompleteWorkflowExecutionCommandAttributes, RequestCancelActivityTaskCommandAttributes,
        ScheduleActivityTaskCommandAttributes, command::Attributes as CommandAttributes,
    },
    common::v1::{ActivityType, Payload, Payloads, WorkflowExecution, WorkflowType},
    enums::v1::CommandType,
    failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
    history::v1::{HistoryEvent, history_event::Attributes},
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{
        PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse, RequestCancelWorkflowExecutionRequest,
        RespondWorkflowTaskCompletedRequest, StartWorkflowExecutionRequest,
    },
};

use super::{
    call::{Call, NAMESPACE, proto_duration, scheduled, unique},
    outcome::Outcome,
};

/// An activity that a workflow called.
#[derive(Debug)]
pub(crate) struct WorkflowActivity {
    pub(super) id: String,
    /// Also the name of the queue of its workflow tasks: nobody else takes them.
    pub(super) workflow_id: String,
    pub(super) connection: Connection,
}

impl WorkflowActivity {
    pub(super) async fn start(call: Call) -> Self {
        let workflow_id = unique("workflow");
        let request = StartWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_id: workflow_id.clone(),
            workflow_type: Some(WorkflowType { name: "CallsOneActivity".to_owned() }),
            task_queue: Some(TaskQueue { name: workflow_id.clone(), ..TaskQueue::default() }),
            request_id: unique("request"),
            ..StartWorkflowExecutionRequest::default()
        };
        call.connection.workflow_service().start_workflow_execution(request.into_request()).await.unwrap();
        let activity = Self { id: call.activity_id.clone(), workflow_id, connection: call.connection.clone() };
        let task = activity.next_task().await;
        activity.respond(task, vec![schedule(&call)]).await;
        activity
    }

    /// Cancels the workflow, which cancels its activity and goes on waiting for it.
    pub(super) async fn cancel(&self) {
        let execution = WorkflowExecution { workflow_id: self.workflow_id.clone(), ..WorkflowExecution::default() };
        let request = RequestCancelWorkflowExecutionRequest {
            namespace: NAMESPACE.to_owned(),
            workflow_execution: Some(execution),
            request_id: unique("request"),
            ..RequestCancelWorkflowExecutionRequest::default()
        };
        self.connection.workflow_service().request_cancel_workflow_execution(request.into_request()).await.unwrap();
        let task = self.next_task().await;
        let scheduled = |event: &&HistoryEvent| {
            matches!(event.attributes, Some(Attributes::ActivityTaskScheduledEventAttributes(_)))
        };
        let scheduled_event_id = events(&task).iter().find(scheduled).unwrap().event_id;
        let cancel =
            CommandAttributes::RequestCancelActivityTaskCommandAttributes(RequestCancelActivityTaskCommandAttributes {
                scheduled_event_id,
            });
        self.respond(task, vec![command(CommandType::RequestCancelActivityTask, cancel)]).await;
    }

    pub(super) async fn outcome(&self) -> Outcome {
        loop {
            let task = self.next_task().await;
            let outcome = events(&task).iter().find_map(outcome);
            let complete = CommandAttributes::CompleteWorkflowExecutionCommandAttributes(
                CompleteWorkflowExecutionCommandAttributes::default(),
            );
            let complete = command(CommandType::CompleteWorkflowExecution, complete);
            self.respond(task, outcome.iter().map(|_| complete.clone()).collect()).await;
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    async fn next_task(&self) -> PollWorkflowTaskQueueResponse {
        loop {
            let request = PollWorkflowTaskQueueRequest {
                namespace: NAMESPACE.to_owned(),
                task_queue: Some(TaskQueue { name: self.workflow_id.clone(), ..TaskQueue::default() }),
                ..PollWorkflowTaskQueueRequest::default()
            };
            let answer = self.connection.workflow_service().poll_workflow_task_queue(request.into_request()).await;
            let task = answer.unwrap().into_inner();
            if !task.task_token.is_empty() {
                return task;
            }
        }
    }

    async fn respond(&self, task: PollWorkflowTaskQueueResponse, commands: Vec<Command>) {
        let request = RespondWorkflowTaskCompletedRequest {
            namespace: NAMESPACE.to_owned(),
            task_token: task.task_token,
            commands,
            ..RespondWorkflowTaskCompletedRequest::default()
        };
        self.connection.workflow_service().respond_workflow_task_completed(request.into_request()).await.unwrap();
    }
}

fn schedule(call: &Call) -> Command {
    let attributes = scheduled!(call, ScheduleActivityTaskCommandAttributes {});
    command(CommandType::ScheduleActivityTask, CommandAttributes::ScheduleActivityTaskCommandAttributes(attributes))
}

fn command(kind: CommandType, attributes: CommandAttributes) -> Command {
    Command { command_type: kind.into(), attributes: Some(attributes), ..Command::default() }
}

fn events(task: &PollWorkflowTaskQueueResponse) -> &[HistoryEvent] {
    task.history.as_ref().map(|history| history.events.as_slice()).unwrap_or_default()
}

/// How the activity ended, if this is the event of it.
fn outcome(event: &HistoryEvent) -> Option<Outcome> {
    match event.attributes.clone()? {
        Attributes::ActivityTaskCompletedEventAttributes(ended) => {
            Some(Outcome::Completed(ended.result.and_then(first).unwrap_or_default()))
        }
        Attributes::ActivityTaskFailedEventAttributes(ended) => Some(Outcome::failed(ended.failure, ended.retry_state)),
        Attributes::ActivityTaskTimedOutEventAttributes(ended) => {
            Some(Outcome::failed(ended.failure, ended.retry_state))
        }
        Attributes::ActivityTaskCanceledEventAttributes(ended) => {
            let info = CanceledFailureInfo { details: ended.details, ..CanceledFailureInfo::default() };
            let failure = Failure {
                message: "Activity canceled".to_owned(),
                failure_info: Some(FailureInfo::CanceledFailureInfo(info)),
                ..Failure::default()
            };
            Some(Outcome::failed(Some(failure), 0))
        }
        _ => None,
    }
}

fn first(payloads: Payloads) -> Option<Payload> {
    payloads.payloads.into_iter().next()
}
