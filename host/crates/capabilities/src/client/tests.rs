//! What leaves with a call, and what becomes of its answer.

use activity::{Attempt, Event, Grants};

use super::*;
use crate::{Policy, bindings::isolet::activity::client::RpcStatus};

/// An attempt with the grant or without it, and where its call comes out.
fn ctx(granted: bool, limit: usize) -> (Attempt, Arc<Signals>, ClientCtx) {
    let (attempt, port) = activity::attempt();
    let grants = Grants { client: granted.then(Arc::default), ..Grants::default() };
    let outlet = Arc::new(Outlet::unread(port.events, Arc::new(Policy::granting(grants))));
    let signals = Arc::new(Signals::new(false));
    let access = if granted { Access::Granted } else { Access::Denied };
    let ctx = ClientCtx::new(access, limit, outlet, Arc::clone(&signals));
    (attempt, signals, ctx)
}

async fn called(attempt: &mut Attempt) -> ClientCall {
    match attempt.next().await {
        Event::Called(call) => *call,
        other => panic!("no call: {other:?}"),
    }
}

/// What a raw call comes to that the worker answers so.
async fn raw_call(limit: usize, answer: ClientAnswer) -> Result<Vec<u8>, ClientError> {
    let (mut attempt, signals, mut ctx) = ctx(true, limit);
    let call = ctx.rpc("s".to_owned(), "m".to_owned(), vec![1, 2], None);
    let (outcome, ()) = tokio::join!(call, async {
        let call = called(&mut attempt).await;
        let expected = Request::Rpc { service: "s".to_owned(), method: "m".to_owned(), request: vec![1, 2].into() };
        assert_eq!(call.request, expected);
        // An answer to something else changes nothing.
        signals.answer(call.id + 1, Err(Refusal::LeaseLost));
        signals.answer(call.id, answer);
    });
    outcome.unwrap()
}

#[tokio::test]
async fn without_the_grant_nothing_leaves_and_the_guest_learns_which_line_is_missing() {
    let (mut attempt, _, mut ctx) = ctx(false, 100);
    let Err(ClientError::NotGranted(text)) = ctx.start_activity(empty_start()).await.unwrap() else {
        panic!("granted")
    };
    assert!(text.contains("[tenants.workers.components.grants.client]"), "{text}");
    drop(ctx);
    assert!(matches!(attempt.next().await, Event::Ended(_)));
}

fn empty_start() -> ActivityStart {
    ActivityStart {
        namespace: None,
        activity_id: String::new(),
        activity_type: String::new(),
        task_queue: String::new(),
        input: Vec::new(),
        schedule_to_close_timeout: None,
        schedule_to_start_timeout: None,
        start_to_close_timeout: None,
        heartbeat_timeout: None,
        id_reuse: None,
        id_conflict: None,
        retry_policy: None,
        start_delay: None,
        search_attributes: Vec::new(),
        priority: None,
    }
}

#[tokio::test]
async fn the_answer_reaches_the_guest_up_to_the_limit() {
    let bytes = |size: usize| Ok(Response::Rpc(vec![7; size].into()));
    assert_eq!(raw_call(5, bytes(5)).await.unwrap(), vec![7; 5]);
    let Err(ClientError::Status(RpcStatus { code, message, .. })) = raw_call(5, bytes(6)).await else {
        panic!("beyond the limit")
    };
    assert_eq!(code, RESOURCE_EXHAUSTED);
    assert!(message.contains("6 bytes") && message.contains("`host-buffer` is 5 bytes"), "{message}");
}

#[tokio::test]
async fn errors_keep_what_they_say() {
    let status = activity::RpcStatus { code: 5, message: "gone".to_owned(), details: vec![1].into() };
    let Err(ClientError::Status(seen)) = raw_call(100, Err(Refusal::Status(status))).await else { panic!("no status") };
    assert_eq!((seen.code, seen.message.as_str(), seen.details.as_slice()), (5, "gone", [1].as_slice()));
    assert!(matches!(raw_call(100, Err(Refusal::LeaseLost)).await, Err(ClientError::LeaseLost)));
    // What answers another request is a fault of the host, but no reason to end the attempt.
    assert!(matches!(raw_call(100, Ok(Response::Done)).await, Err(ClientError::Invalid(_))));
}

#[tokio::test]
async fn each_call_has_an_id_of_its_own() {
    let (mut attempt, signals, mut ctx) = ctx(true, 100);
    for _ in 0..2 {
        let reference = WorkflowReference { namespace: None, workflow_id: "w".to_owned(), run_id: None };
        let wait = ctx.wait_workflow(reference, Some(Duration { seconds: 0, nanoseconds: 0 }));
        let (result, id) = tokio::join!(wait, async {
            let call = called(&mut attempt).await;
            assert_eq!(call.timeout, Some(Time::from_millis(1)), "no wait is not the same as no limit");
            signals.answer(call.id, Ok(Response::Ended(activity::ExecutionResult::Completed(Vec::new()))));
            call.id
        });
        assert!(matches!(result.unwrap(), Ok(ExecutionResult::Completed(_))));
        assert!(id == 1 || id == 2);
    }
}
