//! What several tests begin with.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use activity::{
    About, CallOutcome, ComponentId, Failure, HttpScheme, Info, KillReason, Reported, RequestOutcome,
    SandboxFailureKind, Trace, TracedCall, TracedParts, TracedRequest, TracedRequests, Usage, WorkflowExecution,
};

use crate::span::Finished;

/// An attempt of a workflow, in a trace.
pub(crate) fn info() -> Info {
    let trace = Trace {
        trace_id: 0xa,
        span_id: 0xb,
        parent: Some(0xc),
        is_sampled: true,
        state: "vendor=1".to_owned(),
        baggage: String::new(),
        began: at(0),
    };
    Info {
        activity_id: "7".to_owned(),
        activity_type: "ship".to_owned(),
        attempt: 2,
        namespace: "default".to_owned(),
        task_queue: "orders".to_owned(),
        workflow: Some(WorkflowExecution {
            workflow_id: "order-7".to_owned(),
            run_id: "run".to_owned(),
            ..WorkflowExecution::default()
        }),
        trace: Some(Arc::new(trace)),
        ..Info::default()
    }
}

/// So many milliseconds after the beginning.
pub(crate) fn at(milliseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
}

/// What comes of an attempt that failed at a limit, after a call and a request.
pub(crate) fn finished<T>(told: impl FnOnce(About<'_>, Finished<'_>) -> T) -> T {
    let failure = Failure { stack_trace: "at main".to_owned(), ..Failure::application("OutOfStock", "none left") };
    let call = TracedCall {
        number: 0,
        name: "SignalWorkflow:pay".to_owned(),
        workflow_id: Some("order-7".to_owned()),
        began: at(10),
        took: Duration::from_millis(5),
        outcome: CallOutcome::Status(5),
    };
    let request = TracedRequest {
        number: 0,
        method: "GET".to_owned(),
        scheme: HttpScheme::Https,
        server: "[::1]".to_owned(),
        port: 8443,
        path: "/v1".to_owned(),
        began: at(20),
        took: Duration::from_millis(7),
        outcome: RequestOutcome::Answered(503),
    };
    let parts = TracedParts {
        started: Some(at(1)),
        ended: Some(at(100)),
        calls: vec![call],
        requests: TracedRequests { requests: vec![request], left_out: 3 },
        calls_left_out: 0,
    };
    let usage = Usage {
        wall: Duration::from_millis(90),
        sandbox_start: Duration::from_millis(2),
        cpu: Duration::from_millis(4),
        ..Usage::default()
    };
    let (info, component) = (info(), ComponentId::new("orders", "0123"));
    let finished = Finished {
        reported: &Reported::Failed(&failure),
        killed: Some(KillReason::Deadline),
        stopped: Some(SandboxFailureKind::MemoryLimit),
        usage: &usage,
        parts,
    };
    told(About { info: &info, component: Some(&component) }, finished)
}
