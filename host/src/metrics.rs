//! Metrics of guests and of the host, on their way to the worker's exporter.
//!
//! # Layout
//! - [`exporting`]: the exporter as it is configured.
//! - [`instruments`]: everything that the host measures.
//! - [`observing`]: what is measured of attempts; [`guest`]: what guests measure themselves.
//! - [`sampling`]: what is looked at now and then.

pub(crate) mod exporting;

pub(crate) mod instruments;

mod attempts;

mod guest;

pub(crate) mod observing;

pub(crate) mod sampling;

#[cfg(test)]
mod recorder;
