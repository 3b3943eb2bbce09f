//! A payload as Temporal's protocol encodes it: what compression and encryption wrap.

use std::collections::BTreeMap;

use activity::Payload;
use bytes::Bytes;
use prost::Message as _;

/// `temporal.api.common.v1.Payload`, as far as it is coded.
#[derive(Clone, PartialEq, prost::Message)]
struct PayloadMessage {
    #[prost(btree_map = "string, bytes", tag = "1")]
    metadata: BTreeMap<String, Vec<u8>>,
    #[prost(bytes = "vec", tag = "2")]
    data: Vec<u8>,
}

/// The message of `payload`, appended to what is in `buffer`.
pub(crate) fn append(payload: Payload, buffer: &mut Vec<u8>) {
    let metadata = payload.metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    let message = PayloadMessage { metadata, data: payload.data.into() };
    buffer.reserve(message.encoded_len());
    // A vector has room for every message.
    let _ = message.encode(buffer);
}

/// The payload of a message, unless it is none.
pub(crate) fn parse(message: &[u8]) -> Option<Payload> {
    let message = PayloadMessage::decode(message).ok()?;
    let metadata = message.metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    Some(Payload { metadata, data: message.data.into() })
}

/// Whether `payload` says that it is encoded like this.
pub(crate) fn is_encoded(payload: &Payload, encoding: &str) -> bool {
    payload.metadata("encoding").is_some_and(|of_payload| of_payload == encoding.as_bytes())
}

/// `data` under `encoding`.
pub(crate) fn encoded(encoding: &'static str, data: Vec<u8>) -> Payload {
    Payload::encoded(encoding, Bytes::from(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_every_protobuf_writes() {
        let mut message = Vec::new();
        append(Payload::json("7"), &mut message);
        assert_eq!(message, b"\x0a\x16\x0a\x08encoding\x12\x0ajson/plain\x12\x017");
        assert_eq!(parse(&message), Some(Payload::json("7")));
        assert_eq!(parse(b"\xff"), None);
    }
}
