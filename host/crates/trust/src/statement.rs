//! What a bundle says.

use std::{fmt, time::SystemTime};

use serde::Deserialize;
use sigstore_verify::types::{Bundle, SignatureContent};

/// What a statement is called that says nothing but that an artefact is signed, by cosign and by us.
pub(crate) const SIGNATURE: &str = "https://sigstore.dev/cosign/sign/v1";

/// How types of statements begin that people have short names for.
const PROVENANCE: [&str; 1] = ["https://slsa.dev/provenance/"];
const SBOM: [&str; 2] = ["https://spdx.dev/Document", "https://cyclonedx.org/bom"];

/// What is noted of an artefact beside its digest: which version it is, and until when it may be used.
pub(crate) const VERSION: &str = "isolet.version";
pub(crate) const EXPIRES: &str = "isolet.expires";

/// What is said of an artefact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That it is signed.
    Signature,
    /// Where it comes from.
    Provenance,
    /// What is in it.
    Sbom,
    /// Something else, by the address of its type.
    Other(String),
}

/// What a bundle says of an artefact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Of which type that is.
    pub predicate_type: String,
    /// Of what it is a version: registry and repository, where that is said.
    pub place: Option<String>,
    /// Which version the artefact is.
    pub version: Option<u64>,
    /// Until when it may be used.
    pub expires: Option<SystemTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    name: Option<String>,
    digest: Digests,
    annotations: Option<Notes>,
}

#[derive(Deserialize)]
struct Digests {
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Notes {
    #[serde(rename = "isolet.version")]
    version: Option<String>,
    #[serde(rename = "isolet.expires")]
    expires: Option<String>,
}

impl Kind {
    /// The type that people call so.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "signature" => Self::Signature,
            "provenance" => Self::Provenance,
            "sbom" => Self::Sbom,
            address if address.contains(':') => Self::Other(address.to_owned()),
            _ => return None,
        })
    }

    /// Whether statements of this type are of this kind.
    pub(crate) fn is(&self, predicate_type: &str) -> bool {
        let begins = |addresses: &[&str]| addresses.iter().any(|address| predicate_type.starts_with(address));
        match self {
            Self::Signature => predicate_type == SIGNATURE,
            Self::Provenance => begins(&PROVENANCE),
            Self::Sbom => begins(&SBOM),
            Self::Other(address) => predicate_type == address,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature",
            Self::Provenance => "provenance",
            Self::Sbom => "sbom",
            Self::Other(address) => address,
        })
    }
}

impl Statement {
    /// Until when the artefact may be used, in words.
    pub fn until(&self) -> Option<String> {
        self.expires.map(|expires| humantime::format_rfc3339_seconds(expires).to_string())
    }

    /// What a bundle says of the artefact with this digest. Whether it may is not looked at.
    ///
    /// # Errors
    /// When it says nothing of it, or what can't be understood.
    pub(crate) fn read(bundle: &Bundle, digest: &str) -> Result<Self, String> {
        let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
            return Ok(Self { predicate_type: SIGNATURE.to_owned(), place: None, version: None, expires: None });
        };
        let read: Read = serde_json::from_slice(envelope.payload.as_bytes())
            .map_err(|error| format!("what it says can't be understood: {error}"))?;
        let about = read.subject.into_iter().find(|subject| subject.digest.sha256.as_deref() == Some(digest));
        let Some(about) = about else { return Err("it is about another artefact".to_owned()) };
        let notes = about.annotations.unwrap_or(Notes { version: None, expires: None });
        let version = notes.version.map(|text| text.parse().map_err(|_| format!("{VERSION} is no number")));
        let time = |text: String| humantime::parse_rfc3339(&text).map_err(|_| format!("{EXPIRES} is no time"));
        let expires = notes.expires.map(time);
        let (version, expires) = (version.transpose()?, expires.transpose()?);
        Ok(Self { predicate_type: read.predicate_type, place: about.name, version, expires })
    }
}
