//! The limit on a guest's memories and tables.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use activity::Limits;
use wasmtime::ResourceLimiterAsync;

use crate::{
    config::{INSTANCES_PER_SLOT, TABLES_PER_SLOT},
    meter::Meter,
};

/// Counts all memories and all tables of a guest together, and refuses what is beyond their limits.
///
/// What was allowed counts even when it fails afterwards, which happens only when the system is out of memory: nothing
/// that a guest does can make it count less than it holds.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: Share,
    table: Share,
    memories: usize,
    denied: Option<Denied>,
    meter: Arc<Meter>,
    /// The memory of all guests of the engine.
    held: Arc<AtomicU64>,
}

/// Something refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Memory.
    Memory,
    /// Table elements.
    Table,
}

/// How much is used of how much.
#[derive(Debug)]
struct Share {
    used: u64,
    limit: u64,
}

impl Share {
    /// Uses more, unless that is beyond the limit.
    fn grow(&mut self, by: u64) -> bool {
        let used = self.used.saturating_add(by);
        let fits = used <= self.limit;
        if fits {
            self.used = used;
        }
        fits
    }
}

impl Limiter {
    /// One for a sandbox that may have `memories` memories; what it holds is added to `held`.
    pub(crate) fn new(limits: &Limits, memories: u32, meter: Arc<Meter>, held: Arc<AtomicU64>) -> Self {
        Self {
            memory: Share { used: 0, limit: limits.memory },
            table: Share { used: 0, limit: limits.table_elements },
            memories: memories as usize,
            denied: None,
            meter,
            held,
        }
    }

    /// What was last refused: a guest that can't grow its memory usually aborts.
    pub(crate) fn denied(&self) -> Option<Denied> {
        self.denied
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.held.fetch_sub(self.memory.used, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl ResourceLimiterAsync for Limiter {
    async fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if beyond(desired, maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        let allowed = self.memory.grow(more);
        if allowed {
            self.held.fetch_add(more, Ordering::Relaxed);
            self.meter.hold_memory(self.memory.used);
        } else {
            self.denied = Some(Denied::Memory);
        }
        Ok(allowed)
    }

    async fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if beyond(desired, maximum) {
            return Ok(false);
        }
        let allowed = self.table.grow(desired.saturating_sub(current) as u64);
        if !allowed {
            self.denied = Some(Denied::Table);
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        INSTANCES_PER_SLOT as usize
    }

    fn tables(&self) -> usize {
        TABLES_PER_SLOT as usize
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

/// Whether the guest asks for more than it declared itself: refused, and no limit of ours.
fn beyond(desired: usize, maximum: Option<usize>) -> bool {
    maximum.is_some_and(|maximum| maximum < desired)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grows by pages of one byte; only tests the sums.
    async fn grow(limiter: &mut Limiter, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        limiter.memory_growing(current, desired, maximum).await.unwrap()
    }

    #[tokio::test]
    async fn all_memories_count_together() {
        let meter = Arc::new(Meter::new(None, None));
        let held = Arc::new(AtomicU64::new(7));
        let limits = Limits { memory: 100, ..Limits::default() };
        let mut limiter = Limiter::new(&limits, 4, Arc::clone(&meter), Arc::clone(&held));
        assert!(grow(&mut limiter, 0, 60, None).await);
        assert!(!grow(&mut limiter, 60, 70, Some(65)).await);
        assert_eq!(limiter.denied(), None);
        assert!(!grow(&mut limiter, 0, 41, None).await);
        assert_eq!(limiter.denied(), Some(Denied::Memory));
        assert!(grow(&mut limiter, 0, 40, None).await);
        assert!(!grow(&mut limiter, 40, usize::MAX, None).await);
        assert_eq!((meter.usage().peak_memory, held.load(Ordering::Relaxed)), (100, 107));
        drop(limiter);
        assert_eq!(held.load(Ordering::Relaxed), 7);
    }
}
