//! One small activity and nothing else: what a first component looks like, and what a fresh sandbox is measured with.

use isolet_sdk::activity;

#[activity]
pub(crate) fn greet(name: String) -> String {
    format!("Hello, {name}!")
}

isolet_sdk::export!(greet);
