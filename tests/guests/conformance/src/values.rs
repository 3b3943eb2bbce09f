//! Arguments and results.

use isolet_sdk::{Bytes, RawValue, activity};

/// Passes the payload on untouched.
#[activity]
pub(crate) fn echo(value: RawValue) -> RawValue {
    value
}

#[activity]
pub(crate) fn greet(name: String) -> String {
    format!("Hello, {name}!")
}

#[activity]
pub(crate) fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// A result without a value.
#[activity]
pub(crate) fn nothing() {}

/// Binary payloads both ways.
#[activity]
pub(crate) fn reverse_bytes(mut bytes: Bytes) -> Bytes {
    bytes.0.reverse();
    bytes
}
