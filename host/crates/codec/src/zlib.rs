//! Compression, as in Temporal's samples: `binary/zlib` around the whole payload.

use std::io::{Read as _, Write as _};

use activity::{CodecError, CodecFuture, Payload, PayloadCodec};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use crate::{offload, wire};

/// The encoding of what is compressed.
const ENCODING: &str = "binary/zlib";

/// Compresses payloads that get smaller by it.
#[derive(Clone, Debug)]
pub struct Zlib {
    limit: usize,
}

impl Zlib {
    /// Refuses payloads that have more than `limit` bytes together once they are decompressed.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl PayloadCodec for Zlib {
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(offload::run(payloads, |payloads| payloads.into_iter().map(compress).collect()))
    }

    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        let limit = self.limit;
        if !payloads.iter().any(|payload| wire::is_encoded(payload, ENCODING)) {
            return Box::pin(async { Ok(payloads) });
        }
        Box::pin(offload::run(payloads, move |payloads| wire::open_all(payloads, ENCODING, limit, decompress)))
    }
}

fn compress(payload: Payload) -> Result<Payload, CodecError> {
    let mut message = Vec::new();
    // Metadata and data are shared, not copied.
    wire::append(payload.clone(), &mut message);
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(message.len()), Compression::default());
    let compressed = encoder.write_all(&message).and_then(|()| encoder.finish());
    let compressed = compressed.map_err(|_| CodecError::Broken { reason: "they can't be compressed" })?;
    Ok(if compressed.len() < message.len() { wire::encoded(ENCODING, compressed) } else { payload })
}

/// The message that is compressed in `payload`, as far as it has no more than `most` bytes: a few can hold gigabytes.
fn decompress(payload: &Payload, most: usize) -> Result<Vec<u8>, CodecError> {
    let mut message = Vec::new();
    let mut decoder = ZlibDecoder::new(payload.data.as_ref()).take((most as u64).saturating_add(1));
    let reason = "it is not compressed by zlib, or cut off";
    decoder.read_to_end(&mut message).map_err(|_| CodecError::Malformed { encoding: ENCODING, reason })?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    async fn round_trip(payload: Payload) -> Payload {
        let codec = Zlib::new(LIMIT);
        let encoded = codec.encode(vec![payload.clone()]).await.unwrap();
        assert_eq!(codec.decode(encoded.clone()).await.unwrap(), [payload]);
        encoded.into_iter().next().unwrap()
    }

    #[tokio::test]
    async fn what_gets_smaller_is_compressed_and_the_rest_is_not() {
        let small = round_trip(Payload::json("7")).await;
        assert_eq!(small, Payload::json("7"));
        for length in [1 << 10, 256 << 10] {
            let large = round_trip(Payload::json("7".repeat(length))).await;
            assert!(wire::is_encoded(&large, ENCODING) && large.size() < length / 10);
        }
    }

    #[tokio::test]
    async fn what_other_implementations_compress_is_read() {
        // By Python: zlib.compress(Payload(metadata={"encoding": b"json/plain"}, data=b'"' + b"a" * 40 + b'"')
        // .SerializeToString()).
        let data = b"\x78\x9c\xe3\x12\xe3\xe2\x48\xcd\x4b\xce\x4f\xc9\xcc\x4b\x17\xe2\xca\x2a\xce\xcf\xd3\x2f\
              \xc8\x49\xcc\xcc\x13\xd2\x52\x4a\x24\x12\x28\x01\x00\xf4\xf5\x17\x3b";
        let payload = wire::encoded(ENCODING, data.to_vec());
        let expected = Payload::json(format!("\"{}\"", "a".repeat(40)));
        assert_eq!(Zlib::new(LIMIT).decode(vec![payload]).await.unwrap(), [expected]);
    }

    #[tokio::test]
    async fn many_entries_of_metadata_are_too_large() {
        let metadata = |count: usize| (0..count).map(|number| (format!("{number:x}"), Vec::new().into())).collect();
        let bomb = |count| compress(Payload { metadata: metadata(count), data: Vec::new().into() }).unwrap();
        let decoded = Zlib::new(LIMIT).decode(vec![bomb(1_000)]).await;
        assert_eq!(decoded.unwrap()[0].metadata.len(), 1_000);
        for payloads in [vec![bomb(20_000)], vec![bomb(5_000), bomb(5_000)]] {
            assert_eq!(Zlib::new(LIMIT).decode(payloads).await, Err(CodecError::TooLarge { limit: LIMIT }));
        }
    }

    #[tokio::test]
    async fn a_bomb_is_refused() {
        let bomb = Zlib::new(0).encode(vec![Payload::json(vec![b'0'; 16 << 20])]).await.unwrap();
        assert!(bomb[0].size() < 50 << 10);
        assert_eq!(Zlib::new(LIMIT).decode(bomb).await, Err(CodecError::TooLarge { limit: LIMIT }));
        let many = Zlib::new(0).encode(vec![Payload::json(vec![b'0'; 600 << 10]); 2]).await.unwrap();
        assert_eq!(Zlib::new(LIMIT).decode(many).await, Err(CodecError::TooLarge { limit: LIMIT }));
    }

    #[tokio::test]
    async fn damage_is_told() {
        let damaged = wire::encoded(ENCODING, b"not zlib".to_vec());
        let error = Zlib::new(LIMIT).decode(vec![damaged]).await.unwrap_err().to_string();
        assert_eq!(error, "decode a payload of encoding binary/zlib: it is not compressed by zlib, or cut off");
    }
}
