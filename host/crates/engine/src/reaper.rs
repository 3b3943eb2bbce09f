//! The thread that takes down what was stopped from elsewhere.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

type Work = Box<dyn FnOnce() + Send>;

/// Takes down guests and components for threads that must not: taking down a large memory takes milliseconds, in which
/// the ticker would look at no guest, and an I/O thread would serve no connection.
///
/// What waits here is bounded by the engine's slots: a guest that waits to be taken down still has its own.
#[derive(Clone, Debug)]
pub(crate) struct Reaper(Sender<Work>);

impl Reaper {
    /// Starts the thread. It ends when everybody who could give it work is gone.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, work) = channel();
        thread::Builder::new().name("isolet-reaper".to_owned()).spawn(move || run(&work))?;
        Ok(Self(sender))
    }

    /// Does `work` soon, after what it was given before.
    pub(crate) fn give(&self, work: impl FnOnce() + Send + 'static) {
        if let Err(unsent) = self.0.send(Box::new(work)) {
            // Better here than never.
            (unsent.0)();
        }
    }
}

fn run(work: &Receiver<Work>) {
    while let Ok(work) = work.recv() {
        // The others still need to be taken down. The panic has been reported by its hook.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}
