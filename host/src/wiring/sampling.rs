//! Looks now and then at the engine and at workers' slots, for metrics.

use std::{sync::Arc, time::Duration};

use super::cells::Cells;
use activity::Meter;
use engine::{Engine, EngineStats};
use metrics::{HostSample, HostSeries, QueueSeries};
use tokio::time::{MissedTickBehavior, interval};
use worker::{MemoryBudget, Slots};

/// How often it looks. Collectors look less often.
const PERIOD: Duration = Duration::from_secs(1);

/// What is looked at.
pub(crate) struct Sampler {
    engine: Arc<Engine>,
    cells: Arc<Cells>,
    host: HostSeries,
    queues: Vec<(Slots, QueueSeries)>,
}

impl Sampler {
    /// One that looks at an engine and cells; what never changes is recorded here and now.
    pub(crate) fn new(meter: &dyn Meter, (engine, cells): (Arc<Engine>, Arc<Cells>), budget: &MemoryBudget) -> Self {
        Self { engine, cells, host: HostSeries::new(meter, budget.total()), queues: Vec::new() }
    }

    /// Looks at the slots of a task queue too, which has these attributes.
    pub(crate) fn add(&mut self, meter: &dyn Meter, queue: &[(&str, &str)], slots: Slots) {
        let series = QueueSeries::new(meter, queue, slots.slots());
        self.queues.push((slots, series));
    }

    /// Looks again and again; never ends.
    pub(crate) async fn run(mut self) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    fn look(&mut self) {
        let EngineStats { components, sandboxes, memory, kept, compiled } = self.engine.stats();
        let there = self.cells.stats();
        self.host.record(HostSample {
            components: components + there.components,
            sandboxes: sandboxes + there.sandboxes,
            memory: memory.saturating_add(there.memory),
            found_compiled: kept,
            not_found_compiled: compiled,
        });
        for (slots, series) in &self.queues {
            series.record(slots.reserved(), slots.reserved_memory());
        }
    }
}
