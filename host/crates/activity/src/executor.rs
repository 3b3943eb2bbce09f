//! The port between the worker and whatever runs attempts.
//!
//! Only messages cross it, by value, so that the executor can live in another process. The way back is an [`outbox`],
//! bounded and paced, so a guest that floods the port costs its host neither memory nor time.

mod outbox;

mod pace;

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use self::{outbox::Outbox, pace::Pace};
use crate::{
    CancellationDetails, ClientAnswer, ClientCall, End, Ending, Failure, LogRecord, Measurement, Payload,
    SandboxFailure, SandboxFailureKind, Task, Usage, deadline::sleep_until, watcher::Watcher,
};

/// Runs attempts, each in a fresh sandbox.
pub trait Executor: Send + Sync + 'static {
    /// Starts an attempt and returns at once. Every attempt ends with exactly one [`Event::Ended`], whatever happens.
    fn start(&self, task: Task) -> Attempt;
}

/// What the worker tells a running attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// It is cancelled. The guest is told of the first alone; one that says that its time is over, or its lease lost,
    /// ends what is sent for it, whenever it comes.
    Cancel(CancellationDetails),
    /// The worker has begun to shut down.
    WorkerShutdown,
    /// Its call has this answer.
    Answered {
        /// Which call.
        id: u64,
        /// The answer.
        answer: Box<ClientAnswer>,
    },
    /// Stop it now, wherever it is.
    Kill(KillReason),
}

/// Why an attempt is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KillReason {
    /// Its deadline and the kill grace have passed.
    Deadline,
    /// It was cancelled and its grace has passed.
    Cancelled,
    /// The server gave it up and the kill grace has passed.
    LeaseLost,
    /// The worker stops and the kill grace has passed.
    WorkerShutdown,
}

/// What a running attempt tells the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The guest logged a line. Only attempts that are watched tell it so: see [`watched_attempt`].
    Logged(LogRecord),
    /// The guest logged a line, which is written down here.
    Written(Box<str>),
    /// This many lines were dropped since the last such event.
    LogLinesDropped(u64),
    /// The guest recorded these values.
    Measured(Vec<Measurement>),
    /// The newest heartbeat; older ones that were not taken in time are gone.
    Heartbeat(Vec<Payload>),
    /// The guest could not encode a heartbeat's details, for this reason.
    HeartbeatFailed(Failure),
    /// It asks something of Temporal, and waits for a [`Command::Answered`].
    Called(Box<ClientCall>),
    /// It ended. The last event.
    Ended(Box<Ending>),
}

/// What tells an attempt that runs elsewhere what the worker says to it, at once and without waiting.
pub trait Remote: Send + Sync + fmt::Debug {
    /// Tells it a command. Once the attempt has ended, this does nothing.
    fn tell(&self, command: Command);

    /// Nobody waits for the attempt any more, whether it has ended or not.
    fn let_go(&self);
}

/// The worker's end of the port for an attempt that `start` lets run elsewhere, and tell its events.
pub fn remote_attempt(start: impl FnOnce(EventSender) -> Box<dyn Remote>) -> Attempt {
    let outbox = Arc::new(Outbox::default());
    let remote = start(EventSender { outbox: Arc::clone(&outbox), watcher: None });
    Attempt { commands: Commands::Remote(remote), outbox, pace: None }
}

/// Both ends of the port for one attempt.
pub fn attempt() -> (Attempt, AttemptPort) {
    let (sender, commands) = mpsc::unbounded_channel();
    let outbox = Arc::new(Outbox::default());
    let attempt = Attempt { commands: Commands::Port(sender), outbox: Arc::clone(&outbox), pace: None };
    (attempt, AttemptPort { commands, events: EventSender { outbox, watcher: None } })
}

/// Both ends of the port for one attempt whose every event `watch` sees, on the guest's own thread and before the guest
/// goes on; commands that it returns take effect before that, too. For tests, in which nothing may be lost or late.
pub fn watched_attempt(watch: impl FnMut(&Event) -> Vec<Command> + Send + 'static) -> (Attempt, AttemptPort) {
    let (attempt, mut port) = attempt();
    if let Commands::Port(commands) = &attempt.commands {
        port.events.watcher = Some(Watcher::new(Box::new(watch), commands.downgrade()));
    }
    (attempt, port)
}

/// The worker's end. Dropping it tells the executor that nobody waits for the attempt any more.
#[derive(Debug)]
pub struct Attempt {
    commands: Commands,
    outbox: Arc<Outbox>,
    /// How often it takes its worker's time; `None` when nobody minds.
    pace: Option<Pace>,
}

/// Where commands go.
#[derive(Debug)]
enum Commands {
    /// To the executor's end of the port.
    Port(mpsc::UnboundedSender<Command>),
    /// To what runs the attempt elsewhere.
    Remote(Box<dyn Remote>),
}

impl Attempt {
    /// Tells the attempt something. Once it has ended, this does nothing.
    pub fn send(&self, command: Command) {
        match &self.commands {
            // An attempt that has ended needs no commands.
            Commands::Port(commands) => drop(commands.send(command)),
            Commands::Remote(remote) => remote.tell(command),
        }
    }

    /// Lets no attempt with this heartbeat timeout take more of the worker's time than it should: heartbeats,
    /// measurements and counts of dropped lines come so often only, the last of them before the end at once.
    pub fn pace(&mut self, heartbeat_timeout: Option<Duration>) {
        self.pace = Some(Pace::new(heartbeat_timeout));
    }

    /// The next event. Cancel safe. After [`Event::Ended`] it waits for ever.
    pub async fn next(&mut self) -> Event {
        loop {
            let due = match self.outbox.take(self.pace.as_mut()) {
                Ok(event) => return event,
                Err(due) => due,
            };
            tokio::select! {
                () = self.outbox.filled() => {}
                () = sleep_until(due) => {}
            }
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Commands::Remote(remote) = &self.commands {
            remote.let_go();
        }
    }
}

/// The executor's end.
#[derive(Debug)]
pub struct AttemptPort {
    /// What the worker says; closed once the worker has dropped its end.
    pub commands: mpsc::UnboundedReceiver<Command>,
    /// Where the attempt's events go.
    pub events: EventSender,
}

/// Takes an attempt's events. Dropping it without [`EventSender::end`] ends the attempt as a [`SandboxFailure`], so
/// that no fault of an executor can lose a lease.
#[derive(Debug)]
pub struct EventSender {
    outbox: Arc<Outbox>,
    watcher: Option<Watcher>,
}

impl EventSender {
    /// Whether somebody watches, who is told of lines as they are and not as they are written down.
    pub fn is_watched(&self) -> bool {
        self.watcher.is_some()
    }

    /// Passes on a log line as it is, for who watches, or counts it when too much waits.
    pub fn log(&self, record: LogRecord) {
        let size = record.size();
        self.put_line(Event::Logged(record), size);
    }

    /// Passes on a log line that was written down, or counts it when too much waits.
    pub fn log_written(&self, line: String) {
        let size = line.len();
        self.put_line(Event::Written(line.into_boxed_str()), size);
    }

    /// Counts log lines that were dropped before they came here.
    pub fn log_lines_dropped(&self, count: u64) {
        self.show(|| Event::LogLinesDropped(count));
        self.outbox.drop_lines(count);
    }

    /// Passes on a measurement; waits while too many wait, because none may be lost. Called by one caller at a time.
    pub async fn measure(&self, measurement: Measurement) {
        self.show(|| Event::Measured(vec![measurement.clone()]));
        self.outbox.measure(measurement).await;
    }

    /// Passes on a heartbeat, in place of one that was not taken yet.
    pub fn heartbeat(&self, details: Vec<Payload>) {
        self.show(|| Event::Heartbeat(details.clone()));
        self.outbox.heartbeat(details);
    }

    /// Passes on that a heartbeat could not be encoded.
    pub fn heartbeat_failed(&self, reason: Failure) {
        self.show(|| Event::HeartbeatFailed(reason.clone()));
        self.outbox.heartbeat_failed(reason);
    }

    /// Passes on a call. The guest waits for its answer, so there is one at a time.
    pub fn call(&self, call: ClientCall) {
        self.show(|| Event::Called(Box::new(call.clone())));
        self.outbox.call(call);
    }

    /// Ends the attempt. The first end counts.
    pub fn end(&self, ending: Ending) {
        self.outbox.end(ending);
    }

    fn put_line(&self, line: Event, size: usize) {
        if let Some(watcher) = &self.watcher {
            watcher.show(&line);
        }
        self.outbox.log(line, size);
    }

    /// Shows an event to whoever watches.
    fn show(&self, event: impl FnOnce() -> Event) {
        if let Some(watcher) = &self.watcher {
            watcher.show(&event());
        }
    }
}

impl Drop for EventSender {
    fn drop(&mut self) {
        let failure = SandboxFailure::new(SandboxFailureKind::Load, "the sandbox was lost before the attempt ended");
        self.outbox.end(Ending::new(End::Stopped(failure), Usage::default()));
    }
}

#[cfg(test)]
mod tests;
