//! HTTP/1.1 as the worker serves it: on TCP and Unix sockets alike, with one request for each connection, and within limits.
//!
//! A client that is slow, rude or gone costs the worker a connection of a few, and not for long; on TCP it makes way when
//! somebody else comes.
//!
//! # Layout
//! - [`fn@serve`], [`Limits`]: answers clients of whatever they connect to: [`Listen`].
//! - [`Patience`]: for those few answers that take longer.
//! - [`json`], [`text`]: answers.
//! - [`fn@fetch`]: what another server of this very process answers.

mod listen;

mod patience;

mod places;

mod serve;

mod answer;

mod fetch;

pub use answer::{json, text};
pub use fetch::fetch;
pub use listen::{Caller, Listen};
pub use patience::Patience;
pub use serve::{Limits, serve};
