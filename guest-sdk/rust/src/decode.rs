//! Payloads → values.

use serde::de::value::SeqDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::value::{BINARY_NULL, BINARY_PLAIN, BINARY_PROTOBUF, JSON_PLAIN, JSON_PROTOBUF};
use crate::{ConversionError, RawValue};

/// A value that can be an argument: whatever serde can deserialize, and [`RawValue`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from a Temporal payload",
    note = "derive `serde::Deserialize` for it, or use `isolet_sdk::RawValue`"
)]
pub trait FromPayload: Sized {
    /// Decodes the value.
    ///
    /// # Errors
    /// When the encoding is not known or the value is not of this type.
    fn from_payload(payload: RawValue) -> Result<Self, ConversionError>;
}

impl FromPayload for RawValue {
    fn from_payload(payload: RawValue) -> Result<Self, ConversionError> {
        Ok(payload)
    }
}

impl<T: DeserializeOwned> FromPayload for T {
    fn from_payload(payload: RawValue) -> Result<Self, ConversionError> {
        match payload.encoding() {
            Some(BINARY_NULL) => Ok(serde_json::from_slice(b"null")?),
            Some(BINARY_PLAIN) => Ok(T::deserialize(Binary(payload.data))?),
            Some(JSON_PLAIN | JSON_PROTOBUF) => Ok(serde_json::from_slice(&payload.data)?),
            Some(BINARY_PROTOBUF) => Err(ConversionError::Protobuf),
            encoding => Err(ConversionError::UnknownEncoding(encoding.unwrap_or("<unknown>").to_owned())),
        }
    }
}

/// Offers bytes to types that take bytes, and to those that take a sequence of numbers.
struct Binary(Vec<u8>);

impl<'de> Deserializer<'de> for Binary {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_byte_buf(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    fn json(text: &str) -> RawValue {
        RawValue::new(JSON_PLAIN, text)
    }

    #[test]
    fn values_come_from_each_encoding() {
        assert_eq!(json("[1,2]").decode::<Vec<u8>>().unwrap(), [1, 2]);
        assert_eq!(RawValue::new(JSON_PROTOBUF, "{}").decode::<serde_json::Value>().unwrap(), serde_json::json!({}));
        assert_eq!(RawValue::null().decode::<Option<u8>>().unwrap(), None);
        assert_eq!(RawValue::null().decode::<()>().unwrap(), ());
    }

    #[test]
    fn bytes_come_from_binary_text_and_numbers() {
        let binary = RawValue::new(BINARY_PLAIN, *b"\x00\xff");
        assert_eq!(binary.clone().decode::<Bytes>().unwrap(), Bytes(vec![0, 255]));
        assert_eq!(binary.clone().decode::<Option<Bytes>>().unwrap(), Some(Bytes(vec![0, 255])));
        assert_eq!(binary.clone().decode::<Vec<u8>>().unwrap(), [0, 255]);
        assert_eq!(binary.clone().decode::<RawValue>().unwrap(), binary);
        assert_eq!(json(r#""ab""#).decode::<Bytes>().unwrap(), Bytes(b"ab".to_vec()));
        assert_eq!(json("[3]").decode::<Bytes>().unwrap(), Bytes(vec![3]));
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let message = |payload: RawValue| payload.decode::<u32>().unwrap_err().to_string();
        assert!(message(json(r#""a""#)).starts_with("invalid type: string \"a\", expected u32"));
        assert!(message(RawValue::null()).starts_with("invalid type: null, expected u32"));
        assert!(message(RawValue::new(BINARY_PLAIN, *b"a")).starts_with("invalid type: byte array, expected u32"));
        assert_eq!(message(RawValue::new("my/own", *b"a")), "Unknown payload encoding my/own");
        assert_eq!(message(RawValue::default()), "Unknown payload encoding <unknown>");
        assert_eq!(
            message(RawValue::new(BINARY_PROTOBUF, *b"a")),
            "a binary/protobuf payload can only be taken as Proto, ProtoJson or RawValue"
        );
    }
}
