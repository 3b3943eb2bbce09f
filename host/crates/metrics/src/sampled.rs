//! What is looked at now and then: slots, memory, components.

use std::{collections::BTreeMap, sync::Arc};

use activity::{MeasuredValue, Meter, Series};

use crate::{
    attempts::record,
    instruments::{
        COMPILE_CACHE_LOOKUPS, COMPONENTS, HostInstrument, LIMITED, MEMORY_BUDGET, MEMORY_RESERVED, MEMORY_USED,
        SANDBOXES, SLOTS, SLOTS_RESERVED, SPANS_DROPPED, SPANS_EXPORTED, WOULD_LIMIT,
    },
};

type Line = Option<Box<dyn Series>>;

/// What there is of the whole host at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostSample {
    /// Components that are loaded.
    pub components: usize,
    /// Sandboxes that there are.
    pub sandboxes: usize,
    /// Bytes of memory that all guests hold.
    pub memory: u64,
    /// Components found in the store of compiled components, since the start.
    pub found_compiled: u64,
    /// Components not found there, since the start.
    pub not_found_compiled: u64,
}

/// The series of the whole host.
pub struct HostSeries {
    components: Line,
    sandboxes: Line,
    memory: Line,
    found_compiled: Line,
    not_found_compiled: Line,
    /// What was recorded last of what only grows.
    last: HostSample,
}

/// The series of one task queue's slots.
pub struct QueueSeries {
    slots: Line,
    memory: Line,
}

impl HostSeries {
    /// Those of a host whose guests may use so many bytes together.
    pub fn new(meter: &dyn Meter, memory_budget: u64) -> Self {
        let line = |instrument: HostInstrument| instrument.series(meter, &[]);
        let lookups = |result| COMPILE_CACHE_LOOKUPS.series(meter, &[("result", result)]);
        record(&line(MEMORY_BUDGET), MeasuredValue::Integer(memory_budget));
        Self {
            components: line(COMPONENTS),
            sandboxes: line(SANDBOXES),
            memory: line(MEMORY_USED),
            found_compiled: lookups("hit"),
            not_found_compiled: lookups("miss"),
            last: HostSample::default(),
        }
    }

    /// Records what there is now.
    pub fn record(&mut self, now: HostSample) {
        let last = std::mem::replace(&mut self.last, now);
        record(&self.components, integer(now.components));
        record(&self.sandboxes, integer(now.sandboxes));
        record(&self.memory, MeasuredValue::Integer(now.memory));
        let grown = |now: u64, last: u64| MeasuredValue::Integer(now.saturating_sub(last));
        record(&self.found_compiled, grown(now.found_compiled, last.found_compiled));
        record(&self.not_found_compiled, grown(now.not_found_compiled, last.not_found_compiled));
    }
}

impl QueueSeries {
    /// Those of a task queue with these attributes and so many slots.
    pub fn new(meter: &dyn Meter, attributes: &[(&str, &str)], slots: usize) -> Self {
        record(&SLOTS.series(meter, attributes), integer(slots));
        Self { slots: SLOTS_RESERVED.series(meter, attributes), memory: MEMORY_RESERVED.series(meter, attributes) }
    }

    /// Records how many slots are reserved now, and how many bytes for them.
    pub fn record(&self, slots: usize, memory: u64) {
        record(&self.slots, integer(slots));
        record(&self.memory, MeasuredValue::Integer(memory));
    }
}

/// How often one tenant came to its limits.
pub struct LimitSeries {
    meter: Arc<dyn Meter>,
    tenant: String,
    /// What each was last, and its series with limits that hold and with those that only count.
    limits: BTreeMap<&'static str, (u64, [Line; 2])>,
}

impl LimitSeries {
    /// That of this tenant. There is a series for what has happened alone.
    pub fn new(meter: Arc<dyn Meter>, tenant: impl Into<String>) -> Self {
        Self { meter, tenant: tenant.into(), limits: BTreeMap::new() }
    }

    /// Records how often it has come to `limit` since the start, which only counts that if `is_counted`.
    pub fn record(&mut self, limit: &'static str, count: u64, is_counted: bool) {
        let Self { meter, tenant, limits } = self;
        let (last, lines) = limits.entry(limit).or_default();
        let grown = count.saturating_sub(std::mem::replace(last, count));
        if grown == 0 {
            return;
        }
        let [held, counted] = lines;
        let (line, instrument) = if is_counted { (counted, WOULD_LIMIT) } else { (held, LIMITED) };
        if line.is_none() {
            *line = instrument.series(meter.as_ref(), &[("tenant", tenant.as_str()), ("limit", limit)]);
        }
        record(line, MeasuredValue::Integer(grown));
    }
}

/// Why spans were not exported, in the order of [`SpanSeries::record`].
const DROPPED: [&str; 3] = ["too-many", "not-taken", "attempt-limit"];

/// What became of the spans of tenants' attempts.
pub struct SpanSeries {
    meter: Arc<dyn Meter>,
    /// What each was last, and its series: of what was exported, and then of what was not.
    tenants: BTreeMap<String, [(u64, Line); 1 + DROPPED.len()]>,
}

impl SpanSeries {
    /// There is a series for what has happened alone.
    pub fn new(meter: Arc<dyn Meter>) -> Self {
        Self { meter, tenants: BTreeMap::new() }
    }

    /// Records how many spans of a tenant were exported since the start; and how many were not, because too many waited, because
    /// the collector did not take them, and because their attempts had more than are told.
    pub fn record(&mut self, tenant: &str, exported: u64, dropped: [u64; DROPPED.len()]) {
        let Self { meter, tenants } = self;
        if !tenants.contains_key(tenant) {
            tenants.insert(tenant.to_owned(), Default::default());
        }
        let reasons = [None].into_iter().chain(DROPPED.map(Some));
        let counts = [exported].into_iter().chain(dropped);
        for (((last, line), reason), count) in tenants.get_mut(tenant).into_iter().flatten().zip(reasons).zip(counts) {
            let grown = count.saturating_sub(std::mem::replace(last, count));
            if grown == 0 {
                continue;
            }
            if line.is_none() {
                *line = match reason {
                    None => SPANS_EXPORTED.series(meter.as_ref(), &[("tenant", tenant)]),
                    Some(reason) => SPANS_DROPPED.series(meter.as_ref(), &[("tenant", tenant), ("reason", reason)]),
                };
            }
            record(line, MeasuredValue::Integer(grown));
        }
    }
}

fn integer(count: usize) -> MeasuredValue {
    MeasuredValue::Integer(count as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::Recorder;

    #[test]
    fn spans_are_counted_by_what_became_of_them() {
        let recorder = Arc::new(Recorder::default());
        let mut series = SpanSeries::new(Arc::clone(&recorder) as _);
        series.record("acme", 3, [0, 0, 0]);
        series.record("acme", 7, [0, 2, 0]);
        assert_eq!(recorder.last("isolet_spans_exported{tenant=acme}"), "4");
        assert_eq!(recorder.last("isolet_spans_dropped{tenant=acme,reason=not-taken}"), "2");
    }

    #[test]
    fn what_only_grows_is_recorded_as_what_it_has_grown_by() {
        let recorder = Arc::new(Recorder::default());
        let mut series = HostSeries::new(recorder.as_ref(), 1 << 20);
        let sample = HostSample { components: 2, found_compiled: 3, not_found_compiled: 1, ..HostSample::default() };
        series.record(sample);
        series.record(HostSample { found_compiled: 5, ..sample });
        assert_eq!(recorder.last("isolet_components"), "2");
        assert_eq!(recorder.last("isolet_memory_budget_bytes"), "1048576");
        let lookups = |result: &str| recorder.last(&format!("isolet_compile_cache_lookups{{result={result}}}"));
        assert_eq!((lookups("hit").as_str(), lookups("miss").as_str()), ("2", "0"));
    }
}
