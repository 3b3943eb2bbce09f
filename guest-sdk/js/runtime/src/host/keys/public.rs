//! Public keys: how they are read, written, and taken apart.

use rsa::{
    BoxedUint,
    pkcs1::{DecodeRsaPublicKey as _, EncodeRsaPublicKey as _},
    pkcs8::{
        AlgorithmIdentifierRef, DecodePublicKey as _, EncodePublicKey as _, ObjectIdentifier,
        der::{
            Decode as _, Encode as _, Reader, SliceReader, Tag,
            asn1::{BitStringRef, SequenceRef},
        },
        spki::SubjectPublicKeyInfoRef,
    },
    traits::PublicKeyParts as _,
};

use super::{Parts, Unfit, part};

pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
pub(super) const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
pub(super) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(super) const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The name of an elliptic curve.
pub(super) fn name_of(curve: ObjectIdentifier) -> Result<&'static str, Unfit> {
    match curve {
        P256 => Ok("P-256"),
        P384 => Ok("P-384"),
        P521 => Ok("P-521"),
        _ => Err("the elliptic curve is none of P-256, P-384 and P-521"),
    }
}

/// A public key.
pub(super) enum Public {
    Rsa(rsa::PublicKey),
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    P521(p521::PublicKey),
    Ed25519([u8; 32]),
    X25519([u8; 32]),
}

/// Such a key says how it is to be used, which is not read here: used in another way it would verify nothing.
pub(super) const PSS_ALONE: Unfit =
    "keys of the type rsa-pss are not there: use one of the type rsa, with the padding of PSS";

const WRONG: Unfit = "the public key can't be read";
const WRITTEN: Unfit = "the public key can't be written";

impl Public {
    /// From a SubjectPublicKeyInfo.
    pub(super) fn from_spki(der: &[u8]) -> Result<Self, Unfit> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| WRONG)?;
        let bytes = info.subject_public_key.as_bytes().ok_or(WRONG)?;
        match info.algorithm.oid {
            ED25519 => Self::on_curve("Ed25519", bytes),
            X25519 => Self::on_curve("X25519", bytes),
            EC => Self::on_curve(name_of(info.algorithm.parameters_oid().map_err(|_| WRONG)?)?, bytes),
            RSA_PSS => Err(PSS_ALONE),
            _ => rsa::PublicKey::from_public_key_der(der).map(Self::Rsa).map_err(|_| WRONG),
        }
    }

    /// The one in a certificate of X.509, of which nothing else is looked at.
    pub(super) fn from_certificate(der: &[u8]) -> Result<Self, Unfit> {
        Self::from_spki(in_certificate(der).map_err(|_| "the certificate can't be read")?)
    }

    /// From PKCS #1: RSA.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Unfit> {
        rsa::PublicKey::from_pkcs1_der(der).map(Self::Rsa).map_err(|_| WRONG)
    }

    /// A key of an elliptic curve, from its point.
    pub(super) fn on_curve(kind: &str, point: &[u8]) -> Result<Self, Unfit> {
        match kind {
            "P-256" => p256::PublicKey::from_sec1_bytes(point).map(Self::P256).map_err(|_| WRONG),
            "P-384" => p384::PublicKey::from_sec1_bytes(point).map(Self::P384).map_err(|_| WRONG),
            "P-521" => p521::PublicKey::from_sec1_bytes(point).map(Self::P521).map_err(|_| WRONG),
            "Ed25519" => point.try_into().map(Self::Ed25519).map_err(|_| WRONG),
            "X25519" => point.try_into().map(Self::X25519).map_err(|_| WRONG),
            _ => Err("there are no such keys"),
        }
    }

    /// From its parts, by their names in a JSON Web Key.
    pub(super) fn from_parts(kind: &str, parts: &Parts) -> Result<Self, Unfit> {
        match kind {
            "rsa" => {
                let number = |name| part(parts, name).map(BoxedUint::from_be_slice_vartime);
                rsa::PublicKey::new(number("n")?, number("e")?).map(Self::Rsa).map_err(|_| WRONG)
            }
            "P-256" | "P-384" | "P-521" => Self::on_curve(kind, &[&[4], part(parts, "x")?, part(parts, "y")?].concat()),
            _ => Self::on_curve(kind, part(parts, "x")?),
        }
    }

    /// What kind it is: `rsa`, or the name of the curve.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa",
            Self::P256(_) => "P-256",
            Self::P384(_) => "P-384",
            Self::P521(_) => "P-521",
            Self::Ed25519(_) => "Ed25519",
            Self::X25519(_) => "X25519",
        }
    }

    /// As a SubjectPublicKeyInfo.
    pub(super) fn to_spki(&self) -> Result<Vec<u8>, Unfit> {
        let written = match self {
            Self::Rsa(key) => key.to_public_key_der(),
            Self::P256(key) => key.to_public_key_der(),
            Self::P384(key) => key.to_public_key_der(),
            Self::P521(key) => key.to_public_key_der(),
            Self::Ed25519(point) => return to_spki(ED25519, point).ok_or(WRITTEN),
            Self::X25519(point) => return to_spki(X25519, point).ok_or(WRITTEN),
        };
        written.map(rsa::pkcs8::Document::into_vec).map_err(|_| WRITTEN)
    }

    /// As PKCS #1, for RSA.
    pub(super) fn to_pkcs1(&self) -> Result<Vec<u8>, Unfit> {
        let Self::Rsa(key) = self else { return Err("only keys of RSA have this form") };
        key.to_pkcs1_der().map(rsa::pkcs8::Document::into_vec).map_err(|_| WRITTEN)
    }

    /// The point of an elliptic curve, not compressed.
    pub(super) fn point(&self) -> Result<Vec<u8>, Unfit> {
        Ok(match self {
            Self::Rsa(_) => return Err("keys of RSA are no points"),
            Self::P256(key) => key.to_sec1_bytes().into(),
            Self::P384(key) => key.to_sec1_bytes().into(),
            Self::P521(key) => key.to_sec1_bytes().into(),
            Self::Ed25519(point) | Self::X25519(point) => point.to_vec(),
        })
    }

    /// Its parts, by their names in a JSON Web Key.
    pub(super) fn parts(&self) -> Result<Parts, Unfit> {
        Ok(match self {
            Self::Rsa(key) => vec![("n", key.n_bytes().into()), ("e", key.e_bytes().into())],
            Self::P256(_) | Self::P384(_) | Self::P521(_) => {
                let point = self.point()?;
                let (x, y) = point.get(1..).ok_or(WRITTEN)?.split_at(point.len() / 2);
                vec![("x", x.to_vec()), ("y", y.to_vec())]
            }
            Self::Ed25519(point) | Self::X25519(point) => vec![("x", point.to_vec())],
        })
    }
}

/// What comes before the key in a certificate: its number, the signature's algorithm, who issued it, when it is valid,
/// and whose it is.
const BEFORE: usize = 5;

fn in_certificate(der: &[u8]) -> rsa::pkcs8::der::Result<&[u8]> {
    let certificate = <&SequenceRef>::from_der(der)?;
    let content = <&SequenceRef>::decode(&mut SliceReader::new(certificate.as_bytes())?)?;
    let mut parts = SliceReader::new(content.as_bytes())?;
    // The version has a tag of its own, and may be left out.
    if Tag::peek(&parts)? != Tag::Integer {
        parts.tlv_bytes()?;
    }
    for _ in 0..BEFORE {
        parts.tlv_bytes()?;
    }
    parts.tlv_bytes()
}

fn to_spki(algorithm: ObjectIdentifier, point: &[u8; 32]) -> Option<Vec<u8>> {
    let algorithm = AlgorithmIdentifierRef { oid: algorithm, parameters: None };
    SubjectPublicKeyInfoRef { algorithm, subject_public_key: BitStringRef::from_bytes(point).ok()? }.to_der().ok()
}
