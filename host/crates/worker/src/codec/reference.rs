//! References to payloads that another worker or client put into a storage of its own.

use activity::{CodecError, Payload};
use serde::Deserialize;

/// What marks a reference, even one that is encrypted.
const MARK: &str = "__temporal_external_storage_reference";

/// The encoding of references before they had a message.
const OLD_ENCODING: &[u8] = b"json/external-storage-reference";

/// A reference's message.
const MESSAGE_TYPE: &[u8] = b"temporal.api.sdk.v1.ExternalStorageReference";

/// Characters of a driver's name that are told.
const TOLD_NAME: usize = 100;

/// A reference, old or new.
#[derive(Deserialize)]
struct Reference {
    #[serde(alias = "driverName")]
    driver_name: String,
}

/// Refuses a list that has a reference in it: a guest would take the reference for the value.
pub(super) fn refuse(payloads: &[Payload]) -> Result<(), CodecError> {
    match payloads.iter().position(is_reference) {
        None => Ok(()),
        Some(index) => {
            let driver = payloads.get(index).and_then(driver).unwrap_or_default();
            Err(CodecError::ExternalReference { number: index + 1, driver })
        }
    }
}

fn is_reference(payload: &Payload) -> bool {
    let is = |key, value: &[u8]| payload.metadata(key).is_some_and(|of_payload| of_payload == value);
    let is_message = is("encoding", b"json/protobuf") && is("messageType", MESSAGE_TYPE);
    is(MARK, b"true") || is("encoding", OLD_ENCODING) || is_message
}

/// Which driver the reference names, as text.
fn driver(payload: &Payload) -> Option<String> {
    let name = serde_json::from_slice::<Reference>(&payload.data).ok()?.driver_name;
    let name: String = name.chars().take(TOLD_NAME).collect();
    Some(format!(" (driver {name:?})"))
}
