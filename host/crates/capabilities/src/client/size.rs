//! How large a request and its answer are: what counts towards the limit, and sets the pace of an attempt's calls.

use activity::{
    ActivityIds, ActivityReference, ActivityStart, ClientRequest, ClientResponse, ExecutionResult, WorkflowReference,
    WorkflowStart,
};

use super::wire;
use crate::size::Size;

/// What a field of an encoded message may take where it is decoded: a request to start a workflow takes so much, and is
/// empty in two bytes.
const FIELD_COST: usize = 1 << 10;

/// Fields that count nothing by themselves.
const FREE_FIELDS: usize = 256;

/// What a request counts: every text and payload in it, and its elements.
pub(super) fn of_request(request: &ClientRequest) -> usize {
    let mut size = Size::default();
    match request {
        ClientRequest::Rpc { service, method, request } => {
            size.add_texts(&[service, method]);
            size.add_message(request.len().saturating_add(decoded(request)), 0);
        }
        ClientRequest::StartWorkflow(start) => add_workflow_start(&mut size, start),
        ClientRequest::StartActivity(start) => add_activity_start(&mut size, start),
        ClientRequest::SignalWorkflow { workflow, signal: name, input }
        | ClientRequest::QueryWorkflow { workflow, query: name, input } => {
            add_workflow(&mut size, workflow);
            size.add_texts(&[name]);
            size.add_payloads(input);
        }
        ClientRequest::UpdateWorkflow { workflow, update, update_id, input } => {
            add_workflow(&mut size, workflow);
            size.add_texts(&[update, update_id.as_deref().unwrap_or_default()]);
            size.add_payloads(input);
        }
        ClientRequest::CancelWorkflow { workflow, reason } | ClientRequest::TerminateWorkflow { workflow, reason } => {
            add_workflow(&mut size, workflow);
            size.add_texts(&[reason]);
        }
        ClientRequest::DescribeWorkflow(workflow) | ClientRequest::WaitWorkflow(workflow) => {
            add_workflow(&mut size, workflow);
        }
        ClientRequest::WaitActivity(activity) | ClientRequest::DescribeActivity(activity) => {
            add_ids(&mut size, activity);
        }
        ClientRequest::CancelActivity { activity, reason } | ClientRequest::TerminateActivity { activity, reason } => {
            add_ids(&mut size, activity);
            size.add_texts(&[reason]);
        }
        ClientRequest::CompleteActivity { activity, output } => {
            add_activity(&mut size, activity);
            size.add_payloads(output);
        }
        ClientRequest::FailActivity { activity, failure } => {
            add_activity(&mut size, activity);
            size.add_failure(failure);
        }
        ClientRequest::ReportActivityCancelled { activity, details }
        | ClientRequest::HeartbeatActivity { activity, details } => {
            add_activity(&mut size, activity);
            size.add_payloads(details);
        }
    }
    size.total()
}

/// What an encoded message will take, once it is decoded, beyond its bytes.
fn decoded(message: &[u8]) -> usize {
    FIELD_COST.saturating_mul(wire::elements(message).saturating_sub(FREE_FIELDS))
}

fn add_workflow_start(size: &mut Size, start: &WorkflowStart) {
    let namespace = start.namespace.as_deref().unwrap_or_default();
    size.add_texts(&[namespace, &start.workflow_id, &start.workflow_type, &start.task_queue]);
    size.add_payloads(&start.input);
    size.add_fields(&start.memo);
    size.add_fields(&start.search_attributes);
    size.add_retry_policy(start.retry_policy.as_ref());
    size.add_priority(start.priority.as_ref());
}

fn add_activity_start(size: &mut Size, start: &ActivityStart) {
    let namespace = start.namespace.as_deref().unwrap_or_default();
    size.add_texts(&[namespace, &start.activity_id, &start.activity_type, &start.task_queue]);
    size.add_payloads(&start.input);
    size.add_fields(&start.search_attributes);
    size.add_retry_policy(start.retry_policy.as_ref());
    size.add_priority(start.priority.as_ref());
}

fn add_workflow(size: &mut Size, workflow: &WorkflowReference) {
    let WorkflowReference { namespace, workflow_id, run_id } = workflow;
    size.add_texts(&[namespace.as_deref().unwrap_or_default(), workflow_id, run_id.as_deref().unwrap_or_default()]);
}

fn add_ids(size: &mut Size, activity: &ActivityIds) {
    let ActivityIds { namespace, workflow_id, run_id, activity_id } = activity;
    size.add_texts(&[namespace.as_deref().unwrap_or_default(), workflow_id, run_id, activity_id]);
}

fn add_activity(size: &mut Size, activity: &ActivityReference) {
    match activity {
        ActivityReference::TaskToken(token) => size.add_message(token.len(), 1),
        ActivityReference::Ids(ids) => add_ids(size, ids),
    }
}

/// Bytes of a response that count towards the limit: what can be large in it.
pub(super) fn of_response(response: &ClientResponse) -> usize {
    match response {
        ClientResponse::Rpc(response) => response.len(),
        ClientResponse::Values(values) | ClientResponse::Ended(ExecutionResult::Completed(values)) => {
            Size::of_payloads(values)
        }
        ClientResponse::Ended(ExecutionResult::Failed(failure)) => Size::of_failure(failure),
        ClientResponse::ActivityDescription(description) => Size::of_payloads(&description.heartbeat_details),
        ClientResponse::WorkflowDescription(_)
        | ClientResponse::Done
        | ClientResponse::Started(_)
        | ClientResponse::Heartbeat(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of a request counts, whatever it is for: a guest chooses them all.
    #[test]
    fn every_text_counts() {
        let text = || "x".repeat(1_000);
        let workflow = WorkflowReference { namespace: Some(text()), workflow_id: text(), run_id: Some(text()) };
        let ids = ActivityIds { namespace: Some(text()), workflow_id: text(), run_id: text(), activity_id: text() };
        let requests = [
            (ClientRequest::Rpc { service: text(), method: text(), request: vec![0xff; 1_000].into() }, 3),
            (ClientRequest::TerminateWorkflow { workflow: workflow.clone(), reason: text() }, 4),
            (ClientRequest::CancelWorkflow { workflow: workflow.clone(), reason: text() }, 4),
            (ClientRequest::WaitWorkflow(workflow.clone()), 3),
            (ClientRequest::SignalWorkflow { workflow: workflow.clone(), signal: text(), input: Vec::new() }, 4),
            (ClientRequest::UpdateWorkflow { workflow, update: text(), update_id: Some(text()), input: Vec::new() }, 5),
            (ClientRequest::CancelActivity { activity: ids.clone(), reason: text() }, 5),
            (ClientRequest::DescribeActivity(ids.clone()), 4),
            (ClientRequest::CompleteActivity { activity: ActivityReference::Ids(ids), output: None }, 4),
            (
                ClientRequest::HeartbeatActivity {
                    activity: ActivityReference::TaskToken(text().into()),
                    details: Vec::new(),
                },
                1,
            ),
        ];
        for (request, texts) in requests {
            assert_eq!(of_request(&request), texts * 1_000, "{request:?}");
        }
    }
}
