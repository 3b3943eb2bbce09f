//! Payloads in protobuf's JSON, as codec servers take and give them.

use std::collections::BTreeMap;

use activity::Payload;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Deserialize, Serialize};

/// Protobuf's JSON is read with either alphabet of base64, with or without padding.
const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ANY_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDING);
const ANY_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING);

#[derive(Serialize, Deserialize)]
struct Payloads {
    #[serde(default)]
    payloads: Vec<JsonPayload>,
}

#[derive(Serialize, Deserialize)]
struct JsonPayload {
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    data: String,
}

/// The body that asks for `payloads` to be coded.
pub(super) fn request(payloads: &[Payload]) -> Vec<u8> {
    let payload = |payload: &Payload| JsonPayload {
        metadata: payload.metadata.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value))).collect(),
        data: STANDARD.encode(&payload.data),
    };
    // Maps of strings to strings always serialise.
    serde_json::to_vec(&Payloads { payloads: payloads.iter().map(payload).collect() }).unwrap_or_default()
}

/// The payloads of an answer, unless it is none.
pub(super) fn answer(body: &[u8]) -> Option<Vec<Payload>> {
    let payloads = serde_json::from_slice::<Payloads>(body).ok()?.payloads;
    payloads.into_iter().map(payload).collect()
}

fn payload(json: JsonPayload) -> Option<Payload> {
    let metadata = json.metadata.into_iter().map(|(key, value)| Some((key, bytes(&value)?.into())));
    Some(Payload { metadata: metadata.collect::<Option<_>>()?, data: bytes(&json.data)?.into() })
}

fn bytes(base64: &str) -> Option<Vec<u8>> {
    ANY_STANDARD.decode(base64).or_else(|_| ANY_URL_SAFE.decode(base64)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_written_as_protobuf_does() {
        let written = request(&[Payload::json("7")]);
        let expected = r#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"Nw=="}]}"#;
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn answers_are_read_as_protobuf_does() {
        let read = |body: &str| answer(body.as_bytes());
        let seven = r#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg"},"data":"Nw", "externalPayloads":[]}]}"#;
        assert_eq!(read(seven), Some(vec![Payload::json("7")]));
        let null = r#"{"payloads":[{"metadata":{"encoding":"YmluYXJ5L251bGw="}}]}"#;
        assert_eq!(read(null), Some(vec![Payload::null()]));
        assert_eq!(read(r#"{"payloads":[{"data":"-_8="}]}"#).unwrap()[0].data, [0xFB, 0xFF].as_slice());
        assert_eq!(read("{}"), Some(Vec::new()));
        for nonsense in ["", "7", r#"{"payloads":[{"data":"!"}]}"#, r#"{"payloads":[7]}"#] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }
}
