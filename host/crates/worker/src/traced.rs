//! The client calls of an attempt that is in a trace: their spans, and what those are told of it whom they reach.

use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use activity::{
    CallOutcome, ClientAnswer, ClientError, ClientRequest, Info, LONGEST_PART_NAME, Part, Payload, Trace, TracedCall,
    TracedParts, TracedRequests, shown::cut,
};
use serde_json::{Map, Value};

/// The calls of one attempt. Of one that is in no trace nothing is kept.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    trace: Option<Arc<Trace>>,
    count: u32,
    parts: TracedParts,
}

/// A call under way of an attempt that is in a trace.
#[derive(Debug)]
pub(crate) struct CallTrace {
    call: TracedCall,
    told: Arc<Told>,
}

/// What is told whom a call reaches, and what the call turns out to be on its way.
#[derive(Debug)]
pub(crate) struct Told {
    /// The context of its span, as Temporal's tracing interceptors put it into a header.
    pub(crate) context: Payload,
    /// What it asks in their words, once it is sent.
    pub(crate) asks: OnceLock<Asks>,
}

/// What a call asks, and of which workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asks {
    pub(crate) name: String,
    pub(crate) workflow_id: Option<String>,
}

impl Calls {
    /// Those of an attempt whose sandbox is about to be built.
    pub(crate) fn of(info: &Info) -> Self {
        let trace = info.trace.clone();
        let started = trace.as_ref().filter(|trace| trace.is_sampled).map(|_| SystemTime::now());
        Self { trace, count: 0, parts: TracedParts { started, ..TracedParts::default() } }
    }

    /// The attempt asks this.
    pub(crate) fn begin(&mut self, request: &ClientRequest) -> Option<CallTrace> {
        let trace = self.trace.as_deref()?;
        let number = self.count;
        self.count = self.count.saturating_add(1);
        let told = Arc::new(Told { context: context(trace, Part::Call(number)), asks: OnceLock::new() });
        Some(CallTrace { call: TracedCall::new(number, kind(request)), told })
    }

    /// A call has this answer now, or is given up.
    pub(crate) fn ended(&mut self, traced: Option<CallTrace>, answer: Option<&ClientAnswer>) {
        let is_sampled = self.trace.as_ref().is_some_and(|trace| trace.is_sampled);
        let Some(CallTrace { call, told }) = traced.filter(|_| is_sampled) else { return };
        let call = call.ended(answer.map_or(CallOutcome::Abandoned, outcome));
        let bounded = |text: &String| cut(text, LONGEST_PART_NAME).into_owned();
        self.parts.add(match told.asks.get() {
            None => call,
            Some(Asks { name, workflow_id }) => {
                TracedCall { name: bounded(name), workflow_id: workflow_id.as_ref().map(bounded), ..call }
            }
        });
    }

    /// What of the attempt has spans of its own. Its guest has ended by now, and made these requests.
    pub(crate) fn parts(self, requests: TracedRequests) -> TracedParts {
        let ended = self.parts.started.map(|_| SystemTime::now());
        TracedParts { ended, requests, ..self.parts }
    }
}

impl CallTrace {
    /// What is told whom it reaches.
    pub(crate) fn told(&self) -> Arc<Told> {
        Arc::clone(&self.told)
    }
}

/// The context of a part's span: a map of texts in JSON, with the names of W3C's headers.
fn context(trace: &Trace, part: Part) -> Payload {
    let parent = trace.parent_of_called(trace.span_id_of(part));
    let fields = [("traceparent", &parent), ("tracestate", &trace.state), ("baggage", &trace.baggage)];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
    let fields: Map<_, _> = fields.map(|(name, value)| (name.to_owned(), Value::String(value.clone()))).collect();
    Payload::json(Value::Object(fields).to_string())
}

fn outcome(answer: &ClientAnswer) -> CallOutcome {
    match answer {
        Ok(_) => CallOutcome::Answered,
        Err(ClientError::NotGranted(_)) => CallOutcome::Refused("not-granted"),
        Err(ClientError::Invalid(_)) => CallOutcome::Refused("invalid"),
        Err(ClientError::LeaseLost) => CallOutcome::Refused("lease-lost"),
        Err(ClientError::Status(status)) => CallOutcome::Status(status.code),
    }
}

/// What kind of request it is.
fn kind(request: &ClientRequest) -> &str {
    match request {
        ClientRequest::Rpc { method, .. } => method,
        ClientRequest::StartWorkflow(_) => "StartWorkflow",
        ClientRequest::SignalWorkflow { .. } => "SignalWorkflow",
        ClientRequest::QueryWorkflow { .. } => "QueryWorkflow",
        ClientRequest::UpdateWorkflow { .. } => "StartWorkflowUpdate",
        ClientRequest::CancelWorkflow { .. } => "CancelWorkflow",
        ClientRequest::TerminateWorkflow { .. } => "TerminateWorkflow",
        ClientRequest::DescribeWorkflow(_) => "DescribeWorkflow",
        ClientRequest::WaitWorkflow(_) => "WaitWorkflow",
        ClientRequest::StartActivity(_) => "StartActivity",
        ClientRequest::WaitActivity(_) => "WaitActivity",
        ClientRequest::DescribeActivity(_) => "DescribeActivity",
        ClientRequest::CancelActivity { .. } => "CancelActivity",
        ClientRequest::TerminateActivity { .. } => "TerminateActivity",
        ClientRequest::CompleteActivity { .. } => "CompleteActivity",
        ClientRequest::FailActivity { .. } => "FailActivity",
        ClientRequest::ReportActivityCancelled { .. } => "ReportActivityCancelled",
        ClientRequest::HeartbeatActivity { .. } => "HeartbeatActivity",
    }
}

#[cfg(test)]
mod tests {
    use activity::WorkflowReference;

    use super::*;

    fn info(is_sampled: bool) -> Info {
        let trace = Trace {
            trace_id: 1,
            span_id: 2,
            parent: None,
            is_sampled,
            state: String::new(),
            baggage: "user=ada".to_owned(),
            began: SystemTime::UNIX_EPOCH,
        };
        Info { trace: Some(Arc::new(trace)), ..Info::default() }
    }

    fn request() -> ClientRequest {
        ClientRequest::DescribeWorkflow(WorkflowReference::default())
    }

    #[test]
    fn each_call_is_a_span_with_a_context_of_its_own() {
        let mut calls = Calls::of(&info(true));
        let first = calls.begin(&request()).unwrap();
        let context = String::from_utf8(first.told().context.data.to_vec()).unwrap();
        let Value::Object(context) = serde_json::from_str(&context).unwrap() else { panic!("{context}") };
        assert_eq!(context.keys().collect::<Vec<_>>(), ["baggage", "traceparent"]);
        assert!(context["traceparent"].as_str().unwrap().starts_with("00-00000000000000000000000000000001-"));
        let asks = Asks { name: "x".repeat(1_000), workflow_id: Some("order-7".to_owned()) };
        first.told().asks.set(asks).unwrap();
        calls.ended(Some(first), Some(&Err(ClientError::status(5, "no such workflow"))));
        let second = calls.begin(&request());
        calls.ended(second, None);
        let parts = calls.parts(TracedRequests::default());
        let outcomes: Vec<_> = parts.calls.iter().map(|call| (call.number, call.outcome)).collect();
        assert_eq!(outcomes, [(0, CallOutcome::Status(5)), (1, CallOutcome::Abandoned)]);
        assert!(parts.calls[0].name.len() < 300 && parts.calls[0].workflow_id.is_some());
        assert_eq!(parts.calls[1].name, "DescribeWorkflow");
        assert!(parts.started.is_some() && parts.ended.is_some());
    }

    #[test]
    fn what_is_not_sampled_is_passed_on_and_not_kept() {
        let mut calls = Calls::of(&info(false));
        let call = calls.begin(&request()).unwrap();
        assert!(String::from_utf8_lossy(&call.told().context.data).contains("-00\""));
        calls.ended(Some(call), None);
        assert_eq!(calls.parts(TracedRequests::default()), TracedParts::default());
        assert!(Calls::of(&Info::default()).begin(&request()).is_none());
    }
}
