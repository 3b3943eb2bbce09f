//! Components in OCI registries: how they are named, pulled and pushed, and what is kept of them.
//!
//! A component is an artefact of CNCF's layout: a manifest with one layer that is the component. Registries are asked
//! by a client of our own, since each of them may be anybody's: whatever one answers has a bound in size, in
//! time, and in how often it may send us elsewhere. What was pulled is kept by its digest and found there again,
//! whatever becomes of the registry. The crate knows nothing of WebAssembly, and does not decide whom to trust.
//!
//! # Layout
//! - [`Reference`]: `oci://REGISTRY/REPOSITORY:TAG` or `…@DIGEST`; [`Digest`].
//! - [`locate`]: from a reference to the digest that it stands for; [`fetch`]: the component itself, as a file.
//! - [`attached`]: what others have attached to it, such as signatures.
//! - [`push()`] and [`attach`]: the other direction.
//! - [`Settings`] and [`Error`].

mod reference;

mod digest;

mod settings;

mod error;

mod client;

mod token;

mod credentials;

mod artifact;

mod store;

mod pull;

mod referrers;

mod push;

mod blocking;

pub use digest::Digest;
pub use error::Error;
pub use pull::{Located, fetch, fetch_anew, locate};
pub use push::{Component, Pushed, attach, push};
pub use reference::Reference;
pub use referrers::{Attached, attached, kept_attached};
pub use settings::Settings;
