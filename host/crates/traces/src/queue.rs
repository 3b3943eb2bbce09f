//! Spans that wait to be sent: bounded in bytes, and shared by tenants, so that one that floods it loses its own alone.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::Notify;

/// Bytes of all spans that wait.
const MOST: usize = 16 << 20;

/// What a span counts beside its texts.
const SPAN: usize = 512;

/// Spans that wait, by their tenants.
#[derive(Debug)]
pub struct Spans {
    most: usize,
    waiting: Mutex<Waiting>,
    filled: Notify,
}

/// What became of the spans of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// A collector took them.
    pub exported: u64,
    /// There was no room for them.
    pub too_many: u64,
    /// The collector did not take them.
    pub not_taken: u64,
    /// Their attempt had more of them than are told.
    pub left_out: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The spans of attempts, in the order in which these ended; no tenant here has none.
    tenants: BTreeMap<Arc<str>, Share>,
    size: usize,
    counts: BTreeMap<Arc<str>, SpanCounts>,
    /// Whose turn it was last.
    last: Option<Arc<str>>,
}

#[derive(Debug, Default)]
struct Share {
    attempts: VecDeque<Attempt>,
    size: usize,
}

/// The spans of one attempt.
#[derive(Debug)]
struct Attempt {
    spans: Vec<SpanData>,
    size: usize,
}

/// Spans on their way to a collector.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) spans: Vec<SpanData>,
    /// How many are whose.
    pub(crate) whose: BTreeMap<Arc<str>, u64>,
}

impl Default for Spans {
    fn default() -> Self {
        Self::holding(MOST)
    }
}

impl Spans {
    /// So many bytes of them.
    pub(crate) fn holding(most: usize) -> Self {
        Self { most, waiting: Mutex::default(), filled: Notify::new() }
    }

    /// Takes the spans of an attempt, which had `left_out` more. Where there is no room, the tenant that has the most
    /// waiting loses the oldest of its attempts.
    pub(crate) fn put(&self, tenant: &Arc<str>, spans: Vec<SpanData>, left_out: u64) {
        let size = spans.iter().map(size).sum();
        let mut waiting = self.lock();
        waiting.counts_of(tenant).left_out += left_out;
        let share = waiting.tenants.entry(Arc::clone(tenant)).or_default();
        share.size += size;
        share.attempts.push_back(Attempt { spans, size });
        waiting.size += size;
        while self.most < waiting.size && waiting.drop_one() {}
        drop(waiting);
        self.filled.notify_one();
    }

    /// Waits until there are some. Only one waits at a time, for this or for plenty.
    pub(crate) async fn filled(&self) {
        while self.lock().tenants.is_empty() {
            self.filled.notified().await;
        }
    }

    /// The next ones: of each tenant in turn those of an attempt, until there are `most` or more.
    pub(crate) fn take(&self, most: usize) -> Batch {
        let (mut waiting, mut batch) = (self.lock(), Batch::default());
        while batch.spans.len() < most {
            let Some((tenant, spans)) = waiting.take_one() else { break };
            *batch.whose.entry(tenant).or_default() += spans.len() as u64;
            batch.spans.extend(spans);
        }
        batch
    }

    /// Waits until there are so many that they need not wait for more.
    pub(crate) async fn plenty(&self) {
        while self.lock().size <= self.most / 4 {
            self.filled.notified().await;
        }
    }

    /// What became of a batch.
    pub(crate) fn count(&self, whose: &BTreeMap<Arc<str>, u64>, is_taken: bool) {
        let mut waiting = self.lock();
        for (tenant, count) in whose {
            let counts = waiting.counts_of(tenant);
            *(if is_taken { &mut counts.exported } else { &mut counts.not_taken }) += count;
        }
    }

    /// What became of each tenant's spans since the start.
    pub fn counts(&self) -> BTreeMap<Arc<str>, SpanCounts> {
        self.lock().counts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Each change is complete before anything can panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn counts_of(&mut self, tenant: &Arc<str>) -> &mut SpanCounts {
        // Tenants are the operator's: there are never many.
        self.counts.entry(Arc::clone(tenant)).or_default()
    }

    /// Drops an attempt of the tenant that has the most. Returns whether there was one.
    fn drop_one(&mut self) -> bool {
        let largest = self.tenants.iter().max_by_key(|(_, share)| share.size).map(|(tenant, _)| Arc::clone(tenant));
        let Some((tenant, spans)) = largest.and_then(|tenant| Some((Arc::clone(&tenant), self.take_of(&tenant)?)))
        else {
            return false;
        };
        self.counts_of(&tenant).too_many += spans.len() as u64;
        true
    }

    /// An attempt of the tenant whose turn it is.
    fn take_one(&mut self) -> Option<(Arc<str>, Vec<SpanData>)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let after = self.last.as_ref().and_then(|last| {
            self.tenants.range::<Arc<str>, _>((Excluded(last), Unbounded)).next().map(|(tenant, _)| Arc::clone(tenant))
        });
        let tenant = after.or_else(|| self.tenants.keys().next().cloned())?;
        self.last = Some(Arc::clone(&tenant));
        let spans = self.take_of(&tenant)?;
        Some((tenant, spans))
    }

    fn take_of(&mut self, tenant: &Arc<str>) -> Option<Vec<SpanData>> {
        let share = self.tenants.get_mut(tenant)?;
        let attempt = share.attempts.pop_front();
        let size = attempt.as_ref().map_or(0, |attempt| attempt.size);
        share.size -= size;
        self.size -= size;
        if share.attempts.is_empty() {
            self.tenants.remove(tenant);
        }
        attempt.map(|attempt| attempt.spans)
    }
}

/// What a span takes, roughly.
fn size(span: &SpanData) -> usize {
    let of = |attributes: &[KeyValue]| attributes.iter().map(attribute).sum::<usize>();
    let events: usize = span.events.iter().map(|event| of(&event.attributes)).sum();
    SPAN + span.name.len() + of(&span.attributes) + events
}

fn attribute(attribute: &KeyValue) -> usize {
    let value = match &attribute.value {
        Value::String(text) => text.as_str().len(),
        _ => 0,
    };
    2 * size_of::<KeyValue>() + value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{span, tests::finished};

    /// Spans of an attempt, and what they take.
    fn attempt() -> (Vec<SpanData>, usize) {
        let spans = finished(|about, finished| span::spans(about, "acme", finished));
        let size = spans.iter().map(size).sum();
        (spans, size)
    }

    #[test]
    fn who_has_the_most_gives_way() {
        let (spans, size) = attempt();
        let queue = Spans::holding(10 * size);
        let [flood, modest]: [Arc<str>; 2] = ["flood".into(), "modest".into()];
        for _ in 0..3 {
            queue.put(&modest, spans.clone(), 0);
        }
        for _ in 0..100 {
            queue.put(&flood, spans.clone(), 1);
        }
        let counts = queue.counts();
        assert_eq!(counts[&modest], SpanCounts::default());
        assert_eq!((counts[&flood].too_many, counts[&flood].left_out), (93 * spans.len() as u64, 100));
    }

    #[test]
    fn tenants_take_turns() {
        let (spans, size) = attempt();
        let queue = Spans::holding(100 * size);
        let tenants: [Arc<str>; 3] = ["a".into(), "b".into(), "c".into()];
        for (tenant, count) in tenants.iter().zip([20, 2, 20]) {
            (0..count).for_each(|_| queue.put(tenant, spans.clone(), 0));
        }
        let batch = queue.take(12 * spans.len());
        let attempts = batch.whose.values().map(|count| count / spans.len() as u64).collect::<Vec<_>>();
        assert_eq!(attempts, [5, 2, 5]);
        queue.count(&batch.whose, true);
        let rest = queue.take(usize::MAX);
        queue.count(&rest.whose, false);
        let counts = queue.counts()[&tenants[0]];
        assert_eq!((counts.exported, counts.not_taken), (5 * spans.len() as u64, 15 * spans.len() as u64));
        assert!(queue.take(1).spans.is_empty());
    }
}
