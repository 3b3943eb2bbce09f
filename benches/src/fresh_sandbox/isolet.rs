//! Isolet's own path: everything that an attempt goes through between the worker and its end, on the measuring thread.

use activity::Task;

use super::slice::Side;
use crate::{
    sandboxes::{self, GREET_ALONE, Sandboxes},
    settings::Settings,
};

/// An engine with the guest loaded.
pub(super) struct Isolet {
    sandboxes: Sandboxes,
    /// What each attempt gets: a worker has it from the server's message before the sandbox is made.
    task: Task,
}

impl Isolet {
    /// Starts an engine and loads the guest.
    ///
    /// # Errors
    /// When the guest can't be loaded.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        let sandboxes = Sandboxes::open(settings, engine, GREET_ALONE.component).await?;
        let task = sandboxes.task(&GREET_ALONE);
        Ok(Self { sandboxes, task })
    }
}

impl Side for Isolet {
    async fn attempt(&self) -> anyhow::Result<()> {
        GREET_ALONE.check(&self.sandboxes.run_inline(self.task.clone()).await)
    }
}
