//! Identity tokens: JSON Web Tokens by which a server learns which attempt of which activity sends a request, and documents
//! with the keys to check them with, as OpenID Connect has them.
//!
//! Tokens are signed in the worker's process when an attempt starts, and go with its task; no guest and no cell ever has a
//! key. Nothing of a token comes from a guest.
//!
//! # Layout
//! - [`Key`]: a key of the worker, in a file.
//! - [`Issuer`]: the keys and who issues; makes tokens and documents.
//! - [`Identified`]: an executor whose attempts have the tokens that they are granted.
//! - [`router`]: answers whoever asks for the documents.

mod error;

mod key;

mod issuer;

mod executor;

mod server;

pub use error::Error;
pub use executor::Identified;
pub use issuer::Issuer;
pub use key::Key;
pub use server::router;
