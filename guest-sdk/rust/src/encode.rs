//! Values → payloads.

use serde::ser::{Serialize, Serializer};

use crate::value::{BINARY_NULL, BINARY_PLAIN, JSON_PLAIN};
use crate::{ConversionError, RawValue};

/// A value that can be a result, a detail or a heartbeat: whatever serde can serialize, and [`RawValue`].
///
/// `()` and `None` become `binary/null`, [`Bytes`](crate::Bytes) `binary/plain`, everything else compact `json/plain`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be encoded as a Temporal payload",
    note = "derive `serde::Serialize` for it, or use `isolet_sdk::RawValue`"
)]
pub trait ToPayload {
    /// Encodes the value.
    ///
    /// # Errors
    /// When the value has no JSON form, such as a map whose keys are no strings.
    fn to_payload(&self) -> Result<RawValue, ConversionError>;
}

impl ToPayload for RawValue {
    fn to_payload(&self) -> Result<RawValue, ConversionError> {
        Ok(self.clone())
    }
}

impl ToPayload for &RawValue {
    fn to_payload(&self) -> Result<RawValue, ConversionError> {
        Ok((*self).clone())
    }
}

impl<T: Serialize + ?Sized> ToPayload for T {
    fn to_payload(&self) -> Result<RawValue, ConversionError> {
        let mut json = Vec::new();
        let mut form = Form::Json;
        self.serialize(TopLevel { json: &mut serde_json::Serializer::new(&mut json), form: &mut form })?;
        Ok(match form {
            Form::Json => RawValue::new(JSON_PLAIN, json),
            Form::Null => RawValue::new(BINARY_NULL, Vec::new()),
            Form::Bytes(bytes) => RawValue::new(BINARY_PLAIN, bytes),
        })
    }
}

/// What the outermost value turned out to be.
enum Form {
    Json,
    Null,
    Bytes(Vec<u8>),
}

/// Looks at the outermost value only: null and bytes have encodings of their own there, the rest is JSON.
struct TopLevel<'a, 'w> {
    json: &'a mut Json<'w>,
    form: &'a mut Form,
}

type Json<'w> = serde_json::Serializer<&'w mut Vec<u8>>;

/// Methods that leave the value to JSON.
macro_rules! as_json {
    ($($method:ident($($name:ident: $type:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $($name: $type),*) -> Result<$ok, serde_json::Error> {
            self.json.$method($($name),*)
        }
    )*};
}

impl<'a, 'w> Serializer for TopLevel<'a, 'w> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = <&'a mut Json<'w> as Serializer>::SerializeSeq;
    type SerializeTuple = <&'a mut Json<'w> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <&'a mut Json<'w> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <&'a mut Json<'w> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <&'a mut Json<'w> as Serializer>::SerializeMap;
    type SerializeStruct = <&'a mut Json<'w> as Serializer>::SerializeStruct;
    type SerializeStructVariant = <&'a mut Json<'w> as Serializer>::SerializeStructVariant;

    fn serialize_none(self) -> Result<(), Self::Error> {
        *self.form = Form::Null;
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Self::Error> {
        *self.form = Form::Null;
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Self::Error> {
        *self.form = Form::Null;
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Self::Error> {
        *self.form = Form::Bytes(bytes.to_vec());
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.json.serialize_newtype_variant(name, index, variant, value)
    }

    as_json! {
        serialize_bool(value: bool) -> ();
        serialize_i8(value: i8) -> ();
        serialize_i16(value: i16) -> ();
        serialize_i32(value: i32) -> ();
        serialize_i64(value: i64) -> ();
        serialize_i128(value: i128) -> ();
        serialize_u8(value: u8) -> ();
        serialize_u16(value: u16) -> ();
        serialize_u32(value: u32) -> ();
        serialize_u64(value: u64) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_char(value: char) -> ();
        serialize_str(value: &str) -> ();
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> ();
        serialize_seq(length: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(length: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> Self::SerializeMap;
        serialize_struct(name: &'static str, length: usize) -> Self::SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeStructVariant;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Bytes;

    fn check(value: impl ToPayload, encoding: &str, data: &[u8]) {
        let payload = value.to_payload().unwrap();
        assert_eq!((payload.encoding(), payload.data.as_slice()), (Some(encoding), data));
    }

    #[derive(serde::Serialize)]
    struct Point {
        x: f64,
        y: Option<u8>,
    }

    #[derive(serde::Serialize)]
    struct Id(u8);

    #[test]
    fn each_value_has_the_encoding_of_its_kind() {
        check((), "binary/null", b"");
        check(None::<u8>, "binary/null", b"");
        check(Some("a"), "json/plain", br#""a""#);
        check(Bytes(vec![0, 255]), "binary/plain", &[0, 255]);
        check(Some(Bytes(vec![7])), "binary/plain", &[7]);
        check(Point { x: 1.5, y: None }, "json/plain", br#"{"x":1.5,"y":null}"#);
        check(Id(4), "json/plain", b"4");
        check((1, true), "json/plain", b"[1,true]");
        check(vec![1u8, 2], "json/plain", b"[1,2]");
        check(RawValue::new("binary/protobuf", *b"x"), "binary/protobuf", b"x");
    }

    #[test]
    fn what_has_no_json_form_is_an_error() {
        let keys = BTreeMap::from([((1, 2), 3)]);
        assert_eq!(keys.to_payload().unwrap_err().to_string(), "key must be a string");
    }
}
