//! Protobuf messages as values.

use prost::{Message, Name};
use serde::{Serialize, de::DeserializeOwned};

use crate::value::{BINARY_PROTOBUF, JSON_PROTOBUF};
use crate::{ConversionError, FromPayload, RawValue, ToPayload};

/// The metadata key that names the message.
const MESSAGE_TYPE: &str = "messageType";

/// A protobuf message that travels as `binary/protobuf`.
///
/// Messages are those of [`prost`], with their names: `prost-build` writes them with `enable_type_names`. What the
/// caller sends as `json/protobuf`, as Temporal's SDKs do unless they are told otherwise, [`ProtoJson`] takes.
///
/// ```
/// use isolet_sdk::{Proto, activity};
///
/// # #[derive(Clone, PartialEq, prost::Message)]
/// # struct Order { #[prost(string, tag = "1")] id: String }
/// # impl prost::Name for Order { const NAME: &str = "Order"; const PACKAGE: &str = "shop"; }
/// #[activity]
/// fn ship(order: Proto<Order>) -> Proto<Order> {
///     Proto(Order { id: order.0.id + "-shipped" })
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proto<M>(pub M);

/// A protobuf message that travels as `json/protobuf`, and is taken as `binary/protobuf`, too.
///
/// The message's serde implementations must be those of protobuf's JSON form, as `pbjson-build` writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProtoJson<M>(pub M);

impl<M: Message + Name> ToPayload for Proto<M> {
    fn to_payload(&self) -> Result<RawValue, ConversionError> {
        Ok(message::<M>(BINARY_PROTOBUF, self.0.encode_to_vec()))
    }
}

impl<M: Message + Name + Default> FromPayload for Proto<M> {
    fn from_payload(payload: RawValue) -> Result<Self, ConversionError> {
        match payload.encoding() {
            Some(BINARY_PROTOBUF) => decode(&payload).map(Self),
            Some(JSON_PROTOBUF) => Err(ConversionError::ProtobufJson),
            encoding => Err(ConversionError::UnknownEncoding(encoding.unwrap_or("<unknown>").to_owned())),
        }
    }
}

impl<M: Message + Name + Serialize> ToPayload for ProtoJson<M> {
    fn to_payload(&self) -> Result<RawValue, ConversionError> {
        Ok(message::<M>(JSON_PROTOBUF, serde_json::to_vec(&self.0)?))
    }
}

impl<M: Message + Name + Default + DeserializeOwned> FromPayload for ProtoJson<M> {
    fn from_payload(payload: RawValue) -> Result<Self, ConversionError> {
        match payload.encoding() {
            Some(JSON_PROTOBUF) => {
                check_name::<M>(&payload)?;
                Ok(Self(serde_json::from_slice(&payload.data)?))
            }
            Some(BINARY_PROTOBUF) => decode(&payload).map(Self),
            encoding => Err(ConversionError::UnknownEncoding(encoding.unwrap_or("<unknown>").to_owned())),
        }
    }
}

fn message<M: Name>(encoding: &str, data: Vec<u8>) -> RawValue {
    let mut payload = RawValue::new(encoding, data);
    payload.metadata.push((MESSAGE_TYPE.to_owned(), M::full_name().into_bytes()));
    payload
}

fn decode<M: Message + Name + Default>(payload: &RawValue) -> Result<M, ConversionError> {
    check_name::<M>(payload)?;
    M::decode(payload.data.as_slice()).map_err(|error| ConversionError::Message(error.into()))
}

/// Protobuf can't tell one message from another, but the payload's name can.
fn check_name<M: Name>(payload: &RawValue) -> Result<(), ConversionError> {
    let (expected, found) = (M::full_name(), payload.metadata(MESSAGE_TYPE).map(String::from_utf8_lossy));
    match found {
        Some(found) if found != expected => {
            Err(ConversionError::Message(format!("a message of type {found}, expected {expected}").into()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::activity;
    use crate::test::TestContext;

    #[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Order {
        #[prost(string, tag = "1")]
        order_id: String,
        #[prost(uint32, tag = "2")]
        items: u32,
    }

    impl Name for Order {
        const NAME: &str = "Order";
        const PACKAGE: &str = "shop.v1";
    }

    #[derive(Clone, PartialEq, Message)]
    struct Other {}

    impl Name for Other {
        const NAME: &str = "Other";
        const PACKAGE: &str = "shop.v1";
    }

    fn order() -> Order {
        Order { order_id: "A".to_owned(), items: 2 }
    }

    #[test]
    fn a_message_has_the_encoding_and_the_name_of_temporal_s_converters() {
        let binary = Proto(order()).to_payload().unwrap();
        assert_eq!(binary.encoding(), Some("binary/protobuf"));
        assert_eq!(binary.metadata("messageType"), Some(b"shop.v1.Order".as_slice()));
        assert_eq!(binary.data, b"\x0a\x01A\x10\x02");
        let json = ProtoJson(order()).to_payload().unwrap();
        assert_eq!(json.encoding(), Some("json/protobuf"));
        assert_eq!(json.metadata("messageType"), Some(b"shop.v1.Order".as_slice()));
        assert_eq!(json.data, br#"{"orderId":"A","items":2}"#);
        assert_eq!(binary.clone().decode::<Proto<Order>>().unwrap(), Proto(order()));
        assert_eq!(binary.decode::<ProtoJson<Order>>().unwrap(), ProtoJson(order()));
        assert_eq!(json.clone().decode::<ProtoJson<Order>>().unwrap(), ProtoJson(order()));
        // Nobody must name it.
        let unnamed = RawValue::new("binary/protobuf", *b"\x10\x02");
        assert_eq!(unnamed.decode::<Proto<Order>>().unwrap().0.items, 2);
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let binary = Proto(order()).to_payload().unwrap();
        let told = |error: ConversionError| (error.to_string(), error.failure_type());
        let expected = ("a message of type shop.v1.Order, expected shop.v1.Other".to_owned(), "RuntimeError");
        assert_eq!(told(binary.decode::<Proto<Other>>().unwrap_err()), expected);
        let json = ProtoJson(order()).to_payload().unwrap();
        let (message, _) = told(json.decode::<Proto<Order>>().unwrap_err());
        assert_eq!(message, "a json/protobuf payload can only be taken as ProtoJson or RawValue");
        let broken = RawValue::new("binary/protobuf", *b"\x0a\x7f");
        assert!(told(broken.decode::<Proto<Order>>().unwrap_err()).0.starts_with("failed to decode Protobuf message"));
        let plain = RawValue::new("json/plain", *b"{}");
        let expected = ("Unknown payload encoding json/plain".to_owned(), "KeyError");
        assert_eq!(told(plain.decode::<ProtoJson<Order>>().unwrap_err()), expected);
    }

    #[activity]
    fn add_one(order: Proto<Order>, other: Option<u8>) -> Proto<Order> {
        Proto(Order { items: order.0.items + u32::from(other.unwrap_or(1)), ..order.0 })
    }

    #[test]
    fn an_activity_takes_and_returns_it() {
        let returned = TestContext::new().run::<add_one>(&[&Proto(order())]).unwrap();
        assert_eq!(returned.decode::<Proto<Order>>().unwrap().0.items, 3);
    }
}
