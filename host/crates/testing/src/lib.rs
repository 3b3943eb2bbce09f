//! Runs one activity of a component in its sandbox, without a server, and records everything it says.
//!
//! The component runs exactly as under a worker: the same engine, the same limits and grants, the same contract. What
//! the server and the worker would do is arranged: what the attempt is told of itself, when it is cancelled and why,
//! and what its client calls are answered. The peer in Python is `temporalio.testing.ActivityEnvironment`.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use testing::{ActivityEnvironment, Report, When, cancel_requested};
//!
//! # fn main() -> Result<(), testing::Error> {
//! let orders = ActivityEnvironment::open("target/guests/orders.wasm")?;
//!
//! // The second attempt, which goes on where the first one stopped, and is cancelled at its third heartbeat.
//! let run = orders
//!     .activity("ship_all")?
//!     .argument(100)
//!     .attempt(2)
//!     .last_heartbeat([41])
//!     .timeout(Duration::from_secs(10))
//!     .cancel(When::heartbeats(3), cancel_requested())
//!     .run_blocking()?;
//!
//! assert!(matches!(run.report, Report::Cancelled(_)));
//! assert_eq!(run.said.heartbeat_values().len(), 3);
//! assert!(run.said.has_logged("stopping early"));
//! # Ok(())
//! # }
//! ```
//!
//! A condition, such as [`When::heartbeats`], is looked at on the guest's own thread, before the guest goes on. So a
//! cancellation after the third heartbeat has come when the guest's third heartbeat returns, in every run.
//!
//! # Layout
//! - [`ActivityEnvironment`]: a loaded component.
//! - [`ActivityTest`]: one attempt in the making; [`When`]: at which point something happens to it.
//! - [`Running`]: the attempt while it runs; [`Run`]: how it went; [`Transcript`]: what it said.
//! - [`default_info`], [`payload`], [`cancel_requested`]: values that tests need.
//! - [`Error`]: why there was no attempt.

mod environment;

mod test;

mod when;

mod running;

mod plan;

mod run;

mod transcript;

mod values;

mod shared_engine;

mod error;

pub use activity::{
    AttributeValue, CancellationDetails, ClientAnswer, ClientCall, ClientError, ClientGrant, ClientRequest,
    ClientResponse, Event, Failure, Grants, Info, Instrument, KillReason, Level, Limits, LogRecord, MeasuredValue,
    Measurement, OnCancel, Pattern, Payload, Report, Stopping, Usage,
};
pub use environment::ActivityEnvironment;
pub use error::Error;
pub use run::Run;
pub use running::Running;
pub use test::ActivityTest;
pub use transcript::Transcript;
pub use values::{cancel_requested, default_info, payload};
pub use when::When;
