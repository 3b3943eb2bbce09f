//! Between the types of `client` and the vocabulary.

use activity::{
    self as host, ExecutionStatus as Status, Failure, FailureKind, IdConflictPolicy as Conflict,
    IdReusePolicy as Reuse, RpcStatus,
};

use crate::{
    bindings::isolet::activity::{client as guest, types},
    convert::{
        duration_from_guest, duration_to_guest, payload_from_guest, payload_to_guest, payloads_from_guest,
        payloads_to_guest, timestamp_to_guest,
    },
};

pub(super) fn workflow_start(start: guest::WorkflowStart) -> host::WorkflowStart {
    host::WorkflowStart {
        namespace: start.namespace,
        workflow_id: start.workflow_id,
        workflow_type: start.workflow_type,
        task_queue: start.task_queue,
        input: payloads_from_guest(start.input),
        execution_timeout: start.execution_timeout.map(duration_from_guest),
        run_timeout: start.run_timeout.map(duration_from_guest),
        task_timeout: start.task_timeout.map(duration_from_guest),
        id_reuse: start.id_reuse.map(id_reuse),
        id_conflict: start.id_conflict.map(id_conflict),
        retry_policy: start.retry_policy.map(retry_policy),
        start_delay: start.start_delay.map(duration_from_guest),
        memo: fields(start.memo),
        search_attributes: fields(start.search_attributes),
        priority: start.priority.map(priority),
    }
}

pub(super) fn activity_start(start: guest::ActivityStart) -> host::ActivityStart {
    host::ActivityStart {
        namespace: start.namespace,
        activity_id: start.activity_id,
        activity_type: start.activity_type,
        task_queue: start.task_queue,
        input: payloads_from_guest(start.input),
        schedule_to_close_timeout: start.schedule_to_close_timeout.map(duration_from_guest),
        schedule_to_start_timeout: start.schedule_to_start_timeout.map(duration_from_guest),
        start_to_close_timeout: start.start_to_close_timeout.map(duration_from_guest),
        heartbeat_timeout: start.heartbeat_timeout.map(duration_from_guest),
        id_reuse: start.id_reuse.map(id_reuse),
        id_conflict: start.id_conflict.map(id_conflict),
        retry_policy: start.retry_policy.map(retry_policy),
        start_delay: start.start_delay.map(duration_from_guest),
        search_attributes: fields(start.search_attributes),
        priority: start.priority.map(priority),
    }
}

pub(super) fn workflow(reference: guest::WorkflowReference) -> host::WorkflowReference {
    let guest::WorkflowReference { namespace, workflow_id, run_id } = reference;
    host::WorkflowReference { namespace, workflow_id, run_id }
}

pub(super) fn activity(reference: guest::ActivityReference) -> host::ActivityReference {
    match reference {
        guest::ActivityReference::TaskToken(token) => host::ActivityReference::TaskToken(token.into()),
        guest::ActivityReference::Ids(ids) => host::ActivityReference::Ids(activity_ids(ids)),
    }
}

pub(super) fn activity_ids(ids: guest::ActivityIds) -> host::ActivityIds {
    let guest::ActivityIds { namespace, workflow_id, run_id, activity_id } = ids;
    host::ActivityIds { namespace, workflow_id, run_id, activity_id }
}

fn id_reuse(policy: guest::IdReusePolicy) -> Reuse {
    match policy {
        guest::IdReusePolicy::AllowDuplicate => Reuse::AllowDuplicate,
        guest::IdReusePolicy::AllowDuplicateFailedOnly => Reuse::AllowDuplicateFailedOnly,
        guest::IdReusePolicy::RejectDuplicate => Reuse::RejectDuplicate,
    }
}

fn id_conflict(policy: guest::IdConflictPolicy) -> Conflict {
    match policy {
        guest::IdConflictPolicy::Fail => Conflict::Fail,
        guest::IdConflictPolicy::UseExisting => Conflict::UseExisting,
        guest::IdConflictPolicy::TerminateExisting => Conflict::TerminateExisting,
    }
}

fn retry_policy(policy: types::RetryPolicy) -> host::RetryPolicy {
    host::RetryPolicy {
        initial_interval: policy.initial_interval.map(duration_from_guest),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: policy.maximum_interval.map(duration_from_guest),
        maximum_attempts: policy.maximum_attempts,
        non_retryable_error_types: policy.non_retryable_error_types,
    }
}

fn priority(priority: types::Priority) -> host::Priority {
    let types::Priority { priority_key, fairness_key, fairness_weight } = priority;
    host::Priority { priority_key, fairness_key, fairness_weight }
}

fn fields(fields: Vec<(String, types::Payload)>) -> Vec<(String, host::Payload)> {
    fields.into_iter().map(|(name, value)| (name, payload_from_guest(value))).collect()
}

pub(super) fn workflow_to_guest(description: host::WorkflowDescription) -> guest::WorkflowDescription {
    guest::WorkflowDescription {
        run_id: description.run_id,
        workflow_type: description.workflow_type,
        task_queue: description.task_queue,
        status: status(description.status),
        history_length: description.history_length,
        start_time: description.start_time.map(timestamp_to_guest),
        close_time: description.close_time.map(timestamp_to_guest),
    }
}

pub(super) fn activity_to_guest(description: host::ActivityDescription) -> guest::ActivityDescription {
    guest::ActivityDescription {
        run_id: description.run_id,
        activity_type: description.activity_type,
        task_queue: description.task_queue,
        status: status(description.status),
        attempt: description.attempt,
        heartbeat_details: payloads_to_guest(description.heartbeat_details),
        scheduled_time: description.scheduled_time.map(timestamp_to_guest),
        close_time: description.close_time.map(timestamp_to_guest),
    }
}

fn status(status: Status) -> guest::ExecutionStatus {
    match status {
        Status::Unspecified => guest::ExecutionStatus::Unspecified,
        Status::Running => guest::ExecutionStatus::Running,
        Status::Completed => guest::ExecutionStatus::Completed,
        Status::Failed => guest::ExecutionStatus::Failed,
        Status::Cancelled => guest::ExecutionStatus::Cancelled,
        Status::Terminated => guest::ExecutionStatus::Terminated,
        Status::ContinuedAsNew => guest::ExecutionStatus::ContinuedAsNew,
        Status::TimedOut => guest::ExecutionStatus::TimedOut,
        Status::Paused => guest::ExecutionStatus::Paused,
    }
}

pub(super) fn result_to_guest(result: host::ExecutionResult) -> guest::ExecutionResult {
    match result {
        host::ExecutionResult::Completed(values) => guest::ExecutionResult::Completed(payloads_to_guest(values)),
        host::ExecutionResult::Failed(failure) => guest::ExecutionResult::Failed(chain(*failure)),
    }
}

pub(super) fn error_to_guest(error: host::ClientError) -> guest::ClientError {
    match error {
        host::ClientError::NotGranted(text) => guest::ClientError::NotGranted(text),
        host::ClientError::Invalid(text) => guest::ClientError::Invalid(text),
        host::ClientError::LeaseLost => guest::ClientError::LeaseLost,
        host::ClientError::Status(RpcStatus { code, message, details }) => {
            guest::ClientError::Status(guest::RpcStatus { code, message, details: details.into() })
        }
    }
}

/// A failure and its causes as a chain.
fn chain(failure: Failure) -> types::FailureChain {
    let mut chain = Vec::new();
    let mut next = Some(Box::new(failure));
    while let Some(failure) = next {
        let failure = *failure;
        next = failure.cause;
        chain.push(types::Failure {
            message: failure.message,
            stack_trace: failure.stack_trace,
            kind: kind(failure.kind),
            encoded_attributes: failure.encoded_attributes.map(payload_to_guest),
        });
    }
    chain
}

fn kind(kind: FailureKind) -> types::FailureKind {
    match kind {
        FailureKind::Application(fields) => types::FailureKind::Application(types::ApplicationFailure {
            type_: fields.failure_type,
            non_retryable: fields.non_retryable,
            details: payloads_to_guest(fields.details),
            next_retry_delay: fields.next_retry_delay.map(duration_to_guest),
            category: match fields.category {
                host::FailureCategory::Unspecified => types::FailureCategory::Unspecified,
                host::FailureCategory::Benign => types::FailureCategory::Benign,
            },
        }),
        FailureKind::Cancelled(details) => types::FailureKind::Cancelled(payloads_to_guest(details)),
        FailureKind::Timeout(fields) => types::FailureKind::Timeout(types::TimeoutFailure {
            timeout_type: match fields.timeout_type {
                host::TimeoutType::Unspecified => types::TimeoutType::Unspecified,
                host::TimeoutType::StartToClose => types::TimeoutType::StartToClose,
                host::TimeoutType::ScheduleToStart => types::TimeoutType::ScheduleToStart,
                host::TimeoutType::ScheduleToClose => types::TimeoutType::ScheduleToClose,
                host::TimeoutType::Heartbeat => types::TimeoutType::Heartbeat,
            },
            last_heartbeat_details: payloads_to_guest(fields.last_heartbeat_details),
        }),
        FailureKind::Terminated => types::FailureKind::Terminated,
        FailureKind::Server { non_retryable } => types::FailureKind::Server(non_retryable),
        FailureKind::Activity { activity_type, activity_id, identity } => {
            types::FailureKind::Activity(types::ActivityFailure { activity_type, activity_id, identity })
        }
        FailureKind::ChildWorkflow { workflow } => types::FailureKind::ChildWorkflow(types::ChildWorkflowFailure {
            namespace: workflow.namespace,
            workflow_type: workflow.workflow_type,
            workflow_id: workflow.workflow_id,
            run_id: workflow.run_id,
        }),
        FailureKind::Other(name) => types::FailureKind::Other(name),
    }
}
