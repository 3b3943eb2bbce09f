//! What keys do: signatures, and encryption by RSA.

use ed25519_dalek::{Signer as _, Verifier as _};
use getrandom::SysRng;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use rquickjs::{Ctx, FromJs, Object, Value};
use rsa::{Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign, Pss, traits::PublicKeyParts as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::text::Text;

use super::{Unfit, public::Public, secret::Secret};

/// How something is signed.
pub(super) struct Scheme {
    /// `pkcs1`, `pss`, `ecdsa` (two numbers side by side), `ecdsa-der` or `eddsa`.
    pub(super) name: String,
    /// The digest, by its name in small letters without a hyphen.
    pub(super) hash: String,
    /// Of PSS; none takes any.
    pub(super) salt: Option<usize>,
}

impl<'js> FromJs<'js> for Scheme {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        let object = Object::from_js(ctx, value)?;
        let hash = object.get::<_, Option<Text>>("hash")?.map(|hash| hash.0).unwrap_or_default();
        Ok(Self { name: object.get::<_, Text>("name")?.0, hash, salt: object.get("salt")? })
    }
}

/// Does something with the type of a digest.
macro_rules! with_digest {
    ($name:expr, $digest:ident => $work:expr) => {
        match $name {
            "sha1" => {
                type $digest = Sha1;
                $work
            }
            "sha224" => {
                type $digest = Sha224;
                $work
            }
            "sha256" => {
                type $digest = Sha256;
                $work
            }
            "sha384" => {
                type $digest = Sha384;
                $work
            }
            "sha512" => {
                type $digest = Sha512;
                $work
            }
            _ => Err("there are no signatures and no encryption with this digest"),
        }
    };
}

const REFUSED: Unfit = "the key is too small for this";
const MISMATCH: Unfit = "the key is of another kind than this takes";

fn digest(name: &str, data: &[u8]) -> Result<Vec<u8>, Unfit> {
    with_digest!(name, D => Ok(D::digest(data).to_vec()))
}

/// Signs data.
pub(super) fn sign(key: &Secret, scheme: &Scheme, data: &[u8]) -> Result<Vec<u8>, Unfit> {
    macro_rules! ecdsa {
        ($curve:ident, $key:expr) => {{
            let key = $curve::ecdsa::SigningKey::from($key);
            let signature: $curve::ecdsa::Signature =
                key.sign_prehash(&digest(&scheme.hash, data)?).map_err(|_| "the digest is too short for the curve")?;
            match scheme.name.as_str() {
                "ecdsa" => Ok(signature.to_bytes().to_vec()),
                "ecdsa-der" => Ok(signature.to_der().as_bytes().to_vec()),
                _ => Err(MISMATCH),
            }
        }};
    }
    match key {
        Secret::Rsa(key) => {
            let hashed = digest(&scheme.hash, data)?;
            with_digest!(scheme.hash.as_str(), D => match (scheme.name.as_str(), scheme.salt) {
                ("pkcs1", _) => key.sign_with_rng(&mut SysRng, Pkcs1v15Sign::new::<D>(), &hashed).map_err(|_| REFUSED),
                // As many bytes of salt as are asked for are made, if the key can take them or not.
                ("pss", Some(salt)) if key.size() < salt => Err(REFUSED),
                ("pss", Some(salt)) => key.sign_with_rng(&mut SysRng, Pss::<D>::new_with_salt(salt), &hashed).map_err(|_| REFUSED),
                _ => Err(MISMATCH),
            })
        }
        Secret::P256(key) => ecdsa!(p256, key),
        Secret::P384(key) => ecdsa!(p384, key),
        Secret::P521(key) => ecdsa!(p521, key),
        Secret::Ed25519(seed) if scheme.name == "eddsa" => {
            Ok(ed25519_dalek::SigningKey::from_bytes(seed).sign(data).to_vec())
        }
        Secret::Ed25519(_) | Secret::X25519(_) => Err(MISMATCH),
    }
}

/// Whether a signature is one of this data by this key.
pub(super) fn verify(key: &Public, scheme: &Scheme, data: &[u8], signature: &[u8]) -> Result<bool, Unfit> {
    macro_rules! ecdsa {
        ($curve:ident, $key:expr) => {{
            let hashed = digest(&scheme.hash, data)?;
            let key = $curve::ecdsa::VerifyingKey::from($key);
            let signature = match scheme.name.as_str() {
                "ecdsa" => $curve::ecdsa::Signature::from_slice(signature),
                "ecdsa-der" => $curve::ecdsa::Signature::from_der(signature),
                _ => return Err(MISMATCH),
            };
            Ok(signature.is_ok_and(|signature| key.verify_prehash(&hashed, &signature).is_ok()))
        }};
    }
    match key {
        Public::Rsa(key) => {
            let hashed = digest(&scheme.hash, data)?;
            with_digest!(scheme.hash.as_str(), D => match scheme.name.as_str() {
                "pkcs1" => Ok(key.verify(Pkcs1v15Sign::new::<D>(), &hashed, signature).is_ok()),
                "pss" if scheme.salt.is_some_and(|salt| key.size() < salt) => Ok(false),
                "pss" => {
                    let scheme = Pss::<D> { salt_len: scheme.salt, ..Pss::new() };
                    Ok(key.verify(scheme, &hashed, signature).is_ok())
                }
                _ => Err(MISMATCH),
            })
        }
        Public::P256(key) => ecdsa!(p256, key),
        Public::P384(key) => ecdsa!(p384, key),
        Public::P521(key) => ecdsa!(p521, key),
        Public::Ed25519(point) if scheme.name == "eddsa" => {
            let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(point) else { return Ok(false) };
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Ok(signature.is_ok_and(|signature| key.verify(data, &signature).is_ok()))
        }
        Public::Ed25519(_) | Public::X25519(_) => Err(MISMATCH),
    }
}

/// Encrypts by OAEP with a digest and a label, or by PKCS #1 v1.5 without.
pub(super) fn encrypt(key: &Public, oaep: Option<(&str, &[u8])>, data: &[u8]) -> Result<Vec<u8>, Unfit> {
    let Public::Rsa(key) = key else { return Err(MISMATCH) };
    let Some((hash, label)) = oaep else {
        return key.encrypt(&mut SysRng, Pkcs1v15Encrypt, data).map_err(|_| "the data is too long for the key");
    };
    with_digest!(hash, D => {
        key.encrypt(&mut SysRng, Oaep::<D>::new_with_label(label), data).map_err(|_| "the data is too long for the key")
    })
}

/// Decrypts by OAEP. There is no way by PKCS #1 v1.5: who sees whether and when it fails can decrypt without the key.
pub(super) fn decrypt(key: &Secret, hash: &str, label: &[u8], data: &[u8]) -> Result<Vec<u8>, Unfit> {
    let Secret::Rsa(key) = key else { return Err(MISMATCH) };
    with_digest!(hash, D => {
        key.decrypt_blinded(&mut SysRng, Oaep::<D>::new_with_label(label), data).map_err(|_| "the data can't be decrypted")
    })
}
