//! What the futures of an attempt wait for, all in one wait of the host's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use crate::cancellation::Events;
use crate::executor::Running;

#[cfg(all(target_family = "wasm", feature = "http"))]
pub(crate) use wasip2::io::poll::Pollable;

/// Something of the host's that becomes ready. Without HTTP there is nothing but time and events.
#[cfg(not(all(target_family = "wasm", feature = "http")))]
#[derive(Debug)]
pub(crate) enum Pollable {}

/// What one future waits for: whichever comes first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Until {
    /// A time of [`Backend::now`](crate::test).
    pub(crate) at: Option<Duration>,
    /// Events of the attempt.
    pub(crate) events: Events,
    /// Something of the host's.
    pub(crate) ready: Option<Rc<Pollable>>,
}

/// All futures that wait.
#[derive(Default)]
pub(crate) struct Waits {
    next: Cell<u64>,
    waiting: RefCell<BTreeMap<u64, (Until, Waker)>>,
}

impl fmt::Debug for Waits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} waits", self.waiting.borrow().len())
    }
}

impl Running {
    /// Waits until something happens that a future waits for, and wakes those that it is for. False when none waits, so
    /// that nothing will ever wake one.
    pub(crate) fn wait_for_any(&self) -> bool {
        if self.waits.waiting.borrow().is_empty() {
            return false;
        }
        let at = self.waits.waiting.borrow().values().filter_map(|(until, _)| until.at).min();
        self.turn(at.map(|at| at.saturating_sub(self.attempt.backend.now())));
        true
    }

    /// Wakes the futures whose wait is over by now.
    pub(crate) fn look_around(&self) {
        if !self.waits.waiting.borrow().is_empty() {
            self.turn(Some(Duration::ZERO));
        }
    }

    fn turn(&self, timeout: Option<Duration>) {
        let (happened, ready) = {
            let waiting = self.waits.waiting.borrow();
            let events = waiting.values().fold(Events::default(), |all, (until, _)| all.or(until.events));
            let places = || waiting.iter().filter_map(|(id, (until, _))| Some((*id, until.ready.as_deref()?)));
            let pollables: Vec<&Pollable> = places().map(|(_, pollable)| pollable).collect();
            let (happened, ready) = self.attempt.backend.wait_for_any(&pollables, events, timeout);
            let ids: Vec<u64> = places().map(|(id, _)| id).collect();
            (happened, ready.into_iter().filter_map(|index| ids.get(index).copied()).collect::<Vec<_>>())
        };
        let now = self.attempt.backend.now();
        let mut woken = Vec::new();
        self.waits.waiting.borrow_mut().retain(|id, (until, waker)| {
            let over = until.at.is_some_and(|at| at <= now) || until.events.any_of(happened) || ready.contains(id);
            if over {
                woken.push(waker.clone());
            }
            !over
        });
        // Outside of the borrow: a waker may do anything.
        woken.into_iter().for_each(Waker::wake);
    }
}

/// One future's place among those that wait, which it leaves when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<(Rc<Running>, u64)>);

impl Place {
    /// Waits, instead of for what it waited for before.
    pub(crate) fn wait(&mut self, running: &Rc<Running>, until: Until, waker: &Waker) {
        self.leave();
        let id = running.waits.next.get();
        running.waits.next.set(id.wrapping_add(1));
        running.waits.waiting.borrow_mut().insert(id, (until, waker.clone()));
        self.0 = Some((Rc::clone(running), id));
    }

    /// Waits no more.
    pub(crate) fn leave(&mut self) {
        if let Some((running, id)) = self.0.take() {
            let left = running.waits.waiting.borrow_mut().remove(&id);
            // Outside of the borrow: dropping a waker may drop futures.
            drop(left);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}
