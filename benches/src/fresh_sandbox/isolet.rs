//! Isolet's own path: everything that an attempt goes through between the worker and its end, on the measuring thread.

use super::slice::Side;
use crate::{
    sandboxes::{self, GREET, Sandboxes},
    settings::Settings,
};

/// An engine with the guest loaded.
pub(super) struct Isolet {
    sandboxes: Sandboxes,
}

impl Isolet {
    /// Starts an engine and loads the guest.
    ///
    /// # Errors
    /// When the guest can't be loaded.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        Ok(Self { sandboxes: Sandboxes::open(settings, engine, GREET.component).await? })
    }
}

impl Side for Isolet {
    async fn attempt(&self) -> anyhow::Result<()> {
        GREET.check(&self.sandboxes.run_inline(&GREET).await)
    }
}
