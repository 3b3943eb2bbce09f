//! Ways to fail.

use std::collections::BTreeMap;
use std::time::Duration;

use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, activity};

/// A plain error: `ParseIntError`, "invalid digit found in string".
#[activity]
pub(crate) fn fail() -> Result<u8, std::num::ParseIntError> {
    "x".parse()
}

/// A failure with each field set, and the details "detail" and 42.
#[activity]
pub(crate) fn fail_application(
    type_name: String,
    non_retryable: bool,
    next_retry_delay_ms: Option<u64>,
) -> Result<(), ApplicationFailure> {
    let failure =
        ApplicationFailure::new("failed on purpose").with_type(type_name).with_detail("detail").with_detail(42);
    let failure = if non_retryable { failure.non_retryable() } else { failure };
    Err(with_delay(failure, next_retry_delay_ms))
}

/// A failure that operators need not see.
#[activity]
pub(crate) fn fail_benign() -> Result<(), ApplicationFailure> {
    Err(ApplicationFailure::new("expected").with_type("Expected").benign())
}

/// A failure whose only detail can't be encoded.
#[activity]
pub(crate) fn fail_with_bad_detail() -> Result<(), ApplicationFailure> {
    Err(ApplicationFailure::new("lost").with_type("Lost").with_detail(BTreeMap::from([((1, 2), 3)])))
}

/// A failure without a message and without a type.
#[activity]
pub(crate) fn fail_empty() -> Result<(), ApplicationFailure> {
    Err(ApplicationFailure::new(""))
}

/// Fails until this attempt, which returns its number.
#[activity]
pub(crate) fn fail_until_attempt(
    context: &ActivityContext,
    attempt: u32,
    next_retry_delay_ms: Option<u64>,
) -> Result<u32, ActivityError> {
    let now = context.info().attempt;
    if now < attempt {
        let failure = ApplicationFailure::new(format!("attempt {now} fails")).with_type("NotYet");
        return Err(with_delay(failure, next_retry_delay_ms).into());
    }
    Ok(now)
}

/// A chain of three: `Outer`, caused by `Inner`, caused by `ParseIntError`.
#[activity]
pub(crate) fn fail_with_cause() -> Result<u8, ActivityError> {
    let parse = |text: &str| text.parse::<u8>();
    parse("x").map_err(|error| {
        let inner = ApplicationFailure::new("inner").with_type("Inner").with_cause(error);
        ApplicationFailure::new("outer").with_type("Outer").with_cause(inner).into()
    })
}

/// A panic with this message.
#[activity]
#[expect(clippy::panic, reason = "this is what the test is about")]
pub(crate) fn panic(message: String) {
    panic!("{message}");
}

fn with_delay(failure: ApplicationFailure, delay_ms: Option<u64>) -> ApplicationFailure {
    match delay_ms {
        Some(delay_ms) => failure.with_next_retry_delay(Duration::from_millis(delay_ms)),
        None => failure,
    }
}
