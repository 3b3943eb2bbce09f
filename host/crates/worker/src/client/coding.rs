//! Payloads of requests and answers, coded as those of attempts are: what a guest sends is encoded for the server, what
//! it gets is decoded. Headers and search attributes are left as they are, as everywhere.

use activity::{ClientError, CodecError};
use futures_util::future::BoxFuture;
use temporalio_client::tonic::Code;
use temporalio_common::{
    data_converters::PayloadConversionError,
    payload_visitor::{AsyncPayloadVisitor, PayloadField, PayloadFieldData, PayloadVisitable},
    protos::temporal::api::common::v1::Payload,
};

use super::code;
use crate::{PayloadCoding, from_proto, to_proto};

/// Codes what it visits.
pub(crate) struct Coder<'a> {
    coding: &'a PayloadCoding,
    way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Encode,
    Decode,
}

/// What coding a message comes to.
pub(crate) type Coded = Result<(), PayloadConversionError>;

impl<'a> Coder<'a> {
    /// Encodes.
    pub(super) fn encoder(coding: &'a PayloadCoding) -> Self {
        Self { coding, way: Way::Encode }
    }

    /// Decodes.
    pub(super) fn decoder(coding: &'a PayloadCoding) -> Self {
        Self { coding, way: Way::Decode }
    }

    async fn code(&self, payloads: Vec<Payload>) -> Result<Vec<Payload>, CodecError> {
        let payloads = payloads.into_iter().map(from_proto::payload).collect();
        let coded = match self.way {
            Way::Encode => self.coding.encode(payloads).await?,
            Way::Decode => self.coding.decode(payloads).await?,
        };
        Ok(to_proto::payloads(coded))
    }
}

impl AsyncPayloadVisitor for Coder<'_> {
    fn visit<'a>(&'a mut self, field: PayloadField<'a>) -> BoxFuture<'a, Coded> {
        Box::pin(async move {
            if field.path.ends_with("SearchAttributes.indexed_fields") || field.path.ends_with("Header.fields") {
                return Ok(());
            }
            // A failure ends the whole call, so nothing of a field that is lost half-way is ever sent.
            let refused = |error| PayloadConversionError::EncodingError(Box::new(error));
            match field.data {
                PayloadFieldData::Single(payload) => {
                    let coded = self.code(vec![std::mem::take(payload)]).await.map_err(refused)?;
                    *payload = coded.into_iter().next().unwrap_or_default();
                }
                PayloadFieldData::Repeated(payloads) => {
                    *payloads = self.code(std::mem::take(payloads)).await.map_err(refused)?;
                }
                PayloadFieldData::Payloads(list) => {
                    list.payloads = self.code(std::mem::take(&mut list.payloads)).await.map_err(refused)?;
                }
            }
            Ok(())
        })
    }
}

/// What a guest hears of payloads that could not be coded.
pub(super) fn refused(error: &PayloadConversionError) -> ClientError {
    let text = match error {
        PayloadConversionError::EncodingError(error) => error.to_string(),
        _ => "code payloads".to_owned(),
    };
    ClientError::status(code(Code::FailedPrecondition), format!("failed to {text}"))
}

/// A message, whose payloads are coded if its type has any. `Carrier(message).code(coder)` finds [`WithPayloads`]
/// first and else [`WithoutPayloads`], so that a payload that a new version of a message brings is not overlooked.
pub(super) struct Carrier<'m, M>(pub(super) &'m mut M);

/// A message that may have payloads.
pub(super) trait WithPayloads<'m> {
    /// Codes them.
    fn code(self, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded>;
}

impl<'m, M: PayloadVisitable> WithPayloads<'m> for Carrier<'m, M> {
    fn code(self, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded> {
        self.0.visit_payloads_mut(coder)
    }
}

/// A message that never has payloads.
pub(super) trait WithoutPayloads<'m> {
    /// Does nothing.
    fn code(&self, coder: &'m mut Coder<'_>) -> BoxFuture<'m, Coded>;
}

impl<'m, M> WithoutPayloads<'m> for Carrier<'m, M> {
    fn code(&self, _: &'m mut Coder<'_>) -> BoxFuture<'m, Coded> {
        Box::pin(std::future::ready(Ok(())))
    }
}
