//! Activities as a component declares and runs them.

use super::*;
use crate::bindings::isolet::activity::types::FailureKind;
use crate::test::TestContext;
use crate::{Bytes, ToPayload, activity};

#[activity]
fn add(a: i64, b: i64) -> Result<i64, std::num::TryFromIntError> {
    Ok(i64::from(i32::try_from(a)?) + b)
}

#[activity(name = "Reverse")]
fn reverse(mut bytes: Bytes, times: Option<u32>) -> Bytes {
    if times.unwrap_or(1) % 2 == 1 {
        bytes.0.reverse();
    }
    bytes
}

#[activity(interruptible = false)]
fn nothing() {}

#[activity]
fn ends(how: String) -> Result<(), ActivityError> {
    match how.as_str() {
        "cancelled" => Err(ActivityError::cancelled()),
        "later" => Err(ActivityError::WillCompleteAsync),
        _ => Err(how.into()),
    }
}

#[activity(dynamic)]
fn anything(context: &ActivityContext, arguments: Vec<RawValue>) -> String {
    format!("{}: {}", context.info().activity_type, arguments.len())
}

const ACTIVITIES: &[Registration] = &[
    Registration::of::<add>(),
    Registration::of::<reverse>(),
    Registration::of::<nothing>(),
    Registration::of::<ends>(),
    Registration::of::<anything>(),
];

crate::export!(add, reverse, nothing, ends, anything);

fn execute(activity_type: &str, arguments: &[&dyn ToPayload]) -> Outcome {
    let test = TestContext::new().with_info(|info| info.activity_type = activity_type.to_owned());
    let input = arguments.iter().map(|argument| Payload::from(argument.to_payload().unwrap())).collect();
    run(ACTIVITIES, |definition| test.context_of(definition), activity_type, input)
}

fn completed<T: crate::FromPayload>(outcome: Outcome) -> T {
    let Outcome::Completed(Some(payload)) = outcome else { unreachable!("{outcome:?}") };
    RawValue::from(payload).decode().unwrap()
}

/// Message and type of each failure of the chain.
fn failed(outcome: Outcome) -> Vec<(String, String)> {
    let Outcome::Failed(chain) = outcome else { unreachable!("{outcome:?}") };
    let of = |kind| match kind {
        FailureKind::Application(failure) if !failure.non_retryable => failure.type_,
        other => unreachable!("{other:?}"),
    };
    chain.into_iter().map(|failure| (failure.message, of(failure.kind))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(message, kind)| ((*message).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn activities_are_listed_as_they_are_declared() {
    let listed: Vec<_> = list(ACTIVITIES)
        .into_iter()
        .map(|definition| match definition.name {
            ActivityName::Named(name) => (name, definition.interruptible),
            ActivityName::Dynamic => (String::new(), definition.interruptible),
        })
        .collect();
    let expected = [("add", true), ("Reverse", true), ("nothing", false), ("ends", true), ("", true)];
    assert_eq!(listed, expected.map(|(name, interruptible)| (name.to_owned(), interruptible)));
}

#[test]
fn the_function_stays_callable() {
    assert_eq!(add(1, 2).unwrap(), 3);
    nothing();
}

#[test]
fn results_are_encoded() {
    assert_eq!(completed::<i64>(execute("add", &[&1, &2])), 3);
    assert_eq!(completed::<Bytes>(execute("Reverse", &[&Bytes(vec![1, 2])])), Bytes(vec![2, 1]));
    assert_eq!(completed::<Bytes>(execute("Reverse", &[&Bytes(vec![1, 2]), &2])), Bytes(vec![1, 2]));
    let nothing: RawValue = completed(execute("nothing", &[]));
    assert_eq!(nothing, RawValue::null());
}

#[test]
fn a_dynamic_activity_takes_what_no_other_does() {
    assert_eq!(completed::<String>(execute("whatever", &[&1, &"b"])), "whatever: 2");
    let test = TestContext::new();
    let outcome = run(&[Registration::of::<add>()], |definition| test.context_of(definition), "other", Vec::new());
    let message = "Activity function other is not registered in this component";
    assert_eq!(failed(outcome), pairs(&[(message, "NotFoundError")]));
}

#[test]
fn arguments_that_do_not_fit_fail_as_in_python() {
    let type_error = |outcome, message| assert_eq!(failed(outcome), pairs(&[(message, "TypeError")]));
    type_error(execute("add", &[&1]), "add() missing 1 required positional argument: 'b'");
    type_error(execute("add", &[]), "add() missing 2 required positional arguments: 'a' and 'b'");
    type_error(execute("add", &[&1, &2, &3]), "add() takes 2 positional arguments but 3 were given");
    type_error(execute("nothing", &[&1]), "nothing() takes 0 positional arguments but 1 was given");
    type_error(execute("Reverse", &[&1, &2, &3]), "reverse() takes from 1 to 2 positional arguments but 3 were given");
    let cause = "invalid type: string \"x\", expected i64 at line 1 column 3";
    let expected = pairs(&[("Failed decoding arguments", ""), (cause, "TypeError")]);
    assert_eq!(failed(execute("add", &[&1, &"x"])), expected);
    let cause = "Unknown payload encoding my/own";
    let expected = pairs(&[("Failed decoding arguments", ""), (cause, "KeyError")]);
    assert_eq!(failed(execute("add", &[&1, &RawValue::new("my/own", *b"")])), expected);
}

#[test]
fn errors_become_outcomes() {
    let message = "out of range integral type conversion attempted";
    assert_eq!(failed(execute("add", &[&i64::MAX, &1])), pairs(&[(message, "TryFromIntError")]));
    assert_eq!(failed(execute("ends", &[&"badly"])), pairs(&[("badly", "")]));
    assert!(matches!(execute("ends", &[&"cancelled"]), Outcome::Cancelled(details) if details.is_empty()));
    assert!(matches!(execute("ends", &[&"later"]), Outcome::WillCompleteAsync));
}
