//! Spans of attempts: where each stands in a trace, and how its spans reach a collector of OpenTelemetry.
//!
//! Nothing here is in an attempt's way: what it puts down is bounded and taken from there by a task of its own, so that a
//! collector that is slow or away costs spans, which are counted, and nothing else.
//!
//! # Layout
//! - [`AttemptTracer`]: which attempts are traced, and what becomes of them.
//! - `caller`: what a caller says of its own place, in a header that may hold anything.
//! - `span`: an attempt and its parts as spans, by OpenTelemetry's conventions.
//! - `queue`: spans that wait, in shares of tenants; [`SpanCounts`]: what became of them.
//! - [`Exporter`], [`Settings`]: what sends them.

mod tracer;

mod caller;

mod span;

mod queue;

mod exporter;

mod settings;

pub use exporter::Exporter;
pub use queue::{SpanCounts, Spans};
pub use settings::{Error, Protocol, Sampling, Settings};
pub use tracer::AttemptTracer;

#[cfg(test)]
mod tests;
