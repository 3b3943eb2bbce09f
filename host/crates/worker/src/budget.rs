//! The memory that the attempts of all workers of the process may use together.
//!
//! # Layout
//! - [`MemoryBudget`]: the whole; [`QueueBudget`]: what one task queue has of it; [`Slot`]: what one poll and its task have.
//! - `shares`: the rules, without waiting.

mod shares;

pub(crate) use self::shares::Portion;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{oneshot, watch};

use self::shares::{QueueId, Shares};

/// The budget is counted in pages, as linear memory grows.
pub(crate) const PAGE: u64 = 64 << 10;

/// The memory that the attempts of all workers of the process may use together.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    state: Arc<Mutex<State>>,
    bytes: u64,
}

#[derive(Debug)]
struct State {
    shares: Shares,
    waiting: BTreeMap<QueueId, Waiting>,
}

/// What waits on behalf of a task queue.
#[derive(Debug)]
struct Waiting {
    /// Who waits for a slot, first come first served.
    slots: VecDeque<(Weak<QueueBudget>, oneshot::Sender<Slot>)>,
    /// Whether a task waits for memory.
    is_late: watch::Sender<bool>,
}

impl MemoryBudget {
    /// A budget of this many bytes.
    pub fn new(bytes: u64) -> Self {
        let state = State { shares: Shares::new(bytes / PAGE), waiting: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)), bytes }
    }

    /// Bytes of the whole budget.
    pub fn total(&self) -> u64 {
        self.bytes
    }

    /// From now on `tenant` has this portion.
    pub(crate) fn set_tenant(&self, tenant: &str, portion: Portion) {
        self.change(|shares| shares.set_tenant(tenant, portion));
    }

    /// `tenant` is no more.
    pub(crate) fn forget_tenant(&self, tenant: &str) {
        self.change(|shares| shares.forget_tenant(tenant));
    }

    /// Bytes and slots that a tenant's task queues hold.
    pub(crate) fn held_by(&self, tenant: &str) -> (u64, usize) {
        let (pages, slots) = self.lock().shares.held_by(tenant);
        (pages.saturating_mul(PAGE), slots)
    }

    /// Bytes of the tasks of a tenant's queues, and how many these are.
    pub(crate) fn tasks_of(&self, tenant: &str) -> (u64, usize) {
        let (pages, tasks) = self.lock().shares.tasks_of(tenant);
        (pages.saturating_mul(PAGE), tasks)
    }

    /// The share of one of a tenant's task queues that has at most `slots` slots at once, of `slot_memory` bytes each.
    ///
    /// # Errors
    /// When the tenant can't have one such slot: with the bytes that it can have.
    pub(crate) fn queue(&self, tenant: &str, slots: usize, slot_memory: u64) -> Result<Arc<QueueBudget>, u64> {
        let pages = slot_memory.div_ceil(PAGE);
        let mut state = self.lock();
        self.check(&state, tenant, pages)?;
        let id = state.shares.add(tenant, pages, slots);
        state.waiting.insert(id, Waiting { slots: VecDeque::new(), is_late: watch::Sender::new(false) });
        drop(state);
        Ok(Arc::new(QueueBudget { budget: self.clone(), tenant: tenant.into(), id }))
    }

    /// Fails with the bytes that one slot of the tenant can have, when `pages` are more than that.
    fn check(&self, state: &State, tenant: &str, pages: u64) -> Result<(), u64> {
        let largest = state.shares.largest_slot(tenant, self.bytes / PAGE);
        if largest < pages { Err(largest.saturating_mul(PAGE)) } else { Ok(()) }
    }

    fn change(&self, change: impl FnOnce(&mut Shares) -> Vec<QueueId>) {
        let granted = {
            let mut state = self.lock();
            let polling = change(&mut state.shares);
            state.granted(&polling)
        };
        hand_out(granted);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one task queue has of the budget. Dropping it gives all of it back.
#[derive(Debug)]
pub(crate) struct QueueBudget {
    budget: MemoryBudget,
    tenant: Arc<str>,
    id: QueueId,
}

impl QueueBudget {
    /// Waits for a slot. `None` never happens: only dropping the share ends it.
    ///
    /// A slot for a wait that was given up goes on to the next.
    pub(crate) async fn reserve(self: &Arc<Self>) -> Option<Slot> {
        let (sender, receiver) = oneshot::channel();
        let granted = {
            let mut state = self.budget.lock();
            state.waiting.get_mut(&self.id)?.slots.push_back((Arc::downgrade(self), sender));
            let polling = state.shares.ask(self.id);
            state.granted(&polling)
        };
        hand_out(granted);
        receiver.await.ok()
    }

    /// Waits until no task of the queue is without memory, which is nearly always so.
    pub(crate) async fn backed(&self) {
        let late = self.budget.lock().waiting.get(&self.id).map(|waiting| waiting.is_late.subscribe());
        if let Some(mut late) = late {
            // Without a sender nobody waits any more.
            let _ = late.wait_for(|late| !late).await;
        }
    }

    /// Whether a task of the queue is without memory.
    pub(crate) fn is_late(&self) -> bool {
        self.budget.lock().shares.is_late(self.id)
    }

    /// Gives its slots at least `slot_memory` bytes each, from now on. Those that are taken have them at once, on credit
    /// if need be: nobody gets a slot until that is paid back.
    ///
    /// # Errors
    /// When its tenant can't have one such slot: with the bytes that it can have. Nothing is changed then.
    pub(crate) fn enlarge_slots(&self, slot_memory: u64) -> Result<(), u64> {
        let pages = slot_memory.div_ceil(PAGE);
        let granted = {
            let mut state = self.budget.lock();
            self.budget.check(&state, &self.tenant, pages)?;
            let polling = state.shares.enlarge(self.id, pages);
            state.granted(&polling)
        };
        hand_out(granted);
        Ok(())
    }

    /// Slots that are taken.
    pub(crate) fn slots_taken(&self) -> usize {
        self.budget.lock().shares.slots_taken(self.id)
    }

    /// Bytes that it holds.
    pub(crate) fn bytes_held(&self) -> u64 {
        self.budget.lock().shares.pages_held(self.id).saturating_mul(PAGE)
    }

    fn change(&self, change: impl FnOnce(&mut Shares, QueueId) -> Vec<QueueId>) {
        self.budget.change(|shares| change(shares, self.id));
    }
}

impl Drop for QueueBudget {
    fn drop(&mut self) {
        self.change(Shares::remove);
        self.budget.lock().waiting.remove(&self.id);
    }
}

/// The right to poll once, and then to run the task that the poll brings. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Slot {
    queue: Arc<QueueBudget>,
    has_task: AtomicBool,
}

impl Slot {
    /// Bytes that it has.
    pub(crate) fn memory(&self) -> u64 {
        let queue = &self.queue;
        queue.budget.lock().shares.slot_of(queue.id).saturating_mul(PAGE)
    }

    /// The poll brought a task. Returns whether that is new.
    pub(crate) fn take_task(&self) -> bool {
        let is_new = !self.has_task.swap(true, Ordering::Relaxed);
        if is_new {
            self.queue.change(Shares::poll_brought_task);
        }
        is_new
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let has_task = *self.has_task.get_mut();
        self.queue.change(if has_task { Shares::task_ended } else { Shares::poll_ended });
    }
}

/// Slots and who gets them.
type Granted = Vec<(Weak<QueueBudget>, oneshot::Sender<Slot>)>;

impl State {
    /// Tells the tasks that have their memory now. Returns the slots to hand out, which is not done under the lock:
    /// one that nobody takes any more gives itself back.
    fn granted(&mut self, polling: &[QueueId]) -> Granted {
        let mut granted = Granted::new();
        for id in polling {
            let waiting = self.waiting.get_mut(id);
            granted.extend(waiting.and_then(|waiting| waiting.slots.pop_front()));
        }
        for id in self.shares.take_changed() {
            let Some(waiting) = self.waiting.get(&id) else { continue };
            let is_late = self.shares.is_late(id);
            waiting.is_late.send_if_modified(|late| std::mem::replace(late, is_late) != is_late);
        }
        granted
    }
}

fn hand_out(granted: Granted) {
    for (queue, sender) in granted {
        // A queue that is gone has given everything back.
        if let Some(queue) = queue.upgrade() {
            let _ = sender.send(Slot { queue, has_task: AtomicBool::new(false) });
        }
    }
}
