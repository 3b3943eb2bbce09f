//! Who must have signed what runs.
//!
//! A [policy](Policy) has rules for parts of registries: whose signature an artefact must have there, and what else must
//! be said of it. [`Policy::check`] compares it with the bundles that are attached to an artefact. What a signature is worth
//! is a [`Verifier`]'s business; the one there is, [`Sigstore`], is a well-known crate behind that trait. The crate asks no
//! server and knows no registry: it is given bytes.
//!
//! # Layout
//! - [`Scope`], [`Rule`], [`Policy`]: what must hold.
//! - [`Statement`]: what a bundle says; [`Verifier`]: whether it may.
//! - [`Versions`]: which versions were seen, so that no old one comes back.
//! - [`sign()`]: bundles of our own.

mod scope;

mod rule;

mod policy;

mod statement;

mod verifier;

mod crypto;

mod keys;

mod sign;

mod versions;

mod error;

pub use error::Error;
pub use policy::{Artefact, Counted, Policy, Verdict};
pub use rule::{Level, Rule, Signer};
pub use scope::Scope;
pub use sign::{BUNDLE, Signed, check_key, sign};
pub use statement::{Kind, Statement};
pub use verifier::{Refusal, Sigstore, Verifier};
pub use versions::Versions;
