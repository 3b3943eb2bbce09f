//! How an activity ends without a result.

use std::error::Error;
use std::fmt;

use crate::{ApplicationFailure, Cancelled, ConversionError};

/// Why an activity has no result.
///
/// Every error becomes one with `?`: its message, its type's name and its sources reach the workflow. [`Cancelled`]
/// and [`ApplicationFailure`] keep what they are, also as the source of another error. Like `anyhow::Error` it is no
/// `std::error::Error` itself.
#[derive(Debug)]
pub enum ActivityError {
    /// The attempt failed; the retry policy decides what follows.
    Application(Box<ApplicationFailure>),
    /// The attempt ended because it was cancelled.
    Cancelled(Cancelled),
    /// The attempt is completed later, from elsewhere, by its task token or its id.
    WillCompleteAsync,
}

impl ActivityError {
    /// The attempt ended because it was cancelled.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::Cancelled(Cancelled::new())
    }

    /// A failure because a value could not be encoded.
    pub(crate) fn not_encoded(error: &ConversionError) -> Self {
        Self::from(ApplicationFailure::new(error.to_string()).with_type(error.failure_type()))
    }

    /// A failure because values could not be decoded; `message` says which.
    pub(crate) fn not_decoded(message: &str, error: &ConversionError) -> ApplicationFailure {
        ApplicationFailure::new(message)
            .with_cause(ApplicationFailure::new(error.to_string()).with_type(error.failure_type()))
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for ActivityError {
    fn from(error: E) -> Self {
        let failure = ApplicationFailure::from_error(error);
        match failure.cancelled() {
            Some(cancelled) => Self::Cancelled(cancelled.clone()),
            None => Self::Application(Box::new(failure)),
        }
    }
}

impl fmt::Display for ActivityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(failure) => failure.fmt(formatter),
            Self::Cancelled(cancelled) => cancelled.fmt(formatter),
            Self::WillCompleteAsync => formatter.write_str("will complete asynchronously"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("step failed")]
    struct StepError(#[from] Cancelled);

    #[test]
    fn every_error_becomes_a_failure() {
        let parse = || -> Result<u8, ActivityError> { Ok("x".parse()?) };
        let Err(ActivityError::Application(failure)) = parse() else { unreachable!("it does not parse") };
        assert_eq!((failure.message(), failure.type_name()), ("invalid digit found in string", "ParseIntError"));
        assert!(matches!(ActivityError::from("text"), ActivityError::Application(_)));
    }

    #[test]
    fn a_failure_keeps_its_fields() {
        let error = ActivityError::from(ApplicationFailure::new("a").with_type("A").non_retryable().benign());
        let ActivityError::Application(failure) = error else { unreachable!("it is a failure") };
        assert!(failure.is_non_retryable() && failure.is_benign() && failure.type_name() == "A");
    }

    #[test]
    fn a_cancellation_stays_one_unless_a_failure_wraps_it() {
        assert!(matches!(ActivityError::from(Cancelled::new()), ActivityError::Cancelled(_)));
        assert!(matches!(ActivityError::from(StepError(Cancelled::new())), ActivityError::Cancelled(_)));
        let failure = ApplicationFailure::new("gave up").with_cause(Cancelled::new());
        assert!(matches!(ActivityError::from(failure), ActivityError::Application(_)));
    }
}
