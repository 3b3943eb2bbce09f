//! The guests that run now.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, Weak},
    thread::Thread,
    time::Instant,
};

use activity::KillReason;

use crate::{
    reaper::Reaper,
    sync::{AtomicBool, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError},
};

/// A guest that can be stopped from any thread.
pub(crate) trait Killable: Send + Sync {
    /// Stops it, and returns at once. Does nothing when it has ended.
    fn kill(self: Arc<Self>, reason: KillReason);
}

/// All guests that run now, those that are killed first in front.
pub(crate) struct Live {
    guests: Mutex<Guests>,
    next: AtomicU64,
    /// The thread that looks at them, once there is one.
    watcher: OnceLock<Thread>,
    /// That thread waits until there are any.
    is_asleep: AtomicBool,
    /// Takes down those that were stopped while no thread ran them.
    reaper: Reaper,
}

#[derive(Default)]
struct Guests {
    by_deadline: BTreeMap<Key, Weak<dyn Killable>>,
    /// Why nothing may start any more.
    closed: bool,
}

/// A guest's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    deadline: Deadline,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    At(Instant),
    Never,
}

impl Live {
    /// None yet.
    pub(crate) fn new(reaper: Reaper) -> Self {
        let (watcher, is_asleep) = (OnceLock::new(), AtomicBool::new(false));
        Self { guests: Mutex::default(), next: AtomicU64::new(0), watcher, is_asleep, reaper }
    }

    /// Has this thread woken when there are guests to look at.
    pub(crate) fn watched_by(&self, watcher: Thread) {
        // There is one.
        let _ = self.watcher.set(watcher);
    }

    /// Whether the thread that looks at them may sleep until it is woken, which it does then.
    pub(crate) fn may_sleep(&self) -> bool {
        // Said before it is looked: who comes after that sees it.
        self.is_asleep.store(true, Ordering::SeqCst);
        let guests = self.lock();
        let may = guests.by_deadline.is_empty() && !guests.closed;
        drop(guests);
        if !may {
            self.awake();
        }
        may
    }

    /// That thread looks again.
    pub(crate) fn awake(&self) {
        self.is_asleep.store(false, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.is_asleep.load(Ordering::SeqCst)
            && let Some(watcher) = self.watcher.get()
        {
            watcher.unpark();
        }
    }

    /// Who takes them down.
    pub(crate) fn reaper(&self) -> &Reaper {
        &self.reaper
    }

    /// A place for a guest that is killed at `kill_at`.
    pub(crate) fn key(&self, kill_at: Option<Instant>) -> Key {
        let deadline = kill_at.map_or(Deadline::Never, Deadline::At);
        Key { deadline, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }

    /// Adds a guest. Kills it when the engine has been closed.
    pub(crate) fn insert(&self, key: Key, guest: Weak<dyn Killable>) {
        let mut guests = self.lock();
        if !guests.closed {
            guests.by_deadline.insert(key, guest);
            drop(guests);
            self.wake();
            return;
        }
        drop(guests);
        if let Some(guest) = guest.upgrade() {
            guest.kill(KillReason::WorkerShutdown);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().by_deadline.len()
    }

    /// Removes a guest that has ended.
    pub(crate) fn remove(&self, key: Key) {
        self.lock().by_deadline.remove(&key);
    }

    /// Kills the guests whose time was up at `now`.
    pub(crate) fn kill_overdue(&self, now: Instant) {
        let is_overdue = |key: &Key| matches!(key.deadline, Deadline::At(at) if at <= now);
        let overdue = self.take_while(is_overdue);
        overdue.into_iter().for_each(|guest| guest.kill(KillReason::Deadline));
    }

    /// Kills all guests, and those that start from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake();
        let all = self.take_while(|_| true);
        all.into_iter().for_each(|guest| guest.kill(KillReason::WorkerShutdown));
    }

    /// The first guests that `choose` takes. They stay here until they have ended.
    fn take_while(&self, choose: impl Fn(&Key) -> bool) -> Vec<Arc<dyn Killable>> {
        let guests = self.lock();
        let chosen = guests.by_deadline.iter().take_while(|(key, _)| choose(key));
        chosen.filter_map(|(_, guest)| guest.upgrade()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Guests> {
        // Each change is one operation on the map.
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
