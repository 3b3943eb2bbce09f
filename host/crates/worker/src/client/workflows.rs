//! The typed requests about workflows.

use std::time::Duration;

use activity::{
    ClientAnswer, ClientError, ClientRequest, ClientResponse, ExecutionStatus, IdConflictPolicy, IdReusePolicy,
    Payload, Priority, RetryPolicy, WorkflowDescription, WorkflowReference, WorkflowStart,
};
use temporalio_common::protos::temporal::api::{
    common::v1 as common,
    enums::v1::{
        HistoryEventFilterType, UpdateWorkflowExecutionLifecycleStage as Stage, WorkflowExecutionStatus,
        WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
    },
    query::v1::WorkflowQuery,
    taskqueue::v1::TaskQueue,
    update::v1 as update,
    workflow::v1::WorkflowExecutionInfo,
    workflowservice::v1 as proto,
};
use uuid::Uuid;

use super::{Granted, Wire, ended};
use crate::{from_proto, to_proto};

impl<W: Wire> Granted<'_, W> {
    /// Answers a request about a workflow.
    pub(super) async fn workflow(&self, request: ClientRequest) -> ClientAnswer {
        match request {
            ClientRequest::StartWorkflow(start) => {
                let started = self.perform(start_request(*start)?, None).await?;
                Ok(ClientResponse::Started(started.run_id))
            }
            ClientRequest::SignalWorkflow { workflow, signal, input } => {
                self.perform(signal_request(workflow, signal, input), None).await?;
                Ok(ClientResponse::Done)
            }
            ClientRequest::QueryWorkflow { workflow, query, input } => {
                let answer = self.perform(query_request(workflow, query, input), None).await?;
                Ok(ClientResponse::Values(from_proto::payloads(answer.query_result)))
            }
            ClientRequest::UpdateWorkflow { workflow, update, update_id, input } => {
                self.update(workflow, update, update_id, input).await
            }
            ClientRequest::CancelWorkflow { workflow, reason } => {
                self.perform(cancel_request(workflow, reason), None).await?;
                Ok(ClientResponse::Done)
            }
            ClientRequest::TerminateWorkflow { workflow, reason } => {
                self.perform(terminate_request(workflow, reason), None).await?;
                Ok(ClientResponse::Done)
            }
            ClientRequest::DescribeWorkflow(workflow) => {
                let (namespace, execution) = split(workflow);
                let request = proto::DescribeWorkflowExecutionRequest { namespace, execution: Some(execution) };
                let described = self.perform(request, None).await?;
                let description = described.workflow_execution_info.map(description).unwrap_or_default();
                Ok(ClientResponse::WorkflowDescription(description))
            }
            ClientRequest::WaitWorkflow(workflow) => self.wait(workflow).await,
            _ => Err(ClientError::Invalid("the request is not about a workflow".to_owned())),
        }
    }

    /// Updates a workflow, and waits until the update has ended.
    async fn update(
        &self,
        workflow: WorkflowReference,
        name: String,
        id: Option<String>,
        input: Vec<Payload>,
    ) -> ClientAnswer {
        // To be refused once the update runs would help nobody.
        self.check::<proto::PollWorkflowExecutionUpdateRequest>()?;
        let (namespace, execution) = split(workflow);
        let update_id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
        let wait_policy = Some(update::WaitPolicy { lifecycle_stage: Stage::Completed.into() });
        let request = proto::UpdateWorkflowExecutionRequest {
            namespace: namespace.clone(),
            workflow_execution: Some(execution.clone()),
            wait_policy,
            request: Some(update::Request {
                meta: Some(update::Meta { update_id: update_id.clone(), ..Default::default() }),
                input: Some(update::Input { name, args: to_proto::some_payloads(input), ..Default::default() }),
                ..Default::default()
            }),
            ..Default::default()
        };
        // The same update id makes it the same update, however often it is asked for.
        let answer = loop {
            let answer = self.poll(request.clone()).await?;
            if answer.outcome.is_some() || Stage::Admitted < answer.stage() {
                break answer;
            }
        };
        let update_ref =
            answer.update_ref.unwrap_or(update::UpdateRef { workflow_execution: Some(execution), update_id });
        let mut outcome = answer.outcome;
        loop {
            if let Some(outcome) = outcome {
                return Ok(ClientResponse::Ended(ended::update(outcome)));
            }
            let request = proto::PollWorkflowExecutionUpdateRequest {
                namespace: namespace.clone(),
                update_ref: Some(update_ref.clone()),
                wait_policy,
                ..Default::default()
            };
            outcome = self.poll(request).await?.outcome;
        }
    }

    /// Waits until a workflow has ended, following its runs.
    async fn wait(&self, workflow: WorkflowReference) -> ClientAnswer {
        let (namespace, mut execution) = split(workflow);
        let mut next_page_token = Vec::new();
        loop {
            let request = proto::GetWorkflowExecutionHistoryRequest {
                namespace: namespace.clone(),
                execution: Some(execution.clone()),
                next_page_token,
                wait_new_event: true,
                history_event_filter_type: HistoryEventFilterType::CloseEvent.into(),
                skip_archival: true,
                ..Default::default()
            };
            let page = self.poll(request).await?;
            next_page_token = page.next_page_token;
            let events = page.history.map(|history| history.events).unwrap_or_default();
            match events.into_iter().next_back().and_then(|event| event.attributes).map(ended::workflow) {
                Some(ended::Run::Ended(result)) => return Ok(ClientResponse::Ended(result)),
                Some(ended::Run::GoesOn(run_id)) => {
                    execution.run_id = run_id;
                    next_page_token = Vec::new();
                }
                None => {}
            }
        }
    }
}

fn start_request(start: WorkflowStart) -> Result<proto::StartWorkflowExecutionRequest, ClientError> {
    Ok(proto::StartWorkflowExecutionRequest {
        namespace: start.namespace.unwrap_or_default(),
        workflow_id: start.workflow_id,
        workflow_type: Some(common::WorkflowType { name: start.workflow_type }),
        task_queue: Some(TaskQueue { name: start.task_queue, ..Default::default() }),
        input: to_proto::some_payloads(start.input),
        workflow_execution_timeout: duration(start.execution_timeout, "the execution timeout")?,
        workflow_run_timeout: duration(start.run_timeout, "the run timeout")?,
        workflow_task_timeout: duration(start.task_timeout, "the task timeout")?,
        workflow_start_delay: duration(start.start_delay, "the start delay")?,
        workflow_id_reuse_policy: match start.id_reuse {
            None => WorkflowIdReusePolicy::Unspecified,
            Some(IdReusePolicy::AllowDuplicate) => WorkflowIdReusePolicy::AllowDuplicate,
            Some(IdReusePolicy::AllowDuplicateFailedOnly) => WorkflowIdReusePolicy::AllowDuplicateFailedOnly,
            Some(IdReusePolicy::RejectDuplicate) => WorkflowIdReusePolicy::RejectDuplicate,
        }
        .into(),
        workflow_id_conflict_policy: match start.id_conflict {
            None => WorkflowIdConflictPolicy::Unspecified,
            Some(IdConflictPolicy::Fail) => WorkflowIdConflictPolicy::Fail,
            Some(IdConflictPolicy::UseExisting) => WorkflowIdConflictPolicy::UseExisting,
            Some(IdConflictPolicy::TerminateExisting) => WorkflowIdConflictPolicy::TerminateExisting,
        }
        .into(),
        retry_policy: start.retry_policy.map(retry_policy).transpose()?,
        memo: some_fields(start.memo).map(|fields| common::Memo { fields }),
        search_attributes: search_attributes(start.search_attributes),
        priority: start.priority.map(priority),
        ..Default::default()
    })
}

fn signal_request(
    workflow: WorkflowReference,
    signal_name: String,
    input: Vec<Payload>,
) -> proto::SignalWorkflowExecutionRequest {
    let (namespace, execution) = split(workflow);
    proto::SignalWorkflowExecutionRequest {
        namespace,
        workflow_execution: Some(execution),
        signal_name,
        input: to_proto::some_payloads(input),
        ..Default::default()
    }
}

fn query_request(workflow: WorkflowReference, query_type: String, input: Vec<Payload>) -> proto::QueryWorkflowRequest {
    let (namespace, execution) = split(workflow);
    let query = WorkflowQuery { query_type, query_args: to_proto::some_payloads(input), ..Default::default() };
    proto::QueryWorkflowRequest { namespace, execution: Some(execution), query: Some(query), ..Default::default() }
}

fn cancel_request(workflow: WorkflowReference, reason: String) -> proto::RequestCancelWorkflowExecutionRequest {
    let (namespace, execution) = split(workflow);
    proto::RequestCancelWorkflowExecutionRequest {
        namespace,
        workflow_execution: Some(execution),
        reason,
        ..Default::default()
    }
}

fn terminate_request(workflow: WorkflowReference, reason: String) -> proto::TerminateWorkflowExecutionRequest {
    let (namespace, execution) = split(workflow);
    proto::TerminateWorkflowExecutionRequest {
        namespace,
        workflow_execution: Some(execution),
        reason,
        ..Default::default()
    }
}

/// The namespace, empty for the worker's, and the execution.
fn split(workflow: WorkflowReference) -> (String, common::WorkflowExecution) {
    let WorkflowReference { namespace, workflow_id, run_id } = workflow;
    let execution = common::WorkflowExecution { workflow_id, run_id: run_id.unwrap_or_default() };
    (namespace.unwrap_or_default(), execution)
}

fn description(info: WorkflowExecutionInfo) -> WorkflowDescription {
    let status = info.status();
    WorkflowDescription {
        run_id: info.execution.map(|execution| execution.run_id).unwrap_or_default(),
        workflow_type: info.r#type.map(|kind| kind.name).unwrap_or_default(),
        task_queue: info.task_queue,
        status: match status {
            WorkflowExecutionStatus::Unspecified => ExecutionStatus::Unspecified,
            WorkflowExecutionStatus::Running => ExecutionStatus::Running,
            WorkflowExecutionStatus::Completed => ExecutionStatus::Completed,
            WorkflowExecutionStatus::Failed => ExecutionStatus::Failed,
            WorkflowExecutionStatus::Canceled => ExecutionStatus::Cancelled,
            WorkflowExecutionStatus::Terminated => ExecutionStatus::Terminated,
            WorkflowExecutionStatus::ContinuedAsNew => ExecutionStatus::ContinuedAsNew,
            WorkflowExecutionStatus::TimedOut => ExecutionStatus::TimedOut,
            WorkflowExecutionStatus::Paused => ExecutionStatus::Paused,
        },
        history_length: info.history_length.try_into().unwrap_or_default(),
        start_time: info.start_time.map(from_proto::time),
        close_time: info.close_time.map(from_proto::time),
    }
}

/// A duration as the protocol has it, whatever its type is called.
pub(super) fn duration<D: TryFrom<Duration>>(duration: Option<Duration>, what: &str) -> Result<Option<D>, ClientError> {
    let too_long = |_| ClientError::Invalid(format!("{what} is too long"));
    duration.map(|duration| duration.try_into().map_err(too_long)).transpose()
}

pub(super) fn retry_policy(policy: RetryPolicy) -> Result<common::RetryPolicy, ClientError> {
    Ok(common::RetryPolicy {
        initial_interval: duration(policy.initial_interval, "the retry policy's initial interval")?,
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: duration(policy.maximum_interval, "the retry policy's maximum interval")?,
        maximum_attempts: policy.maximum_attempts.try_into().unwrap_or(i32::MAX),
        non_retryable_error_types: policy.non_retryable_error_types,
    })
}

pub(super) fn priority(priority: Priority) -> common::Priority {
    common::Priority {
        priority_key: priority.priority_key.and_then(|key| key.try_into().ok()).unwrap_or_default(),
        fairness_key: priority.fairness_key.unwrap_or_default(),
        fairness_weight: priority.fairness_weight.unwrap_or_default(),
    }
}

pub(super) fn search_attributes(fields: Vec<(String, Payload)>) -> Option<common::SearchAttributes> {
    some_fields(fields).map(|indexed_fields| common::SearchAttributes { indexed_fields })
}

fn some_fields(fields: Vec<(String, Payload)>) -> Option<std::collections::HashMap<String, common::Payload>> {
    let field = |(name, value)| (name, to_proto::payload(value));
    (!fields.is_empty()).then(|| fields.into_iter().map(field).collect())
}
