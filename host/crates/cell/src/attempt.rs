//! One attempt in a cell, as the worker sees it.

use std::{sync::Arc, time::Duration};

use activity::{AttemptPort, Command, End, Ending, Event, EventSender, SandboxFailure, SandboxFailureKind, Usage};
use tokio::{
    sync::mpsc::{Receiver, UnboundedReceiver},
    time::{Instant, sleep_until},
};

use crate::{process::Process, wire};

/// How long a kill may take: an engine that does not get a guest to its end within that has lost its way.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long after its deadline an attempt may end that its engine kills by itself: the process may have to be started.
const START: Duration = Duration::from_secs(10);

/// Starts an attempt in `process`, and carries what is said to and fro until its end. Called where the worker's tasks run.
pub(crate) fn start(process: Arc<Process>, port: AttemptPort, task: wire::Task) {
    let kill_after = task.kill_after();
    let (attempt, said) = process.run(task);
    let AttemptPort { commands, events } = port;
    let overdue = kill_after.and_then(|after| Instant::now().checked_add(after.saturating_add(START)));
    let carrier = Carrier { process, attempt, commands, overdue, is_killed: false };
    tokio::spawn(carrier.carry(said, events));
}

/// Carries what is said.
struct Carrier {
    process: Arc<Process>,
    attempt: u64,
    commands: UnboundedReceiver<Command>,
    /// When the process is ended because the attempt is not.
    overdue: Option<Instant>,
    is_killed: bool,
}

/// What happens next.
enum Next {
    Said(Option<Event>),
    Commanded(Option<Command>),
    Overdue,
}

impl Carrier {
    async fn carry(mut self, mut said: Receiver<Event>, events: EventSender) {
        loop {
            let next = tokio::select! {
                event = said.recv() => Next::Said(event),
                command = self.commands.recv() => Next::Commanded(command),
                () = until(self.overdue) => Next::Overdue,
            };
            match next {
                Next::Said(Some(Event::Ended(ending))) => return events.end(*ending),
                Next::Said(Some(Event::Measured(measured))) => {
                    if self.measure(measured, &events).await.is_none() {
                        return self.abandon();
                    }
                }
                Next::Said(Some(event)) => pass_on(event, &events),
                Next::Said(None) => return self.lose(events),
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
    async fn measure(&mut self, measured: Vec<activity::Measurement>, events: &EventSender) -> Option<()> {
        for measurement in measured {
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

    /// The process was lost, and the attempt with it.
    fn lose(&self, events: EventSender) {
        let reason = self.process.end().unwrap_or_default();
        let text = format!("the process that ran the attempt was lost: {reason}");
        let failure = SandboxFailure::new(SandboxFailureKind::Lost, text);
        events.end(Ending { end: End::Stopped(failure), usage: Usage::default() });
    }
}

fn pass_on(event: Event, events: &EventSender) {
    match event {
        Event::Written(line) => events.log_written(line.into_string()),
        Event::LogLinesDropped(count) => events.log_lines_dropped(count),
        Event::Heartbeat(details) => events.heartbeat(details),
        Event::HeartbeatFailed(reason) => events.heartbeat_failed(reason),
        Event::Called(call) => events.call(*call),
        // The former are nothing that crosses, the others are seen to elsewhere.
        Event::Logged(_) | Event::Measured(_) | Event::Ended(_) => {}
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
