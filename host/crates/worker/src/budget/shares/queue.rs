//! What one task queue has of the memory budget.

use std::sync::Arc;

/// What one task queue has.
#[derive(Debug)]
pub(super) struct Share {
    /// Whose it is.
    pub(super) tenant: Arc<str>,
    /// Pages of one slot.
    pub(super) slot: u64,
    /// How many slots it may have at once.
    slots: usize,
    pub(super) polls: usize,
    pub(super) tasks: usize,
    /// Slots whose memory it holds. Of its tasks and polls all but one, which is on the reserve, or late; and but for polls
    /// that have lent theirs.
    pub(super) held: usize,
    /// Whether its last poll brought a task.
    is_busy: bool,
    /// How many polls wait, and since when the first of them does.
    pub(super) waiting: usize,
    pub(super) turn: u64,
    /// Since when it has a task without memory.
    pub(super) late: Option<u64>,
}

/// What others need to know of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Pages and slots that it holds.
    pub(super) pages: u64,
    pub(super) slots: usize,
    /// What of its tasks is or is to be in use: their pages, late ones too, and how many there are.
    pub(super) task_pages: u64,
    pub(super) tasks: usize,
    pub(super) is_late: bool,
    /// Whether it would poll once more, memory permitting.
    pub(super) wants_poll: bool,
    /// What it may want of the reserve.
    pub(super) on_reserve: Option<u64>,
    /// Whether a poll of its has memory that a task could have.
    pub(super) can_lend: bool,
}

impl Share {
    pub(super) fn new(tenant: Arc<str>, slot: u64, slots: usize) -> Self {
        Self { tenant, slot, slots, polls: 0, tasks: 0, held: 0, is_busy: false, waiting: 0, turn: 0, late: None }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            pages: self.pages_held(),
            slots: self.held,
            task_pages: self.slot.saturating_mul(self.tasks as u64),
            tasks: self.tasks,
            is_late: self.late.is_some(),
            wants_poll: self.wants_poll(),
            on_reserve: self.is_on_reserve().then_some(self.slot),
            can_lend: self.tasks < self.held,
        }
    }

    fn wants_poll(&self) -> bool {
        let may_poll = self.late.is_none() && self.slots_taken() < self.slots;
        self.waiting != 0 && may_poll && (self.polls == 0 || self.is_busy)
    }

    pub(super) fn slots_taken(&self) -> usize {
        self.polls.saturating_add(self.tasks)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.slots_taken() == 0
    }

    /// Whether one of its polls has no memory but that of the reserve.
    pub(super) fn is_on_reserve(&self) -> bool {
        self.late.is_none() && self.held < self.slots_taken()
    }

    /// Whether what it is given next is for a poll that it makes already, and not for one more.
    pub(super) fn is_to_be_covered(&self) -> bool {
        let without = self.slots_taken().saturating_sub(self.held);
        self.is_on_reserve() && (self.tasks != 0 || without > 1)
    }

    pub(super) fn pages_held(&self) -> u64 {
        self.slot.saturating_mul(self.held as u64)
    }

    pub(super) fn ask(&mut self, turn: u64) {
        if self.waiting == 0 {
            self.turn = turn;
        }
        self.waiting = self.waiting.saturating_add(1);
    }

    pub(super) fn poll_brought_task(&mut self, turn: u64) {
        self.polls = self.polls.saturating_sub(1);
        self.tasks = self.tasks.saturating_add(1);
        self.is_busy = true;
        if self.held < self.tasks {
            self.late.get_or_insert(turn);
        }
    }

    pub(super) fn poll_ended(&mut self) {
        self.polls = self.polls.saturating_sub(1);
        self.is_busy = false;
    }

    /// One of its tasks without memory has it now.
    pub(super) fn back(&mut self) {
        self.held = self.held.saturating_add(1);
        self.forget_late();
    }

    /// Gives up what it needs no more. Returns the pages of that.
    pub(super) fn take_surplus(&mut self) -> u64 {
        // Of a queue that runs nothing, one poll goes back to the reserve.
        let needed = if self.tasks == 0 { self.polls.saturating_sub(1) } else { self.slots_taken() };
        let surplus = self.held.saturating_sub(needed);
        self.held = self.held.saturating_sub(surplus);
        // Another one's memory may do for the task that had none.
        self.forget_late();
        self.slot.saturating_mul(surplus as u64)
    }

    fn forget_late(&mut self) {
        if self.tasks <= self.held {
            self.late = None;
        }
    }
}
