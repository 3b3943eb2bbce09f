//! The client with a test's stub in place of the host.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::test::TestContext;
use crate::{ActivityError, ApplicationFailure};

/// A test whose calls are all answered so, and what was called.
fn answered(
    reply: impl Fn() -> Result<ClientReply, ClientError> + 'static,
) -> (TestContext, Rc<RefCell<Vec<ClientCall>>>) {
    let calls = Rc::new(RefCell::new(Vec::new()));
    let test = TestContext::new().with_client({
        let calls = Rc::clone(&calls);
        move |call| {
            calls.borrow_mut().push(call);
            reply()
        }
    });
    (test, calls)
}

#[test]
fn a_started_workflow_is_known_by_its_run() {
    let (test, calls) = answered(|| Ok(ClientReply::RunId("run".to_owned())));
    let context = test.context();
    let options = WorkflowOptions::new("order-1", "orders").run_timeout(Duration::from_secs(1)).memo("why", 1).unwrap();
    let workflow = context.client().in_namespace("other").start_workflow("Order", &[&"a", &2], options).unwrap();
    assert_eq!((workflow.workflow_id(), workflow.run_id()), ("order-1", Some("run")));
    let calls = calls.borrow();
    let [ClientCall::StartWorkflow { namespace, workflow_type, arguments, options }] = calls.as_slice() else {
        unreachable!("another call: {calls:?}")
    };
    assert_eq!((namespace.as_deref(), workflow_type.as_str(), arguments.len()), (Some("other"), "Order", 2));
    assert_eq!((options.run_timeout, options.memo.len()), (Some(Duration::from_secs(1)), 1));
}

#[test]
fn results_are_decoded() {
    let values = || Ok(ClientReply::Ended(Ok(vec![RawValue::encode(&7)?])));
    let (test, _) = answered(values);
    let context = test.context();
    assert_eq!(context.client().workflow("order-1").result::<u32>().unwrap(), 7);
    let wrong = context.client().workflow("order-1").result::<String>();
    assert!(matches!(wrong, Err(ClientError::Conversion(_))));
    // Nothing is null.
    let (test, _) = answered(|| Ok(ClientReply::Ended(Ok(Vec::new()))));
    test.context().client().activity("ship-1").result::<()>().unwrap();
}

#[test]
fn how_a_workflow_failed_goes_on_as_a_cause() {
    let (test, _) = answered(|| {
        let cause = ExecutionFailure::application("Cause", "the cause");
        Ok(ClientReply::Ended(Err(ExecutionFailure::application("Broken", "it broke").with_cause(cause))))
    });
    let context = test.context();
    let error = context.client().workflow("order-1").result::<u32>().unwrap_err();
    assert_eq!(error.failure().map(ToString::to_string).as_deref(), Some("it broke"));
    let ActivityError::Application(failure) = ActivityError::from(error) else { unreachable!("it is a failure") };
    let kind = |kind: &crate::bindings::isolet::activity::types::FailureKind| match kind {
        crate::bindings::isolet::activity::types::FailureKind::Application(fields) => fields.type_.clone(),
        other => format!("{other:?}"),
    };
    let chain: Vec<_> = failure.chain().iter().map(|link| (link.message.clone(), kind(&link.kind))).collect();
    let expected = [("what was called failed", "ClientError"), ("it broke", "Broken"), ("the cause", "Cause")];
    assert_eq!(chain, expected.map(|(message, kind)| (message.to_owned(), kind.to_owned())));
}

#[test]
fn activities_are_completed_by_id_and_by_token() {
    let (test, calls) = answered(|| Ok(ClientReply::Done));
    let context = test.context();
    context.client().completion_by_token(*b"token").complete(1).unwrap();
    context.client().completion_by_id("order-1", None, "ship-1").fail(ApplicationFailure::new("no")).unwrap();
    context.client().activity("ship-1").completion().report_cancelled(&[]).unwrap();
    let seen = |call: &ClientCall| match call {
        ClientCall::CompleteActivity { activity: ActivityReference::TaskToken(token), .. } => {
            String::from_utf8(token.clone()).unwrap()
        }
        ClientCall::FailActivity { activity: ActivityReference::Ids { workflow_id, activity_id, .. }, .. }
        | ClientCall::ReportActivityCancelled {
            activity: ActivityReference::Ids { workflow_id, activity_id, .. },
            ..
        } => format!("{workflow_id}/{activity_id}"),
        other => format!("{other:?}"),
    };
    let seen: Vec<_> = calls.borrow().iter().map(seen).collect();
    assert_eq!(seen, ["token", "order-1/ship-1", "/ship-1"]);
}

#[test]
fn a_heartbeat_tells_only_of_what_holds() {
    let (test, _) = answered(|| Ok(ClientReply::Heartbeat(crate::CancellationDetails::default())));
    assert_eq!(test.context().client().activity("ship-1").completion().heartbeat(&[&1]).unwrap(), None);
}

#[test]
fn without_a_stub_nothing_is_granted() {
    let error = TestContext::new().context().client().workflow("order-1").describe().unwrap_err();
    assert!(matches!(&error, ClientError::NotGranted(text) if text.contains("with_client")), "{error}");
}

#[test]
fn errors_tell_their_codes() {
    let status = |code| ClientError::Status { code, message: String::new(), details: Vec::new() };
    assert!(status(4).is_timeout() && status(5).is_not_found() && status(6).is_already_exists());
    assert!(!ClientError::LeaseLost.is_not_found());
}
