//! Looks now and then at the engine and at workers' slots, for metrics.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    cells::Cells,
    tenants::{CPU_PERCENT, TenantShares},
};
use activity::Meter;
use engine::{Engine, EngineStats};
use metrics::{HostSample, HostSeries, LimitSeries, QueueSeries, SpanSeries};
use tokio::time::{MissedTickBehavior, interval};
use traces::{SpanCounts, Spans};
use worker::{MemoryBudget, Slots};

/// How often it looks. Collectors look less often.
const PERIOD: Duration = Duration::from_secs(1);

/// What is looked at.
pub(crate) struct Sampler {
    engine: Arc<Engine>,
    cells: Arc<Cells>,
    meter: Arc<dyn Meter>,
    budget: MemoryBudget,
    queues: Mutex<BTreeMap<u64, (Slots, QueueSeries)>>,
    tenants: Mutex<Vec<(Weak<TenantShares>, LimitSeries)>>,
    /// Spans that wait, if they go anywhere.
    spans: Option<Arc<Spans>>,
    next: AtomicU64,
}

/// A worker whose slots are looked at as long as this is there.
pub(crate) struct Sampled {
    sampler: Arc<Sampler>,
    number: u64,
}

impl Sampler {
    /// One that looks at an engine and cells, and at spans.
    pub(crate) fn new(
        meter: Arc<dyn Meter>,
        (engine, cells): (Arc<Engine>, Arc<Cells>),
        budget: MemoryBudget,
        spans: Option<Arc<Spans>>,
    ) -> Self {
        Self {
            engine,
            cells,
            meter,
            budget,
            queues: Mutex::default(),
            tenants: Mutex::default(),
            spans,
            next: AtomicU64::default(),
        }
    }

    /// Looks at the slots of a task queue's worker too, which has these attributes.
    pub(crate) fn add(self: &Arc<Self>, queue: &[(&str, &str)], slots: Slots) -> Sampled {
        let series = QueueSeries::new(self.meter.as_ref(), queue, slots.slots());
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.queues().insert(number, (slots, series));
        Sampled { sampler: Arc::clone(self), number }
    }

    /// Looks at how often a tenant comes to its limits, too, as long as it is there.
    pub(crate) fn add_tenant(&self, shares: &Arc<TenantShares>) {
        let series = LimitSeries::new(Arc::clone(&self.meter), shares.tenant.name());
        self.tenants().push((Arc::downgrade(shares), series));
    }

    /// Looks again and again; never ends. What never changes is recorded here and now.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut host = HostSeries::new(self.meter.as_ref(), self.budget.total());
        let mut spans = SpanSeries::new(Arc::clone(&self.meter));
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.look(&mut host);
            self.look_at_spans(&mut spans);
        }
    }

    fn look(&self, host: &mut HostSeries) {
        let EngineStats { components, sandboxes, memory, kept, compiled } = self.engine.stats();
        let there = self.cells.stats();
        host.record(HostSample {
            components: components + there.components,
            sandboxes: sandboxes + there.sandboxes,
            memory: memory.saturating_add(there.memory),
            found_compiled: kept,
            not_found_compiled: compiled,
        });
        for (slots, series) in self.queues().values() {
            series.record(slots.reserved(), slots.reserved_memory());
        }
        self.tenants().retain_mut(|(shares, series)| {
            let Some(shares) = shares.upgrade() else { return false };
            let (used, limits) = shares.look();
            limits.into_iter().for_each(|(limit, count)| series.record(limit, count, used.is_counted));
            series.record(CPU_PERCENT, self.cells.throttled(shares.tenant.name()), false);
            true
        });
    }

    fn look_at_spans(&self, series: &mut SpanSeries) {
        for (tenant, counts) in self.spans.iter().flat_map(|spans| spans.counts()) {
            let SpanCounts { exported, too_many, not_taken, left_out } = counts;
            series.record(&tenant, exported, [too_many, not_taken, left_out]);
        }
    }

    fn tenants(&self) -> MutexGuard<'_, Vec<(Weak<TenantShares>, LimitSeries)>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<u64, (Slots, QueueSeries)>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sampled {
    fn drop(&mut self) {
        // What it was last seen with is not what there is of it.
        if let Some((_, series)) = self.sampler.queues().remove(&self.number) {
            series.record(0, 0);
        }
    }
}
