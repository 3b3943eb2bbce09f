//! Spans that wait to be sent: bounded in bytes, and shared by tenants, so that one that floods it loses its own alone.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;
use tokio::sync::Notify;

/// Bytes of all spans that wait.
const MOST: usize = 16 << 20;

/// Bytes that are sent at once, about: collectors usually take 4 MiB by gRPC, and an attempt has some hundred KiB at most.
const AT_ONCE: usize = 1 << 20;

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

/// Spans of one tenant on their way to a collector.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) tenant: Arc<str>,
    pub(crate) spans: Vec<SpanData>,
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

    /// The next ones: of the tenant whose turn it is, so that what a collector refuses of one costs no other its own, until
    /// there are `most` or more, or as many bytes as a collector takes at once.
    pub(crate) fn take(&self, most: usize) -> Option<Batch> {
        let mut waiting = self.lock();
        let tenant = waiting.turn()?;
        let (mut spans, mut bytes) = (Vec::new(), 0);
        while spans.len() < most && bytes < AT_ONCE {
            let Some(attempt) = waiting.take_of(&tenant) else { break };
            bytes += attempt.size;
            spans.extend(attempt.spans);
        }
        Some(Batch { tenant, spans })
    }

    /// Waits until there are so many that they need not wait for more.
    pub(crate) async fn plenty(&self) {
        while self.lock().size <= self.most / 4 {
            self.filled.notified().await;
        }
    }

    /// What became of a batch.
    pub(crate) fn count(&self, tenant: &Arc<str>, spans: usize, is_taken: bool) {
        let mut waiting = self.lock();
        let counts = waiting.counts_of(tenant);
        *(if is_taken { &mut counts.exported } else { &mut counts.not_taken }) += spans as u64;
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
        let Some((tenant, attempt)) = largest.and_then(|tenant| Some((Arc::clone(&tenant), self.take_of(&tenant)?)))
        else {
            return false;
        };
        self.counts_of(&tenant).too_many += attempt.spans.len() as u64;
        true
    }

    /// The tenant whose turn it is.
    fn turn(&mut self) -> Option<Arc<str>> {
        use std::ops::Bound::{Excluded, Unbounded};
        let after = self.last.as_ref().and_then(|last| {
            self.tenants.range::<Arc<str>, _>((Excluded(last), Unbounded)).next().map(|(tenant, _)| Arc::clone(tenant))
        });
        let tenant = after.or_else(|| self.tenants.keys().next().cloned())?;
        self.last = Some(Arc::clone(&tenant));
        Some(tenant)
    }

    fn take_of(&mut self, tenant: &Arc<str>) -> Option<Attempt> {
        let share = self.tenants.get_mut(tenant)?;
        let attempt = share.attempts.pop_front();
        let size = attempt.as_ref().map_or(0, |attempt| attempt.size);
        share.size -= size;
        self.size -= size;
        if share.attempts.is_empty() {
            self.tenants.remove(tenant);
        }
        attempt
    }
}

/// What a span takes, roughly.
fn size(span: &SpanData) -> usize {
    let of = |attributes: &[KeyValue]| attributes.iter().map(attribute).sum::<usize>();
    let events: usize = span.events.iter().map(|event| of(&event.attributes)).sum();
    let status = if let Status::Error { description } = &span.status { description.len() } else { 0 };
    SPAN + span.name.len() + of(&span.attributes) + events + status
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
    fn tenants_take_turns_and_what_is_sent_at_once_is_one_s_own() {
        let (spans, size) = attempt();
        let queue = Spans::holding(100 * size);
        let tenants: [Arc<str>; 3] = ["a".into(), "b".into(), "c".into()];
        for (tenant, count) in tenants.iter().zip([20, 2, 20]) {
            (0..count).for_each(|_| queue.put(tenant, spans.clone(), 0));
        }
        let mut taken = Vec::new();
        while let Some(batch) = queue.take(12 * spans.len()) {
            queue.count(&batch.tenant, batch.spans.len(), *batch.tenant == *"a");
            taken.push((batch.tenant.to_string(), batch.spans.len() / spans.len()));
        }
        let expected = [("a", 12), ("b", 2), ("c", 12), ("a", 8), ("c", 8)];
        assert_eq!(taken, expected.map(|(tenant, count)| (tenant.to_owned(), count)));
        let all = 20 * spans.len() as u64;
        assert_eq!([0, 2].map(|number: usize| queue.counts()[&tenants[number]].exported), [all, 0]);
        assert_eq!([0, 2].map(|number: usize| queue.counts()[&tenants[number]].not_taken), [0, all]);
    }

    #[test]
    fn what_is_sent_at_once_is_bounded_in_bytes() {
        let (spans, size) = attempt();
        let queue = Spans::holding(4 * AT_ONCE);
        let tenant: Arc<str> = "a".into();
        (0..2 * AT_ONCE / size).for_each(|_| queue.put(&tenant, spans.clone(), 0));
        let first = queue.take(usize::MAX).unwrap();
        assert!(first.spans.len() / spans.len() <= AT_ONCE / size + 1, "{}", first.spans.len());
    }
}
