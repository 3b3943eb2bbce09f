//! What all workers of one tenant share, and what keeps it within its limits.
//!
//! It must not know how the limits are written, nor where guests run.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use activity::{ComponentId, Excess, Excesses, Rate, deadline::sleep_until, shown};
use tokio::time::Instant;

use crate::{
    MemoryBudget,
    budget::{PAGE, Portion},
};

/// The limits of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantLimits {
    /// Its share of the memory budget beside others that want it.
    pub weight: u32,
    /// Bytes of the memory budget that are set aside for it.
    pub guaranteed_memory: u64,
    /// Bytes of the memory budget that it may hold; `None` for what others leave.
    pub memory: Option<u64>,
    /// Attempts that may run at once; `None` for as many as its workers may run.
    pub attempts: Option<usize>,
    /// Attempts that may start in a second.
    pub starts: u64,
    /// What its attempts may ask Temporal in a second.
    pub client_calls: u64,
    /// Bytes that its attempts may log in a second.
    pub log_bytes: u64,
    /// Whether what is beyond goes on, and is counted.
    pub is_counted: bool,
}

impl Default for TenantLimits {
    /// Those of a tenant that is kept only from what would keep the worker from others.
    fn default() -> Self {
        Self {
            weight: 100,
            guaranteed_memory: 0,
            memory: None,
            attempts: None,
            starts: 10_000,
            client_calls: 1_000,
            log_bytes: 16 << 20,
            is_counted: false,
        }
    }
}

/// A limit of a tenant that keeps it from something, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantLimit {
    /// Memory of its attempts together.
    Memory,
    /// Attempts at once.
    Attempts,
    /// Attempts that start in a second.
    Starts,
    /// Calls of Temporal's client in a second.
    ClientCalls,
    /// Bytes of log lines in a second.
    LogBytes,
    /// HTTP requests at once; it is the process that runs the attempts that keeps it, and the next three.
    HttpRequests,
    /// Bytes that are sent in a second.
    Egress,
    /// Bytes that are received in a second.
    Ingress,
    /// Bytes that are written to granted directories in a second.
    Disk,
}

/// How often it is told, at most, what a component asked of Temporal that is not granted.
const TELLING: Duration = Duration::from_secs(60);

impl TenantLimit {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Memory,
        Self::Attempts,
        Self::Starts,
        Self::ClientCalls,
        Self::LogBytes,
        Self::HttpRequests,
        Self::Egress,
        Self::Ingress,
        Self::Disk,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Attempts => "attempts",
            Self::Starts => "starts-per-second",
            Self::ClientCalls => "client-calls-per-second",
            Self::LogBytes => "log-bytes-per-second",
            Self::HttpRequests => Excess::TenantHttpRequests.name(),
            Self::Egress => Excess::TenantEgress.name(),
            Self::Ingress => Excess::TenantIngress.name(),
            Self::Disk => Excess::TenantDisk.name(),
        }
    }

    /// The one that attempts come to as this.
    fn of(excess: Excess) -> Option<Self> {
        match excess {
            Excess::TenantHttpRequests => Some(Self::HttpRequests),
            Excess::TenantEgress => Some(Self::Egress),
            Excess::TenantIngress => Some(Self::Ingress),
            Excess::TenantDisk => Some(Self::Disk),
            Excess::HttpGrant | Excess::ClientGrant | Excess::LogRate | Excess::HttpRequests | Excess::Disk => None,
        }
    }
}

/// What a tenant has at one time, and how often it came to its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TenantUse {
    /// Bytes of the memory budget that it holds.
    pub memory: u64,
    /// Slots that it holds: of its attempts, and of polls beyond the first of idle task queues.
    pub slots: usize,
    /// Whether its limits only count.
    pub is_counted: bool,
    /// How often it was held up or lost something for a limit, or would have, in the order of [`TenantLimit::ALL`].
    pub exceeded: [u64; TenantLimit::ALL.len()],
}

/// What all workers of one tenant share.
#[derive(Debug)]
pub struct Tenant {
    name: String,
    budget: MemoryBudget,
    limits: Mutex<TenantLimits>,
    rates: [Mutex<Rate>; TenantLimit::ALL.len()],
    exceeded: [AtomicU64; TenantLimit::ALL.len()],
    /// When it was told last what components asked of Temporal that is not granted, by their names.
    told: Mutex<HashMap<String, Instant>>,
}

impl Tenant {
    /// A tenant of this name whose memory is part of the budget.
    pub fn new(budget: MemoryBudget, name: impl Into<String>) -> Self {
        let (limits, rates, exceeded, told) = Default::default();
        let tenant = Self { name: name.into(), budget, limits, rates, exceeded, told };
        tenant.change(TenantLimits::default());
        tenant
    }

    /// It has these limits from now on. What it holds already it keeps until its attempts end.
    pub fn change(&self, limits: TenantLimits) {
        let portion = Portion {
            weight: limits.weight,
            guaranteed: limits.guaranteed_memory.div_ceil(PAGE),
            pages: limits.memory.filter(|_| !limits.is_counted).map(|bytes| bytes / PAGE),
            slots: limits.attempts.filter(|_| !limits.is_counted),
        };
        self.budget.set_tenant(&self.name, portion);
        *self.limits() = limits;
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it has now.
    pub fn look(&self) -> TenantUse {
        let (memory, slots) = self.budget.held_by(&self.name);
        let exceeded = TenantLimit::ALL.map(|limit| self.exceeded_of(limit).load(Ordering::Relaxed));
        TenantUse { memory, slots, is_counted: self.limits().is_counted, exceeded }
    }

    pub(crate) fn budget(&self) -> &MemoryBudget {
        &self.budget
    }

    /// Waits until one more attempt may start. With limits that only count it does not: what waits here is a poll, and it is
    /// tasks that count.
    pub(crate) async fn may_start(&self) {
        if !self.limits().is_counted {
            self.wait(TenantLimit::Starts, |rate, per_second| rate.due(per_second).map_or(Ok(()), Err)).await;
        }
    }

    /// A task came that takes so much memory, and is started.
    pub(crate) fn has_started_one(&self, slot_memory: u64) {
        let limits = self.limits().clone();
        let per_second = self.per_second(TenantLimit::Starts);
        // Of limits that hold, one more would be beyond them; of those that only count, this one is.
        let (one, slot) = if limits.is_counted { (0, 0) } else { (1, slot_memory) };
        let (memory, tasks) = self.budget.tasks_of(&self.name);
        if limits.memory.is_some_and(|most| memory.saturating_add(slot) > most) {
            self.exceeds(TenantLimit::Memory);
        }
        if limits.attempts.is_some_and(|most| tasks.saturating_add(one) > most) {
            self.exceeds(TenantLimit::Attempts);
        }
        if !limits.is_counted {
            // Its poll had waited for that.
            self.rate(TenantLimit::Starts).spend(per_second, 1.0);
        } else if !self.rate(TenantLimit::Starts).take(per_second, 1.0) {
            self.exceeds(TenantLimit::Starts);
        }
    }

    /// Waits until one more call may be made of Temporal's client, and makes it count.
    pub(crate) async fn may_call(&self) {
        self.wait(TenantLimit::ClientCalls, Rate::take_one).await;
    }

    /// Whether a line of so many bytes may be logged, which is dropped otherwise.
    pub(crate) fn may_log(&self, bytes: usize) -> bool {
        let per_second = self.per_second(TenantLimit::LogBytes);
        let bytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        let may = self.rate(TenantLimit::LogBytes).take(per_second, bytes);
        if !may {
            self.exceeds(TenantLimit::LogBytes);
        }
        may || self.limits().is_counted
    }

    /// An attempt has come to limits of it so often, in the process that ran it.
    pub(crate) fn came_to(&self, excesses: Excesses) {
        for (excess, count) in excesses.iter() {
            if let Some(limit) = TenantLimit::of(excess) {
                self.exceeds_by(limit, count);
            }
        }
    }

    /// Tells now and then what a component asks of Temporal that would be refused in these words.
    pub(crate) fn would_refuse(&self, component: &ComponentId, words: &str) {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, last| now.duration_since(*last) < TELLING);
        if !told.contains_key(&component.name) {
            told.insert(component.name.clone(), now);
            let (tenant, component, words) = (&self.name, shown::name(&component.name), shown::on_one_line(words));
            tracing::warn!(
                "tenant {tenant:?}, component {component:?}: `grants.client` would not let this be, and only counts it, as \
                 its mode says: {words}"
            );
        }
    }

    /// Waits until it `may` be, unless limits only count.
    async fn wait(&self, limit: TenantLimit, may: impl Fn(&mut Rate, f64) -> Result<(), Instant>) {
        let mut is_held_up = false;
        let look = || may(&mut self.rate(limit), self.per_second(limit));
        while let Err(due) = look() {
            if !is_held_up {
                is_held_up = true;
                self.exceeds(limit);
            }
            if self.limits().is_counted {
                return;
            }
            sleep_until(Some(due)).await;
        }
    }

    /// Counts that a limit was come to, and tells it the first time.
    fn exceeds(&self, limit: TenantLimit) {
        self.exceeds_by(limit, 1);
    }

    fn exceeds_by(&self, limit: TenantLimit, count: u64) {
        if self.exceeded_of(limit).fetch_add(count, Ordering::Relaxed) != 0 {
            return;
        }
        let (tenant, key) = (&self.name, limit.name());
        match (self.limits().is_counted, limit) {
            (true, _) => {
                tracing::warn!(
                    "tenant {tenant:?} is beyond its limit `{key}`, which only counts that, as its mode says"
                );
            }
            (false, TenantLimit::LogBytes) => {
                tracing::warn!(
                    "tenant {tenant:?} logs more than its limit `{key}` allows: lines are dropped and counted"
                );
            }
            (false, _) => tracing::warn!("tenant {tenant:?} has come to its limit `{key}`: what it wants beyond waits"),
        }
    }

    fn per_second(&self, limit: TenantLimit) -> f64 {
        let limits = self.limits();
        let per_second = match limit {
            TenantLimit::Starts => limits.starts,
            TenantLimit::ClientCalls => limits.client_calls,
            TenantLimit::LogBytes => limits.log_bytes,
            TenantLimit::Memory
            | TenantLimit::Attempts
            | TenantLimit::HttpRequests
            | TenantLimit::Egress
            | TenantLimit::Ingress
            | TenantLimit::Disk => return f64::INFINITY,
        };
        f64::from(u32::try_from(per_second).unwrap_or(u32::MAX))
    }

    #[expect(clippy::indexing_slicing, reason = "there is one for each limit")]
    fn exceeded_of(&self, limit: TenantLimit) -> &AtomicU64 {
        &self.exceeded[limit as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "there is one for each limit")]
    fn rate(&self, limit: TenantLimit) -> MutexGuard<'_, Rate> {
        self.rates[limit as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limits(&self) -> MutexGuard<'_, TenantLimits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        self.budget.forget_tenant(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use futures_util::FutureExt as _;

    use super::*;
    use crate::slots::Slots;

    const MIB: u64 = 1 << 20;

    fn tenant(limits: TenantLimits) -> Arc<Tenant> {
        let tenant = Tenant::new(MemoryBudget::new(64 * MIB), "acme");
        tenant.change(limits);
        Arc::new(tenant)
    }

    #[tokio::test(start_paused = true)]
    async fn calls_wait_and_lines_are_dropped() {
        let tenant = tenant(TenantLimits { client_calls: 2, log_bytes: 1_000, ..TenantLimits::default() });
        let begun = Instant::now();
        for _ in 0..6 {
            tenant.may_call().await;
        }
        assert!((Duration::from_millis(1_999)..Duration::from_millis(2_050)).contains(&begun.elapsed()));
        assert_eq!([600, 600, 600].map(|bytes| tenant.may_log(bytes)), [true, true, false]);
        let mut excesses = Excesses::default();
        excesses.add(Excess::TenantIngress, 7);
        tenant.came_to(excesses);
        assert_eq!(tenant.look().exceeded, [0, 0, 0, 4, 1, 0, 0, 7, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn starts_of_all_its_queues_count_together() {
        let tenant = tenant(TenantLimits { starts: 2, ..TenantLimits::default() });
        let queues = ["a", "b"].map(|queue| Slots::new(&tenant, queue, 10, MIB).unwrap());
        for slots in &queues {
            slots.reserve().await.unwrap().take_task();
        }
        assert!(queues[0].reserve().now_or_never().is_none());
        let begun = Instant::now();
        queues[1].reserve().await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(499));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_only_counted_goes_on() {
        let tenant = tenant(TenantLimits {
            memory: Some(MIB),
            attempts: Some(1),
            starts: 1,
            client_calls: 1,
            log_bytes: 1,
            is_counted: true,
            ..TenantLimits::default()
        });
        let queues = ["a", "b"].map(|queue| Slots::new(&tenant, queue, 10, MIB).unwrap());
        let reserve = |slots: &Slots| slots.reserve().now_or_never().flatten().unwrap();
        // What only polls is nothing that would have been kept from anything.
        let polls = reserve(&queues[1]);
        let mut held = Vec::new();
        for _ in 0..4 {
            let slot = reserve(&queues[0]);
            slot.take_task();
            held.push(slot);
            assert!(tenant.may_call().now_or_never().is_some());
            assert!(tenant.may_log(100));
        }
        let used = tenant.look();
        assert_eq!((used.slots, used.is_counted, used.exceeded), (4, true, [3, 3, 3, 3, 3, 0, 0, 0, 0]));
        // Nor is one attempt after another, of however many queues.
        drop(held);
        for slot in [polls, reserve(&queues[0]), reserve(&queues[0])] {
            tokio::time::advance(Duration::from_secs(1)).await;
            slot.take_task();
        }
        assert_eq!(tenant.look().exceeded, [3, 3, 3, 3, 3, 0, 0, 0, 0]);
    }

    #[test]
    fn polls_come_to_no_limit() {
        let tenant = tenant(TenantLimits { attempts: Some(3), ..TenantLimits::default() });
        let queues = ["a", "b"].map(|queue| Slots::new(&tenant, queue, 10, MIB).unwrap());
        let reserve = |slots: &Slots| slots.reserve().now_or_never().flatten();
        for _ in 0..5 {
            let task = reserve(&queues[0]).unwrap();
            task.take_task();
            let more = [reserve(&queues[0]), reserve(&queues[1])];
            assert!(more.iter().flatten().count() > 0);
        }
        assert_eq!(tenant.look().exceeded[TenantLimit::Attempts as usize], 0);
    }

    #[test]
    fn its_limits_hold_over_all_its_queues() {
        let tenant = tenant(TenantLimits { attempts: Some(2), ..TenantLimits::default() });
        let queues = ["a", "b", "c"].map(|queue| Slots::new(&tenant, queue, 10, MIB).unwrap());
        let reserve = |slots: &Slots| slots.reserve().now_or_never().flatten();
        let [first, second, third] = queues.each_ref().map(|slots| reserve(slots).unwrap());
        first.take_task();
        second.take_task();
        assert!(reserve(&queues[0]).is_none());
        assert_eq!(tenant.look().exceeded[TenantLimit::Attempts as usize], 1);
        third.take_task();
        assert!(queues[2].backed().now_or_never().is_none(), "its third task waits");
        drop(first);
        assert!(queues[2].backed().now_or_never().is_some());
        assert!(reserve(&queues[0]).is_none());
        tenant.change(TenantLimits::default());
        assert!(reserve(&queues[0]).is_some());
    }
}
