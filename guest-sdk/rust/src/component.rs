//! A component of activities: what `export!` makes.

use crate::activity::Definition;
use crate::bindings::exports::isolet::activity::handler::{ActivityDefinition, ActivityName, Outcome};
use crate::bindings::isolet::activity::types::Payload;
use crate::{Activity, ActivityContext, ActivityError, ApplicationFailure, RawValue};

/// Makes the crate a component of these activities. Once in a crate, at its root.
///
/// ```
/// use isolet_sdk::activity;
///
/// #[activity]
/// fn greet(name: String) -> String {
///     format!("Hello, {name}!")
/// }
///
/// isolet_sdk::export!(greet);
/// # fn main() {}
/// ```
///
/// Two activities of the same name are refused:
///
/// ```compile_fail
/// # use isolet_sdk::activity;
/// #[activity]
/// fn greet(name: String) -> String { name }
///
/// #[activity(name = "greet")]
/// fn other(name: String) -> String { name }
///
/// isolet_sdk::export!(greet, other);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export {
    ($($activity:ty),+ $(,)?) => {
        const _: () = {
            const ACTIVITIES: &[$crate::__private::Registration] =
                &[$($crate::__private::Registration::of::<$activity>()),+];
            const _: () = $crate::__private::refuse_duplicates(ACTIVITIES);

            #[cfg(target_family = "wasm")]
            struct Component;

            #[cfg(target_family = "wasm")]
            impl $crate::__private::Guest for Component {
                fn list_activities() -> ::std::vec::Vec<$crate::__private::ActivityDefinition> {
                    $crate::__private::list(ACTIVITIES)
                }

                fn execute(
                    activity_type: ::std::string::String,
                    input: ::std::vec::Vec<$crate::__private::Payload>,
                ) -> $crate::__private::Outcome {
                    $crate::__private::execute(ACTIVITIES, &activity_type, input)
                }
            }

            #[cfg(target_family = "wasm")]
            $crate::bindings::export!(Component with_types_in $crate::bindings);
        };
    };
}

/// One activity of the component.
#[derive(Clone, Copy, Debug)]
pub struct Registration {
    definition: Definition,
    execute: fn(&ActivityContext, Vec<RawValue>) -> Result<RawValue, ActivityError>,
}

impl Registration {
    /// The activity that the macro made of a function.
    #[must_use]
    pub const fn of<A: Activity>() -> Self {
        Self { definition: A::DEFINITION, execute: A::execute }
    }
}

/// Stops the build when two activities have one name.
///
/// # Panics
/// Then, which is at compile time.
pub const fn refuse_duplicates(activities: &[Registration]) {
    let mut rest = activities;
    while let [first, others @ ..] = rest {
        let mut rest_of_others = others;
        while let [second, following @ ..] = rest_of_others {
            let (one, two) = (first.definition.name, second.definition.name);
            assert!(one.is_some() || two.is_some(), "a component has at most one dynamic activity");
            if let (Some(one), Some(two)) = (one, two) {
                assert!(!same(one, two), "two activities have the same name");
            }
            rest_of_others = following;
        }
        rest = others;
    }
}

/// `==` for texts, which is not const.
const fn same(one: &str, two: &str) -> bool {
    let (mut one, mut two) = (one.as_bytes(), two.as_bytes());
    while let ([first, rest_of_one @ ..], [second, rest_of_two @ ..]) = (one, two) {
        if *first != *second {
            return false;
        }
        (one, two) = (rest_of_one, rest_of_two);
    }
    one.is_empty() && two.is_empty()
}

/// What the component tells the host of its activities.
#[must_use]
pub fn list(activities: &[Registration]) -> Vec<ActivityDefinition> {
    let definition = |registration: &Registration| ActivityDefinition {
        name: match registration.definition.name {
            Some(name) => ActivityName::Named(name.to_owned()),
            None => ActivityName::Dynamic,
        },
        interruptible: registration.definition.interruptible,
    };
    activities.iter().map(definition).collect()
}

/// Runs one attempt in this instance, which runs no other.
#[cfg(target_family = "wasm")]
pub fn execute(activities: &[Registration], activity_type: &str, input: Vec<Payload>) -> Outcome {
    crate::panic_hook::install();
    run(activities, |definition| ActivityContext::new(crate::host::Backend, definition), activity_type, input)
}

/// Runs the activity of this type, or the dynamic one, in the context made for it.
pub fn run(
    activities: &[Registration],
    context: impl FnOnce(&Definition) -> ActivityContext,
    activity_type: &str,
    input: Vec<Payload>,
) -> Outcome {
    let named = activities.iter().find(|activity| activity.definition.name == Some(activity_type));
    let dynamic = || activities.iter().find(|activity| activity.definition.name.is_none());
    let Some(activity) = named.or_else(dynamic) else {
        let message = format!("Activity function {activity_type} is not registered in this component");
        return Outcome::Failed(ApplicationFailure::new(message).with_type("NotFoundError").chain());
    };
    let context = context(&activity.definition);
    match (activity.execute)(&context, input.into_iter().map(Into::into).collect()) {
        Ok(value) => Outcome::Completed(Some(value.into())),
        Err(ActivityError::Application(failure)) => Outcome::Failed(failure.chain()),
        Err(ActivityError::Cancelled(cancelled)) => Outcome::Cancelled(cancelled.to_wit()),
        Err(ActivityError::WillCompleteAsync) => Outcome::WillCompleteAsync,
    }
}

#[cfg(test)]
mod tests;
