//! Encoded values, and how the tests write and show them.

use serde::Serialize;
use serde_json::Value;
use temporalio_common::protos::temporal::api::common::v1::{Payload, Payloads};

/// A value as `json/plain`, as every SDK encodes one.
pub(crate) fn json(value: impl Serialize) -> Payload {
    encoded("json/plain", serde_json::to_vec(&value).unwrap())
}

/// Bytes under the converter named `encoding`.
pub(crate) fn encoded(encoding: &str, data: impl Into<Vec<u8>>) -> Payload {
    let metadata = [("encoding".to_owned(), encoding.as_bytes().to_vec())].into();
    Payload { metadata, data: data.into(), ..Payload::default() }
}

/// The converter's name.
pub(crate) fn encoding(payload: &Payload) -> String {
    let encoding = payload.metadata.get("encoding").map(Vec::as_slice).unwrap_or_default();
    String::from_utf8_lossy(encoding).into_owned()
}

/// A value as the tests show it: JSON in one way of writing it, all else as its encoding and size.
pub(crate) fn shown(payload: &Payload) -> String {
    match encoding(payload).as_str() {
        "json/plain" => match serde_json::from_slice::<Value>(&payload.data) {
            Ok(value) => value.to_string(),
            Err(_) => String::from_utf8_lossy(&payload.data).into_owned(),
        },
        "binary/null" if payload.data.is_empty() => "null".to_owned(),
        encoding => format!("<{encoding}, {} bytes>", payload.data.len()),
    }
}

/// Values as the tests show them.
pub(crate) fn all_shown(payloads: Option<&Payloads>) -> String {
    let payloads = payloads.map(|all| all.payloads.as_slice()).unwrap_or_default();
    format!("[{}]", payloads.iter().map(shown).collect::<Vec<_>>().join(", "))
}
