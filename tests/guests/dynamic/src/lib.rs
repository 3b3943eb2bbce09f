//! A component whose only activity takes the tasks of every type that no other component takes.

use isolet_sdk::{ActivityContext, RawValue, activity};

isolet_sdk::export!(anything);

/// Tells by which type it was called and with how many arguments.
#[activity(dynamic)]
fn anything(context: &ActivityContext, arguments: Vec<RawValue>) -> String {
    format!("{} with {} arguments", context.info().activity_type, arguments.len())
}
