//! Lines that serving commands write: the log, for people and programs, and events, for scripts.
//!
//! Whoever writes a line gives it whole to a queue that is bounded in bytes and shared fairly by those who write; one
//! thread takes them out. So no reader keeps a guest or the host waiting, and no guest's flood costs another's lines.
//! What commands print as their result, and what they tell people beside it, is the program's own business.
//!
//! # Layout
//! - [`start`], [`Log`], [`Style`], [`Queued`]: the log, on standard error. `line` is what is logged, `text` and `json`
//!   write it down.
//! - `host`: what the host's own code logs by way of `tracing`; [`least_level`]: what the filter lets through.
//! - [`AttemptLog`]: lines about attempts, in the words of Temporal's SDKs.
//! - [`EventWriter`], [`LogEvents`]: events, on standard output.
//! - [`usage_fields`], [`log_fields`]: what both say, as JSON.
//! - `queue`: lines on their way to a reader, and [`Printer`], the thread that takes them there.

mod log;

mod line;

mod text;

mod json;

mod filter;

mod host;

mod attempts;

mod events;

mod fields;

mod queue;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;

pub use attempts::AttemptLog;
pub use events::{EventWriter, LogEvents};
pub use fields::{limit, log_fields, outcome, usage_fields};
pub use filter::{least_level, start};
pub use log::{Log, Queued, Style};
pub use queue::Printer;

#[cfg(test)]
mod tests;
