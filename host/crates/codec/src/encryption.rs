//! Encryption with AES-256-GCM, as in Temporal's samples: `binary/encrypted` around the whole payload, with the key's id
//! beside it.

use std::sync::Arc;

use activity::{CodecError, CodecFuture, Payload, PayloadCodec};
use bytes::Bytes;
use ring::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand::{SecureRandom as _, SystemRandom},
};

use crate::{KeyRing, key::Key, offload, wire};

/// The encoding of what is encrypted.
const ENCODING: &str = "binary/encrypted";

/// The metadata that names the key.
const KEY_ID: &str = "encryption-key-id";

/// Characters of an unknown key's id that are told.
const TOLD_ID: usize = 100;

/// Encrypts payloads with the active key of a ring, and decrypts them with any.
#[derive(Clone, Debug)]
pub struct Encryption {
    keys: Arc<KeyRing>,
    limit: usize,
}

impl Encryption {
    /// Encrypts and decrypts with `keys`. Refuses payloads that are more than `limit` bytes together once they are
    /// decrypted; many entries of metadata count, too.
    pub fn new(keys: KeyRing, limit: usize) -> Self {
        Self { keys: Arc::new(keys), limit }
    }
}

impl PayloadCodec for Encryption {
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        let keys = Arc::clone(&self.keys);
        Box::pin(offload::run(payloads, move |payloads| {
            payloads.into_iter().map(|payload| encrypt(payload, &keys)).collect()
        }))
    }

    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        let (keys, limit) = (Arc::clone(&self.keys), self.limit);
        Box::pin(offload::run(payloads, move |payloads| {
            wire::open_all(payloads, ENCODING, limit, |payload, _| decrypt(payload, &keys))
        }))
    }
}

fn encrypt(payload: Payload, keys: &KeyRing) -> Result<Payload, CodecError> {
    let broken = |reason| CodecError::Broken { reason };
    let (id, Key(key)) = keys.active().ok_or_else(|| broken("there is no active key"))?;
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| broken("the system gives no random numbers"))?;
    let mut data = nonce.to_vec();
    wire::append(payload, &mut data);
    let (_, message) = data.split_at_mut(NONCE_LEN);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), message);
    data.extend_from_slice(tag.map_err(|_| broken("one of them is too large to encrypt"))?.as_ref());
    let mut encrypted = wire::encoded(ENCODING, data);
    encrypted.metadata.push((KEY_ID.to_owned(), Bytes::copy_from_slice(id.as_bytes())));
    Ok(encrypted)
}

/// The message that is encrypted in `payload`.
fn decrypt(payload: &Payload, keys: &KeyRing) -> Result<Vec<u8>, CodecError> {
    let malformed = |reason| CodecError::Malformed { encoding: ENCODING, reason };
    let id = payload.metadata(KEY_ID).ok_or_else(|| malformed("it does not name its key"))?;
    let id = String::from_utf8_lossy(id);
    let unknown = || CodecError::UnknownKey { key_id: id.chars().take(TOLD_ID).collect() };
    let Key(key) = keys.key(&id).ok_or_else(unknown)?;
    let (nonce, message) = payload.data.split_at_checked(NONCE_LEN).ok_or_else(|| malformed("it is cut off"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| malformed("it is cut off"))?;
    let mut message = message.to_vec();
    let length = key.open_in_place(nonce, Aad::empty(), &mut message).map(|plain| plain.len());
    let length = length.map_err(|_| malformed("it was changed, or encrypted with another key of the same id"))?;
    message.truncate(length);
    Ok(message)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const LIMIT: usize = 2 << 20;

    /// The key of Temporal's samples.
    const SAMPLE_KEY: &[u8] = b"test-key-test-key-test-key-test!";

    fn encryption(active: &str, keys: &[(&str, &[u8])]) -> Encryption {
        let keys = keys.iter().map(|(id, secret)| ((*id).to_owned(), Key::parse(secret).unwrap()));
        Encryption::new(KeyRing::new(active, BTreeMap::from_iter(keys)).unwrap(), LIMIT)
    }

    /// The payload `json/plain` 7, encrypted by Python's cryptography 48 with the samples' key and the nonce 0, 1 … 11.
    fn by_python() -> Payload {
        let data = b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\xf9\x2b\x89\xda\x27\x68\x61\xd2\x65\x73\x95\xa2\
              \xa3\xf7\xf7\xd1\xe8\xa4\x56\x22\x93\x85\x92\xd0\x67\xe5\xb6\x58\x9e\xa4\xd4\xd6\x61\xc8\xe2\xcd\
              \x3d\x64\x5e\xa2\x88\x67\xf2";
        let mut payload = wire::encoded(ENCODING, data.to_vec());
        payload.metadata.push((KEY_ID.to_owned(), Bytes::from_static(b"test-key-id")));
        payload
    }

    #[tokio::test]
    async fn what_other_implementations_encrypt_is_decrypted() {
        let codec = encryption("test-key-id", &[("test-key-id", SAMPLE_KEY)]);
        assert_eq!(codec.decode(vec![by_python()]).await.unwrap(), [Payload::json("7")]);
    }

    #[tokio::test]
    async fn every_payload_is_encrypted_anew() {
        let codec = encryption("test-key-id", &[("test-key-id", SAMPLE_KEY)]);
        let payloads =
            vec![Payload::json("7"), Payload::json("7"), Payload::null(), Payload::json("x".repeat(1 << 20))];
        let encrypted = codec.encode(payloads.clone()).await.unwrap();
        assert_ne!(encrypted[0], encrypted[1]);
        for payload in &encrypted {
            assert_eq!(payload.metadata("encoding").unwrap(), ENCODING);
            assert_eq!(payload.metadata(KEY_ID).unwrap(), "test-key-id");
        }
        // Nonce, message and tag.
        assert_eq!(encrypted[0].data.len(), 12 + 27 + 16);
        assert_eq!(codec.decode(encrypted).await.unwrap(), payloads);
    }

    #[tokio::test]
    async fn a_key_that_encrypts_no_more_still_decrypts() {
        let (old, new) = ([1; 32], [2; 32]);
        let before = encryption("old", &[("old", &old)]);
        let after = encryption("new", &[("old", &old), ("new", &new)]);
        let encrypted = before.encode(vec![Payload::json("7")]).await.unwrap();
        assert_eq!(after.decode(encrypted).await.unwrap(), [Payload::json("7")]);
        let encrypted = after.encode(vec![Payload::json("7")]).await.unwrap();
        assert_eq!(encrypted[0].metadata(KEY_ID).unwrap(), "new");
        assert_eq!(before.decode(encrypted).await, Err(CodecError::UnknownKey { key_id: "new".to_owned() }));
    }

    #[tokio::test]
    async fn what_is_not_encrypted_passes() {
        let codec = encryption("a", &[("a", &[1; 32])]);
        assert_eq!(codec.decode(vec![Payload::json("7")]).await.unwrap(), [Payload::json("7")]);
    }

    #[tokio::test]
    async fn many_entries_of_metadata_are_too_large() {
        let codec = encryption("a", &[("a", &[1; 32])]);
        let metadata = (0..40_000).map(|number| (format!("{number:x}"), Bytes::new())).collect();
        let bomb = codec.encode(vec![Payload { metadata, data: Bytes::new() }]).await.unwrap();
        assert!(bomb[0].size() < LIMIT);
        assert_eq!(codec.decode(bomb).await, Err(CodecError::TooLarge { limit: LIMIT }));
    }

    #[tokio::test]
    async fn damage_is_told() {
        let codec = encryption("test-key-id", &[("test-key-id", SAMPLE_KEY)]);
        let changed = |change: fn(&mut Vec<u8>)| {
            let mut payload = by_python();
            let mut data = payload.data.to_vec();
            change(&mut data);
            payload.data = data.into();
            payload
        };
        let no_key =
            Payload { metadata: vec![("encoding".to_owned(), Bytes::from_static(ENCODING.as_bytes()))], ..by_python() };
        let cases = [
            (no_key, "it does not name its key"),
            (changed(|data| data.truncate(11)), "it is cut off"),
            (changed(|data| data.truncate(20)), "it was changed, or encrypted with another key of the same id"),
            (changed(|data| data[20] ^= 1), "it was changed, or encrypted with another key of the same id"),
        ];
        for (payload, reason) in cases {
            assert_eq!(codec.decode(vec![payload]).await, Err(CodecError::Malformed { encoding: ENCODING, reason }));
        }
    }
}
