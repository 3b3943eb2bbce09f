//! A component whose only activity takes the tasks of every type that no other component takes.

use isolet_sdk::{ActivityContext, ActivityError, RawValue, activity};

isolet_sdk::export!(anything);

/// Tells by which type it was called and with how many arguments; for the type `sum`, the sum of its arguments, which
/// it decodes itself.
#[activity(dynamic)]
fn anything(context: &ActivityContext, arguments: Vec<RawValue>) -> Result<String, ActivityError> {
    let activity_type = &context.info().activity_type;
    if activity_type == "sum" {
        let terms: Vec<i64> = arguments.into_iter().map(RawValue::decode).collect::<Result<_, _>>()?;
        return Ok(format!("sum is {}", terms.iter().sum::<i64>()));
    }
    Ok(format!("{activity_type} with {} arguments", arguments.len()))
}
