//! The context of an attempt's trace in what it asks: in the header in which Temporal's tracing interceptors look for it.
//! A header of that name that the guest has set itself is left.

use std::{any::Any, collections::HashMap};

use activity::TRACER_DATA;
use temporalio_common::protos::temporal::api::{
    common::v1::Header,
    workflowservice::v1::{self as proto, execute_multi_operation_request::operation::Operation},
};

use crate::{
    to_proto,
    traced::{Asks, Told},
};

/// Puts the context into a request that has a header, and notes what it asks.
pub(super) fn put(request: &mut dyn Any, told: &Told) {
    let asks = if let Some(start) = request.downcast_mut::<proto::StartWorkflowExecutionRequest>() {
        into_start(start, told)
    } else if let Some(start) = request.downcast_mut::<proto::SignalWithStartWorkflowExecutionRequest>() {
        into(&mut start.header, told);
        let kind = start.workflow_type.as_ref().map(|kind| kind.name.as_str());
        asks("SignalWithStartWorkflow", kind, Some(&start.workflow_id))
    } else if let Some(signal) = request.downcast_mut::<proto::SignalWorkflowExecutionRequest>() {
        into(&mut signal.header, told);
        let id = signal.workflow_execution.as_ref().map(|execution| execution.workflow_id.as_str());
        asks("SignalWorkflow", Some(&signal.signal_name), id)
    } else if let Some(request) = request.downcast_mut::<proto::QueryWorkflowRequest>() {
        let id = request.execution.as_ref().map(|execution| execution.workflow_id.as_str());
        let query = request.query.as_mut().map(|query| {
            into(&mut query.header, told);
            query.query_type.as_str()
        });
        asks("QueryWorkflow", query, id)
    } else if let Some(update) = request.downcast_mut::<proto::UpdateWorkflowExecutionRequest>() {
        into_update(update, told)
    } else if let Some(several) = request.downcast_mut::<proto::ExecuteMultiOperationRequest>() {
        match into_operations(several, told) {
            Some(start) => {
                Asks { name: start.name.replace("StartWorkflow:", "StartUpdateWithStartWorkflow:"), ..start }
            }
            None => return,
        }
    } else if let Some(start) = request.downcast_mut::<proto::StartActivityExecutionRequest>() {
        into(&mut start.header, told);
        asks("StartActivity", start.activity_type.as_ref().map(|kind| kind.name.as_str()), None)
    } else {
        return;
    };
    // Of a request that is repeated the first says it.
    let _ = told.asks.set(asks);
}

fn into_start(start: &mut proto::StartWorkflowExecutionRequest, told: &Told) -> Asks {
    into(&mut start.header, told);
    let kind = start.workflow_type.as_ref().map(|kind| kind.name.as_str());
    asks("StartWorkflow", kind, Some(&start.workflow_id))
}

fn into_update(update: &mut proto::UpdateWorkflowExecutionRequest, told: &Told) -> Asks {
    let id = update.workflow_execution.as_ref().map(|execution| execution.workflow_id.as_str());
    let input = update.request.as_mut().and_then(|request| request.input.as_mut());
    let name = input.map(|input| {
        into(&mut input.header, told);
        input.name.as_str()
    });
    asks("StartWorkflowUpdate", name, id)
}

/// Returns what the start of a workflow asks that is among them.
fn into_operations(several: &mut proto::ExecuteMultiOperationRequest, told: &Told) -> Option<Asks> {
    let mut started = None;
    for operation in several.operations.iter_mut().filter_map(|each| each.operation.as_mut()) {
        match operation {
            Operation::StartWorkflow(start) => started = Some(into_start(start, told)),
            Operation::UpdateWorkflow(update) => drop(into_update(update, told)),
        }
    }
    started
}

fn into(header: &mut Option<Header>, told: &Told) {
    let fields: &mut HashMap<_, _> = &mut header.get_or_insert_default().fields;
    fields.entry(TRACER_DATA.to_owned()).or_insert_with(|| to_proto::payload(told.context.clone()));
}

fn asks(what: &str, of: Option<&str>, workflow_id: Option<&str>) -> Asks {
    Asks {
        name: format!("{what}:{}", of.unwrap_or_default()),
        workflow_id: workflow_id.filter(|id| !id.is_empty()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use activity::Payload;
    use temporalio_common::protos::temporal::api::{common::v1 as common, update::v1 as update};

    use super::*;

    fn told() -> Told {
        Told { context: Payload::json("{}"), asks: OnceLock::new() }
    }

    /// What a request is taken to ask.
    fn asked(request: &mut dyn Any) -> Option<(String, Option<String>)> {
        let told = told();
        put(request, &told);
        told.asks.get().map(|asks| (asks.name.clone(), asks.workflow_id.clone()))
    }

    fn execution() -> Option<common::WorkflowExecution> {
        Some(common::WorkflowExecution { workflow_id: "order-7".to_owned(), run_id: String::new() })
    }

    #[test]
    fn what_starts_or_tells_something_has_the_context() {
        let order = Some("order-7".to_owned());
        let mut start = proto::StartWorkflowExecutionRequest {
            workflow_id: "order-7".to_owned(),
            workflow_type: Some(common::WorkflowType { name: "Order".to_owned() }),
            ..Default::default()
        };
        assert_eq!(asked(&mut start), Some(("StartWorkflow:Order".to_owned(), order.clone())));
        assert!(start.header.as_ref().unwrap().fields.contains_key(TRACER_DATA));
        let mut signal = proto::SignalWorkflowExecutionRequest {
            workflow_execution: execution(),
            signal_name: "pay".to_owned(),
            ..Default::default()
        };
        assert_eq!(asked(&mut signal), Some(("SignalWorkflow:pay".to_owned(), order.clone())));
        assert!(signal.header.unwrap().fields.contains_key(TRACER_DATA));
        let input = update::Input { name: "add".to_owned(), ..Default::default() };
        let request = update::Request { input: Some(input), ..Default::default() };
        let update = proto::UpdateWorkflowExecutionRequest {
            workflow_execution: execution(),
            request: Some(request),
            ..Default::default()
        };
        let of_start =
            proto::execute_multi_operation_request::Operation { operation: Some(Operation::StartWorkflow(start)) };
        let of_update =
            proto::execute_multi_operation_request::Operation { operation: Some(Operation::UpdateWorkflow(update)) };
        let operations = vec![of_start, of_update];
        let mut several = proto::ExecuteMultiOperationRequest { operations, ..Default::default() };
        assert_eq!(asked(&mut several), Some(("StartUpdateWithStartWorkflow:Order".to_owned(), order)));
        let Some(Operation::UpdateWorkflow(update)) = &several.operations[1].operation else { panic!("{several:?}") };
        let input = update.request.as_ref().and_then(|request| request.input.as_ref()).unwrap();
        assert!(input.header.as_ref().unwrap().fields.contains_key(TRACER_DATA));
        assert_eq!(asked(&mut proto::DescribeWorkflowExecutionRequest::default()), None);
    }

    #[test]
    fn a_guest_s_own_header_is_left() {
        let own = to_proto::payload(Payload::json("1"));
        let fields = HashMap::from([(TRACER_DATA.to_owned(), own.clone())]);
        let mut request =
            proto::SignalWorkflowExecutionRequest { header: Some(Header { fields }), ..Default::default() };
        put(&mut request, &told());
        assert_eq!(request.header.unwrap().fields[TRACER_DATA], own);
    }
}
