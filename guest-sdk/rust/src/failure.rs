//! Failures that an activity raises on purpose, with all that Temporal can be told about them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::bindings::isolet::activity::types;
use crate::client::{ClientError, ExecutionFailure};
use crate::{Cancelled, ConversionError, MetricError, RawValue, ToPayload};

/// An error with a message for people and what Temporal does with it.
///
/// ```
/// use std::time::Duration;
/// use isolet_sdk::{ActivityError, ApplicationFailure};
///
/// fn charge(card: &str) -> Result<(), ActivityError> {
///     if card.is_empty() {
///         return Err(ApplicationFailure::new("no card").with_type("CardMissing").non_retryable().into());
///     }
///     Err(ApplicationFailure::new("bank is busy").with_next_retry_delay(Duration::from_secs(30)).into())
/// }
/// # assert!(charge("").is_err() && charge("1").is_err());
/// ```
#[derive(Debug)]
pub struct ApplicationFailure {
    message: String,
    type_name: Box<str>,
    non_retryable: bool,
    next_retry_delay: Option<Duration>,
    benign: bool,
    details: Vec<RawValue>,
    /// Why a detail could not be encoded: replaces the whole failure, as in Temporal's other SDKs. Boxed, as it is rare
    /// and a `Result` should stay small.
    detail_error: Option<Box<ConversionError>>,
    origin: Option<Origin>,
}

/// Where a failure comes from.
#[derive(Debug)]
enum Origin {
    /// The failure stands for this error: its cause is the error's source.
    Of(Box<dyn Error + Send + Sync>),
    /// This error is the failure's cause.
    CausedBy(Box<dyn Error + Send + Sync>),
}

impl ApplicationFailure {
    /// A retryable failure without a type.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            type_name: Box::default(),
            non_retryable: false,
            next_retry_delay: None,
            benign: false,
            details: Vec::new(),
            detail_error: None,
            origin: None,
        }
    }

    /// What `?` makes of an error: its message, the last part of its type's name as type, and its sources as causes.
    /// For what the component was not granted the type is `SandboxDenied`, and it is not retried.
    pub fn from_error<E: Into<Box<dyn Error + Send + Sync>>>(error: E) -> Self {
        match error.into().downcast::<Self>() {
            Ok(failure) => *failure,
            Err(error) => {
                // Until the operator grants it, every attempt ends like this one.
                let denied = is_denied(error.as_ref());
                let type_name = if denied { DENIED } else { type_of::<E>() };
                let failure = Self::new(error.to_string()).with_type(type_name);
                Self { origin: Some(Origin::Of(error)), non_retryable: denied, ..failure }
            }
        }
    }

    /// The type by which retry policies and workflows know the failure.
    #[must_use]
    pub fn with_type(self, type_name: impl Into<String>) -> Self {
        Self { type_name: type_name.into().into_boxed_str(), ..self }
    }

    /// Not retried, whatever the retry policy says.
    #[must_use]
    pub fn non_retryable(self) -> Self {
        Self { non_retryable: true, ..self }
    }

    /// The wait before the next attempt, instead of the retry policy's.
    #[must_use]
    pub fn with_next_retry_delay(self, delay: Duration) -> Self {
        Self { next_retry_delay: Some(delay), ..self }
    }

    /// Expected in normal operation: not counted as an error and logged at debug level only.
    #[must_use]
    pub fn benign(self) -> Self {
        Self { benign: true, ..self }
    }

    /// Adds one value that explains the failure. One that can't be encoded replaces the failure by one that says so.
    #[must_use]
    pub fn with_detail(mut self, detail: impl ToPayload) -> Self {
        match detail.to_payload() {
            Ok(payload) => self.details.push(payload),
            Err(error) => self.detail_error = Some(Box::new(error)),
        }
        self
    }

    /// What caused the failure; the sources of that error follow as further causes.
    #[must_use]
    pub fn with_cause<E: Into<Box<dyn Error + Send + Sync>>>(self, cause: E) -> Self {
        Self { origin: Some(Origin::CausedBy(Box::new(Self::from_error(cause)))), ..self }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The type; empty for none.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Whether it is not retried, whatever the retry policy says.
    #[must_use]
    pub fn is_non_retryable(&self) -> bool {
        self.non_retryable
    }

    /// The wait before the next attempt, when the failure sets it.
    #[must_use]
    pub fn next_retry_delay(&self) -> Option<Duration> {
        self.next_retry_delay
    }

    /// Whether it is expected in normal operation.
    #[must_use]
    pub fn is_benign(&self) -> bool {
        self.benign
    }

    /// The values that explain it.
    #[must_use]
    pub fn details(&self) -> &[RawValue] {
        &self.details
    }

    /// The cancellation that this failure is only the wrapping of.
    pub(crate) fn cancelled(&self) -> Option<&Cancelled> {
        let Some(Origin::Of(error)) = &self.origin else { return None };
        let mut next: Option<&(dyn Error + 'static)> = Some(&**error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return None;
            }
            if let Some(cancelled) = error.downcast_ref() {
                return Some(cancelled);
            }
            next = error.source();
        }
        None
    }

    /// The failure and its causes, outermost first, as the host takes them.
    pub(crate) fn chain(&self) -> types::FailureChain {
        let mut chain = vec![self.to_wit()];
        let mut next = self.source();
        while let Some(error) = next {
            chain.push(cause_to_wit(error));
            next = error.source();
        }
        chain
    }

    fn to_wit(&self) -> types::Failure {
        if let Some(error) = &self.detail_error {
            return Self::new(format!("Failed building exception result: {error}")).to_wit();
        }
        failure(
            self.message.clone(),
            types::FailureKind::Application(types::ApplicationFailure {
                type_: self.type_name.to_string(),
                non_retryable: self.non_retryable,
                details: self.details.iter().cloned().map(Into::into).collect(),
                next_retry_delay: self.next_retry_delay.map(Into::into),
                category: if self.benign {
                    types::FailureCategory::Benign
                } else {
                    types::FailureCategory::Unspecified
                },
            }),
        )
    }
}

impl fmt::Display for ApplicationFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for ApplicationFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.origin.as_ref()? {
            Origin::Of(error) => error.source(),
            Origin::CausedBy(error) => Some(&**error),
        }
    }
}

/// One cause. Rust tells no type name of a `dyn Error`, so a plain one has none.
fn cause_to_wit(error: &(dyn Error + 'static)) -> types::Failure {
    if let Some(failure) = error.downcast_ref::<ApplicationFailure>() {
        failure.to_wit()
    } else if let Some(cancelled) = error.downcast_ref::<Cancelled>() {
        failure(cancelled.to_string(), types::FailureKind::Cancelled(cancelled.to_wit()))
    } else if let Some(failure) = ExecutionFailure::of(error) {
        failure.to_wit()
    } else {
        ApplicationFailure::new(error.to_string()).to_wit()
    }
}

fn failure(message: String, kind: types::FailureKind) -> types::Failure {
    types::Failure { message, stack_trace: String::new(), kind, encoded_attributes: None }
}

/// The failure type for what was not granted, as the host has types for what it stops.
const DENIED: &str = "SandboxDenied";

fn is_denied(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(ClientError::NotGranted(_)))
        || matches!(error.downcast_ref(), Some(MetricError::NotGranted(_)))
        || is_denied_request(error)
}

#[cfg(feature = "http")]
fn is_denied_request(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref().is_some_and(crate::http::HttpError::is_not_granted)
}

#[cfg(not(feature = "http"))]
fn is_denied_request(_error: &(dyn Error + Send + Sync + 'static)) -> bool {
    false
}

/// The last part of the type's name, without generics; none for texts and boxes, which tell nothing.
fn type_of<E>() -> &'static str {
    let path = std::any::type_name::<E>();
    let path = path.split_once('<').map_or(path, |(path, _)| path);
    match path.rsplit_once("::").map_or(path, |(_, last)| last) {
        "&str" | "String" | "Box" | "Cow" => "",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(failure: &ApplicationFailure) -> Vec<(String, String)> {
        let of_kind = |kind: types::FailureKind| match kind {
            types::FailureKind::Application(application) => application.type_,
            other => format!("{other:?}"),
        };
        failure.chain().into_iter().map(|failure| (failure.message, of_kind(failure.kind))).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(message, kind)| ((*message).to_owned(), (*kind).to_owned())).collect()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no row {row}")]
    struct RowError<T: fmt::Debug + fmt::Display> {
        row: T,
        source: std::num::ParseIntError,
    }

    #[test]
    fn what_is_not_granted_is_not_retried() {
        let denied = |error: Box<dyn Error + Send + Sync>| ApplicationFailure::from_error(error);
        for error in [
            <Box<dyn Error + Send + Sync>>::from(ClientError::NotGranted("the grant".to_owned())),
            MetricError::NotGranted("the grant".to_owned()).into(),
        ] {
            let failure = denied(error);
            assert_eq!((failure.message(), failure.type_name()), ("the grant", "SandboxDenied"));
            assert!(failure.is_non_retryable());
        }
        assert!(!denied(ClientError::LeaseLost.into()).is_non_retryable());
    }

    #[test]
    fn an_error_keeps_its_type_and_its_sources() {
        let source = "x".parse::<u8>().unwrap_err();
        let failure = ApplicationFailure::from_error(RowError { row: 7, source });
        assert_eq!(kinds(&failure), pairs(&[("no row 7", "RowError"), ("invalid digit found in string", "")]));
    }

    #[test]
    fn texts_and_boxes_have_no_type() {
        assert_eq!(ApplicationFailure::from_error("a").type_name(), "");
        assert_eq!(ApplicationFailure::from_error(String::from("a")).type_name(), "");
        let boxed: Box<dyn Error + Send + Sync> = "a".into();
        assert_eq!(ApplicationFailure::from_error(boxed).type_name(), "");
    }

    #[test]
    fn causes_chain() {
        let inner = ApplicationFailure::new("inner").with_type("Inner").with_cause("x".parse::<u8>().unwrap_err());
        let outer = ApplicationFailure::new("outer").with_type("Outer").with_cause(inner);
        let expected = [("outer", "Outer"), ("inner", "Inner"), ("invalid digit found in string", "ParseIntError")];
        assert_eq!(kinds(&outer), pairs(&expected));
    }

    #[test]
    fn a_detail_that_has_no_encoding_replaces_the_failure() {
        let bad = std::collections::BTreeMap::from([((1, 2), 3)]);
        let failure = ApplicationFailure::new("a").with_type("A").with_detail(bad);
        assert_eq!(kinds(&failure), pairs(&[("Failed building exception result: key must be a string", "")]));
    }
}
