//! What the contexts and the futures of one attempt share.

use std::cell::Cell;

use crate::Cancelled;
use crate::cancellation::Events;
#[cfg(target_family = "wasm")]
use crate::host::Backend;
#[cfg(not(target_family = "wasm"))]
use crate::test::Backend;

/// The running attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) backend: Backend,
    /// Whether a safe point tells of a cancellation.
    interruptible: bool,
    /// How many shields the running code is in.
    shields: Cell<u32>,
}

impl Attempt {
    pub(crate) fn new(backend: Backend, interruptible: bool) -> Self {
        Self { backend, interruptible, shields: Cell::new(0) }
    }

    /// Whether a safe point at this place tells of a cancellation.
    pub(crate) fn may_interrupt(&self) -> bool {
        self.interruptible && self.shields.get() == 0
    }

    /// A safe point.
    pub(crate) fn check_cancelled(&self) -> Result<(), Cancelled> {
        if self.may_interrupt() && self.backend.is_cancelled() { Err(Cancelled::new()) } else { Ok(()) }
    }

    /// What a wait at this place ends with.
    pub(crate) fn interruptions(&self) -> Events {
        Events { cancelled: self.may_interrupt(), ..Events::default() }
    }

    /// Puts up a shield.
    pub(crate) fn shield(&self) -> Shield<'_> {
        self.shields.set(self.shields.get().saturating_add(1));
        Shield { shields: &self.shields }
    }
}

/// A shield that is up until it is dropped, also by a panic.
pub(crate) struct Shield<'a> {
    shields: &'a Cell<u32>,
}

impl Drop for Shield<'_> {
    fn drop(&mut self) {
        self.shields.set(self.shields.get().saturating_sub(1));
    }
}
