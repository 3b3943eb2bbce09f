//! Odd values, each with its meaning.

use super::*;

fn link(message: &str) -> types::Failure {
    types::Failure {
        message: message.to_owned(),
        stack_trace: String::new(),
        kind: types::FailureKind::Terminated,
        encoded_attributes: None,
    }
}

fn messages(failure: &Failure) -> Vec<&str> {
    std::iter::successors(Some(failure), |failure| failure.cause.as_deref())
        .map(|failure| failure.message.as_str())
        .collect()
}

#[test]
fn a_chain_is_nested_from_its_first() {
    let failure = failure_from_guest(vec![link("a"), link("b"), link("c")]);
    assert_eq!(messages(&failure), ["a", "b", "c"]);
    assert_eq!(Size::of_failure(&failure), 3);
}

#[test]
fn an_empty_chain_is_a_failure_without_a_message() {
    assert_eq!(failure_from_guest(Vec::new()), Failure::application("", ""));
}

#[test]
fn a_long_chain_is_cut() {
    let chain = (0..1_000).map(|number| link(&number.to_string())).collect();
    let failure = failure_from_guest(chain);
    assert_eq!(messages(&failure).len(), LONGEST_CHAIN);
    assert_eq!(messages(&failure).last(), Some(&"31"));
}

#[test]
fn times_before_the_epoch_and_durations_beyond_their_range() {
    let timestamp = |time| {
        let timestamp = timestamp_to_guest(time);
        (timestamp.seconds, timestamp.nanoseconds)
    };
    assert_eq!(timestamp(UNIX_EPOCH + Duration::new(5, 7)), (5, 7));
    assert_eq!(timestamp(UNIX_EPOCH - Duration::new(5, 0)), (-5, 0));
    assert_eq!(timestamp(UNIX_EPOCH - Duration::new(5, 7)), (-6, 999_999_993));
    let odd = types::Duration { seconds: u64::MAX, nanoseconds: u32::MAX };
    assert_eq!(duration_from_guest(odd), Duration::MAX);
}

#[test]
fn a_field_that_is_not_json_is_a_string() {
    assert_eq!(json_text("{\"a\": 1}".to_owned()), "{\"a\": 1}");
    assert_eq!(json_text("plain \"text\"".to_owned()), "\"plain \\\"text\\\"\"");
    assert_eq!(json_text(String::new()), "\"\"");
}

#[test]
fn what_counts_towards_the_result_limit() {
    let payload = types::Payload { metadata: vec![("encoding".to_owned(), b"x".to_vec())], data: vec![0; 91] };
    assert_eq!(outcome_from_guest(handler::Outcome::Completed(Some(payload.clone()))).1, 100);
    assert_eq!(outcome_from_guest(handler::Outcome::Cancelled(vec![payload.clone(), payload])).1, 200);
    assert_eq!(outcome_from_guest(handler::Outcome::Failed(vec![link("abc")])).1, 3);
}
