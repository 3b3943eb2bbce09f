#![doc = include_str!("../README.md")]
//!
//! # Layout
//!
//! What an activity's author meets first: [`activity`](macro@activity) and [`export!`] make a component,
//! [`ActivityContext`] is the running attempt, [`ActivityError`] and [`ApplicationFailure`] are how it ends badly,
//! [`ToPayload`] and [`FromPayload`] are how values travel, and [`mod@test`] runs activities natively.

extern crate self as isolet_sdk;

mod activity;
mod attempt;
#[doc(hidden)]
pub mod bindings;
mod cancellation;
pub mod client;
mod component;
mod context;
mod convert;
mod decode;
pub mod duration;
mod encode;
mod error;
mod executor;
mod failure;
mod futures;
#[cfg(all(target_family = "wasm", feature = "allocator"))]
mod heap;
#[cfg(target_family = "wasm")]
mod host;
#[cfg(feature = "http")]
pub mod http;
mod info;
mod log;
mod metrics;
#[cfg(target_family = "wasm")]
mod panic_hook;
#[cfg(feature = "prost")]
mod proto;
#[cfg(not(target_family = "wasm"))]
pub mod test;
mod value;
mod waits;

pub use activity::Activity;
pub use cancellation::{CancellationDetails, Cancelled};
pub use context::ActivityContext;
pub use decode::FromPayload;
pub use encode::ToPayload;
pub use error::ActivityError;
pub use failure::ApplicationFailure;
pub use futures::{Elapsed, Sleep, sleep, timeout};
pub use info::{ActivityInfo, Priority, RetryPolicy, WorkflowExecution};
pub use isolet_sdk_macros::activity;
pub use log::{Level, LogField};
pub use metrics::{
    Attribute, AttributeValue, Counter, Gauge, GaugeValue, Histogram, HistogramValue, Instrument, InstrumentBuilder,
    MeasuredValue, MetricError, MetricMeter,
};
#[cfg(feature = "prost")]
pub use proto::{Proto, ProtoJson};
pub use value::{Bytes, ConversionError, RawValue};

/// What the macros expand to. Not for direct use: it may change with any version.
#[doc(hidden)]
pub mod __private {
    pub use crate::activity::{Arguments, Definition, Parameter, Returned, ViaResult, ViaValue};
    pub use crate::bindings::exports::isolet::activity::handler::{ActivityDefinition, Guest, Outcome};
    pub use crate::bindings::isolet::activity::types::Payload;
    #[cfg(target_family = "wasm")]
    pub use crate::component::execute;
    pub use crate::component::{Registration, list, refuse_duplicates, run};
    pub use crate::executor::finish;
}
