//! Payload codecs: what happens to payloads between Temporal and the worker, so that the server stores only what is
//! compressed or encrypted, and no key ever enters a guest.
//!
//! Each is compatible with Temporal's own codec samples. What a codec did not encode passes it unchanged, so that
//! payloads from before a codec was set up can still be read.
//!
//! # Layout
//! - [`Chain`]: several codecs, one after the other.
//! - [`Zlib`]: compression, `binary/zlib`.
//! - [`Encryption`], [`KeyRing`], [`Key`], [`KeySource`]: AES-256-GCM, `binary/encrypted`.
//! - [`CodecServer`], [`CodecServerSettings`], [`Authorization`]: a server that speaks Temporal's codec protocol.
//! - [`Error`]: why a codec can't be set up; what goes wrong later is a [`CodecError`](activity::CodecError).

mod chain;
mod encryption;
mod error;
mod key;
mod offload;
mod server;
mod wire;
mod zlib;

pub use chain::Chain;
pub use encryption::Encryption;
pub use error::Error;
pub use key::{Key, KeyRing, KeySource};
pub use server::{Authorization, CodecServer, CodecServerSettings};
pub use zlib::Zlib;
