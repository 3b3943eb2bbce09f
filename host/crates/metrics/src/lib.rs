//! What is measured of attempts and of the host, and on which series.
//!
//! Where metrics go is the business of a [`Meter`](activity::Meter), which knows the exporter. Here is decided what is
//! measured, with which attributes, and how many series and names the guests of one component may take.
//!
//! # Layout
//! - [`MeasuringObserver`], [`Labels`]: measures the attempts of one task queue. `attempts` is what the host measures of
//!   them, `guest` what guests measure themselves.
//! - [`HostSeries`], [`HostSample`], [`QueueSeries`], [`LimitSeries`]: what is looked at now and then: slots, memory, components.
//! - [`VersionSeries`], [`ReleaseSeries`]: which versions of components run, and how those do that are released.
//! - [`TenantSeries`]: how many series the guests of one tenant may have.
//! - [`HostInstrument`], [`BUCKETS`]: everything that the host measures, by name.

mod observer;

mod attempts;

mod guest;

mod sampled;

mod tenant;

mod versions;

mod instruments;

#[cfg(test)]
mod recorder;

pub use attempts::Labels;
pub use instruments::{BUCKETS, HostInstrument};
pub use observer::MeasuringObserver;
pub use sampled::{HostSample, HostSeries, LimitSeries, QueueSeries, SpanSeries};
pub use tenant::TenantSeries;
pub use versions::{ReleaseSample, ReleaseSeries, ServedVersion, VersionSeries};
