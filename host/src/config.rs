//! The configuration: from file and flags, as written, to settings that hold.
//!
//! Reading order: [`raw`] says what can be written, each key once, in [sections](section); [`parse`] reads it, [`written`] all
//! files of it, [`flags`] come over it, [`validate`] turns it into [`settings`]; [`load`] does all that. [`mod@example`] and [`mod@effective`] print
//! sections, and [`mod@difference`] compares two configurations.
//! Nothing here opens a socket or starts a thread.

pub(crate) mod settings;

pub(crate) mod quantity;

pub(crate) mod problems;

mod section;

mod signers;

pub(crate) mod raw;

pub(crate) mod parse;

pub(crate) mod written;

mod lines;

pub(crate) mod validate;

mod example;

mod effective;

pub(crate) mod difference;

mod table_flags;

pub(crate) mod flags;

pub(crate) mod load;

pub(crate) mod log;

pub(crate) mod admin;

pub(crate) mod reached;

pub(crate) mod records;

pub(crate) mod metrics;

pub(crate) mod traces;

pub(crate) mod codec;

pub(crate) mod client;

pub(crate) mod environment;

pub(crate) mod manifest;

pub(crate) mod headers;

mod http;

mod listening;

pub(crate) mod web;

pub(crate) mod identity;

mod origin;

pub(crate) mod secrets;

mod tenant_limits;

pub(crate) mod isolation;

pub(crate) mod registries;

pub(crate) mod releases;

pub(crate) mod defaults;

pub(crate) use self::{defaults::SHUTDOWN_GRACE, effective::effective, example::example};

/// Where the configuration is when nobody says so.
pub(crate) const DEFAULT_FILE: &str = "isolet.toml";

#[cfg(test)]
mod tests;
