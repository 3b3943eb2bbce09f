//! From what a call returned to the attempt's outcome.

use activity::{ApplicationFailure, Failure, FailureKind, Outcome, Payload, shown};
use wasmtime::component::Val;

use crate::{ArgumentError, Cases, Function, Kind, Type, ValueError, write};

/// The failure type of errors that have no name in WIT, such as a `string`.
const UNNAMED: &str = "ApplicationError";

/// The failure type of arguments that are none of a function's.
const INVALID_ARGUMENTS: &str = "InvalidArguments";

/// The field by which an error says whether it is retried, as WIT has it.
const NON_RETRYABLE: &str = "non-retryable";

/// The longest message of a failure, in bytes: the whole value is among its details.
const LONGEST_MESSAGE: usize = 4 << 10;

impl Function {
    /// The outcome of an attempt in which this returned `returned`, and its size, if that is at most `most` bytes.
    ///
    /// # Errors
    /// When it is larger.
    pub fn outcome(&self, returned: Option<&Val>, most: usize) -> Result<(Outcome, usize), ValueError> {
        let (Some(ty), Some(value)) = (&self.result, returned) else { return Ok((Outcome::Completed(None), 0)) };
        let (ty, value) = match (&ty.kind, value) {
            (Kind::Result(cases), Val::Result(Ok(value))) => (payload_type(cases, 0), value.as_deref()),
            (Kind::Result(cases), Val::Result(Err(value))) => {
                return self.failed(payload_type(cases, 1), value.as_deref(), most);
            }
            _ => (Some(ty), Some(value)),
        };
        let result = match (ty, value) {
            (Some(ty), Some(value)) => Some(payload(value, ty, most)?),
            _ => None,
        };
        let size = result.as_ref().map(Payload::size).unwrap_or_default();
        Ok((Outcome::Completed(result), size))
    }

    /// The outcome of an attempt whose arguments are none of this function's. It is retried like any other failure: a
    /// version of the component that takes them may come.
    pub fn rejected(&self, error: &ArgumentError) -> Outcome {
        Outcome::Failed(Failure::application(INVALID_ARGUMENTS, format!("failed to decode the arguments: {error}")))
    }

    fn failed(&self, ty: Option<&Type>, value: Option<&Val>, most: usize) -> Result<(Outcome, usize), ValueError> {
        let failure = match (ty, value) {
            (Some(ty), Some(value)) => {
                let message = said(value, ty, most)?;
                let message = shown::cut(&message, LONGEST_MESSAGE).into_owned();
                let details = payload(value, ty, most)?;
                let kind = FailureKind::Application(ApplicationFailure {
                    failure_type: failure_type(value, ty),
                    non_retryable: is_non_retryable(value),
                    details: vec![details],
                    ..ApplicationFailure::default()
                });
                Failure::new(message, kind)
            }
            _ => Failure::application(UNNAMED, format!("{} returned an error", shown::name(&self.name))),
        };
        let details = failure.as_application().and_then(|fields| fields.details.first());
        let size = failure.message.len() + details.map(Payload::size).unwrap_or_default();
        Ok((Outcome::Failed(failure), size))
    }
}

fn payload_type(cases: &Cases, position: usize) -> Option<&Type> {
    cases.payloads.get(position)?.as_ref()
}

/// The payload of a value: bytes as they are, nothing as null, and all else as JSON.
fn payload(value: &Val, ty: &Type, most: usize) -> Result<Payload, ValueError> {
    match (value, &ty.kind) {
        (Val::Option(None), Kind::Option(_)) => Ok(Payload::null()),
        (Val::Option(Some(value)), Kind::Option(inner)) if inner.is_bytes() => payload(value, inner, most),
        (Val::List(bytes) | Val::FixedLengthList(bytes), _) if ty.is_bytes() => {
            Ok(Payload::encoded("binary/plain", write::bytes(bytes, most)?.into()))
        }
        _ => Ok(Payload::json(write::json(value, ty, most)?)),
    }
}

/// The case of an error, else the name of its type.
fn failure_type(value: &Val, ty: &Type) -> String {
    match value {
        Val::Variant(case, _) | Val::Enum(case) => case.clone(),
        _ => ty.name.clone().unwrap_or_else(|| UNNAMED.to_owned()),
    }
}

/// What an error says to people.
fn said(value: &Val, ty: &Type, most: usize) -> Result<String, ValueError> {
    Ok(match (value, &ty.kind) {
        (Val::String(text), _) => text.clone(),
        (Val::Enum(case), _) | (Val::Variant(case, None), _) => case.clone(),
        (Val::Variant(case, Some(value)), Kind::Variant(cases)) => {
            let ty = cases.names.find(case).and_then(|position| payload_type(cases, position));
            format!("{case}: {}", said(value, ty.ok_or(ValueError::OtherType)?, most)?)
        }
        (Val::Record(fields), _) if let Some(Val::String(message)) = field(fields, "message") => message.clone(),
        _ => String::from_utf8_lossy(&write::json(value, ty, most)?).into_owned(),
    })
}

/// Whether an error, or what its case carries, is a record that says so.
fn is_non_retryable(value: &Val) -> bool {
    match value {
        Val::Variant(_, Some(value)) => is_non_retryable(value),
        Val::Record(fields) => matches!(field(fields, NON_RETRYABLE), Some(Val::Bool(true))),
        _ => false,
    }
}

fn field<'v>(fields: &'v [(String, Val)], name: &str) -> Option<&'v Val> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
}
