//! What a request in protobuf's wire format will become where it is decoded, found out without decoding it.
//!
//! The worker decodes a raw request to check it, on a thread that all share, and an empty element of two bytes takes a
//! hundred there. So it is counted here, on the guest's own thread.

use bytes::Buf as _;
use prost::encoding::{WireType, decode_key, decode_varint};

/// How deep messages are looked into: deeper than any of Temporal's, save failures with very many causes.
const DEEPEST: u32 = 32;

/// Fields of `message`, and of what may be messages in it, that are texts, bytes or messages. What can't be a message
/// has none.
///
/// Payloads count as one, unless what is in them happens to be a message too; that is rare, and only counts too much.
pub(super) fn elements(message: &[u8]) -> usize {
    elements_within(message, DEEPEST).unwrap_or(0)
}

fn elements_within(mut message: &[u8], depth: u32) -> Option<usize> {
    let mut count = 0_usize;
    while message.has_remaining() {
        let (_, wire_type) = decode_key(&mut message).ok()?;
        match wire_type {
            WireType::Varint => drop(decode_varint(&mut message).ok()?),
            WireType::SixtyFourBit => message = message.get(8..)?,
            WireType::ThirtyTwoBit => message = message.get(4..)?,
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut message).ok()?).ok()?;
                let (content, rest) = message.split_at_checked(length)?;
                message = rest;
                let within = depth.checked_sub(1).and_then(|depth| elements_within(content, depth));
                count = count.saturating_add(1).saturating_add(within.unwrap_or(0));
            }
            // Nothing of Temporal's has groups.
            WireType::StartGroup | WireType::EndGroup => return None,
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of this number with these bytes.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut field = vec![number << 3 | 2];
        prost::encoding::encode_varint(content.len() as u64, &mut field);
        field.extend(content);
        field
    }

    #[test]
    fn elements_count_at_every_depth() {
        let inner = [field(1, b""), field(1, b""), vec![2 << 3, 5]].concat();
        assert_eq!(elements(&inner), 2);
        assert_eq!(elements(&[field(3, &inner), field(3, &inner)].concat()), 6);
        assert_eq!(elements(b""), 0);
    }

    #[test]
    fn what_is_no_message_has_none() {
        for text in
            [&b"\"a text of JSON\""[..], b"{\"a\": 1}", b"\xff", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"]
        {
            assert_eq!(elements(text), 0, "{text:?}");
            assert_eq!(elements(&field(1, text)), 1, "{text:?}");
        }
    }

    #[test]
    fn it_is_not_looked_into_without_end() {
        let nested = (0..1_000).fold(Vec::new(), |content, _| field(1, &content));
        assert_eq!(elements(&nested), DEEPEST as usize + 1);
    }
}
