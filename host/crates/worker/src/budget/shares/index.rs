//! Which queues something is to be done for, so that none has to be looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{QueueId, queue::Standing};

/// The queues that are not merely idle or at work.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Those with a task without memory.
    pub(super) late: BTreeSet<QueueId>,
    /// Those that would poll once more.
    pub(super) wanting: BTreeSet<QueueId>,
    /// Those with a poll that has memory of its own.
    pub(super) lenders: BTreeSet<QueueId>,
    /// Those that have become late, or are so no more, since somebody asked.
    pub(super) changed: BTreeSet<QueueId>,
    /// How many polls are on the reserve, by the pages of their slots.
    on_reserve: BTreeMap<u64, usize>,
}

impl Index {
    /// A queue stands otherwise.
    pub(super) fn change(&mut self, id: QueueId, before: Standing, after: Standing) {
        if before.is_late != after.is_late {
            set(&mut self.late, id, after.is_late);
            self.changed.insert(id);
        }
        if before.wants_poll != after.wants_poll {
            set(&mut self.wanting, id, after.wants_poll);
        }
        if before.can_lend != after.can_lend {
            set(&mut self.lenders, id, after.can_lend);
        }
        if before.on_reserve == after.on_reserve {
            return;
        }
        if let Some(slot) = after.on_reserve {
            let count = self.on_reserve.entry(slot).or_default();
            *count = count.saturating_add(1);
        }
        if let Some(slot) = before.on_reserve {
            let count = self.on_reserve.entry(slot).or_default();
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.on_reserve.remove(&slot);
            }
        }
    }

    /// The pages of the largest slot that may be wanted of the reserve.
    pub(super) fn largest_on_reserve(&self) -> u64 {
        self.on_reserve.last_key_value().map_or(0, |(slot, _)| *slot)
    }
}

fn set(ids: &mut BTreeSet<QueueId>, id: QueueId, is_in: bool) {
    match is_in {
        true => ids.insert(id),
        false => ids.remove(&id),
    };
}
