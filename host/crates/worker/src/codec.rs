//! Payloads at the worker's edge: decoded as they come from the server, encoded as they go there.
//!
//! Inside of the worker, and so for executors and guests, every payload is decoded. Headers are left as they are, as in
//! Temporal's other workers.

mod bounds;
mod failure;
mod heartbeats;
mod inbound;
mod outbound;
mod reference;

use std::sync::Arc;

use activity::{CodecError, Failure, Payload, PayloadCodec};

pub(crate) use self::{
    bounds::{bounded, cut},
    heartbeats::HeartbeatCoder,
    inbound::{DecodedTask, decode_task},
};

/// How payloads and failures are coded on their way between the server and guests.
#[derive(Clone, Debug, Default)]
pub struct PayloadCoding {
    codec: Option<Arc<dyn PayloadCodec>>,
    encode_failure_attributes: bool,
}

impl PayloadCoding {
    /// Codes with `codec`; and with `encode_failure_attributes`, messages and stack traces of failures become payloads,
    /// too, so that the server does not see them either.
    pub fn new(codec: Option<Arc<dyn PayloadCodec>>, encode_failure_attributes: bool) -> Self {
        Self { codec, encode_failure_attributes }
    }

    /// Whether payloads are left as they are.
    pub(crate) fn keeps_payloads(&self) -> bool {
        self.codec.is_none()
    }

    /// Encodes payloads for the server.
    ///
    /// # Errors
    /// When the codec can't.
    pub async fn encode(&self, payloads: Vec<Payload>) -> Result<Vec<Payload>, CodecError> {
        match &self.codec {
            Some(codec) if !payloads.is_empty() => {
                let count = payloads.len();
                as_many(codec.encode(payloads).await?, count)
            }
            _ => Ok(payloads),
        }
    }

    /// Decodes payloads of the server.
    ///
    /// # Errors
    /// When the codec can't, or one of them is stored elsewhere.
    pub async fn decode(&self, payloads: Vec<Payload>) -> Result<Vec<Payload>, CodecError> {
        reference::refuse(&payloads)?;
        match &self.codec {
            Some(codec) if !payloads.is_empty() => {
                let count = payloads.len();
                as_many(codec.decode(payloads).await?, count)
            }
            _ => Ok(payloads),
        }
    }

    /// Encodes a failure with its causes for the server.
    ///
    /// # Errors
    /// When the codec can't.
    pub async fn encode_failure(&self, mut failure: Failure) -> Result<Failure, CodecError> {
        self.hide_texts(&mut failure);
        if self.codec.is_some() {
            let (payloads, places) = failure::take_payloads(&mut failure);
            failure::put_payloads(places, self.encode(payloads).await?);
        }
        Ok(failure)
    }

    /// Makes payloads of a failure's messages and stack traces, and of its causes', if the server is not to see them.
    pub(crate) fn hide_texts(&self, failure: &mut Failure) {
        if self.encode_failure_attributes {
            failure::encode_attributes(failure);
        }
    }

    /// Puts messages and stack traces back that are payloads, decoded already.
    pub(crate) fn show_texts(failure: &mut Failure) {
        failure::decode_attributes(failure);
    }

    /// Decodes a failure with its causes, as the server tells it, and puts encoded messages and stack traces back.
    ///
    /// # Errors
    /// When the codec can't, or a payload of it is stored elsewhere.
    pub async fn decode_failure(&self, mut failure: Failure) -> Result<Failure, CodecError> {
        let (payloads, places) = failure::take_payloads(&mut failure);
        failure::put_payloads(places, self.decode(payloads).await?);
        Self::show_texts(&mut failure);
        Ok(failure)
    }
}

/// What a codec must hold to: nothing could be put back otherwise.
fn as_many(coded: Vec<Payload>, count: usize) -> Result<Vec<Payload>, CodecError> {
    match coded.len() == count {
        true => Ok(coded),
        false => Err(CodecError::Broken { reason: "the codec returned another number of them" }),
    }
}

/// The application failure that tells of a codec's error.
pub(crate) fn explained(error: &CodecError) -> Failure {
    let failure_type = match error {
        CodecError::ExternalReference { .. } => "ExternalStorageError",
        _ => "PayloadCodecError",
    };
    Failure::application(failure_type, format!("failed to {error}"))
}

#[cfg(test)]
mod tests;
