//! The configuration: from file and flags, as written, to settings that hold.
//!
//! Reading order: [`raw`] is what can be written, [`parse`] reads it, [`flags`] come over it, [`validate`] turns it into
//! [`settings`] within [`bounds`]; [`load`] does all that.
//! Nothing here opens a socket or starts a thread.

pub(crate) mod settings;

pub(crate) mod quantity;

mod problems;

mod bounds;

pub(crate) mod raw;

pub(crate) mod parse;

pub(crate) mod validate;

pub(crate) mod effective;

pub(crate) mod flags;

pub(crate) mod load;

pub(crate) mod log;

pub(crate) mod metrics;

pub(crate) mod codec;

pub(crate) mod client;

pub(crate) mod environment;

mod http;

mod defaults;

pub(crate) use defaults::SHUTDOWN_GRACE;

/// The default file: every key with its meaning and its default.
pub(crate) const EXAMPLE: &str = include_str!("config/example.toml");

/// Where the configuration is when nobody says so.
pub(crate) const DEFAULT_FILE: &str = "isolet.toml";

#[cfg(test)]
mod tests;
