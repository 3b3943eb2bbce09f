//! Bundles of our own, which cosign understands, too: a statement in an envelope, signed by a key.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sigstore_verify::types::pae;

use crate::{
    Error,
    keys::SigningKey,
    statement::{EXPIRES, SIGNATURE, VERSION},
};

/// What a bundle is.
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What is in its envelope.
const STATEMENT: &str = "application/vnd.in-toto+json";

/// A bundle, and what is noted on it.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Its text.
    pub bundle: String,
    /// What cosign notes on it.
    pub annotations: [(String, String); 2],
}

/// Whether the private key in this file can sign.
///
/// # Errors
/// When it is none.
pub fn check_key(key: &Path) -> Result<(), Error> {
    SigningKey::read(key).map(drop)
}

/// Signs an artefact by the digest of its manifest, with the private key in a file; as a version, and for some time, if
/// these are given.
///
/// # Errors
/// When the key can't be used.
pub fn sign(
    key: &Path,
    (place, digest): (&str, &str),
    version: Option<u64>,
    expires_in: Option<Duration>,
) -> Result<Signed, Error> {
    let pair = SigningKey::read(key)?;
    // What is beyond all time is for ever.
    let expires = expires_in.and_then(|time| SystemTime::now().checked_add(time));
    let expires = expires.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    let mut notes = Map::new();
    notes.extend(version.map(|version| (VERSION.to_owned(), Value::from(version.to_string()))));
    notes.extend(expires.map(|expires| (EXPIRES.to_owned(), Value::from(expires))));
    let mut subject = json!({ "name": place, "digest": { "sha256": digest } });
    if let (Some(subject), false) = (subject.as_object_mut(), notes.is_empty()) {
        subject.insert("annotations".to_owned(), Value::Object(notes));
    }
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": SIGNATURE,
        "predicate": {},
    });
    let payload = statement.to_string();
    let signature = pair.sign(&pae(STATEMENT, payload.as_bytes())).ok_or_else(|| Error::File {
        what: "the key to sign with in",
        path: key.to_owned(),
        problem: "it does not sign".to_owned(),
    })?;
    let bundle = json!({
        "mediaType": BUNDLE,
        "verificationMaterial": {
            "publicKey": { "hint": STANDARD.encode(Sha256::digest(pair.public())) },
            "tlogEntries": [],
        },
        "dsseEnvelope": {
            "payload": STANDARD.encode(&payload),
            "payloadType": STATEMENT,
            "signatures": [{ "sig": STANDARD.encode(signature) }],
        },
    });
    let note = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let annotations =
        [note("dev.sigstore.bundle.content", "dsse-envelope"), note("dev.sigstore.bundle.predicateType", SIGNATURE)];
    Ok(Signed { bundle: bundle.to_string(), annotations })
}
