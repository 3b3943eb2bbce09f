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
fn a_shield_holds_a_cancellation_back_until_its_outermost_end() {
    let test = TestContext::new().cancelled_after(Duration::from_secs(3));
    let context = test.context();
    let mut steps = Vec::new();
    let end = context.shield(|| {
        steps.push(context.shield(|| context.sleep(Duration::from_secs(5)).is_ok()));
        steps.push(context.sleep(Duration::from_secs(1)).map(|()| context.is_cancelled()));
        steps.push(context.check_cancelled().map(|()| true));
    });
    assert!(end.is_err() && context.check_cancelled().is_err());
    assert_eq!(steps, [Ok(true), Ok(true), Ok(true)]);
    assert_eq!(test.waited(), Duration::from_secs(6));
    assert_eq!(TestContext::new().context().shield(|| 7), Ok(7));
}

#[activity(interruptible = false)]
fn deaf(context: &crate::ActivityContext) -> Result<u8, ActivityError> {
    context.check_cancelled()?;
    Ok(context.shield(|| 7)?)
}

#[test]
fn no_safe_point_of_an_uninterruptible_activity_tells_of_a_cancellation() {
    assert_eq!(TestContext::new().cancelled().run::<deaf>(&[]).unwrap().decode::<u8>().unwrap(), 7);
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

#[activity]
fn measured(context: &crate::ActivityContext) -> Result<(), ActivityError> {
    let metrics = context.metrics().with_attributes(&[("region", &"north"), ("size", &1)]);
    let rows = metrics.counter("rows").description("Rows read").unit("{row}").make()?;
    rows.add(2);
    rows.with_attributes(&[("size", &2.5)]).add_with(3, &[("repaired", &true)]);
    context.metrics().histogram::<Duration>("latency").make()?.record(Duration::from_millis(7));
    context.metrics().gauge::<f64>("load").make()?.set_with(0.5, &[("core", &3_u8)]);
    Ok(())
}

#[test]
fn what_is_measured_is_kept_with_its_attributes() {
    use crate::{AttributeValue, MeasuredValue};

    let test = TestContext::new();
    test.run::<measured>(&[]).unwrap();
    let [first, second, latency, load] = test.measurements().try_into().unwrap();
    assert_eq!((first.name.as_str(), first.description.as_deref()), ("rows", Some("Rows read")));
    assert_eq!((first.unit.as_deref(), first.value), (Some("{row}"), MeasuredValue::Integer(2)));
    let attribute = |name: &str, value| (name.to_owned(), value);
    let region = attribute("region", AttributeValue::Text("north".to_owned()));
    assert_eq!(first.attributes, [region.clone(), attribute("size", AttributeValue::Integer(1))]);
    let size = attribute("size", AttributeValue::Float(2.5));
    assert_eq!(second.attributes, [region, size, attribute("repaired", AttributeValue::Boolean(true))]);
    assert_eq!(latency.value, MeasuredValue::Duration(Duration::from_millis(7)));
    assert_eq!(load.attributes, [attribute("core", AttributeValue::Integer(3))]);
    let error = test.context().metrics().counter("").make().unwrap_err();
    assert_eq!(error.to_string(), "a metric needs a name");
}
