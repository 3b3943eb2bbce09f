//! Whether a bundle may say what it says.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy,
    crypto::VerificationKey,
    trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot},
    types::{Bundle, SignatureContent},
};

use crate::{Error, Rule, Signer, Statement, crypto, keys};

/// Why a bundle is not taken.
#[derive(Debug)]
pub enum Refusal {
    /// It is not what the rule wants, in words.
    Bundle(String),
    /// The rule itself can't be used, so that no bundle can be.
    Rule(Error),
}

/// Looks at bundles.
pub trait Verifier: Send + Sync {
    /// What a bundle says of the artefact with this manifest, once it is known that the signer of `rule` says it.
    ///
    /// # Errors
    /// When someone else does, or nobody, or of something else.
    fn verify(&self, rule: &Rule, bundle: &str, manifest: &[u8]) -> Result<Statement, Refusal>;
}

/// Bundles of Sigstore's: by keys, with a transparency log or without, and by identities.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigstore;

impl Verifier for Sigstore {
    fn verify(&self, rule: &Rule, bundle: &str, manifest: &[u8]) -> Result<Statement, Refusal> {
        crypto::install();
        let bundle = Bundle::from_json(bundle).map_err(|error| Refusal::Bundle(format!("it is no bundle: {error}")))?;
        match &rule.signer {
            Signer::Key(path) if rule.transparency_log => by_logged_key(rule, path, &bundle, manifest)?,
            Signer::Key(path) => by_key(path, &bundle, manifest)?,
            Signer::Identity { identity, issuer } => by_identity(rule, (identity, issuer), &bundle, manifest)?,
        }
        Statement::read(&bundle, &format!("{:x}", Sha256::digest(manifest))).map_err(Refusal::Bundle)
    }
}

/// A key's signature over a statement or the manifest. What else is in the bundle does not count.
fn by_key(path: &Path, bundle: &Bundle, manifest: &[u8]) -> Result<(), Refusal> {
    let key = keys::public(path).map_err(Refusal::Rule)?;
    let key = VerificationKey::from_spki(&key).map_err(|error| {
        Refusal::Rule(Error::File { what: "the public key in", path: path.to_owned(), problem: error.to_string() })
    })?;
    let signed = match &bundle.content {
        // Which artefact it is about is in the statement.
        SignatureContent::DsseEnvelope(envelope) => key.verify(envelope.pae(), &envelope.signature.sig),
        SignatureContent::MessageSignature(message) => key.verify(manifest, &message.signature),
        _ => return Err(Refusal::Bundle("it holds no signature of a known kind".to_owned())),
    };
    signed.map_err(|_| Refusal::Bundle("another key has signed it".to_owned()))
}

/// A key's signature that is in a log.
fn by_logged_key(rule: &Rule, path: &Path, bundle: &Bundle, manifest: &[u8]) -> Result<(), Refusal> {
    let policy = PublicKeyVerificationPolicy::new(keys::public(path).map_err(Refusal::Rule)?);
    let verified = verifier(rule)?.verify(manifest, bundle, &policy);
    verified.map(|_| ()).map_err(|error| Refusal::Bundle(error.to_string()))
}

/// The signature of whoever an authority knows.
fn by_identity(rule: &Rule, (identity, issuer): (&str, &str), bundle: &Bundle, manifest: &[u8]) -> Result<(), Refusal> {
    let begin = identity.strip_suffix('*');
    let policy = VerificationPolicy::any_identity().require_issuer(issuer);
    let policy = if begin.is_some() { policy } else { policy.require_identity(identity) };
    let verified = verifier(rule)?.verify(manifest, bundle, &policy);
    let verified = verified.map_err(|error| Refusal::Bundle(error.to_string()))?;
    let who = verified.identity().map(|who| who.as_str()).unwrap_or_default();
    match begin {
        Some(begin) if !who.starts_with(begin) => Err(Refusal::Bundle(format!("{who} has signed it"))),
        _ => Ok(()),
    }
}

/// What knows the authorities and logs of a rule.
fn verifier(rule: &Rule) -> Result<sigstore_verify::Verifier, Refusal> {
    let path = rule.trusted_root.as_deref();
    let wrong = |problem: String| {
        let path = path.map_or_else(|| PathBuf::from("(built in)"), Path::to_owned);
        Refusal::Rule(Error::File { what: "the trusted root in", path, problem })
    };
    let root = match path {
        Some(path) => {
            let text = keys::text("the trusted root in", path).map_err(Refusal::Rule)?;
            TrustedRoot::from_json(&text)
        }
        None => TrustedRoot::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT),
    };
    let root = root.map_err(|error| wrong(error.to_string()))?;
    sigstore_verify::Verifier::new(&root).map_err(|error| wrong(error.to_string()))
}
