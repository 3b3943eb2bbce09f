//! Registers the activities of a component in a worker of Temporal's Rust SDK: each attempt runs in a fresh sandbox of
//! the engine that Isolet's own worker has, with its limits and grants.
//!
//! ```no_run
//! use isolet_activities::WasmActivities;
//! use temporalio_sdk::WorkerOptions;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! isolet_activities::compile_if_asked();
//! let options = WorkerOptions::new("orders")
//!     .register_activities(WasmActivities::from_file("orders.wasm")?)
//!     .build();
//! # let _ = options;
//! # Ok(())
//! # }
//! ```
//!
//! Components are compiled by the same program, started once more and confined; [`compile_if_asked`], first in `main`, is
//! what it does then.
//!
//! # What is different from Isolet's own worker
//! Temporal's SDK tells an activity *that* it is cancelled and not *why*. So a guest is told `timed-out` when its deadline
//! has passed, and `cancel-requested` otherwise; a pause, a reset and the worker's shutdown look like that, too, and
//! `is-worker-shutdown` is never true. There are no dynamic activities, and no client and no metrics for guests. Of the
//! timeouts a guest is told the heartbeat timeout and the deadline. The stack trace of a failure is not reported, those
//! of its causes are.
//!
//! # Layout
//! - [`WasmActivities`]: a component's activities, loaded; [`Options`]: with which limits and grants.
//! - `compiler`: the program as what compiles; [`Compile`]: who else may.
//! - `attempt`: one attempt, between the SDK's context and the engine's port.
//! - `convert`: the SDK's values ↔ the engine's.
//! - [`Error`]: why they can't be loaded.

mod activities;

mod compiler;

mod attempt;

mod convert;

mod error;

pub use activities::{Compile, Options, WasmActivities};
pub use activity::{DirectoryGrant, Grants, HttpGrant, Limits, MetricsGrant, OnCancel, Origin, Stopping};
pub use compiler::compile_if_asked;
pub use error::Error;
