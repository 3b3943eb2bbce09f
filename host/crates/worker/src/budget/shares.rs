//! Who holds how much of the memory budget, and who is next: decisions only.
//!
//! It must not know who waits how.
//!
//! # Layout
//! - [`Shares`]: the rules. `queue`: what one task queue has; `tenant`: what those of one tenant have together.
//! - `index`: who is late, who waits and who is on the reserve, so that a change costs the same however many queues there are.

mod index;
mod queue;
mod tenant;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::take,
    ptr,
    sync::Arc,
};

pub(crate) use self::tenant::Portion;
use self::{
    index::Index,
    queue::{Share, Standing},
    tenant::Tenant,
};

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
///   A poll that holds one **lends** it to a task that came while the reserve was empty: it may go on for a minute without
///   bringing anything. What it brings then may come late in its turn.
/// - A tenant never holds more than its limits, and beyond its queues' idle polls takes no task that it can't run within them.
/// - What a tenant is guaranteed and does not hold is **set aside**: others can't have it, and its idle queues poll on it.
/// - What becomes free goes first to tasks that came while the reserve was empty, then to the reserve, then to whoever waits
///   for a poll. Of several the **tenant that holds the least for its weight** is next, and one that holds less than it is
///   guaranteed before all others; then its queue that holds the least, or that waits longest.
///   It keeps what becomes free until its slot fits, so small slots do not starve large ones; and once it has its slot it
///   holds more than the others, so large ones do not starve small ones.
#[derive(Debug)]
pub(super) struct Shares {
    /// What nobody holds and is not in the reserve.
    free: u64,
    reserve: u64,
    /// What is held beyond the budget since slots became larger: what becomes free goes there first.
    owed: u64,
    /// What tenants are guaranteed and don't hold, together.
    set_aside: u64,
    queues: BTreeMap<QueueId, Share>,
    tenants: BTreeMap<Arc<str>, Tenant>,
    index: Index,
    /// Counts up: names queues, and says who waits longer.
    next: u64,
}

impl Shares {
    pub(super) fn new(pages: u64) -> Self {
        let (queues, tenants, index) = (BTreeMap::new(), BTreeMap::new(), Index::default());
        Self { free: pages, reserve: 0, owed: 0, set_aside: 0, queues, tenants, index, next: 0 }
    }

    /// Pages that a slot of this tenant's can have at most, of a budget of so many.
    pub(super) fn largest_slot(&self, tenant: &str, budget: u64) -> u64 {
        let others = self.tenants.iter().filter(|(name, _)| ***name != *tenant);
        let guaranteed = others.fold(0_u64, |sum, (_, other)| sum.saturating_add(other.portion.guaranteed));
        let limit = self.tenants.get(tenant).and_then(|tenant| tenant.portion.pages).unwrap_or(u64::MAX);
        budget.saturating_sub(guaranteed).min(limit)
    }

    /// Pages of one slot of a queue.
    pub(super) fn slot_of(&self, id: QueueId) -> u64 {
        self.queues.get(&id).map_or(0, |share| share.slot)
    }

    /// From now on a tenant has this. What it holds already it keeps until its attempts end.
    pub(super) fn set_tenant(&mut self, name: &str, portion: Portion) -> Vec<QueueId> {
        let tenant = self.tenants.entry(name.into()).or_default();
        let before = tenant.set_aside();
        tenant.portion = portion;
        self.set_aside = self.set_aside.saturating_sub(before).saturating_add(tenant.set_aside());
        self.settle()
    }

    /// A tenant is no more. What is left of it has no limits and no guarantee.
    pub(super) fn forget_tenant(&mut self, name: &str) -> Vec<QueueId> {
        let polling = self.set_tenant(name, Portion::default());
        if self.tenants.get(name).is_some_and(|tenant| tenant.queues == 0) {
            self.tenants.remove(name);
        }
        polling
    }

    /// A task queue of a tenant's that holds nothing yet.
    pub(super) fn add(&mut self, tenant: &str, slot: u64, slots: usize) -> QueueId {
        let id = self.take_number();
        let name: Arc<str> = tenant.into();
        let tenant = self.tenants.entry(Arc::clone(&name)).or_default();
        tenant.queues = tenant.queues.saturating_add(1);
        self.queues.insert(id, Share::new(name, slot, slots));
        id
    }

    /// Slots of a task queue have at least so many pages from now on, those that it holds too.
    pub(super) fn enlarge(&mut self, id: QueueId, slot: u64) -> Vec<QueueId> {
        let more = self.update(id, |share| {
            let held = share.pages_held();
            share.slot = share.slot.max(slot);
            share.pages_held().saturating_sub(held)
        });
        let more = more.unwrap_or_default();
        self.owed = self.owed.saturating_add(more.saturating_sub(self.free));
        self.free = self.free.saturating_sub(more);
        self.settle()
    }

    /// A task queue is not served any more.
    pub(super) fn remove(&mut self, id: QueueId) -> Vec<QueueId> {
        if let Some(share) = self.queues.remove(&id) {
            self.stand(id, &share.tenant, share.standing(), Standing::default());
            if let Some(tenant) = self.tenants.get_mut(&share.tenant) {
                tenant.queues = tenant.queues.saturating_sub(1);
            }
            self.give_back(share.pages_held());
        }
        self.settle()
    }

    /// A task queue would poll once more.
    pub(super) fn ask(&mut self, id: QueueId) -> Vec<QueueId> {
        let turn = self.take_number();
        self.with(id, |share| share.ask(turn))
    }

    /// A poll brought a task.
    pub(super) fn poll_brought_task(&mut self, id: QueueId) -> Vec<QueueId> {
        let turn = self.take_number();
        self.with(id, |share| share.poll_brought_task(turn))
    }

    /// A poll brought nothing.
    pub(super) fn poll_ended(&mut self, id: QueueId) -> Vec<QueueId> {
        self.with(id, Share::poll_ended)
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

    /// Pages and slots that a tenant's queues hold.
    pub(super) fn held_by(&self, tenant: &str) -> (u64, usize) {
        self.tenants.get(tenant).map_or((0, 0), |tenant| (tenant.pages, tenant.slots))
    }

    /// Pages of the tasks of a tenant's queues, and how many these are. Polls don't count, nor does it whether a task has its
    /// memory yet.
    pub(super) fn tasks_of(&self, tenant: &str) -> (u64, usize) {
        self.tenants.get(tenant).map_or((0, 0), |tenant| (tenant.task_pages, tenant.tasks))
    }

    /// Whether a task of the queue waits for memory.
    pub(super) fn is_late(&self, id: QueueId) -> bool {
        self.index.late.contains(&id)
    }

    /// The queues that have a task without memory since this was asked last, or have none any more.
    pub(super) fn take_changed(&mut self) -> BTreeSet<QueueId> {
        take(&mut self.index.changed)
    }

    fn take_number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    fn with(&mut self, id: QueueId, change: impl FnOnce(&mut Share)) -> Vec<QueueId> {
        self.update(id, change);
        // Nobody else's need has changed.
        let freed = self.update(id, Share::take_surplus);
        self.give_back(freed.unwrap_or_default());
        self.settle()
    }

    /// Changes what a queue has, and with it what its tenant has.
    fn update<T>(&mut self, id: QueueId, change: impl FnOnce(&mut Share) -> T) -> Option<T> {
        let share = self.queues.get_mut(&id)?;
        let before = share.standing();
        let changed = change(share);
        let (after, tenant) = (share.standing(), Arc::clone(&share.tenant));
        self.stand(id, &tenant, before, after);
        Some(changed)
    }

    fn stand(&mut self, id: QueueId, tenant: &str, before: Standing, after: Standing) {
        self.index.change(id, before, after);
        if let Some(tenant) = self.tenants.get_mut(tenant) {
            let set_aside = tenant.set_aside();
            tenant.pages = tenant.pages.saturating_sub(before.pages).saturating_add(after.pages);
            tenant.slots = tenant.slots.saturating_sub(before.slots).saturating_add(after.slots);
            tenant.task_pages = tenant.task_pages.saturating_sub(before.task_pages).saturating_add(after.task_pages);
            tenant.tasks = tenant.tasks.saturating_sub(before.tasks).saturating_add(after.tasks);
            self.set_aside = self.set_aside.saturating_sub(set_aside).saturating_add(tenant.set_aside());
        }
    }

    /// Shares out what is free, until nobody can be given anything. Returns the queues that may poll once more, and do so from
    /// now on.
    fn settle(&mut self) -> Vec<QueueId> {
        let mut polling = Vec::new();
        loop {
            let late = self.first_late();
            match late {
                Some(id) if self.back(id) || self.lend_to(id) => continue,
                // What becomes free is for that task; but what is set aside is not.
                Some(_) => {}
                None => self.fill_reserve(),
            }
            let Some(id) = self.first_waiting(late.is_some()) else { return polling };
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

    /// What is free for a tenant: all but what is set aside for others.
    fn free_for(&self, tenant: &Tenant) -> u64 {
        self.free.saturating_sub(self.set_aside.saturating_sub(tenant.set_aside()))
    }

    /// The task without memory that is next, of those whose tenants may have it.
    fn first_late(&self) -> Option<QueueId> {
        let late = self.index.late.iter().filter_map(|id| {
            let share = self.queues.get(id)?;
            let tenant = self.tenants.get(&share.tenant)?;
            tenant.has_room(share.slot).then(|| (tenant.rank(share.slot), share.late, *id))
        });
        late.min().map(|(_, _, id)| id)
    }

    /// Gives a late task its memory, if there is enough: that is what the reserve is for.
    fn back(&mut self, id: QueueId) -> bool {
        let Some((slot, tenant)) = self.share_of(id) else { return false };
        // What is set aside for its tenant is a reserve of its own.
        let from_reserve = if tenant.is_guaranteed(slot) { 0 } else { slot.min(self.reserve) };
        let from_free = slot.saturating_sub(from_reserve);
        if self.free_for(tenant) < from_free {
            return false;
        }
        self.free = self.free.saturating_sub(from_free);
        self.reserve = self.reserve.saturating_sub(from_reserve);
        self.update(id, Share::back);
        true
    }

    /// Takes a poll's memory for a late task: of those whose memory is not set aside for others, that of the tenant that
    /// holds the most for its weight.
    fn lend_to(&mut self, late: QueueId) -> bool {
        let Some((_, borrower)) = self.share_of(late) else { return false };
        let lenders = self.index.lenders.iter().filter_map(|id| {
            let (slot, tenant) = self.share_of(*id)?;
            let is_lent = ptr::eq(tenant, borrower) || tenant.pages.saturating_sub(slot) >= tenant.portion.guaranteed;
            is_lent.then(|| (tenant.rank(slot), *id))
        });
        let Some((_, id)) = lenders.max() else { return false };
        let lent = self.update(id, |share| {
            share.held = share.held.saturating_sub(1);
            share.slot
        });
        self.give_back(lent.unwrap_or_default());
        true
    }

    fn share_of(&self, id: QueueId) -> Option<(u64, &Tenant)> {
        let share = self.queues.get(&id)?;
        Some((share.slot, self.tenants.get(&share.tenant)?))
    }

    /// Brings the reserve to one slot of the largest queue on it, as far as there is memory that is not set aside.
    fn fill_reserve(&mut self) {
        let both = self.reserve.saturating_add(self.free);
        let available = self.reserve.saturating_add(self.free.saturating_sub(self.set_aside));
        self.reserve = self.index.largest_on_reserve().min(available);
        self.free = both.saturating_sub(self.reserve);
    }

    /// The queue whose poll is next; of those alone that poll on what is set aside, if `on_set_aside`.
    fn first_waiting(&self, on_set_aside: bool) -> Option<QueueId> {
        let waiting = self.index.wanting.iter().filter_map(|id| {
            let share = self.queues.get(id)?;
            let tenant = self.tenants.get(&share.tenant)?;
            let is_next = tenant.may_poll(share) && (!on_set_aside || tenant.is_guaranteed(share.slot));
            is_next.then(|| (tenant.rank(share.slot), share.pages_held(), share.turn, *id))
        });
        waiting.min().map(|(_, _, _, id)| id)
    }

    /// Lets a queue poll, if there is memory for it.
    fn admit(&mut self, id: QueueId) -> Admission {
        let (turn, wanted_reserve) = (self.take_number(), self.index.largest_on_reserve());
        let Some(share) = self.queues.get(&id) else { return Admission::Refused };
        let Some((slot, tenant)) = self.share_of(id) else { return Admission::Refused };
        let (is_idle, is_covered) = (share.is_idle(), share.is_to_be_covered());
        let (price, available) = match (is_idle, tenant.is_guaranteed(slot)) {
            (true, true) => (0, 0),
            (true, false) => {
                let price = wanted_reserve.max(slot).saturating_sub(self.reserve);
                (price, self.free.saturating_sub(self.set_aside))
            }
            (false, _) => (slot, self.free_for(tenant)),
        };
        if available < price {
            return Admission::Refused;
        }
        self.free = self.free.saturating_sub(price);
        if is_idle {
            self.reserve = self.reserve.saturating_add(price);
        }
        // A queue that runs something leaves the reserve to those that don't, before it polls more.
        self.update(id, |share| {
            share.held = share.held.saturating_add(usize::from(!is_idle));
            if !is_covered {
                share.polls = share.polls.saturating_add(1);
                share.waiting = share.waiting.saturating_sub(1);
                share.turn = turn;
            }
        });
        if is_covered { Admission::Covered } else { Admission::Polls }
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
