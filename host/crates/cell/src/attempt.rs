//! One attempt in a cell, as the worker sees it.

use std::{fmt, sync::Arc, time::Duration};

use activity::{Attempt, Command, KillReason, Remote, remote_attempt};

use crate::{process::Process, wire};

/// How long a kill may take: an engine that does not get a guest to its end within that has lost its way.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long after its deadline an attempt may end that its engine kills by itself: the process may have to be started.
const START: Duration = Duration::from_secs(10);

/// Starts an attempt in `process`. What is said to and fro is passed on by who says it and by who reads from the process: an
/// attempt has no task or timer of its own.
pub(crate) fn start(process: Arc<Process>, task: wire::Task) -> Attempt {
    let patience = task.kill_after().map(|after| after.saturating_add(START));
    remote_attempt(|events| {
        let number = process.run(task, events, patience);
        Box::new(Running { process, number })
    })
}

/// An attempt that runs, or has.
struct Running {
    process: Arc<Process>,
    number: u64,
}

impl Remote for Running {
    fn tell(&self, command: Command) {
        if matches!(command, Command::Kill(_)) {
            self.process.expect_end(self.number, PATIENCE);
        }
        self.process.tell(self.number, command);
    }

    fn let_go(&self) {
        if self.process.let_go(self.number) {
            self.process.tell(self.number, Command::Kill(KillReason::LeaseLost));
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("number", &self.number).finish_non_exhaustive()
    }
}
