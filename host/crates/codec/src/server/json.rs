//! Payloads in protobuf's JSON, as codec servers take and give them.

use std::collections::BTreeMap;

use activity::{ELEMENT_COST, Payload};
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

/// Elements of an answer that count nothing: those of a few hundred arguments.
const FREE_ELEMENTS: usize = 4_096;

/// Entries of a payload's metadata that count nothing.
const FREE_ENTRIES: usize = 8;

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

/// Why an answer is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Useless {
    /// It is no list of payloads.
    Malformed,
    /// Its payloads weigh more than they may.
    TooHeavy,
}

/// The payloads of an answer, all of which may weigh `limit`.
pub(super) fn answer(body: &[u8], limit: usize) -> Result<Vec<Payload>, Useless> {
    // Whatever is in it, each element has one of these before it. They are counted before anything is made of them: many
    // empty ones are few bytes, and much to hold.
    let elements = body.iter().filter(|byte| matches!(byte, b':' | b'{')).count();
    if limit < ELEMENT_COST.saturating_mul(elements.saturating_sub(FREE_ELEMENTS)) {
        return Err(Useless::TooHeavy);
    }
    let payloads = serde_json::from_slice::<Payloads>(body).map_err(|_| Useless::Malformed)?.payloads;
    let payloads: Vec<Payload> = payloads.into_iter().map(payload).collect::<Option<_>>().ok_or(Useless::Malformed)?;
    let weight = payloads.iter().map(weight).fold(0, usize::saturating_add);
    if weight <= limit { Ok(payloads) } else { Err(Useless::TooHeavy) }
}

/// The bytes of a payload, and what the host holds for metadata beyond what every payload has.
fn weight(payload: &Payload) -> usize {
    let entries = payload.metadata.len().saturating_sub(FREE_ENTRIES);
    payload.size().saturating_add(ELEMENT_COST.saturating_mul(entries))
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
    fn many_empty_elements_weigh_as_much_as_they_take() {
        const LIMIT: usize = 16 << 20;
        let metadata: Vec<String> = (0..200_000).map(|number| format!(r#""{number}":"""#)).collect();
        let many_entries = format!(r#"{{"payloads":[{{"metadata":{{{}}}}}]}}"#, metadata.join(","));
        let many_payloads = format!(r#"{{"payloads":[{}{{}}]}}"#, "{},".repeat(200_000));
        let many_unknown = format!(r#"{{"payloads":[{{"other":[{}{{}}]}}]}}"#, "{},".repeat(200_000));
        for body in [many_entries, many_payloads, many_unknown] {
            assert_eq!(answer(body.as_bytes(), LIMIT), Err(Useless::TooHeavy));
        }
        let entries = metadata[..100].join(",");
        let body = format!(r#"{{"payloads":[{{"metadata":{{{entries}}}}}]}}"#);
        assert_eq!(answer(body.as_bytes(), 10_000), Err(Useless::TooHeavy));
        assert!(answer(body.as_bytes(), 20_000).is_ok());
        let arguments =
            format!(r#"{{"payloads":[{}{{}}]}}"#, r#"{"metadata":{"encoding":""},"data":"Nw"},"#.repeat(500));
        assert_eq!(answer(arguments.as_bytes(), LIMIT).unwrap().len(), 501);
    }

    #[test]
    fn answers_are_read_as_protobuf_does() {
        let read = |body: &str| answer(body.as_bytes(), 1 << 10).ok();
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
