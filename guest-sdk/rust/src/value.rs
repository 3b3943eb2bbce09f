//! Encoded values and the two types that decide how they are encoded.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{FromPayload, ToPayload};

/// The metadata key that names the encoding.
const ENCODING: &str = "encoding";

/// Encodings of Temporal's default data converter, in the order in which it tries them.
pub(crate) const BINARY_NULL: &str = "binary/null";
/// Bytes as they are.
pub(crate) const BINARY_PLAIN: &str = "binary/plain";
/// The JSON form of a protobuf message.
pub(crate) const JSON_PROTOBUF: &str = "json/protobuf";
/// An encoded protobuf message.
pub(crate) const BINARY_PROTOBUF: &str = "binary/protobuf";
/// JSON.
pub(crate) const JSON_PLAIN: &str = "json/plain";

/// One encoded value, as Temporal stores it: a payload.
///
/// As an argument or a result of an activity it passes the payload on untouched, whatever its encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawValue {
    /// Metadata: keys and their values; `encoding` names the encoding. Of several with one key, the last counts.
    pub metadata: Vec<(String, Vec<u8>)>,
    /// The encoded value.
    pub data: Vec<u8>,
}

impl RawValue {
    /// A value of this encoding, such as `json/plain`.
    pub fn new(encoding: &str, data: impl Into<Vec<u8>>) -> Self {
        let metadata = vec![(ENCODING.to_owned(), encoding.as_bytes().to_vec())];
        Self { metadata, data: data.into() }
    }

    /// The null value.
    #[must_use]
    pub fn null() -> Self {
        Self::new(BINARY_NULL, Vec::new())
    }

    /// Encodes a value as an activity's result would be.
    ///
    /// # Errors
    /// When the value has no JSON form, such as a map whose keys are no strings.
    pub fn encode(value: &(impl ToPayload + ?Sized)) -> Result<Self, ConversionError> {
        value.to_payload()
    }

    /// Decodes it as an activity's argument would be.
    ///
    /// # Errors
    /// When the encoding is not known or the value is not a `T`.
    pub fn decode<T: FromPayload>(self) -> Result<T, ConversionError> {
        T::from_payload(self)
    }

    /// The value of the metadata `key`.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&[u8]> {
        self.metadata.iter().rev().find_map(|(name, value)| (name == key).then_some(value.as_slice()))
    }

    /// The name of the encoding; none when the metadata lacks it or it is no text.
    #[must_use]
    pub fn encoding(&self) -> Option<&str> {
        str::from_utf8(self.metadata(ENCODING)?).ok()
    }
}

/// Bytes that travel as they are, in the encoding `binary/plain`.
///
/// As an argument it also takes a JSON text, as its UTF-8 bytes, and a JSON array of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

#[cfg(feature = "bytes")]
impl From<bytes::Bytes> for Bytes {
    fn from(bytes: bytes::Bytes) -> Self {
        Self(bytes.into())
    }
}

#[cfg(feature = "bytes")]
impl From<Bytes> for bytes::Bytes {
    fn from(bytes: Bytes) -> Self {
        bytes.0.into()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

/// Takes bytes in each form in which serde offers them.
struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("bytes, a text or an array of bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.to_vec()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }

    fn visit_str<E>(self, text: &str) -> Result<Bytes, E> {
        Ok(Bytes(text.as_bytes().to_vec()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Bytes, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = items.next_element()? {
            bytes.push(byte);
        }
        Ok(Bytes(bytes))
    }
}

/// Why a value could not be encoded or decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// The value does not fit the type, or has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// No converter knows the encoding.
    #[error("Unknown payload encoding {0}")]
    UnknownEncoding(String),
    /// The payload is an encoded protobuf message, which only `Proto`, `ProtoJson` and [`RawValue`] can take.
    #[error("a binary/protobuf payload can only be taken as Proto, ProtoJson or RawValue")]
    Protobuf,
    /// The payload is the JSON form of a protobuf message, which `Proto` can't take.
    #[error("a json/protobuf payload can only be taken as ProtoJson or RawValue")]
    ProtobufJson,
    /// The payload is no protobuf message of this type.
    #[error(transparent)]
    Message(Box<dyn std::error::Error + Send + Sync>),
}

impl ConversionError {
    /// The type that the failure gets: those of Temporal's Python SDK, so that retry policies fit both.
    pub(crate) fn failure_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "TypeError",
            Self::UnknownEncoding(_) => "KeyError",
            Self::Protobuf | Self::ProtobufJson | Self::Message(_) => "RuntimeError",
        }
    }
}
