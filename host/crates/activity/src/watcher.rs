//! Someone who looks at an attempt's events before its guest goes on.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use tokio::sync::mpsc::WeakUnboundedSender;

use crate::{Command, Event};

/// Sees each event on the thread that tells it, and answers it with commands.
pub(crate) struct Watcher {
    watch: Mutex<Watch>,
    /// Weak, because the attempt must end when its worker's end is dropped.
    commands: WeakUnboundedSender<Command>,
}

type Watch = Box<dyn FnMut(&Event) -> Vec<Command> + Send>;

impl Watcher {
    pub(crate) fn new(watch: Watch, commands: WeakUnboundedSender<Command>) -> Self {
        Self { watch: Mutex::new(watch), commands }
    }

    /// Shows an event. The commands that answer it take effect before this returns.
    pub(crate) fn show(&self, event: &Event) {
        // A watcher that panicked has failed its test already.
        let answers = self.watch.lock().unwrap_or_else(PoisonError::into_inner)(event);
        if let Some(commands) = self.commands.upgrade() {
            // An attempt that has ended needs no commands.
            answers.into_iter().for_each(|command| drop(commands.send(command)));
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}
