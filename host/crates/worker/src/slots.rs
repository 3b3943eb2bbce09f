//! Slots: the right to run one attempt, with the memory for it.
//!
//! A slot is reserved before a task is polled, so that no task waits here while another worker could run it. How many
//! polls a task queue makes follows from how many slots it is given: see [`crate::budget`].

use std::sync::{Arc, Weak};

use crate::{
    Error, Tenant,
    budget::{QueueBudget, Slot},
    polls::{Poll, Polls},
};

/// The slots of one worker: the right to run so many attempts at once, as far as the memory budget allows.
#[derive(Clone, Debug)]
pub struct Slots {
    queue: Arc<QueueBudget>,
    tenant: Arc<Tenant>,
    task_queue: Arc<str>,
    slots: usize,
    polls: Polls,
}

/// The slots of a worker as whoever tells of them sees them: they are the worker's alone.
#[derive(Clone, Debug)]
pub struct SlotsView {
    queue: Weak<QueueBudget>,
    slots: usize,
}

impl SlotsView {
    /// All of them, those reserved for attempts and polls, and bytes of the memory budget that the worker holds; `None` once
    /// it has ended.
    pub fn look(&self) -> Option<(usize, usize, u64)> {
        let queue = self.queue.upgrade()?;
        Some((self.slots, queue.slots_taken(), queue.bytes_held()))
    }
}

impl Slots {
    /// What tells of them.
    pub fn view(&self) -> SlotsView {
        SlotsView { queue: Arc::downgrade(&self.queue), slots: self.slots }
    }

    /// `slots` slots of `slot_memory` bytes each for a `task_queue` of the tenant's.
    ///
    /// Fails when the tenant can't have one.
    pub(crate) fn new(tenant: &Arc<Tenant>, task_queue: &str, slots: usize, slot_memory: u64) -> Result<Self, Error> {
        let queue = tenant.budget().queue(tenant.name(), slots, slot_memory);
        let queue = queue.map_err(|left| no_room(task_queue, slot_memory, left, tenant))?;
        let polls = Polls::default();
        Ok(Self { queue, tenant: Arc::clone(tenant), task_queue: task_queue.into(), slots, polls })
    }

    /// All of them.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Those reserved for an attempt, or for a poll that waits for one.
    pub fn reserved(&self) -> usize {
        self.queue.slots_taken()
    }

    /// Bytes of the memory budget that the worker holds. One that runs nothing polls without.
    pub fn reserved_memory(&self) -> u64 {
        self.queue.bytes_held()
    }

    /// Gives each slot at least `slot_memory` bytes from now on, for a component that needs more than those that the worker
    /// was started with.
    ///
    /// # Errors
    /// When the tenant can't have one such slot.
    pub fn enlarge(&self, slot_memory: u64) -> Result<(), Error> {
        let enlarged = self.queue.enlarge_slots(slot_memory);
        enlarged.map_err(|left| no_room(&self.task_queue, slot_memory, left, &self.tenant))
    }

    /// Waits for a slot to poll with. `None` when there are to be no more polls: the budget outlives its slots.
    pub(crate) async fn reserve(&self) -> Option<TenantSlot> {
        let slot = async {
            self.tenant.may_start().await;
            self.queue.reserve().await
        };
        tokio::select! {
            biased;
            () = self.polls.are_last() => None,
            slot = slot => {
                let (slot, poll) = (slot?, self.polls.begin()?);
                Some(TenantSlot { slot, tenant: Arc::clone(&self.tenant), poll })
            }
        }
    }

    /// Its polls.
    pub(crate) fn polls(&self) -> &Polls {
        &self.polls
    }

    /// Waits until the tasks that were polled have their memory, which is nearly always so.
    pub(crate) async fn backed(&self) {
        if self.queue.is_late() {
            tracing::warn!(
                task_queue = &*self.task_queue,
                tenant = self.tenant.name(),
                "a task waits for memory: tasks came to several idle task queues at once while others, or the tenant's \
                 limits, left none; if this happens often, raise the memory budget, what the tenant is guaranteed, or its \
                 limits"
            );
            self.queue.backed().await;
        }
    }

    /// How many more attempts could run, memory permitting.
    pub(crate) fn available(&self) -> usize {
        self.slots.saturating_sub(self.queue.slots_taken())
    }
}

/// The right to poll once, and then to run the task that the poll brings, which the tenant is charged.
#[derive(Debug)]
pub(crate) struct TenantSlot {
    slot: Slot,
    tenant: Arc<Tenant>,
    poll: Poll,
}

impl TenantSlot {
    /// The poll brought a task.
    pub(crate) fn take_task(&self) {
        self.poll.end();
        if self.slot.take_task() {
            self.tenant.has_started_one(self.slot.memory());
        }
    }
}

fn no_room(task_queue: &str, slot: u64, left: u64, tenant: &Tenant) -> Error {
    Error::MemoryBudget {
        task_queue: task_queue.to_owned(),
        tenant: tenant.name().to_owned(),
        slot,
        left,
        budget: tenant.budget().total(),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::MemoryBudget;

    const MIB: u64 = 1 << 20;

    fn tenant(budget: &MemoryBudget) -> Arc<Tenant> {
        Arc::new(Tenant::new(budget.clone(), "acme"))
    }

    #[test]
    fn a_slot_that_was_given_up_is_given_back() {
        let slots = Slots::new(&tenant(&MemoryBudget::new(MIB)), "q", 1, MIB).unwrap();
        let held = slots.reserve().now_or_never().unwrap().unwrap();
        assert!(slots.reserve().now_or_never().is_none(), "one slot is taken, and the wait for another is given up");
        drop(held);
        assert_eq!(slots.available(), 1);
        assert!(slots.reserve().now_or_never().is_some());
    }

    #[test]
    fn polls_that_are_the_last_ones_are_waited_for() {
        let slots = Slots::new(&tenant(&MemoryBudget::new(8 * MIB)), "q", 10, MIB).unwrap();
        let [brings_task, brings_nothing] = [(); 2].map(|()| {
            let slot = slots.reserve().now_or_never().flatten().unwrap();
            // An idle queue polls once.
            slot.slot.take_task();
            slot
        });
        assert!(slots.polls().over().now_or_never().is_none(), "there may be more");
        slots.polls().end();
        assert!(slots.reserve().now_or_never().unwrap().is_none());
        brings_task.take_task();
        assert!(slots.polls().over().now_or_never().is_none());
        drop(brings_nothing);
        assert!(slots.polls().over().now_or_never().is_some());
        drop(brings_task);
        assert!(slots.polls().over().now_or_never().is_some());
    }

    #[test]
    fn a_task_without_memory_waits_for_it() {
        let budget = MemoryBudget::new(3 * MIB);
        let queues = ["a", "b", "c"].map(|queue| Slots::new(&tenant(&budget), queue, 10, MIB).unwrap());
        let reserve = |slots: &Slots| slots.reserve().now_or_never().flatten();
        let [busy, second, third] = queues.each_ref().map(|slots| reserve(slots).unwrap());
        busy.take_task();
        let more = reserve(&queues[0]).unwrap();
        more.take_task();
        second.take_task();
        assert!(queues[1].backed().now_or_never().is_some());
        third.take_task();
        assert!(queues[2].backed().now_or_never().is_none());
        drop(busy);
        assert!(queues[2].backed().now_or_never().is_some());
        assert_eq!(queues.each_ref().map(|slots| slots.reserved_memory()), [MIB; 3]);
    }

    #[test]
    fn a_budget_without_room_for_one_slot_is_refused() {
        let budget = MemoryBudget::new(MIB);
        let text = Slots::new(&tenant(&budget), "big", 1, 2 * MIB).unwrap_err().to_string();
        assert!(text.contains("big") && text.contains("2097152") && text.contains("1048576"), "{text}");
    }

    #[test]
    fn slots_become_larger_while_some_are_taken() {
        let budget = MemoryBudget::new(8 * MIB);
        let slots = Slots::new(&tenant(&budget), "q", 10, MIB).unwrap();
        let reserve = || slots.reserve().now_or_never().flatten();
        let taken: Vec<_> = (0..3)
            .map(|_| {
                let slot = reserve().unwrap();
                slot.take_task();
                slot
            })
            .collect();
        slots.enlarge(2 * MIB).unwrap();
        assert_eq!(slots.reserved_memory(), 6 * MIB);
        slots.enlarge(MIB).unwrap();
        assert_eq!(slots.reserved_memory(), 6 * MIB, "they never become smaller");
        slots.enlarge(4 * MIB).unwrap();
        assert!(reserve().is_none(), "more is taken than there is");
        assert!(slots.enlarge(9 * MIB).unwrap_err().to_string().contains("one slot needs 9437184 bytes"));
        drop(taken);
        assert!(reserve().is_some());
    }

    #[test]
    fn a_worker_that_is_gone_gives_back_its_room() {
        let budget = MemoryBudget::new(MIB);
        let slots = Slots::new(&tenant(&budget), "q", 1, MIB).unwrap();
        let other = Slots::new(&tenant(&budget), "r", 1, MIB).unwrap();
        let held = slots.reserve().now_or_never().flatten().unwrap();
        held.take_task();
        assert!(other.reserve().now_or_never().is_none(), "nothing is left to poll with");
        drop(held);
        drop(slots);
        assert!(other.reserve().now_or_never().flatten().is_some());
    }
}
