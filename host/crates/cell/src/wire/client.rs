//! What a guest in a cell asks of Temporal.

use std::time::Duration;

use activity::{ActivityIds, ActivityReference, ClientCall, ClientRequest, WorkflowReference};
use bytes::Bytes;

use super::{
    Broken,
    failure::Failure,
    starts::Start,
    values::{Crosses, Payload, Payloads, Span},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Call {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    size: u64,
    #[prost(message, optional, tag = "3")]
    timeout: Option<Span>,
    #[prost(oneof = "request::Request", tags = "4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21")]
    request: Option<request::Request>,
}

pub(crate) mod request {
    use super::{Execution, ReferredActivity, Rpc};
    use crate::wire::starts::Start;

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub(crate) enum Request {
        #[prost(message, tag = "4")]
        Rpc(Rpc),
        #[prost(message, tag = "5")]
        StartWorkflow(Start),
        #[prost(message, tag = "6")]
        SignalWorkflow(Execution),
        #[prost(message, tag = "7")]
        QueryWorkflow(Execution),
        #[prost(message, tag = "8")]
        UpdateWorkflow(Execution),
        #[prost(message, tag = "9")]
        CancelWorkflow(Execution),
        #[prost(message, tag = "10")]
        TerminateWorkflow(Execution),
        #[prost(message, tag = "11")]
        DescribeWorkflow(Execution),
        #[prost(message, tag = "12")]
        WaitWorkflow(Execution),
        #[prost(message, tag = "13")]
        StartActivity(Start),
        #[prost(message, tag = "14")]
        WaitActivity(Execution),
        #[prost(message, tag = "15")]
        DescribeActivity(Execution),
        #[prost(message, tag = "16")]
        CancelActivity(Execution),
        #[prost(message, tag = "17")]
        TerminateActivity(Execution),
        #[prost(message, tag = "18")]
        CompleteActivity(ReferredActivity),
        #[prost(message, tag = "19")]
        FailActivity(ReferredActivity),
        #[prost(message, tag = "20")]
        ReportActivityCancelled(ReferredActivity),
        #[prost(message, tag = "21")]
        HeartbeatActivity(ReferredActivity),
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Rpc {
    #[prost(string, tag = "1")]
    service: String,
    #[prost(string, tag = "2")]
    method: String,
    #[prost(bytes = "bytes", tag = "3")]
    request: Bytes,
}

/// A workflow or an activity, and what is asked of it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Execution {
    #[prost(string, optional, tag = "1")]
    namespace: Option<String>,
    #[prost(string, tag = "2")]
    workflow_id: String,
    #[prost(string, optional, tag = "3")]
    run_id: Option<String>,
    /// Of an activity.
    #[prost(string, tag = "4")]
    activity_id: String,
    /// The name of a signal, query or update; or a reason.
    #[prost(string, tag = "5")]
    text: String,
    #[prost(string, optional, tag = "6")]
    update_id: Option<String>,
    #[prost(message, repeated, tag = "7")]
    input: Vec<Payload>,
}

/// An activity by its token or its ids, and what becomes of it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ReferredActivity {
    #[prost(bytes = "bytes", optional, tag = "1")]
    task_token: Option<Bytes>,
    #[prost(message, optional, tag = "2")]
    ids: Option<Execution>,
    #[prost(message, optional, tag = "3")]
    values: Option<Payloads>,
    #[prost(message, optional, tag = "4")]
    failure: Option<Failure>,
}

impl Call {
    /// A call as it is sent.
    pub(crate) fn new(call: ClientCall) -> Self {
        let ClientCall { id, request, size, timeout } = call;
        Self { id, size: size as u64, timeout: timeout.map(Duration::send), request: Some(request.send()) }
    }

    /// The call as it arrives.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(self) -> Result<ClientCall, Broken> {
        Ok(ClientCall {
            id: self.id,
            request: ClientRequest::required(self.request, "request")?,
            size: usize::try_from(self.size).map_err(|_| Broken("size"))?,
            timeout: Duration::optional(self.timeout)?,
        })
    }
}

impl Crosses for ClientRequest {
    type Message = request::Request;

    fn send(self) -> request::Request {
        use request::Request;
        match self {
            Self::Rpc { service, method, request } => Request::Rpc(Rpc { service, method, request }),
            Self::StartWorkflow(start) => Request::StartWorkflow(Start::of_workflow(*start)),
            Self::SignalWorkflow { workflow, signal, input } => {
                Request::SignalWorkflow(Execution::of(workflow).text(signal).input(input))
            }
            Self::QueryWorkflow { workflow, query, input } => {
                Request::QueryWorkflow(Execution::of(workflow).text(query).input(input))
            }
            Self::UpdateWorkflow { workflow, update, update_id, input } => {
                let execution = Execution::of(workflow).text(update).input(input);
                Request::UpdateWorkflow(Execution { update_id, ..execution })
            }
            Self::CancelWorkflow { workflow, reason } => Request::CancelWorkflow(Execution::of(workflow).text(reason)),
            Self::TerminateWorkflow { workflow, reason } => {
                Request::TerminateWorkflow(Execution::of(workflow).text(reason))
            }
            Self::DescribeWorkflow(workflow) => Request::DescribeWorkflow(Execution::of(workflow)),
            Self::WaitWorkflow(workflow) => Request::WaitWorkflow(Execution::of(workflow)),
            Self::StartActivity(start) => Request::StartActivity(Start::of_activity(*start)),
            Self::WaitActivity(ids) => Request::WaitActivity(Execution::of_activity(ids)),
            Self::DescribeActivity(ids) => Request::DescribeActivity(Execution::of_activity(ids)),
            Self::CancelActivity { activity, reason } => {
                Request::CancelActivity(Execution::of_activity(activity).text(reason))
            }
            Self::TerminateActivity { activity, reason } => {
                Request::TerminateActivity(Execution::of_activity(activity).text(reason))
            }
            Self::CompleteActivity { activity, output } => {
                let values = output.map(|output| vec![output]);
                Request::CompleteActivity(ReferredActivity::new(activity, values, None))
            }
            Self::FailActivity { activity, failure } => {
                Request::FailActivity(ReferredActivity::new(activity, None, Some(failure)))
            }
            Self::ReportActivityCancelled { activity, details } => {
                Request::ReportActivityCancelled(ReferredActivity::new(activity, Some(details), None))
            }
            Self::HeartbeatActivity { activity, details } => {
                Request::HeartbeatActivity(ReferredActivity::new(activity, Some(details), None))
            }
        }
    }

    fn receive(message: request::Request) -> Result<Self, Broken> {
        use request::Request;
        Ok(match message {
            Request::Rpc(Rpc { service, method, request }) => Self::Rpc { service, method, request },
            Request::StartWorkflow(start) => Self::StartWorkflow(Box::new(start.workflow()?)),
            Request::StartActivity(start) => Self::StartActivity(Box::new(start.activity()?)),
            Request::CompleteActivity(activity) => {
                let (activity, values, _) = activity.parts()?;
                Self::CompleteActivity { activity, output: values.unwrap_or_default().pop() }
            }
            Request::FailActivity(activity) => {
                let (activity, _, failure) = activity.parts()?;
                Self::FailActivity { activity, failure: failure.ok_or(Broken("failure"))? }
            }
            Request::ReportActivityCancelled(activity) => {
                let (activity, values, _) = activity.parts()?;
                Self::ReportActivityCancelled { activity, details: values.unwrap_or_default() }
            }
            Request::HeartbeatActivity(activity) => {
                let (activity, values, _) = activity.parts()?;
                Self::HeartbeatActivity { activity, details: values.unwrap_or_default() }
            }
            asked => return asked_of_execution(asked),
        })
    }
}

/// A request about a workflow or an activity that is there already.
fn asked_of_execution(message: request::Request) -> Result<ClientRequest, Broken> {
    use request::Request;
    Ok(match message {
        Request::SignalWorkflow(execution) => {
            let (workflow, signal, input) = execution.workflow()?;
            ClientRequest::SignalWorkflow { workflow, signal, input }
        }
        Request::QueryWorkflow(execution) => {
            let (workflow, query, input) = execution.workflow()?;
            ClientRequest::QueryWorkflow { workflow, query, input }
        }
        Request::UpdateWorkflow(mut execution) => {
            let update_id = execution.update_id.take();
            let (workflow, update, input) = execution.workflow()?;
            ClientRequest::UpdateWorkflow { workflow, update, update_id, input }
        }
        Request::CancelWorkflow(execution) => {
            let (workflow, reason, _) = execution.workflow()?;
            ClientRequest::CancelWorkflow { workflow, reason }
        }
        Request::TerminateWorkflow(execution) => {
            let (workflow, reason, _) = execution.workflow()?;
            ClientRequest::TerminateWorkflow { workflow, reason }
        }
        Request::DescribeWorkflow(execution) => ClientRequest::DescribeWorkflow(execution.workflow()?.0),
        Request::WaitWorkflow(execution) => ClientRequest::WaitWorkflow(execution.workflow()?.0),
        Request::WaitActivity(execution) => ClientRequest::WaitActivity(execution.activity()?.0),
        Request::DescribeActivity(execution) => ClientRequest::DescribeActivity(execution.activity()?.0),
        Request::CancelActivity(execution) => {
            let (activity, reason) = execution.activity()?;
            ClientRequest::CancelActivity { activity, reason }
        }
        Request::TerminateActivity(execution) => {
            let (activity, reason) = execution.activity()?;
            ClientRequest::TerminateActivity { activity, reason }
        }
        _ => return Err(Broken("request")),
    })
}

impl Execution {
    fn of(workflow: WorkflowReference) -> Self {
        let WorkflowReference { namespace, workflow_id, run_id } = workflow;
        Self { namespace, workflow_id, run_id, ..Self::default() }
    }

    fn of_activity(ids: ActivityIds) -> Self {
        let ActivityIds { namespace, workflow_id, run_id, activity_id } = ids;
        Self { namespace, workflow_id, run_id: Some(run_id), activity_id, ..Self::default() }
    }

    fn text(self, text: String) -> Self {
        Self { text, ..self }
    }

    fn input(self, input: Vec<activity::Payload>) -> Self {
        Self { input: activity::Payload::send_all(input), ..self }
    }

    fn workflow(self) -> Result<(WorkflowReference, String, Vec<activity::Payload>), Broken> {
        let Self { namespace, workflow_id, run_id, text, input, .. } = self;
        Ok((WorkflowReference { namespace, workflow_id, run_id }, text, activity::Payload::receive_all(input)?))
    }

    fn activity(self) -> Result<(ActivityIds, String), Broken> {
        let Self { namespace, workflow_id, run_id, activity_id, text, .. } = self;
        let run_id = run_id.ok_or(Broken("run id"))?;
        Ok((ActivityIds { namespace, workflow_id, run_id, activity_id }, text))
    }
}

impl ReferredActivity {
    fn new(
        activity: ActivityReference,
        values: Option<Vec<activity::Payload>>,
        failure: Option<activity::Failure>,
    ) -> Self {
        let (task_token, ids) = match activity {
            ActivityReference::TaskToken(token) => (Some(token), None),
            ActivityReference::Ids(ids) => (None, Some(Execution::of_activity(ids))),
        };
        Self { task_token, ids, values: values.map(Vec::send), failure: failure.map(activity::Failure::send) }
    }

    #[expect(clippy::type_complexity, reason = "the parts that requests are made of")]
    fn parts(self) -> Result<(ActivityReference, Option<Vec<activity::Payload>>, Option<activity::Failure>), Broken> {
        let Self { task_token, ids, values, failure } = self;
        let activity = match (task_token, ids) {
            (Some(token), None) => ActivityReference::TaskToken(token),
            (None, Some(ids)) => ActivityReference::Ids(ids.activity()?.0),
            _ => return Err(Broken("activity")),
        };
        Ok((activity, Vec::optional(values)?, activity::Failure::optional(failure)?))
    }
}
