//! Slots: the right to run one attempt, with the memory for it.
//!
//! A slot is reserved before a task is polled, so that no task is ever held without the memory to run it. All workers
//! of the process share one budget. Idle polls hold slots too, so each worker owns the memory of one slot outright:
//! however small the budget and however idle the others, every task queue makes progress.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;

/// The budget is counted in pages, because a semaphore counts only up to `u32::MAX` at once.
const PAGE: u64 = 64 << 10;

/// The memory that the attempts of all workers of the process may use together.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    pages: Arc<Semaphore>,
    bytes: u64,
}

impl MemoryBudget {
    /// A budget of this many bytes.
    pub fn new(bytes: u64) -> Self {
        let pages = usize::try_from(bytes / PAGE).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { pages: Arc::new(Semaphore::new(pages)), bytes }
    }

    /// Bytes of the whole budget.
    pub fn total(&self) -> u64 {
        self.bytes
    }

    /// Bytes that no slot holds.
    pub fn available(&self) -> u64 {
        (self.pages.available_permits() as u64).saturating_mul(PAGE)
    }
}

/// How many slots a worker has, and how many it holds.
#[derive(Clone, Debug)]
pub struct SlotCounts {
    concurrency: Arc<Semaphore>,
    own: Arc<Semaphore>,
    slots: usize,
    slot_memory: u64,
}

impl SlotCounts {
    /// All of them.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Those reserved for an attempt, or for a poll that waits for one.
    pub fn reserved(&self) -> usize {
        self.slots.saturating_sub(self.concurrency.available_permits())
    }

    /// Bytes of the memory budget that the worker holds: those of its reserved slots, and those of one slot of its own.
    pub fn reserved_memory(&self) -> u64 {
        let idle_own = self.own.available_permits();
        (self.reserved().saturating_add(idle_own) as u64).saturating_mul(self.slot_memory)
    }
}

/// The slots of one worker.
#[derive(Debug)]
pub(crate) struct Slots {
    /// How many attempts may run at once.
    concurrency: Arc<Semaphore>,
    /// The memory of the worker's own slot, free or taken.
    own: Arc<Semaphore>,
    /// Keeps that memory out of the budget while the worker lives.
    _own_pages: OwnedSemaphorePermit,
    shared: Arc<Semaphore>,
    pages_per_slot: u32,
    slots: usize,
}

/// A reserved slot. Dropping it frees it.
#[derive(Debug)]
pub(crate) struct Slot {
    _concurrency: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Slots {
    /// `slots` slots of `slot_memory` bytes each for `task_queue`.
    ///
    /// Fails when the budget has no room for one.
    pub(crate) fn new(budget: &MemoryBudget, task_queue: &str, slots: usize, slot_memory: u64) -> Result<Self, Error> {
        let no_room = || Error::MemoryBudget {
            task_queue: task_queue.to_owned(),
            slot: slot_memory,
            left: budget.available(),
            budget: budget.bytes,
        };
        let pages_per_slot = u32::try_from(slot_memory.div_ceil(PAGE)).map_err(|_| no_room())?;
        let own_pages = Arc::clone(&budget.pages).try_acquire_many_owned(pages_per_slot).map_err(|_| no_room())?;
        Ok(Self {
            concurrency: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            own: Arc::new(Semaphore::new(1)),
            _own_pages: own_pages,
            shared: Arc::clone(&budget.pages),
            pages_per_slot,
            slots,
        })
    }

    /// Waits for a slot. `None` never happens: the semaphores are never closed.
    pub(crate) async fn reserve(&self) -> Option<Slot> {
        let concurrency = Arc::clone(&self.concurrency).acquire_owned().await.ok()?;
        let memory = tokio::select! {
            biased;
            memory = Arc::clone(&self.own).acquire_owned() => memory,
            memory = Arc::clone(&self.shared).acquire_many_owned(self.pages_per_slot) => memory,
        };
        Some(Slot { _concurrency: concurrency, _memory: memory.ok()? })
    }

    /// A slot, when one is free now.
    pub(crate) fn try_reserve(&self) -> Option<Slot> {
        let concurrency = Arc::clone(&self.concurrency).try_acquire_owned().ok()?;
        let memory = Arc::clone(&self.own)
            .try_acquire_owned()
            .or_else(|_| Arc::clone(&self.shared).try_acquire_many_owned(self.pages_per_slot))
            .ok()?;
        Some(Slot { _concurrency: concurrency, _memory: memory })
    }

    /// How many there are and how many are taken, now and later.
    pub(crate) fn counts(&self) -> SlotCounts {
        SlotCounts {
            concurrency: Arc::clone(&self.concurrency),
            own: Arc::clone(&self.own),
            slots: self.slots,
            slot_memory: u64::from(self.pages_per_slot).saturating_mul(PAGE),
        }
    }

    /// How many more attempts could run, memory permitting.
    pub(crate) fn available(&self) -> usize {
        self.concurrency.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn memory_limits_before_concurrency_does_and_comes_back() {
        let budget = MemoryBudget::new(3 * MIB);
        let slots = Slots::new(&budget, "q", 100, MIB).unwrap();
        let mut held: Vec<_> = (0..3).map(|_| slots.try_reserve().unwrap()).collect();
        assert!(slots.try_reserve().is_none());
        assert!(slots.reserve().now_or_never().is_none());
        held.pop();
        assert!(slots.try_reserve().is_some());
        drop(held);
        assert_eq!(budget.available(), 2 * MIB);
        drop(slots);
        assert_eq!(budget.available(), 3 * MIB);
    }

    #[test]
    fn concurrency_limits_before_memory_does() {
        let slots = Slots::new(&MemoryBudget::new(100 * MIB), "q", 2, MIB).unwrap();
        let _held = [slots.try_reserve().unwrap(), slots.try_reserve().unwrap()];
        assert!(slots.try_reserve().is_none());
        assert_eq!(slots.available(), 0);
    }

    #[test]
    fn a_worker_keeps_one_slot_however_greedy_the_others_are() {
        let budget = MemoryBudget::new(3 * MIB);
        let greedy = Slots::new(&budget, "greedy", 100, MIB).unwrap();
        let modest = Slots::new(&budget, "modest", 100, MIB).unwrap();
        let _held = [greedy.try_reserve().unwrap(), greedy.try_reserve().unwrap()];
        assert!(greedy.try_reserve().is_none());
        assert!(modest.reserve().now_or_never().is_some());
    }

    #[test]
    fn a_budget_without_room_for_one_slot_is_refused() {
        let budget = MemoryBudget::new(MIB);
        let text = Slots::new(&budget, "big", 1, 2 * MIB).unwrap_err().to_string();
        assert!(text.contains("big") && text.contains("2097152") && text.contains("1048576"), "{text}");
    }

    #[test]
    fn odd_sizes_are_rounded_up() {
        let slots = Slots::new(&MemoryBudget::new(PAGE), "q", 1, 1).unwrap();
        assert_eq!(slots.pages_per_slot, 1);
    }
}
