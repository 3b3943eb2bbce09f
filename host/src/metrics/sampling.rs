//! What the host looks at now and then: slots, memory, components.

use std::{sync::Arc, time::Duration};

use activity::{MeasuredValue, Meter, Series};
use engine::{Engine, EngineStats};
use tokio::time::{MissedTickBehavior, interval};
use worker::{MemoryBudget, SlotCounts};

use super::{
    attempts::record,
    instruments::{
        COMPILE_CACHE_LOOKUPS, COMPONENTS, HostInstrument, MEMORY_BUDGET, MEMORY_RESERVED, MEMORY_USED, SANDBOXES,
        SLOTS, SLOTS_RESERVED,
    },
};

/// How often it looks. Collectors look less often.
const PERIOD: Duration = Duration::from_secs(1);

type Line = Option<Box<dyn Series>>;

/// What is looked at.
pub(crate) struct Sampler {
    engine: Arc<Engine>,
    queues: Vec<QueueLines>,
    components: Line,
    sandboxes: Line,
    memory_used: Line,
    kept: Line,
    compiled: Line,
    /// What was seen last of what only grows.
    seen: Option<EngineStats>,
}

/// A task queue's slots.
struct QueueLines {
    counts: SlotCounts,
    reserved: Line,
    memory: Line,
}

impl Sampler {
    /// One that looks at `engine`; what never changes is recorded here and now.
    pub(crate) fn new(meter: &dyn Meter, engine: Arc<Engine>, budget: &MemoryBudget) -> Self {
        let line = |instrument: HostInstrument| instrument.series(meter, &[]);
        let lookups = |result| COMPILE_CACHE_LOOKUPS.series(meter, &[("result", result)]);
        record(&line(MEMORY_BUDGET), MeasuredValue::Integer(budget.total()));
        Self {
            engine,
            queues: Vec::new(),
            components: line(COMPONENTS),
            sandboxes: line(SANDBOXES),
            memory_used: line(MEMORY_USED),
            kept: lookups("hit"),
            compiled: lookups("miss"),
            seen: None,
        }
    }

    /// Looks at the slots of a task queue too, which has these attributes.
    pub(crate) fn add(&mut self, meter: &dyn Meter, queue: &[(&str, &str)], counts: SlotCounts) {
        record(&SLOTS.series(meter, queue), integer(counts.slots()));
        let (reserved, memory) = (SLOTS_RESERVED.series(meter, queue), MEMORY_RESERVED.series(meter, queue));
        self.queues.push(QueueLines { counts, reserved, memory });
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
        let now = self.engine.stats();
        record(&self.components, integer(now.components));
        record(&self.sandboxes, integer(now.sandboxes));
        record(&self.memory_used, MeasuredValue::Integer(now.memory));
        let before = self.seen.replace(now);
        let (kept, compiled) = before.map_or((0, 0), |before| (before.kept, before.compiled));
        record(&self.kept, MeasuredValue::Integer(now.kept.saturating_sub(kept)));
        record(&self.compiled, MeasuredValue::Integer(now.compiled.saturating_sub(compiled)));
        for QueueLines { counts, reserved, memory } in &self.queues {
            record(reserved, integer(counts.reserved()));
            record(memory, MeasuredValue::Integer(counts.reserved_memory()));
        }
    }
}

fn integer(count: usize) -> MeasuredValue {
    MeasuredValue::Integer(count as u64)
}
