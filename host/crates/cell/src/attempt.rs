//! One attempt in a cell, as the worker sees it.

use std::{sync::Arc, time::Duration};

use activity::{AttemptPort, Command, EventSender, Measurement};
use tokio::{
    sync::mpsc::{Receiver, UnboundedReceiver},
    time::{Instant, sleep_until},
};

use crate::{process::Process, wire};

/// How long a kill may take: an engine that does not get a guest to its end within that has lost its way.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long after its deadline an attempt may end that its engine kills by itself: the process may have to be started.
const START: Duration = Duration::from_secs(10);

/// Starts an attempt in `process`, and carries what is said to it until its end. What it says itself goes straight to
/// who listens, but for measurements. Called where the worker's tasks run.
pub(crate) fn start(process: Arc<Process>, port: AttemptPort, task: wire::Task) {
    let kill_after = task.kill_after();
    let AttemptPort { commands, events } = port;
    let events = Arc::new(events);
    let (attempt, lots) = process.run(task, Arc::clone(&events));
    let overdue = kill_after.and_then(|after| Instant::now().checked_add(after.saturating_add(START)));
    let carrier = Carrier { process, attempt, commands, events, overdue, is_killed: false };
    tokio::spawn(carrier.carry(lots));
}

/// Carries what is said.
struct Carrier {
    process: Arc<Process>,
    attempt: u64,
    commands: UnboundedReceiver<Command>,
    events: Arc<EventSender>,
    /// When the process is ended because the attempt is not.
    overdue: Option<Instant>,
    is_killed: bool,
}

/// What happens next.
enum Next {
    Measured(Option<Vec<Measurement>>),
    Commanded(Option<Command>),
    Overdue,
}

impl Carrier {
    async fn carry(mut self, mut lots: Receiver<Vec<Measurement>>) {
        loop {
            let next = tokio::select! {
                lot = lots.recv() => Next::Measured(lot),
                command = self.commands.recv() => Next::Commanded(command),
                () = until(self.overdue) => Next::Overdue,
            };
            match next {
                Next::Measured(Some(lot)) => {
                    if self.measure(lot).await.is_none() {
                        return self.abandon();
                    }
                }
                // It has ended.
                Next::Measured(None) => return,
                Next::Commanded(Some(command)) => self.command(command),
                Next::Commanded(None) => return self.abandon(),
                Next::Overdue => {
                    self.overdue = None;
                    self.process.kill("it did not end an attempt that was killed");
                }
            }
        }
    }

    fn command(&mut self, command: Command) {
        if matches!(command, Command::Kill(_)) && !self.is_killed {
            self.is_killed = true;
            self.overdue = Instant::now().checked_add(PATIENCE);
        }
        self.process.tell(self.attempt, command);
    }

    /// Passes measurements on, once the worker has room for them; only then may the cell tell more. `None` when nobody
    /// waits for the attempt any more.
    async fn measure(&mut self, lot: Vec<Measurement>) -> Option<()> {
        let events = Arc::clone(&self.events);
        for measurement in lot {
            let mut recorded = std::pin::pin!(events.measure(measurement));
            loop {
                tokio::select! {
                    () = &mut recorded => break,
                    command = self.commands.recv() => self.command(command?),
                }
            }
        }
        self.process.taken(self.attempt);
        Some(())
    }

    /// Nobody waits for the attempt any more.
    fn abandon(&self) {
        self.process.let_go(self.attempt);
        self.process.tell(self.attempt, Command::Kill(activity::KillReason::LeaseLost));
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
