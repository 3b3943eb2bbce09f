//! Arguments and results.

use std::collections::BTreeMap;

use isolet_sdk::{Bytes, RawValue, activity};
use serde_json::Value;

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

/// Decodes the value and encodes it again.
#[activity]
pub(crate) fn recode(value: Value) -> Value {
    value
}

/// The second argument may be left out, and is 5 then.
#[activity]
pub(crate) fn with_default(a: i64, b: Option<i64>) -> (i64, i64) {
    (a, b.unwrap_or(5))
}

/// A result that can't be encoded.
#[activity]
pub(crate) fn unencodable_result() -> BTreeMap<(i32, i32), i32> {
    BTreeMap::from([((1, 2), 3)])
}
