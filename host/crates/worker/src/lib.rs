//! Leases activity tasks from Temporal and runs them on an [`Executor`](activity::Executor).
//!
//! The only crate that knows Temporal's core and gRPC; it knows nothing of WebAssembly.
//!
//! # Life of one attempt
//! A slot is reserved ([`MemoryBudget`], before anything is polled) → a poll returns a task → a lease opens → the
//! [`Directory`](activity::Directory) finds the activity → the executor starts the attempt → the attempt is watched
//! until it ends → the outcome is decided → the lease is closed with it, and core releases the slot.
//!
//! # Layout
//! - [`Connection`], [`ConnectionSettings`], [`Compression`]: the server, from Temporal's own environment configuration.
//! - [`Worker`], [`WorkerSettings`], [`Ports`]: one task queue and what serves it.
//! - [`PayloadCoding`], [`CurrentCoding`]: how payloads are coded between the server and guests.
//! - `client`, [`CLIENT_METHODS`]: what attempts may ask Temporal, by their component's grant; `guest_connection`: what
//!   carries it.
//! - [`MemoryBudget`]: the memory that all workers of the process share; [`Slots`]: what they take of it.
//! - [`Tenant`], [`TenantLimits`]: what all workers of one tenant share, and may use together.
//! - `traced`: what of an attempt's trace those are told whom its client calls reach.
//! - [`Telemetry`], [`TelemetrySettings`]: where metrics go.
//! - [`fn@shutdown`], [`ShutdownHandle`], [`Shutdown`]: how they are stopped.
//! - [`Summary`], [`Error`]: how they ended.

mod attempt;
mod budget;
mod client;
mod codec;
mod connection;
mod core;
mod delivery;
mod error;
mod from_proto;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod guest_connection;
mod lease;
mod polls;
mod ports;
mod receipt;
mod reporting;
mod run;
mod settings;
mod shutdown;
mod slots;
mod source;
mod stopping;
mod telemetry;
mod tenant;
mod to_proto;
mod traced;
mod worker;

pub use budget::MemoryBudget;
pub use client::CLIENT_METHODS;
pub use codec::PayloadCoding;
pub use connection::{Compression, Connection, ConnectionSettings};
pub use error::{Error, Refusal};
pub use ports::{CurrentCoding, Ports};
pub use run::Summary;
pub use settings::WorkerSettings;
pub use shutdown::{Shutdown, ShutdownHandle, shutdown};
pub use slots::{Slots, SlotsView};
pub use telemetry::{Collector, MetricExporter, OtlpProtocol, Telemetry, TelemetrySettings};
pub use tenant::{Tenant, TenantLimit, TenantLimits, TenantUse};
pub use worker::Worker;
