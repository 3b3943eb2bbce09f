//! Private keys: how they are read, written, made, and taken apart.

use std::{ops::RangeInclusive, rc::Rc};

use getrandom::{SysRng, rand_core::UnwrapErr};
use p256::elliptic_curve::Generate as _;
use rsa::{
    BoxedUint,
    pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, RsaPrivateKeyRef},
    pkcs8::{
        AlgorithmIdentifierRef, DecodePrivateKey as _, EncodePrivateKey as _, ObjectIdentifier, PrivateKeyInfoRef,
        der::{Decode as _, Encode as _, asn1::OctetStringRef},
    },
};
use sec1::EcPrivateKey;
use x25519_dalek::x25519;

use super::{
    Parts, Unfit, part,
    public::{EC, ED25519, PSS_ALONE, Public, RSA_PSS, X25519},
};

/// A private key. Those of RSA are shared, as reading one takes longer than using it.
pub(super) enum Secret {
    Rsa(Rc<rsa::PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519([u8; 32]),
    X25519([u8; 32]),
}

const WRONG: Unfit = "the private key can't be read";
const WRITTEN: Unfit = "the private key can't be written";

/// How long new keys of RSA may be, in bits: as long as those that can be read.
const LENGTHS: RangeInclusive<usize> = 1024..=8192;

impl Secret {
    /// From PKCS #8, not encrypted.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, Unfit> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| WRONG)?;
        let algorithm = info.algorithm;
        if algorithm.oid == ED25519 || algorithm.oid == X25519 {
            let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| WRONG)?;
            let seed = <[u8; 32]>::try_from(seed.as_bytes()).map_err(|_| WRONG)?;
            return Ok(if algorithm.oid == ED25519 { Self::Ed25519(seed) } else { Self::X25519(seed) });
        }
        if algorithm.oid == RSA_PSS {
            return Err(PSS_ALONE);
        }
        if algorithm.oid != EC {
            return rsa::PrivateKey::from_pkcs8_der(der).map(|key| Self::Rsa(Rc::new(key))).map_err(|_| WRONG);
        }
        match algorithm.parameters_oid().map_err(|_| WRONG)? {
            super::public::P256 => p256::SecretKey::from_pkcs8_der(der).map(Self::P256).map_err(|_| WRONG),
            super::public::P384 => p384::SecretKey::from_pkcs8_der(der).map(Self::P384).map_err(|_| WRONG),
            super::public::P521 => p521::SecretKey::from_pkcs8_der(der).map(Self::P521).map_err(|_| WRONG),
            _ => Err("the elliptic curve is none of P-256, P-384 and P-521"),
        }
    }

    /// From PKCS #1: RSA.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Unfit> {
        rsa::PrivateKey::from_pkcs1_der(der).map(|key| Self::Rsa(Rc::new(key))).map_err(|_| WRONG)
    }

    /// From SEC 1, which names its curve.
    pub(super) fn from_sec1(der: &[u8]) -> Result<Self, Unfit> {
        let key = EcPrivateKey::from_der(der).map_err(|_| WRONG)?;
        let curve = key.parameters.and_then(sec1::EcParameters::named_curve).ok_or("the private key names no curve")?;
        Self::on_curve(super::public::name_of(curve)?, key.private_key)
    }

    /// A key of an elliptic curve, from its number.
    fn on_curve(kind: &str, number: &[u8]) -> Result<Self, Unfit> {
        match kind {
            "P-256" => p256::SecretKey::from_slice(number).map(Self::P256).map_err(|_| WRONG),
            "P-384" => p384::SecretKey::from_slice(number).map(Self::P384).map_err(|_| WRONG),
            "P-521" => p521::SecretKey::from_slice(number).map(Self::P521).map_err(|_| WRONG),
            "Ed25519" => number.try_into().map(Self::Ed25519).map_err(|_| WRONG),
            "X25519" => number.try_into().map(Self::X25519).map_err(|_| WRONG),
            _ => Err("there are no such keys"),
        }
    }

    /// From its parts, by their names in a JSON Web Key.
    pub(super) fn from_parts(kind: &str, parts: &Parts) -> Result<Self, Unfit> {
        if kind != "rsa" {
            return Self::on_curve(kind, part(parts, "d")?);
        }
        let modulus = part(parts, "n")?;
        let bits = u32::try_from(modulus.len()).map_or(u32::MAX, |length| length.saturating_mul(8));
        let number = |name| BoxedUint::from_be_slice(part(parts, name)?, bits).map_err(|_| WRONG);
        let exponent = BoxedUint::from_be_slice_vartime(part(parts, "e")?);
        let primes = vec![number("p")?, number("q")?];
        let key = rsa::PrivateKey::from_components(number("n")?, exponent, number("d")?, primes);
        key.map(|key| Self::Rsa(Rc::new(key))).map_err(|_| WRONG)
    }

    /// A new one; `bits` and `exponent` are for RSA.
    pub(super) fn generate(kind: &str, bits: usize, exponent: u32) -> Result<Self, Unfit> {
        let random = &mut UnwrapErr(SysRng);
        Ok(match kind {
            "rsa" => {
                // With an even exponent it would look for primes for ever.
                if !LENGTHS.contains(&bits) || exponent < 3 || exponent.is_multiple_of(2) {
                    return Err("keys of RSA have 1024 to 8192 bits, and an odd exponent of 3 or more");
                }
                let key = rsa::PrivateKey::new_with_exp(random, bits, BoxedUint::from(exponent));
                Self::Rsa(Rc::new(key.map_err(|_| "no key of RSA has this length and this exponent")?))
            }
            "P-256" => Self::P256(p256::SecretKey::generate_from_rng(random)),
            "P-384" => Self::P384(p384::SecretKey::generate_from_rng(random)),
            "P-521" => Self::P521(p521::SecretKey::generate_from_rng(random)),
            other => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(|_| "there are no random numbers")?;
                Self::on_curve(other, &seed)?
            }
        })
    }

    /// As PKCS #8.
    pub(super) fn to_pkcs8(&self) -> Result<Vec<u8>, Unfit> {
        let written = match self {
            Self::Rsa(key) => key.to_pkcs8_der(),
            Self::P256(key) => key.to_pkcs8_der(),
            Self::P384(key) => key.to_pkcs8_der(),
            Self::P521(key) => key.to_pkcs8_der(),
            Self::Ed25519(seed) => return to_pkcs8(ED25519, seed).ok_or(WRITTEN),
            Self::X25519(seed) => return to_pkcs8(X25519, seed).ok_or(WRITTEN),
        };
        written.map(|document| document.as_bytes().to_vec()).map_err(|_| WRITTEN)
    }

    /// As PKCS #1 or SEC 1, for those that have it.
    pub(super) fn to_traditional(&self) -> Result<Vec<u8>, Unfit> {
        let sec1 = |written: Option<Vec<u8>>| written.ok_or(WRITTEN);
        match self {
            Self::Rsa(key) => key.to_pkcs1_der().map(|document| document.as_bytes().to_vec()).map_err(|_| WRITTEN),
            Self::P256(key) => sec1(to_sec1(super::public::P256, &key.to_bytes(), &key.public_key().to_sec1_bytes())),
            Self::P384(key) => sec1(to_sec1(super::public::P384, &key.to_bytes(), &key.public_key().to_sec1_bytes())),
            Self::P521(key) => sec1(to_sec1(super::public::P521, &key.to_bytes(), &key.public_key().to_sec1_bytes())),
            Self::Ed25519(_) | Self::X25519(_) => Err("such keys have no form but PKCS #8"),
        }
    }

    /// Its parts and those of its public key, by their names in a JSON Web Key.
    pub(super) fn parts(&self) -> Result<Parts, Unfit> {
        let mut parts = self.public().parts()?;
        let mut add = |name, bytes: &[u8]| parts.push((name, bytes.to_vec()));
        match self {
            Self::Rsa(key) => {
                let document = key.to_pkcs1_der().map_err(|_| WRITTEN)?;
                let key = RsaPrivateKeyRef::from_der(document.as_bytes()).map_err(|_| WRITTEN)?;
                add("d", key.private_exponent.as_bytes());
                add("p", key.prime1.as_bytes());
                add("q", key.prime2.as_bytes());
                add("dp", key.exponent1.as_bytes());
                add("dq", key.exponent2.as_bytes());
                add("qi", key.coefficient.as_bytes());
            }
            Self::P256(key) => add("d", &key.to_bytes()),
            Self::P384(key) => add("d", &key.to_bytes()),
            Self::P521(key) => add("d", &key.to_bytes()),
            Self::Ed25519(seed) | Self::X25519(seed) => add("d", seed),
        }
        Ok(parts)
    }

    /// The public key that belongs to it.
    pub(super) fn public(&self) -> Public {
        match self {
            Self::Rsa(key) => Public::Rsa(key.to_public_key()),
            Self::P256(key) => Public::P256(key.public_key()),
            Self::P384(key) => Public::P384(key.public_key()),
            Self::P521(key) => Public::P521(key.public_key()),
            Self::Ed25519(seed) => {
                Public::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes())
            }
            Self::X25519(seed) => Public::X25519(x25519(*seed, x25519_dalek::X25519_BASEPOINT_BYTES)),
        }
    }

    /// What this key and another one's public key have in common.
    pub(super) fn agree(&self, public: &Public) -> Result<Vec<u8>, Unfit> {
        match (self, public) {
            (Self::P256(key), Public::P256(public)) => Ok(key.diffie_hellman(public).raw_secret_bytes().to_vec()),
            (Self::P384(key), Public::P384(public)) => Ok(key.diffie_hellman(public).raw_secret_bytes().to_vec()),
            (Self::P521(key), Public::P521(public)) => Ok(key.diffie_hellman(public).raw_secret_bytes().to_vec()),
            (Self::X25519(seed), Public::X25519(public)) => {
                let shared = x25519(*seed, *public);
                // All zeros: the other one's key is a point that agrees with every key.
                if shared == [0; 32] { Err("the public key is no good one") } else { Ok(shared.to_vec()) }
            }
            _ => Err("the two keys are of different kinds, or can't agree on anything"),
        }
    }
}

/// A key of RFC 8410, without its public key, as everybody writes it.
fn to_pkcs8(algorithm: ObjectIdentifier, seed: &[u8; 32]) -> Option<Vec<u8>> {
    let inner = OctetStringRef::new(seed).ok()?.to_der().ok()?;
    let algorithm = AlgorithmIdentifierRef { oid: algorithm, parameters: None };
    PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner).ok()?).to_der().ok()
}

fn to_sec1(curve: ObjectIdentifier, private_key: &[u8], public_key: &[u8]) -> Option<Vec<u8>> {
    let parameters = Some(sec1::EcParameters::NamedCurve(curve));
    EcPrivateKey { private_key, parameters, public_key: Some(public_key) }.to_der().ok()
}
