//! The context against the test backend.

use std::time::Duration;

use crate::test::TestContext;
use crate::{ActivityError, CancellationDetails, Level, activity};

#[test]
fn a_sleep_ends_when_the_attempt_is_cancelled() {
    let test = TestContext::new().cancelled_after(Duration::from_secs(3));
    let context = test.context();
    assert!(context.sleep(Duration::from_secs(2)).is_ok());
    assert!(!context.is_cancelled() && context.cancellation_details().is_none());
    assert!(context.sleep(Duration::from_secs(2)).is_err());
    assert!(context.check_cancelled().is_err());
    assert!(context.cancellation_details().is_some_and(|details| details.cancel_requested));
    assert_eq!(test.waited(), Duration::from_secs(3));
}

#[activity(interruptible = false)]
fn stubborn(context: &crate::ActivityContext) -> Result<bool, ActivityError> {
    context.sleep(Duration::from_secs(5))?;
    Ok(context.is_cancelled())
}

#[test]
fn an_uninterruptible_activity_sleeps_to_the_end() {
    let test = TestContext::new().cancelled_after(Duration::from_secs(1));
    assert!(test.run::<stubborn>(&[]).unwrap().decode::<bool>().unwrap());
    assert_eq!(test.waited(), Duration::from_secs(5));
}

#[test]
fn waits_tell_whether_their_event_has_happened() {
    let test = TestContext::new()
        .worker_shutdown_after(Duration::from_secs(1))
        .cancelled_after(Duration::from_secs(10))
        .with_cancellation_details(CancellationDetails { worker_shutdown: true, ..CancellationDetails::default() });
    let context = test.context();
    assert!(!context.wait_for_worker_shutdown(Some(Duration::ZERO)));
    assert!(context.wait_for_worker_shutdown(None) && context.is_worker_shutdown());
    assert!(!context.wait_for_cancelled(Some(Duration::from_secs(1))));
    assert!(context.wait_for_cancelled(None));
    assert!(context.cancellation_details().unwrap().worker_shutdown);
}

#[test]
fn a_heartbeat_that_has_no_encoding_cancels_without_details() {
    let test = TestContext::new();
    let context = test.context();
    context.heartbeat(std::collections::BTreeMap::from([((1, 2), 3)]));
    assert!(context.is_cancelled() && context.cancellation_details().is_none());
    assert_eq!(test.heartbeat_failure().as_deref(), Some("key must be a string"));
}

#[test]
fn heartbeat_details_reach_the_next_attempt() {
    let test = TestContext::new().with_heartbeat_details(&[&7, &"x"]);
    let context = test.context();
    assert_eq!(context.info().attempt, 2);
    assert_eq!(context.heartbeat_details::<u32>().unwrap(), Some(7));
    assert_eq!(context.heartbeat_detail::<String>(1).unwrap().as_deref(), Some("x"));
    assert_eq!(context.heartbeat_detail::<String>(2).unwrap(), None);
    let Err(ActivityError::Application(failure)) = context.heartbeat_details::<String>() else {
        unreachable!("7 is no text")
    };
    assert_eq!((failure.message(), failure.is_non_retryable()), ("Failed decoding heartbeat details", true));
    context.heartbeat_each(&[&1, &true]);
    assert_eq!(test.raw_heartbeats().concat().len(), 2);
}

#[activity]
fn chatty(context: &crate::ActivityContext) {
    let (rows, name) = (3, "a");
    context.log_with(Level::Warn, "read", &[("rows", &rows), ("name", &name)]);
}

#[test]
fn log_lines_carry_the_module_and_json_fields() {
    let test = TestContext::new();
    test.run::<chatty>(&[]).unwrap();
    let [line] = test.logs().try_into().unwrap();
    assert_eq!((line.level, line.logger.as_str(), line.message.as_str()), (Level::Warn, module_path!(), "read"));
    assert_eq!(line.fields, [("rows".to_owned(), "3".to_owned()), ("name".to_owned(), "\"a\"".to_owned())]);
}
