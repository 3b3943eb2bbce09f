//! One process of a cell, from its start to its end, as the worker sees it.
//!
//! Two threads belong to it. One starts it and waits for its end: the system ends the process with that thread. One writes to
//! it what it does not read at once, so that a cell that is slow to read keeps nobody else waiting. What it says is read by a
//! task of the worker's, which takes turns with all others, and hands it to whom it is for on the thread that goes on with
//! it.

mod outgoing;
mod overdue;
mod owner;
mod talk;

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
    os::fd::OwnedFd,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use activity::{ActivityName, End, Ending, EventSender, LARGEST_IMAGE, SandboxFailure, SandboxFailureKind, Usage};
use egress::Line;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use self::outgoing::Outgoing;
use crate::{
    Error,
    cell::{Inner, Known, Outside},
    wire::{self, Crosses as _, ToCell, to_cell},
};

/// How long a process may take to load a component: longer than a guest may take to tell its activities.
const LOADING: Duration = Duration::from_secs(60);

/// The number of a process's first attempt.
const FIRST: u64 = 1;

/// What a component may have as activities, at most: what engines let through.
const MOST_ACTIVITIES: usize = 1_000;
const LONGEST_NAME: usize = 1_000;

/// One process.
#[derive(Debug)]
pub(crate) struct Process {
    /// Closed when nobody holds the process any more, which ends it.
    outgoing: Arc<Outgoing>,
    shared: Arc<Shared>,
    /// What it answers when it has loaded what it was started with.
    answers: Mutex<HashMap<u64, mpsc::Receiver<wire::Loaded>>>,
    /// To what connects for it, if any of its components may reach anything.
    line: OnceLock<Line>,
}

/// What its threads and its attempts share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Whose it is, for people.
    name: String,
    listeners: Mutex<Listeners>,
    memory: AtomicU64,
    next_attempt: AtomicU64,
    /// It has told that it can't run on this system.
    refuses: AtomicBool,
    handle: Mutex<Handle>,
    /// An attempt is to end before those that are watched, or the process is lost.
    due: Notify,
}

/// Who hears of it.
#[derive(Debug, Default)]
struct Listeners {
    attempts: HashMap<u64, Listener>,
    loads: HashMap<u64, mpsc::SyncSender<wire::Loaded>>,
    /// How it ended, once it has.
    lost: Option<String>,
    /// When the first of the attempts is overdue, as far as is watched for.
    watched: Option<Instant>,
}

/// How it is ended.
#[derive(Debug, Default)]
struct Handle {
    /// While it runs.
    id: Option<Pid>,
    /// Why it has to end, once it has to.
    doomed: Option<String>,
}

/// Who hears of an attempt.
#[derive(Debug)]
struct Listener {
    events: Arc<EventSender>,
    /// When the process is ended because the attempt is not.
    overdue: Option<Instant>,
    /// It has been killed, and is overdue for that.
    is_killed: bool,
    /// Measurements wait to be passed on, until this is gone: the cell tells no more before they were.
    measuring: Option<oneshot::Sender<Infallible>>,
}

impl Shared {
    /// Whether it was ever told to run an attempt.
    fn has_run(&self) -> bool {
        self.next_attempt.load(Ordering::Relaxed) != FIRST
    }
}

impl Process {
    /// Starts a process after a wait, and lets it load these components.
    pub(crate) fn start(cell: &Arc<Inner>, loads: &[Arc<Known>], wait: Duration) -> Arc<Self> {
        let outgoing = Arc::new(Outgoing::new());
        let shared = Arc::new(Shared {
            name: cell.settings.name.clone(),
            listeners: Mutex::default(),
            memory: AtomicU64::new(0),
            next_attempt: AtomicU64::new(FIRST),
            refuses: AtomicBool::new(false),
            handle: Mutex::default(),
            due: Notify::new(),
        });
        let process = Arc::new(Self { outgoing, shared, answers: Mutex::default(), line: OnceLock::new() });
        process.say(to_cell::Say::Begin(owner::begin(&cell.settings, loads)), None);
        for known in loads {
            let (sender, answer) = mpsc::sync_channel(1);
            process.shared.listeners().loads.insert(known.number, sender);
            process.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(known.number, answer);
            process.say_load(known);
        }
        process.open_line(&cell.settings.outside, loads);
        owner::start(&process, cell, wait);
        process
    }

    /// Lets it reach what its components together are granted outside.
    fn open_line(self: &Arc<Self>, outside: &Outside, loads: &[Arc<Known>]) {
        let grant: BTreeSet<_> = loads.iter().flat_map(|known| known.http()).cloned().collect();
        if grant.is_empty() {
            return;
        }
        let process = Arc::downgrade(self);
        let line = outside.egress.line(&Vec::from_iter(grant), move |end| {
            if let Some(process) = process.upgrade() {
                process.say(to_cell::Say::Line(true), Some(end));
            }
        });
        match line {
            Ok(line) => drop(self.line.set(line)),
            Err(error) => self.kill(&format!("it could not be given a line: {error}")),
        }
    }

    /// What a component told when it was loaded, once it is.
    ///
    /// # Errors
    /// When the process refuses it, or ends meanwhile.
    pub(crate) fn loaded(&self, number: u64) -> Result<engine::Listing, Error> {
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        let ended = || self.shared.lost(self.end().unwrap_or_default());
        let loaded = match answer.ok_or_else(ended)?.recv_timeout(LOADING) {
            Ok(loaded) => loaded,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.kill("it did not load a component in time");
                return Err(Error::TooSlow { cell: self.shared.name.clone() });
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(ended()),
        };
        match loaded.refused {
            Some(reason) => Err(Error::Refused { reason, cure: loaded.cure }),
            None => {
                let listing = engine::Listing::required(loaded.listing, "list of activities");
                match listing {
                    Ok(listing) if is_sensible(&listing) => Ok(listing),
                    _ => Err(self.shared.lost("it told activities that no component may have".to_owned())),
                }
            }
        }
    }

    /// Lets it forget a component.
    pub(crate) fn forget(&self, number: u64) {
        self.say(to_cell::Say::Forget(number), None);
    }

    /// Starts an attempt that tells `events`, and has to have ended after `patience` if there is one. Returns its number.
    pub(crate) fn run(&self, task: wire::Task, events: EventSender, patience: Option<Duration>) -> u64 {
        let attempt = self.shared.next_attempt.fetch_add(1, Ordering::Relaxed);
        let overdue = patience.and_then(|patience| Instant::now().checked_add(patience));
        let lost = {
            let mut listeners = self.shared.listeners();
            let lost = listeners.lost.clone();
            if lost.is_none() {
                let listener = Listener { events: Arc::new(events), overdue, is_killed: false, measuring: None };
                listeners.attempts.insert(attempt, listener);
                self.shared.watch(&listeners, overdue);
                None
            } else {
                lost.map(|reason| (reason, events))
            }
        };
        match lost {
            Some((reason, events)) => lose_attempt(&events, &reason),
            None => self.say(to_cell::Say::Start(Box::new(wire::Start { attempt, task: Some(task) })), None),
        }
        attempt
    }

    /// An attempt has been killed, and has to have ended after `patience`. The first time counts.
    pub(crate) fn expect_end(&self, attempt: u64, patience: Duration) {
        let mut listeners = self.shared.listeners();
        if let Some(listener) = listeners.attempts.get_mut(&attempt).filter(|listener| !listener.is_killed) {
            listener.is_killed = true;
            let overdue = Instant::now().checked_add(patience);
            listener.overdue = overdue;
            self.shared.watch(&listeners, overdue);
        }
    }

    /// Nobody listens to an attempt any more. Returns whether it has not ended yet.
    pub(crate) fn let_go(&self, attempt: u64) -> bool {
        self.shared.listeners().attempts.remove(&attempt).is_some()
    }

    /// Tells an attempt something.
    pub(crate) fn tell(&self, attempt: u64, command: activity::Command) {
        self.say(to_cell::Say::Tell(wire::Tell { attempt, command: Some(command.send()) }), None);
    }

    /// Lets an attempt tell measurements again.
    pub(crate) fn taken(&self, attempt: u64) {
        if let Some(listener) = self.shared.listeners().attempts.get_mut(&attempt) {
            listener.measuring = None;
        }
        self.say(to_cell::Say::Taken(attempt), None);
    }

    /// How it ended, if it has.
    pub(crate) fn end(&self) -> Option<String> {
        self.shared.listeners().lost.clone()
    }

    /// Whether it has ended, or has to.
    pub(crate) fn is_over(&self) -> bool {
        self.end().is_some() || self.shared.handle().doomed.is_some()
    }

    /// How many attempts it runs.
    pub(crate) fn attempts(&self) -> usize {
        self.shared.listeners().attempts.len()
    }

    /// Linear memory of its guests, in bytes, by its own account.
    pub(crate) fn memory(&self) -> u64 {
        self.shared.memory.load(Ordering::Relaxed)
    }

    /// What the system calls it, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.shared.handle().id.map(|id| id.as_raw_nonzero().get().unsigned_abs())
    }

    /// Ends it, whatever it does.
    pub(crate) fn kill(&self, reason: &str) {
        self.shared.kill(reason);
    }

    fn say_load(&self, known: &Known) {
        match known.code.try_clone() {
            Ok(code) => self.say(to_cell::Say::Load(Box::new(known.message())), Some(code)),
            Err(error) => self.kill(&format!("its code could not be handed over: {error}")),
        }
    }

    fn say(&self, say: to_cell::Say, with: Option<OwnedFd>) {
        let message = match wire::framed(&ToCell { say: Some(say) }) {
            Ok(message) => message,
            Err(error) => return self.kill(&format!("it could not be told something: {error}")),
        };
        if !self.outgoing.say(message, with) {
            self.kill("it did not read what it was told");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.outgoing.close();
    }
}

/// Ends an attempt whose process was lost.
fn lose_attempt(events: &EventSender, reason: &str) {
    let text = format!("the process that ran the attempt was lost: {reason}");
    let failure = SandboxFailure::new(SandboxFailureKind::Lost, text);
    events.end(Ending::new(End::Stopped(failure), Usage::default()));
}

/// Whether a list of activities is within what its engine would have let through.
fn is_sensible(listing: &engine::Listing) -> bool {
    let length = |name: &ActivityName| match name {
        ActivityName::Named(name) => name.len(),
        ActivityName::Dynamic => 1,
    };
    let names = &listing.activities;
    (1..=MOST_ACTIVITIES).contains(&names.len())
        && names.iter().all(|(name, _)| (1..=LONGEST_NAME).contains(&length(name)))
        && listing.image <= LARGEST_IMAGE
}

impl Shared {
    /// Ends the process, whatever it does.
    fn kill(&self, reason: &str) {
        let mut handle = self.handle();
        if handle.doomed.is_none() {
            handle.doomed = Some(reason.to_owned());
            tracing::warn!("the cell of {} is ended: {reason}", self.name);
        }
        drop(handle);
        self.end();
    }

    /// Ends the process if it has not ended by itself.
    fn end(&self) {
        if let Some(id) = self.handle().id {
            // It may be gone already.
            let _ = kill_process(id, Signal::KILL);
        }
    }

    /// The process can't run on this system.
    fn refuse(&self, reason: &str) {
        self.refuses.store(true, Ordering::Relaxed);
        self.kill(reason);
    }

    fn lost(&self, reason: String) -> Error {
        let cell = self.name.clone();
        match self.refuses.load(Ordering::Relaxed) {
            true => Error::CantRun { cell, reason },
            false => Error::Lost { cell, reason },
        }
    }

    /// Lets an attempt that is overdue then be watched for.
    fn watch(&self, listeners: &Listeners, overdue: Option<Instant>) {
        if overdue.is_some_and(|overdue| listeners.watched.is_none_or(|watched| overdue < watched)) {
            self.due.notify_one();
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        // Each change is one operation.
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self) -> MutexGuard<'_, Handle> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
