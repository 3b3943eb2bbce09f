//! `client`: Temporal's client on the worker's connection. A request leaves as it is; the worker checks it against the
//! grant and answers. Here the guest waits, which costs no thread, and a kill ends the wait by dropping it.

mod convert;
mod size;
mod wire;

use std::{future::pending, sync::Arc, time::Duration as Time};

use activity::{
    ClientAnswer, ClientCall, ClientError as Refusal, ClientRequest as Request, ClientResponse as Response,
};

use crate::{
    Outlet, Signals,
    bindings::isolet::activity::client::{
        ActivityDescription, ActivityIds, ActivityReference, ActivityStart, CancellationDetails, ClientError, Duration,
        ExecutionResult, FailureChain, Host, Payload, WorkflowDescription, WorkflowReference, WorkflowStart,
    },
    convert::{
        cancellation_details_to_guest, duration_from_guest, failure_from_guest, payload_from_guest,
        payloads_from_guest, payloads_to_guest,
    },
};

/// gRPC's code for what takes more than there is.
const RESOURCE_EXHAUSTED: u32 = 8;

/// What a guest hears that asks outside of an activity.
const NO_ATTEMPT: &str = "there is no attempt: only a running activity can ask Temporal";

/// The state of `client` for one attempt.
pub(crate) struct ClientCtx {
    access: Access,
    /// The most bytes of a request, and of an answer.
    limit: usize,
    calls: u64,
    outlet: Arc<Outlet>,
    signals: Arc<Signals>,
}

/// Whether there is anybody to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// The worker, which checks each request against the grant.
    Granted,
    /// The component has no grant.
    Denied,
    /// There is no attempt, so no worker listens.
    NoAttempt,
}

type Answer<T> = wasmtime::Result<Result<T, ClientError>>;

impl ClientCtx {
    /// For an attempt whose requests and answers have at most `limit` bytes.
    pub(crate) fn new(access: Access, limit: usize, outlet: Arc<Outlet>, signals: Arc<Signals>) -> Self {
        Self { access, limit, calls: 0, outlet, signals }
    }

    /// Asks the worker, and waits for its answer.
    async fn ask(&mut self, request: Request, timeout: Option<Duration>) -> ClientAnswer {
        match self.access {
            Access::Granted => {}
            Access::Denied => return Err(Refusal::no_grant()),
            Access::NoAttempt => return Err(Refusal::Invalid(NO_ATTEMPT.to_owned())),
        }
        let size = size::of_request(&request);
        if self.limit < size {
            let limit = self.limit;
            let text = format!("the request counts {size} bytes; the component's limit `host-buffer` is {limit} bytes");
            return Err(Refusal::Invalid(text));
        }
        self.calls += 1;
        let answer = self.signals.expect_answer(self.calls);
        let timeout = timeout.map(duration_from_guest);
        // Zero means "no limit" in much of Temporal; here the guest does not want to wait.
        let timeout = timeout.map(|timeout| timeout.max(Time::from_millis(1)));
        self.outlet.call(ClientCall { id: self.calls, request, size, timeout });
        let Ok(answer) = answer.await else { return pending().await };
        let size = answer.as_ref().map_or(0, size::of_response);
        if self.limit < size {
            let limit = self.limit;
            let text = format!("the answer has {size} bytes; the component's limit `host-buffer` is {limit} bytes");
            return Err(Refusal::status(RESOURCE_EXHAUSTED, text));
        }
        answer
    }

    /// [`ClientCtx::ask`], with the answer that `take` finds in the response.
    async fn answer<T>(
        &mut self,
        request: Request,
        timeout: Option<Duration>,
        take: impl FnOnce(Response) -> Option<T>,
    ) -> Answer<T> {
        let answer = self.ask(request, timeout).await;
        Ok(match answer.map(take) {
            Ok(Some(answer)) => Ok(answer),
            // A fault of the worker, of which the guest need not die.
            Ok(None) => Err(ClientError::Invalid("the host has no answer to that".to_owned())),
            Err(error) => Err(convert::error_to_guest(error)),
        })
    }

    async fn done(&mut self, request: Request) -> Answer<()> {
        self.answer(request, None, |response| matches!(response, Response::Done).then_some(())).await
    }

    async fn started(&mut self, request: Request) -> Answer<String> {
        self.answer(request, None, |response| match response {
            Response::Started(run_id) => Some(run_id),
            _ => None,
        })
        .await
    }

    async fn ended(&mut self, request: Request, timeout: Option<Duration>) -> Answer<ExecutionResult> {
        self.answer(request, timeout, |response| match response {
            Response::Ended(result) => Some(convert::result_to_guest(result)),
            _ => None,
        })
        .await
    }
}

impl Host for ClientCtx {
    async fn rpc(
        &mut self,
        service: String,
        method: String,
        request: Vec<u8>,
        timeout: Option<Duration>,
    ) -> Answer<Vec<u8>> {
        let request = Request::Rpc { service, method, request: request.into() };
        self.answer(request, timeout, |response| match response {
            Response::Rpc(response) => Some(response.into()),
            _ => None,
        })
        .await
    }

    async fn start_workflow(&mut self, start: WorkflowStart) -> Answer<String> {
        self.started(Request::StartWorkflow(Box::new(convert::workflow_start(start)))).await
    }

    async fn signal_workflow(
        &mut self,
        workflow: WorkflowReference,
        signal: String,
        input: Vec<Payload>,
    ) -> Answer<()> {
        let (workflow, input) = (convert::workflow(workflow), payloads_from_guest(input));
        self.done(Request::SignalWorkflow { workflow, signal, input }).await
    }

    async fn query_workflow(
        &mut self,
        workflow: WorkflowReference,
        query: String,
        input: Vec<Payload>,
    ) -> Answer<Vec<Payload>> {
        let (workflow, input) = (convert::workflow(workflow), payloads_from_guest(input));
        self.answer(Request::QueryWorkflow { workflow, query, input }, None, |response| match response {
            Response::Values(values) => Some(payloads_to_guest(values)),
            _ => None,
        })
        .await
    }

    async fn update_workflow(
        &mut self,
        workflow: WorkflowReference,
        update: String,
        update_id: Option<String>,
        input: Vec<Payload>,
        timeout: Option<Duration>,
    ) -> Answer<ExecutionResult> {
        let (workflow, input) = (convert::workflow(workflow), payloads_from_guest(input));
        self.ended(Request::UpdateWorkflow { workflow, update, update_id, input }, timeout).await
    }

    async fn cancel_workflow(&mut self, workflow: WorkflowReference, reason: String) -> Answer<()> {
        self.done(Request::CancelWorkflow { workflow: convert::workflow(workflow), reason }).await
    }

    async fn terminate_workflow(&mut self, workflow: WorkflowReference, reason: String) -> Answer<()> {
        self.done(Request::TerminateWorkflow { workflow: convert::workflow(workflow), reason }).await
    }

    async fn describe_workflow(&mut self, workflow: WorkflowReference) -> Answer<WorkflowDescription> {
        self.answer(Request::DescribeWorkflow(convert::workflow(workflow)), None, |response| match response {
            Response::WorkflowDescription(description) => Some(convert::workflow_to_guest(description)),
            _ => None,
        })
        .await
    }

    async fn wait_workflow(
        &mut self,
        workflow: WorkflowReference,
        timeout: Option<Duration>,
    ) -> Answer<ExecutionResult> {
        self.ended(Request::WaitWorkflow(convert::workflow(workflow)), timeout).await
    }

    async fn start_activity(&mut self, start: ActivityStart) -> Answer<String> {
        self.started(Request::StartActivity(Box::new(convert::activity_start(start)))).await
    }

    async fn wait_activity(&mut self, activity: ActivityIds, timeout: Option<Duration>) -> Answer<ExecutionResult> {
        self.ended(Request::WaitActivity(convert::activity_ids(activity)), timeout).await
    }

    async fn describe_activity(&mut self, activity: ActivityIds) -> Answer<ActivityDescription> {
        self.answer(Request::DescribeActivity(convert::activity_ids(activity)), None, |response| match response {
            Response::ActivityDescription(description) => Some(convert::activity_to_guest(description)),
            _ => None,
        })
        .await
    }

    async fn cancel_activity(&mut self, activity: ActivityIds, reason: String) -> Answer<()> {
        self.done(Request::CancelActivity { activity: convert::activity_ids(activity), reason }).await
    }

    async fn terminate_activity(&mut self, activity: ActivityIds, reason: String) -> Answer<()> {
        self.done(Request::TerminateActivity { activity: convert::activity_ids(activity), reason }).await
    }

    async fn complete_activity(&mut self, activity: ActivityReference, output: Option<Payload>) -> Answer<()> {
        let output = output.map(payload_from_guest);
        self.done(Request::CompleteActivity { activity: convert::activity(activity), output }).await
    }

    async fn fail_activity(&mut self, activity: ActivityReference, reason: FailureChain) -> Answer<()> {
        let failure = failure_from_guest(reason);
        self.done(Request::FailActivity { activity: convert::activity(activity), failure }).await
    }

    async fn report_activity_cancelled(&mut self, activity: ActivityReference, details: Vec<Payload>) -> Answer<()> {
        let details = payloads_from_guest(details);
        self.done(Request::ReportActivityCancelled { activity: convert::activity(activity), details }).await
    }

    async fn heartbeat_activity(
        &mut self,
        activity: ActivityReference,
        details: Vec<Payload>,
    ) -> Answer<CancellationDetails> {
        let (activity, details) = (convert::activity(activity), payloads_from_guest(details));
        self.answer(Request::HeartbeatActivity { activity, details }, None, |response| match response {
            Response::Heartbeat(why) => Some(cancellation_details_to_guest(why)),
            _ => None,
        })
        .await
    }
}

#[cfg(test)]
mod tests;
