//! The port between the worker and whatever runs attempts.
//!
//! Only messages cross it, by value, so that the executor can live in another process. The way back is bounded: the
//! newest heartbeat replaces one that was not taken yet, log lines beyond a limit are counted instead of kept, and a guest
//! waits while many of its measurements do, so a guest that floods the port costs its host no memory.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, mpsc};

use crate::{
    CancellationDetails, ClientAnswer, ClientCall, End, Ending, Failure, LogRecord, Measurement, Payload,
    SandboxFailure, SandboxFailureKind, Task, Usage, watcher::Watcher,
};

/// Log lines that wait for the worker; more are counted, not kept.
const WAITING_LOG_LINES: usize = 1_024;

/// Measurements that wait for the worker; while there are so many, the guest waits too.
const WAITING_MEASUREMENTS: usize = 128;

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
    /// The guest logged a line.
    Logged(LogRecord),
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

/// Both ends of the port for one attempt.
pub fn attempt() -> (Attempt, AttemptPort) {
    let (sender, commands) = mpsc::unbounded_channel();
    let outbox = Arc::new(Outbox::default());
    let attempt = Attempt { commands: sender, outbox: Arc::clone(&outbox) };
    (attempt, AttemptPort { commands, events: EventSender { outbox, watcher: None } })
}

/// Both ends of the port for one attempt whose every event `watch` sees, on the guest's own thread and before the guest
/// goes on; commands that it returns take effect before that, too. For tests, in which nothing may be lost or late.
pub fn watched_attempt(watch: impl FnMut(&Event) -> Vec<Command> + Send + 'static) -> (Attempt, AttemptPort) {
    let (attempt, mut port) = attempt();
    port.events.watcher = Some(Watcher::new(Box::new(watch), attempt.commands.downgrade()));
    (attempt, port)
}

/// The worker's end. Dropping it tells the executor that nobody waits for the attempt any more.
#[derive(Debug)]
pub struct Attempt {
    commands: mpsc::UnboundedSender<Command>,
    outbox: Arc<Outbox>,
}

impl Attempt {
    /// Tells the attempt something. Once it has ended, this does nothing.
    pub fn send(&self, command: Command) {
        // An attempt that has ended needs no commands.
        let _ = self.commands.send(command);
    }

    /// The next event. Cancel safe. After [`Event::Ended`] it waits for ever.
    pub async fn next(&mut self) -> Event {
        loop {
            let event = self.outbox.lock().take();
            if let Some(event) = event {
                if matches!(event, Event::Measured(_)) {
                    self.outbox.emptied.notify_one();
                }
                return event;
            }
            self.outbox.filled.notified().await;
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
    /// Passes on a log line, or counts it when too many wait.
    pub fn log(&self, record: LogRecord) {
        self.show(|| Event::Logged(record.clone()));
        self.outbox.fill(|mail| {
            if mail.log.len() < WAITING_LOG_LINES {
                mail.log.push_back(record);
            } else {
                mail.dropped_log_lines += 1;
            }
        });
    }

    /// Counts log lines that were dropped before they came here.
    pub fn log_lines_dropped(&self, count: u64) {
        self.show(|| Event::LogLinesDropped(count));
        self.outbox.fill(|mail| mail.dropped_log_lines += count);
    }

    /// Passes on a measurement; waits while too many wait, because none may be lost. Called by one caller at a time.
    pub async fn measure(&self, measurement: Measurement) {
        self.show(|| Event::Measured(vec![measurement.clone()]));
        while self.outbox.lock().measurements.len() >= WAITING_MEASUREMENTS {
            self.outbox.emptied.notified().await;
        }
        self.outbox.fill(|mail| mail.measurements.push(measurement));
    }

    /// Passes on a heartbeat, in place of one that was not taken yet.
    pub fn heartbeat(&self, details: Vec<Payload>) {
        self.show(|| Event::Heartbeat(details.clone()));
        self.outbox.fill(|mail| mail.heartbeat = Some(details));
    }

    /// Passes on that a heartbeat could not be encoded.
    pub fn heartbeat_failed(&self, reason: Failure) {
        self.show(|| Event::HeartbeatFailed(reason.clone()));
        self.outbox.fill(|mail| mail.heartbeat_failed = Some(reason));
    }

    /// Passes on a call. The guest waits for its answer, so there is one at a time.
    pub fn call(&self, call: ClientCall) {
        self.show(|| Event::Called(Box::new(call.clone())));
        self.outbox.fill(|mail| mail.call = Some(Box::new(call)));
    }

    /// Ends the attempt.
    pub fn end(self, ending: Ending) {
        self.outbox.end(ending);
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
        self.outbox.end(Ending { end: End::Stopped(failure), usage: Usage::default() });
    }
}

/// What was said and not yet taken.
#[derive(Debug, Default)]
struct Outbox {
    mail: Mutex<Mail>,
    filled: Notify,
    /// Measurements were taken, so there is room again.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Mail {
    log: VecDeque<LogRecord>,
    dropped_log_lines: u64,
    measurements: Vec<Measurement>,
    heartbeat: Option<Vec<Payload>>,
    heartbeat_failed: Option<Failure>,
    call: Option<Box<ClientCall>>,
    ending: Option<Box<Ending>>,
    ended: bool,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Mail> {
        // Each change is one assignment, so a panic elsewhere can't leave the mail half changed.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, change: impl FnOnce(&mut Mail)) {
        change(&mut self.lock());
        self.filled.notify_one();
    }

    fn end(&self, ending: Ending) {
        self.fill(|mail| {
            if !mail.ended {
                mail.ended = true;
                mail.ending = Some(Box::new(ending));
            }
        });
    }
}

impl Mail {
    /// What to tell next: measurements when there is nothing else, the ending last.
    fn take(&mut self) -> Option<Event> {
        if let Some(record) = self.log.pop_front() {
            return Some(Event::Logged(record));
        }
        if self.dropped_log_lines > 0 {
            return Some(Event::LogLinesDropped(std::mem::take(&mut self.dropped_log_lines)));
        }
        if let Some(details) = self.heartbeat.take() {
            return Some(Event::Heartbeat(details));
        }
        if let Some(reason) = self.heartbeat_failed.take() {
            return Some(Event::HeartbeatFailed(reason));
        }
        if let Some(call) = self.call.take() {
            return Some(Event::Called(call));
        }
        if !self.measurements.is_empty() {
            return Some(Event::Measured(std::mem::take(&mut self.measurements)));
        }
        self.ending.take().map(Event::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instrument, InstrumentKind, Level, MeasuredValue, Outcome};

    fn ending() -> Ending {
        Ending { end: End::Returned(Outcome::WillCompleteAsync), usage: Usage::default() }
    }

    fn line(message: &str) -> LogRecord {
        LogRecord { level: Level::Info, logger: String::new(), message: message.to_owned(), fields: Vec::new() }
    }

    #[tokio::test]
    async fn the_newest_heartbeat_replaces_the_waiting_one_and_the_end_comes_last() {
        let (mut attempt, port) = attempt();
        port.events.heartbeat(vec![Payload::json("1")]);
        port.events.heartbeat(vec![Payload::json("2")]);
        port.events.log(line("a"));
        port.events.end(ending());
        assert_eq!(attempt.next().await, Event::Logged(line("a")));
        assert_eq!(attempt.next().await, Event::Heartbeat(vec![Payload::json("2")]));
        assert_eq!(attempt.next().await, Event::Ended(Box::new(ending())));
    }

    #[tokio::test]
    async fn lines_beyond_the_limit_are_counted() {
        let (mut attempt, port) = attempt();
        for _ in 0..WAITING_LOG_LINES + 3 {
            port.events.log(line("x"));
        }
        for _ in 0..WAITING_LOG_LINES {
            assert!(matches!(attempt.next().await, Event::Logged(_)));
        }
        assert_eq!(attempt.next().await, Event::LogLinesDropped(3));
    }

    #[tokio::test]
    async fn a_guest_waits_while_many_of_its_measurements_do() {
        let (mut attempt, port) = attempt();
        let instrument = Arc::new(Instrument {
            kind: InstrumentKind::Counter,
            name: "rows".to_owned(),
            description: String::new(),
            unit: String::new(),
        });
        let rows = |value| Measurement {
            instrument: Arc::clone(&instrument),
            value: MeasuredValue::Integer(value),
            attributes: Vec::new(),
        };
        let mut taken = 0;
        let guest = async {
            for value in 0..3 * WAITING_MEASUREMENTS as u64 {
                port.events.measure(rows(value)).await;
            }
            port.events.end(ending());
        };
        let worker = async {
            loop {
                match attempt.next().await {
                    Event::Measured(measurements) => {
                        assert!(measurements.len() <= WAITING_MEASUREMENTS);
                        taken += measurements.len();
                    }
                    Event::Ended(_) => return,
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::join!(guest, worker);
        assert_eq!(taken, 3 * WAITING_MEASUREMENTS);
    }

    #[tokio::test]
    async fn an_executor_that_drops_its_end_ends_the_attempt() {
        let (mut attempt, port) = attempt();
        drop(port);
        let Event::Ended(ending) = attempt.next().await else { panic!("no ending") };
        assert!(matches!(ending.end, End::Stopped(SandboxFailure { kind: SandboxFailureKind::Load, .. })));
    }
}
