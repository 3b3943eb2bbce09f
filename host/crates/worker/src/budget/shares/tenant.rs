//! What the task queues of one tenant have together.

use super::queue::Share;

/// What a tenant is given. By default it has what others leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Portion {
    /// Its share beside those of others.
    pub(crate) weight: u32,
    /// Pages that are set aside for it.
    pub(crate) guaranteed: u64,
    /// Pages that it may hold.
    pub(crate) pages: Option<u64>,
    /// Slots that it may hold.
    pub(crate) slots: Option<usize>,
}

impl Default for Portion {
    fn default() -> Self {
        Self { weight: 100, guaranteed: 0, pages: None, slots: None }
    }
}

/// The fineness of ranks: weights go to 10,000.
const FINENESS: u64 = 10_000;

/// A tenant.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) portion: Portion,
    /// How many queues it has.
    pub(super) queues: usize,
    /// Pages and slots that they hold.
    pub(super) pages: u64,
    pub(super) slots: usize,
    /// Pages of their tasks, and how many these are.
    pub(super) task_pages: u64,
    pub(super) tasks: usize,
}

impl Tenant {
    /// Pages that it is guaranteed and does not hold.
    pub(super) fn set_aside(&self) -> u64 {
        self.portion.guaranteed.saturating_sub(self.pages)
    }

    /// Whether a slot of so many pages is within what it is guaranteed.
    pub(super) fn is_guaranteed(&self, slot: u64) -> bool {
        slot <= self.set_aside()
    }

    /// Whether its limits leave room for one more slot of so many pages.
    pub(super) fn has_room(&self, slot: u64) -> bool {
        self.has_room_for(1, slot)
    }

    /// Whether its limits let one of its queues poll once more.
    ///
    /// More than one poll of a queue leaves room for a task that comes to another one, which would have to wait for these polls
    /// otherwise.
    pub(super) fn may_poll(&self, share: &Share) -> bool {
        let is_another = !share.is_idle() && !share.is_to_be_covered();
        let is_few = self.portion.slots.is_none_or(|most| !is_another || share.slots_taken() < most);
        let slots = if is_another && self.queues > 1 { 2 } else { 1 };
        is_few && self.has_room_for(slots, share.slot)
    }

    fn has_room_for(&self, slots: usize, slot: u64) -> bool {
        let pages = self.pages.saturating_add(slot.saturating_mul(slots as u64));
        let has_pages = self.portion.pages.is_none_or(|most| pages <= most);
        has_pages && self.portion.slots.is_none_or(|most| self.slots.saturating_add(slots) <= most)
    }

    /// Who of several is next: whoever has the least of these.
    pub(super) fn rank(&self, slot: u64) -> (bool, u64) {
        let held = self.pages.saturating_mul(FINENESS) / u64::from(self.portion.weight.max(1));
        (!self.is_guaranteed(slot), held)
    }
}
