//! Keys in files.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use sigstore_verify::types::DerPublicKey;
use zeroize::Zeroizing;

use crate::Error;

/// Bytes of the largest file: a key has some hundred, a trusted root some ten thousand.
const LARGEST: u64 = 4 << 20;

/// What comes before the bytes of a public key, as `SubjectPublicKeyInfo` has it: of P-256, and of Ed25519.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key to sign with.
pub(crate) enum SigningKey {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads one.
    ///
    /// # Errors
    /// When it is none that can be used.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |problem: String| Error::File { what: "the key to sign with in", path: path.to_owned(), problem };
        let text = Zeroizing::new(text("the key to sign with in", path)?);
        let block = pem(&text, "PRIVATE KEY").ok_or_else(|| wrong(other_key(&text)))?;
        let der = Zeroizing::new(block);
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &SystemRandom::new()) {
            return Ok(Self::P256(pair));
        }
        // OpenSSL leaves the public half out.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        pair.map(Self::Ed25519).map_err(|error| wrong(format!("it is no key of P-256 or Ed25519: {error}")))
    }

    /// Signs.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::P256(pair) => Some(pair.sign(&SystemRandom::new(), bytes).ok()?.as_ref().to_vec()),
            Self::Ed25519(pair) => Some(pair.sign(bytes).as_ref().to_vec()),
        }
    }

    /// Its public half, as files have it.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::P256(pair) => [P256.as_slice(), pair.public_key().as_ref()].concat(),
            Self::Ed25519(pair) => [ED25519.as_slice(), pair.public_key().as_ref()].concat(),
        }
    }
}

/// Reads a public key.
///
/// # Errors
/// When it is none.
pub(crate) fn public(path: &Path) -> Result<DerPublicKey, Error> {
    let text = text("the public key in", path)?;
    let wrong = |problem: String| Error::File { what: "the public key in", path: path.to_owned(), problem };
    if 1 < text.matches("-----BEGIN PUBLIC KEY-----").count() {
        return Err(wrong("it has several keys: have a file and a [[trust]] entry for each".to_owned()));
    }
    let key = DerPublicKey::from_pem(&text).map_err(|error| wrong(error.to_string()))?;
    match [P256.as_slice(), &ED25519].iter().any(|kind| key.as_bytes().starts_with(kind)) {
        true => Ok(key),
        false => Err(wrong("it is no key of P-256 or Ed25519".to_owned())),
    }
}

/// Reads a text.
///
/// # Errors
/// When there is none, or it is too large.
pub(crate) fn text(what: &'static str, path: &Path) -> Result<String, Error> {
    let wrong = |problem: String| Error::File { what, path: PathBuf::from(path), problem };
    let mut text = String::new();
    // Asked before opening, because opening a pipe waits for its other end.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(wrong("it is no file".to_owned()));
    }
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let read = file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| wrong(error.to_string()))?;
    match u64::try_from(read).is_ok_and(|read| read <= LARGEST) {
        true => Ok(text),
        false => Err(wrong(format!("it has more than {LARGEST} bytes"))),
    }
}

/// The bytes of the block of this name.
fn pem(text: &str, name: &str) -> Option<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {name}-----"), format!("-----END {name}-----"));
    let (_, rest) = text.split_once(&begin)?;
    let (block, _) = rest.split_once(&end)?;
    STANDARD.decode(block.split_whitespace().collect::<String>()).ok()
}

/// What is wrong with a file that has no such block.
fn other_key(text: &str) -> String {
    let kinds = [
        ("ENCRYPTED SIGSTORE PRIVATE KEY", "it is encrypted by cosign, which can sign with it itself"),
        ("ENCRYPTED PRIVATE KEY", "it is encrypted"),
        ("EC PRIVATE KEY", "it is not PKCS #8, which `openssl pkcs8 -topk8 -nocrypt` makes of it"),
        ("RSA PRIVATE KEY", "it is a key of RSA"),
        ("PUBLIC KEY", "it is a public key"),
    ];
    let kind = kinds.iter().find(|(name, _)| text.contains(&format!("-----BEGIN {name}-----")));
    kind.map_or("there is no private key in it", |(_, problem)| problem).to_owned()
}
