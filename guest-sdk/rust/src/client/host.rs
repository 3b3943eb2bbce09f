//! Calls of the client to the host.

use std::time::Duration;

use super::call::{ActivityIds, WorkflowReference};
use super::{
    ActivityDescription, ActivityOptions, ActivityReference, ClientCall, ClientError, ClientReply, ExecutionFailure,
    ExecutionStatus, FailureKind, IdConflictPolicy, IdReusePolicy, WorkflowDescription, WorkflowOptions,
};
use crate::bindings::isolet::activity::client as wit;
use crate::bindings::isolet::activity::types;
use crate::host::{Backend, details_from_wit, time_from_wit};
use crate::{Priority, RawValue, RetryPolicy};

/// The one service that can be called.
const SERVICE: &str = "temporal.api.workflowservice.v1.WorkflowService";

impl Backend {
    /// Asks the host, and waits for its answer.
    pub(crate) fn call(&self, call: ClientCall, timeout: Option<Duration>) -> Result<ClientReply, ClientError> {
        match call {
            ClientCall::Rpc { method, request } => {
                reply(wit::rpc(SERVICE, &method, &request, timeout.map(Into::into)), ClientReply::Response)
            }
            ClientCall::StartActivity { namespace, activity_type, arguments, options } => {
                let start = activity_start(namespace, activity_type, arguments, *options);
                reply(wit::start_activity(&start), ClientReply::RunId)
            }
            ClientCall::WaitActivity(activity) => {
                reply(wit::wait_activity(&ids(activity), timeout.map(Into::into)), ended)
            }
            ClientCall::DescribeActivity(activity) => reply(wit::describe_activity(&ids(activity)), described_activity),
            ClientCall::CancelActivity { activity, reason } => done(wit::cancel_activity(&ids(activity), &reason)),
            ClientCall::TerminateActivity { activity, reason } => {
                done(wit::terminate_activity(&ids(activity), &reason))
            }
            ClientCall::CompleteActivity { activity, output } => {
                done(wit::complete_activity(&reference(activity), Some(&output.into())))
            }
            ClientCall::FailActivity { activity, failure } => {
                done(wit::fail_activity(&reference(activity), &failure.chain()))
            }
            ClientCall::ReportActivityCancelled { activity, details } => {
                done(wit::report_activity_cancelled(&reference(activity), &payloads(details)))
            }
            ClientCall::HeartbeatActivity { activity, details } => {
                let heartbeat = wit::heartbeat_activity(&reference(activity), &payloads(details));
                reply(heartbeat, |why| ClientReply::Heartbeat(details_from_wit(why)))
            }
            workflow => call_workflow(workflow, timeout),
        }
    }
}

fn call_workflow(call: ClientCall, timeout: Option<Duration>) -> Result<ClientReply, ClientError> {
    match call {
        ClientCall::StartWorkflow { namespace, workflow_type, arguments, options } => {
            let start = workflow_start(namespace, workflow_type, arguments, *options);
            reply(wit::start_workflow(&start), ClientReply::RunId)
        }
        ClientCall::SignalWorkflow { workflow: id, signal, arguments } => {
            done(wit::signal_workflow(&workflow(id), &signal, &payloads(arguments)))
        }
        ClientCall::QueryWorkflow { workflow: id, query, arguments } => {
            let answer = wit::query_workflow(&workflow(id), &query, &payloads(arguments));
            reply(answer, |answer| ClientReply::Values(values(answer)))
        }
        ClientCall::UpdateWorkflow { workflow: id, update, update_id, arguments } => {
            let arguments = payloads(arguments);
            let timeout = timeout.map(Into::into);
            reply(wit::update_workflow(&workflow(id), &update, update_id.as_deref(), &arguments, timeout), ended)
        }
        ClientCall::CancelWorkflow { workflow: id, reason } => done(wit::cancel_workflow(&workflow(id), &reason)),
        ClientCall::TerminateWorkflow { workflow: id, reason } => done(wit::terminate_workflow(&workflow(id), &reason)),
        ClientCall::DescribeWorkflow(id) => reply(wit::describe_workflow(&workflow(id)), described_workflow),
        ClientCall::WaitWorkflow(id) => reply(wit::wait_workflow(&workflow(id), timeout.map(Into::into)), ended),
        other => Err(ClientError::Invalid(format!("there is no such call: {other:?}"))),
    }
}

fn reply<T>(
    answer: Result<T, wit::ClientError>,
    reply: impl FnOnce(T) -> ClientReply,
) -> Result<ClientReply, ClientError> {
    match answer {
        Ok(answer) => Ok(reply(answer)),
        Err(wit::ClientError::NotGranted(text)) => Err(ClientError::NotGranted(text)),
        Err(wit::ClientError::Invalid(text)) => Err(ClientError::Invalid(text)),
        Err(wit::ClientError::LeaseLost) => Err(ClientError::LeaseLost),
        Err(wit::ClientError::Status(wit::RpcStatus { code, message, details })) => {
            Err(ClientError::Status { code, message, details })
        }
    }
}

fn done(answer: Result<(), wit::ClientError>) -> Result<ClientReply, ClientError> {
    reply(answer, |()| ClientReply::Done)
}

fn ended(result: wit::ExecutionResult) -> ClientReply {
    ClientReply::Ended(match result {
        wit::ExecutionResult::Completed(output) => Ok(values(output)),
        wit::ExecutionResult::Failed(chain) => {
            let unknown = || ExecutionFailure::new("", FailureKind::Other(String::new()));
            Err(ExecutionFailure::from_chain(chain).unwrap_or_else(unknown))
        }
    })
}

fn workflow_start(
    namespace: Option<String>,
    workflow_type: String,
    arguments: Vec<RawValue>,
    options: WorkflowOptions,
) -> wit::WorkflowStart {
    wit::WorkflowStart {
        namespace,
        workflow_id: options.workflow_id,
        workflow_type,
        task_queue: options.task_queue,
        input: payloads(arguments),
        execution_timeout: options.execution_timeout.map(Into::into),
        run_timeout: options.run_timeout.map(Into::into),
        task_timeout: options.task_timeout.map(Into::into),
        id_reuse: options.id_reuse.map(id_reuse),
        id_conflict: options.id_conflict.map(id_conflict),
        retry_policy: options.retry_policy.map(retry_policy),
        start_delay: options.start_delay.map(Into::into),
        memo: fields(options.memo),
        search_attributes: fields(options.search_attributes),
        priority: options.priority.map(priority),
    }
}

fn activity_start(
    namespace: Option<String>,
    activity_type: String,
    arguments: Vec<RawValue>,
    options: ActivityOptions,
) -> wit::ActivityStart {
    wit::ActivityStart {
        namespace,
        activity_id: options.activity_id,
        activity_type,
        task_queue: options.task_queue,
        input: payloads(arguments),
        schedule_to_close_timeout: options.schedule_to_close_timeout.map(Into::into),
        schedule_to_start_timeout: options.schedule_to_start_timeout.map(Into::into),
        start_to_close_timeout: options.start_to_close_timeout.map(Into::into),
        heartbeat_timeout: options.heartbeat_timeout.map(Into::into),
        id_reuse: options.id_reuse.map(id_reuse),
        id_conflict: options.id_conflict.map(id_conflict),
        retry_policy: options.retry_policy.map(retry_policy),
        start_delay: options.start_delay.map(Into::into),
        search_attributes: fields(options.search_attributes),
        priority: options.priority.map(priority),
    }
}

fn id_reuse(policy: IdReusePolicy) -> wit::IdReusePolicy {
    match policy {
        IdReusePolicy::AllowDuplicate => wit::IdReusePolicy::AllowDuplicate,
        IdReusePolicy::AllowDuplicateFailedOnly => wit::IdReusePolicy::AllowDuplicateFailedOnly,
        IdReusePolicy::RejectDuplicate => wit::IdReusePolicy::RejectDuplicate,
    }
}

fn id_conflict(policy: IdConflictPolicy) -> wit::IdConflictPolicy {
    match policy {
        IdConflictPolicy::Fail => wit::IdConflictPolicy::Fail,
        IdConflictPolicy::UseExisting => wit::IdConflictPolicy::UseExisting,
        IdConflictPolicy::TerminateExisting => wit::IdConflictPolicy::TerminateExisting,
    }
}

fn retry_policy(policy: RetryPolicy) -> types::RetryPolicy {
    types::RetryPolicy {
        initial_interval: policy.initial_interval.map(Into::into),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: policy.maximum_interval.map(Into::into),
        maximum_attempts: policy.maximum_attempts,
        non_retryable_error_types: policy.non_retryable_error_types,
    }
}

fn priority(priority: Priority) -> types::Priority {
    let Priority { priority_key, fairness_key, fairness_weight } = priority;
    types::Priority { priority_key, fairness_key, fairness_weight }
}

fn workflow(reference: WorkflowReference) -> wit::WorkflowReference {
    let WorkflowReference { namespace, workflow_id, run_id } = reference;
    wit::WorkflowReference { namespace, workflow_id, run_id }
}

fn ids(ids: ActivityIds) -> wit::ActivityIds {
    let ActivityIds { namespace, activity_id, run_id } = ids;
    wit::ActivityIds { namespace, workflow_id: String::new(), run_id, activity_id }
}

fn reference(activity: ActivityReference) -> wit::ActivityReference {
    match activity {
        ActivityReference::TaskToken(token) => wit::ActivityReference::TaskToken(token),
        ActivityReference::Ids { namespace, workflow_id, run_id, activity_id } => {
            wit::ActivityReference::Ids(wit::ActivityIds { namespace, workflow_id, run_id, activity_id })
        }
    }
}

fn described_workflow(description: wit::WorkflowDescription) -> ClientReply {
    ClientReply::Workflow(WorkflowDescription {
        run_id: description.run_id,
        workflow_type: description.workflow_type,
        task_queue: description.task_queue,
        status: status(description.status),
        history_length: description.history_length,
        start_time: description.start_time.map(time_from_wit),
        close_time: description.close_time.map(time_from_wit),
    })
}

fn described_activity(description: wit::ActivityDescription) -> ClientReply {
    ClientReply::Activity(ActivityDescription {
        run_id: description.run_id,
        activity_type: description.activity_type,
        task_queue: description.task_queue,
        status: status(description.status),
        attempt: description.attempt,
        heartbeat_details: values(description.heartbeat_details),
        scheduled_time: description.scheduled_time.map(time_from_wit),
        close_time: description.close_time.map(time_from_wit),
    })
}

fn status(status: wit::ExecutionStatus) -> ExecutionStatus {
    match status {
        wit::ExecutionStatus::Unspecified => ExecutionStatus::Unspecified,
        wit::ExecutionStatus::Running => ExecutionStatus::Running,
        wit::ExecutionStatus::Completed => ExecutionStatus::Completed,
        wit::ExecutionStatus::Failed => ExecutionStatus::Failed,
        wit::ExecutionStatus::Cancelled => ExecutionStatus::Cancelled,
        wit::ExecutionStatus::Terminated => ExecutionStatus::Terminated,
        wit::ExecutionStatus::ContinuedAsNew => ExecutionStatus::ContinuedAsNew,
        wit::ExecutionStatus::TimedOut => ExecutionStatus::TimedOut,
        wit::ExecutionStatus::Paused => ExecutionStatus::Paused,
    }
}

fn payloads(values: Vec<RawValue>) -> Vec<types::Payload> {
    values.into_iter().map(Into::into).collect()
}

fn values(payloads: Vec<types::Payload>) -> Vec<RawValue> {
    payloads.into_iter().map(Into::into).collect()
}

fn fields(fields: Vec<(String, RawValue)>) -> Vec<(String, types::Payload)> {
    fields.into_iter().map(|(name, value)| (name, value.into())).collect()
}
