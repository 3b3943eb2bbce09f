//! A payload as Temporal's protocol encodes it: what compression and encryption wrap.

use std::collections::BTreeMap;

use activity::{CodecError, ELEMENT_COST, Payload};
use bytes::Bytes;
use prost::{
    Message as _,
    encoding::{DecodeContext, decode_key, skip_field},
};

/// Fields of a payload that count nothing by themselves.
const FREE_ENTRIES: usize = 8;

/// Bytes of a message beside those of its payload, at most.
const FRAMING: usize = 1 << 10;

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
fn parse(message: &[u8]) -> Option<Payload> {
    let message = PayloadMessage::decode(message).ok()?;
    let metadata = message.metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
    Some(Payload { metadata, data: message.data.into() })
}

/// The payloads that are in `payloads`: of each that is under `encoding` the one whose message `open` takes out of it, the
/// others as they are. All together may weigh `limit`; `open` is told how many bytes its message may have.
pub(crate) fn open_all(
    payloads: Vec<Payload>,
    encoding: &'static str,
    limit: usize,
    open: impl Fn(&Payload, usize) -> Result<Vec<u8>, CodecError>,
) -> Result<Vec<Payload>, CodecError> {
    let mut left = limit;
    let mut opened = Vec::with_capacity(payloads.len());
    for payload in payloads {
        let (payload, weight) = if is_encoded(&payload, encoding) {
            let most = left.saturating_add(FRAMING);
            open_one(&open(&payload, most)?, encoding, most)?.ok_or(CodecError::TooLarge { limit })?
        } else {
            let size = payload.size();
            (payload, size)
        };
        left = left.checked_sub(weight).ok_or(CodecError::TooLarge { limit })?;
        opened.push(payload);
    }
    Ok(opened)
}

/// The payload of a message with its weight, unless that is more than `most`: many empty entries of metadata are few
/// bytes, and much to hold.
fn open_one(message: &[u8], encoding: &'static str, most: usize) -> Result<Option<(Payload, usize)>, CodecError> {
    let weight = weight(message);
    if most < weight {
        return Ok(None);
    }
    let reason = "what is in it is no payload";
    let payload = parse(message).ok_or(CodecError::Malformed { encoding, reason })?;
    let size = payload.size();
    Ok(Some((payload, size.saturating_add(weight.saturating_sub(message.len())))))
}

/// What the host holds for the payload of a message: its bytes, and something for each entry of its metadata but the few
/// that every payload has.
fn weight(message: &[u8]) -> usize {
    let entries = entries(message).saturating_sub(FREE_ENTRIES);
    message.len().saturating_add(ELEMENT_COST.saturating_mul(entries))
}

/// Fields of the message, most of which are entries of its metadata. What is malformed counts up to there.
fn entries(mut message: &[u8]) -> usize {
    let mut count = 0;
    while let Ok((tag, wire_type)) = decode_key(&mut message) {
        if skip_field(wire_type, tag, &mut message, DecodeContext::default()).is_err() {
            break;
        }
        count += 1;
    }
    count
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
