//! An activity: what the attribute macro makes of a function.

use std::vec;

use crate::{ActivityContext, ActivityError, ApplicationFailure, FromPayload, RawValue, ToPayload};

/// A function that [`#[activity]`](macro@crate::activity) has made an activity.
///
/// The macro implements it for a type of the function's name. It is named only in `export!` and in
/// [`TestContext::run`](crate::test).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activity",
    note = "write `#[isolet_sdk::activity]` on the function"
)]
pub trait Activity {
    /// How the component declares it.
    #[doc(hidden)]
    const DEFINITION: Definition;

    /// Decodes the arguments, calls the function and encodes its result.
    #[doc(hidden)]
    fn execute(context: &ActivityContext, input: Vec<RawValue>) -> Result<RawValue, ActivityError>;
}

/// How a component declares an activity.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The activity type; none for a dynamic activity.
    pub name: Option<&'static str>,
    /// Whether a safe point tells of a cancellation.
    pub interruptible: bool,
    /// The module of the function, the name of its logger.
    pub module: &'static str,
}

/// A parameter of an activity, without the context.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether its type is an `Option`: then it may be left out at the end.
    pub optional: bool,
}

/// The arguments of one call, as many as the function can take.
#[derive(Debug)]
pub struct Arguments(vec::IntoIter<RawValue>);

impl Arguments {
    /// Checks the number of arguments.
    ///
    /// # Errors
    /// The failure that Temporal's Python SDK gives, so that workflows and retry policies need not know the language.
    pub fn new(function: &str, parameters: &[Parameter], input: Vec<RawValue>) -> Result<Self, ActivityError> {
        let missing: Vec<_> = parameters.iter().skip(input.len()).filter(|parameter| !parameter.optional).collect();
        let message = if !missing.is_empty() {
            format!("{function}() {}", missing_text(&missing))
        } else if input.len() > parameters.len() {
            format!("{function}() {}", surplus_text(parameters, input.len()))
        } else {
            return Ok(Self(input.into_iter()));
        };
        Err(ApplicationFailure::new(message).with_type("TypeError").into())
    }

    /// The next argument; null for an optional one that was left out.
    ///
    /// # Errors
    /// A failure when the argument is not a `T`.
    pub fn take<T: FromPayload>(&mut self) -> Result<T, ActivityError> {
        let value = self.0.next().unwrap_or_else(RawValue::null);
        value.decode().map_err(|error| ActivityError::not_decoded("Failed decoding arguments", &error).into())
    }
}

fn missing_text(missing: &[&Parameter]) -> String {
    let names: Vec<_> = missing.iter().map(|parameter| format!("'{}'", parameter.name)).collect();
    let list = match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    };
    format!("missing {} required positional argument{}: {list}", names.len(), plural(names.len()))
}

fn surplus_text(parameters: &[Parameter], given: usize) -> String {
    let most = parameters.len();
    let optional = parameters.iter().rev().take_while(|parameter| parameter.optional).count();
    let range = if optional > 0 { format!("from {} to {most}", most - optional) } else { most.to_string() };
    let were = if given == 1 { "was" } else { "were" };
    format!("takes {range} positional argument{} but {given} {were} given", plural(most))
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What a function returned. The macro calls `encode` on it, which finds [`ViaResult`] first and else [`ViaValue`]:
/// by the shape of the type, so that type aliases of `Result` work and a missing bound is still named.
#[derive(Debug)]
pub struct Returned<T>(pub T);

/// A function that returns a `Result`.
pub trait ViaResult {
    /// What it returns when all is well.
    type Value;
    /// What it returns otherwise.
    type Error;

    /// The result, encoded.
    ///
    /// # Errors
    /// The function's own error, or that the value can't be encoded.
    fn encode(self) -> Result<RawValue, ActivityError>
    where
        Self::Value: ToPayload,
        Self::Error: Into<ActivityError>;
}

impl<T, E> ViaResult for Returned<Result<T, E>> {
    type Value = T;
    type Error = E;

    fn encode(self) -> Result<RawValue, ActivityError>
    where
        T: ToPayload,
        E: Into<ActivityError>,
    {
        let value = self.0.map_err(Into::into)?;
        value.to_payload().map_err(|error| ActivityError::not_encoded(&error))
    }
}

/// A function that returns a plain value.
pub trait ViaValue {
    /// What it returns.
    type Value;

    /// The value, encoded.
    ///
    /// # Errors
    /// When the value can't be encoded.
    fn encode(self) -> Result<RawValue, ActivityError>
    where
        Self::Value: ToPayload;
}

impl<T> ViaValue for &Returned<T> {
    type Value = T;

    fn encode(self) -> Result<RawValue, ActivityError>
    where
        T: ToPayload,
    {
        self.0.to_payload().map_err(|error| ActivityError::not_encoded(&error))
    }
}
