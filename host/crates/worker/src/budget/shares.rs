//! Who holds how much of the memory budget, and who is next: decisions only.
//!
//! It must not know who waits how.

use std::collections::BTreeMap;

/// Names a task queue's share.
pub(super) type QueueId = u64;

/// How the budget is shared out among the task queues. Counts pages.
///
/// - A task queue that runs nothing polls **once**, on a *reserve* that all such queues have together: one slot of the
///   largest of them.
///   The first task takes the memory out of it, and what becomes free next fills it up again.
///   While it is not full, no further poll begins on it.
/// - Every other poll and every attempt holds a slot of its own.
///   More than one poll is made only while polls bring tasks.
/// - What becomes free goes first to tasks that came while the reserve was empty, then to the reserve, then to the queue
///   that waits and **holds the least**, of several to the one that waits longest.
///   It keeps what becomes free until its slot fits, so small slots do not starve large ones; and once it has its slot it
///   holds more than the others, so large ones do not starve small ones.
#[derive(Debug)]
pub(super) struct Shares {
    /// What nobody holds and is not in the reserve.
    free: u64,
    reserve: u64,
    /// What is held beyond the budget since slots became larger: what becomes free goes there first.
    owed: u64,
    queues: BTreeMap<QueueId, Share>,
    /// Counts up: names queues, and says who waits longer.
    next: u64,
}

/// What one task queue has.
#[derive(Debug)]
struct Share {
    /// Pages of one slot.
    slot: u64,
    /// How many slots it may have at once.
    slots: usize,
    polls: usize,
    tasks: usize,
    /// Slots whose memory it holds. Of its tasks and polls all but one at most; that one is on the reserve, or late.
    held: usize,
    /// Whether its last poll brought a task.
    is_busy: bool,
    /// How many polls wait, and since when the first of them does.
    waiting: usize,
    turn: u64,
    /// Since when it has a task without memory.
    late: Option<u64>,
}

impl Share {
    fn slots_taken(&self) -> usize {
        self.polls.saturating_add(self.tasks)
    }

    fn is_idle(&self) -> bool {
        self.slots_taken() == 0
    }

    /// Whether one of its polls has no memory but that of the reserve.
    fn is_on_reserve(&self) -> bool {
        self.late.is_none() && self.held < self.slots_taken()
    }

    /// Whether it would poll once more, memory permitting.
    fn wants_poll(&self) -> bool {
        self.waiting != 0 && self.slots_taken() < self.slots && (self.polls == 0 || self.is_busy)
    }

    fn pages_held(&self) -> u64 {
        self.slot.saturating_mul(self.held as u64)
    }
}

impl Shares {
    pub(super) fn new(pages: u64) -> Self {
        Self { free: pages, reserve: 0, owed: 0, queues: BTreeMap::new(), next: 0 }
    }

    /// Pages of one slot of each queue together.
    pub(super) fn one_slot_each(&self) -> u64 {
        self.queues.values().fold(0, |sum, share| sum.saturating_add(share.slot))
    }

    /// Pages of one slot of a queue.
    pub(super) fn slot_of(&self, id: QueueId) -> u64 {
        self.queues.get(&id).map_or(0, |share| share.slot)
    }

    /// A task queue that holds nothing yet.
    pub(super) fn add(&mut self, slot: u64, slots: usize) -> QueueId {
        let (id, turn) = (self.take_number(), 0);
        let share = Share { slot, slots, polls: 0, tasks: 0, held: 0, is_busy: false, waiting: 0, turn, late: None };
        self.queues.insert(id, share);
        id
    }

    /// Slots of a task queue have at least so many pages from now on, those that it holds too.
    pub(super) fn enlarge(&mut self, id: QueueId, slot: u64) -> Vec<QueueId> {
        if let Some(share) = self.queues.get_mut(&id).filter(|share| share.slot < slot) {
            let held = share.pages_held();
            share.slot = slot;
            let more = share.pages_held().saturating_sub(held);
            self.owed = self.owed.saturating_add(more.saturating_sub(self.free));
            self.free = self.free.saturating_sub(more);
        }
        self.settle()
    }

    /// A task queue is not served any more.
    pub(super) fn remove(&mut self, id: QueueId) -> Vec<QueueId> {
        if let Some(share) = self.queues.remove(&id) {
            self.give_back(share.pages_held());
        }
        self.settle()
    }

    /// A task queue would poll once more.
    pub(super) fn ask(&mut self, id: QueueId) -> Vec<QueueId> {
        let turn = self.take_number();
        self.with(id, |share| {
            if share.waiting == 0 {
                share.turn = turn;
            }
            share.waiting = share.waiting.saturating_add(1);
        })
    }

    /// A poll brought a task.
    pub(super) fn poll_brought_task(&mut self, id: QueueId) -> Vec<QueueId> {
        let turn = self.take_number();
        self.with(id, |share| {
            share.polls = share.polls.saturating_sub(1);
            share.tasks = share.tasks.saturating_add(1);
            share.is_busy = true;
            if share.held < share.tasks {
                share.late.get_or_insert(turn);
            }
        })
    }

    /// A poll brought nothing.
    pub(super) fn poll_ended(&mut self, id: QueueId) -> Vec<QueueId> {
        self.with(id, |share| {
            share.polls = share.polls.saturating_sub(1);
            share.is_busy = false;
        })
    }

    /// A task is done with.
    pub(super) fn task_ended(&mut self, id: QueueId) -> Vec<QueueId> {
        self.with(id, |share| share.tasks = share.tasks.saturating_sub(1))
    }

    /// Tasks and polls of a queue.
    pub(super) fn slots_taken(&self, id: QueueId) -> usize {
        self.queues.get(&id).map_or(0, Share::slots_taken)
    }

    /// Pages that a queue holds.
    pub(super) fn pages_held(&self, id: QueueId) -> u64 {
        self.queues.get(&id).map_or(0, Share::pages_held)
    }

    /// Whether a task of the queue waits for memory.
    pub(super) fn is_late(&self, id: QueueId) -> bool {
        self.queues.get(&id).is_some_and(|share| share.late.is_some())
    }

    fn take_number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    fn with(&mut self, id: QueueId, change: impl FnOnce(&mut Share)) -> Vec<QueueId> {
        if let Some(share) = self.queues.get_mut(&id) {
            change(share);
        }
        self.settle()
    }

    /// Shares out what is free, until nobody can be given anything. Returns the queues that may poll once more, and do so from
    /// now on.
    fn settle(&mut self) -> Vec<QueueId> {
        let mut polling = Vec::new();
        loop {
            self.collect();
            if let Some(id) = self.first_late() {
                if !self.back(id) {
                    return polling;
                }
                continue;
            }
            self.fill_reserve();
            let Some(id) = self.first_waiting() else { return polling };
            match self.admit(id) {
                Admission::Refused => return polling,
                Admission::Covered => {}
                Admission::Polls => polling.push(id),
            }
        }
    }

    /// Pages are free, but for what is owed.
    fn give_back(&mut self, pages: u64) {
        self.free = self.free.saturating_add(pages.saturating_sub(self.owed));
        self.owed = self.owed.saturating_sub(pages);
    }

    /// Takes back what queues need no more.
    fn collect(&mut self) {
        let mut freed: u64 = 0;
        for share in self.queues.values_mut() {
            // Of a queue that runs nothing, one poll goes back to the reserve.
            let needed = if share.tasks == 0 { share.polls.saturating_sub(1) } else { share.slots_taken() };
            let surplus = share.held.saturating_sub(needed);
            share.held = share.held.saturating_sub(surplus);
            freed = freed.saturating_add(share.slot.saturating_mul(surplus as u64));
        }
        self.give_back(freed);
    }

    /// The task that has waited longest for memory.
    fn first_late(&self) -> Option<QueueId> {
        let late = self.queues.iter().filter_map(|(id, share)| Some((share.late?, *id)));
        late.min().map(|(_, id)| id)
    }

    /// Gives a late task its memory, if there is enough: that is what the reserve is for.
    fn back(&mut self, id: QueueId) -> bool {
        let Some(share) = self.queues.get_mut(&id) else { return false };
        if share.held < share.tasks {
            let from_reserve = share.slot.min(self.reserve);
            let Some(free) = self.free.checked_sub(share.slot.saturating_sub(from_reserve)) else { return false };
            self.free = free;
            self.reserve = self.reserve.saturating_sub(from_reserve);
            share.held = share.held.saturating_add(1);
        }
        share.late = None;
        true
    }

    /// Brings the reserve to one slot of the largest queue on it, as far as there is memory.
    fn fill_reserve(&mut self) {
        let both = self.reserve.saturating_add(self.free);
        self.reserve = self.wanted_reserve().min(both);
        self.free = both.saturating_sub(self.reserve);
    }

    fn wanted_reserve(&self) -> u64 {
        let on_reserve = self.queues.values().filter(|share| share.is_on_reserve());
        on_reserve.map(|share| share.slot).max().unwrap_or_default()
    }

    /// The queue whose poll is next.
    fn first_waiting(&self) -> Option<QueueId> {
        let waiting = self.queues.iter().filter(|(_, share)| share.wants_poll());
        waiting.map(|(id, share)| (share.pages_held(), share.turn, *id)).min().map(|(_, _, id)| id)
    }

    /// Lets a queue poll, if there is memory for it.
    fn admit(&mut self, id: QueueId) -> Admission {
        let (turn, wanted_reserve) = (self.take_number(), self.wanted_reserve());
        let Some(share) = self.queues.get_mut(&id) else { return Admission::Refused };
        let price = match share.is_idle() {
            true => wanted_reserve.max(share.slot).saturating_sub(self.reserve),
            false => share.slot,
        };
        let Some(free) = self.free.checked_sub(price) else { return Admission::Refused };
        self.free = free;
        if share.is_idle() {
            self.reserve = self.reserve.saturating_add(price);
        } else {
            let was_on_reserve = share.is_on_reserve();
            share.held = share.held.saturating_add(1);
            // A queue that runs something leaves the reserve to those that don't, before it polls more.
            if was_on_reserve && share.tasks != 0 {
                return Admission::Covered;
            }
        }
        share.polls = share.polls.saturating_add(1);
        share.waiting = share.waiting.saturating_sub(1);
        share.turn = turn;
        Admission::Polls
    }
}

/// What became of a queue that was next.
enum Admission {
    /// There is not enough memory.
    Refused,
    /// A poll that was on the reserve has memory of its own now.
    Covered,
    /// It polls once more.
    Polls,
}

#[cfg(test)]
mod tests;
