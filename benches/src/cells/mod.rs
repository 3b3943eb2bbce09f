//! (h) Guests in cells, processes of their own, against the same engine in the worker's process.
//!
//! What a cell adds to an attempt, and what it costs to have one, is measured at the port that both serve. Whole workers
//! tell what comes of it with everything else that a worker does.
//!
//! # Layout
//! - [`room`]: a cell with a guest, without a worker around it.
//! - [`attempts`]: what an attempt takes there, alone and beside guests that spin.
//! - [`existence`]: what it takes to start one, and to have one.
//! - [`referenced`]: from a reference to the first outcome.
//! - [`tenants`]: two at once, and three with weights.
//! - [`workers`]: bursts of tasks from the replaying server.

mod attempts;
mod existence;
mod referenced;
mod room;
mod tenants;
mod workers;

use crate::{report::Section, settings::Settings};

/// Measures all of it.
///
/// # Errors
/// When something does not run.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    attempts::measure(settings, section).await?;
    existence::measure(settings, section).await?;
    referenced::measure(settings, section).await?;
    workers::measure(settings, section).await?;
    tenants::at_once(settings, section).await?;
    tenants::with_weights(settings, section).await
}
