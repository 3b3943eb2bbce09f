//! The port to what codes payloads between Temporal and the worker: compression, encryption.

use std::{fmt, pin::Pin};

use crate::Payload;

/// Codes payloads on their way to the server, and back. Guests see only what is decoded.
pub trait PayloadCodec: fmt::Debug + Send + Sync + 'static {
    /// Encodes payloads: as many as there were, in the same order.
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_>;

    /// Decodes payloads: as many as there were, in the same order. What it did not encode is left as it is.
    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_>;
}

/// Payloads that are being coded. Dropping it ends the work.
pub type CodecFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Payload>, CodecError>> + Send + 'a>>;

/// Why payloads could not be coded. The texts reach the caller of the activity, so they name nothing of the host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A payload was encrypted with a key that is not there.
    #[error("decrypt a payload: it was encrypted with key {key_id:?}, which this worker does not have")]
    UnknownKey {
        /// The key's id, as the payload names it.
        key_id: String,
    },
    /// A payload is not what its encoding says.
    #[error("decode a payload of encoding {encoding}: {reason}")]
    Malformed {
        /// The payload's encoding.
        encoding: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A payload is not there, but a reference to where it is stored.
    #[error(
        "read payload {number}: it is a reference to external storage{driver}, and this worker has none [TMPRL1105]"
    )]
    ExternalReference {
        /// Which payload of the list, from 1.
        number: usize,
        /// ` (driver "…")`, as the reference names it; empty when it does not.
        driver: String,
    },
    /// Payloads are larger than the codec takes.
    #[error("code payloads: they have more than {limit} bytes, the codec's limit")]
    TooLarge {
        /// The most bytes that all payloads of one list may have once they are decoded.
        limit: usize,
    },
    /// The codec server did not do its work.
    #[error("use the codec server: {reason}")]
    Server {
        /// What happened.
        reason: String,
    },
    /// The codec did not do its work, for a reason of the host's.
    #[error("code payloads: {reason}")]
    Broken {
        /// What happened.
        reason: &'static str,
    },
}
