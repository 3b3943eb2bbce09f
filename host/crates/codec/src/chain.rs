//! Several codecs, one after the other.

use std::sync::Arc;

use activity::{CodecFuture, Payload, PayloadCodec};

/// Encodes with each codec in turn, and decodes the other way round.
#[derive(Clone, Debug)]
pub struct Chain {
    codecs: Vec<Arc<dyn PayloadCodec>>,
}

impl Chain {
    /// `codecs` in the order in which they encode.
    pub fn new(codecs: Vec<Arc<dyn PayloadCodec>>) -> Self {
        Self { codecs }
    }
}

impl PayloadCodec for Chain {
    fn encode(&self, mut payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async move {
            for codec in &self.codecs {
                payloads = codec.encode(payloads).await?;
            }
            Ok(payloads)
        })
    }

    fn decode(&self, mut payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(async move {
            for codec in self.codecs.iter().rev() {
                payloads = codec.decode(payloads).await?;
            }
            Ok(payloads)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Encryption, Key, KeyRing, Zlib};

    #[tokio::test]
    async fn what_encodes_last_decodes_first() {
        let keys = BTreeMap::from([("a".to_owned(), Key::parse(&[7; 32]).unwrap())]);
        let encryption = Encryption::new(KeyRing::new("a", keys).unwrap(), 1 << 20);
        let chain = Chain::new(vec![Arc::new(Zlib::new(1 << 20)), Arc::new(encryption)]);
        let payloads = vec![Payload::json("7".repeat(1_000)), Payload::null()];
        let encoded = chain.encode(payloads.clone()).await.unwrap();
        assert!(encoded.iter().all(|payload| payload.metadata("encoding").unwrap() == "binary/encrypted"));
        assert!(encoded[0].size() < 200, "compressed before it was encrypted");
        assert_eq!(chain.decode(encoded).await.unwrap(), payloads);
    }
}
