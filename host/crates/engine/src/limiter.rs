//! The limit on a guest's memories and tables.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use activity::{LARGEST_IMAGE, Limits};
use wasmtime::ResourceLimiterAsync;

use crate::{
    config::{INSTANCES_PER_SLOT, TABLES_PER_SLOT},
    meter::Meter,
};

/// Counts all memories and all tables of a guest together, and refuses what is beyond their limits.
///
/// The limit on memory is on what a guest comes to hold beyond its component's *image*, the memory that its instances begin
/// with: that is the same for each attempt, is copied only where an attempt writes to it, and is often far more than what
/// an attempt needs of its own.
///
/// What was allowed counts even when it fails afterwards, which happens only when the system is out of memory: nothing
/// that a guest does can make it count less than it holds.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: Share,
    table: Share,
    memories: usize,
    /// What the memories had when they were made, as far as an image may be as large; counted only while the image is
    /// not known.
    image: Option<u64>,
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
    /// One for a sandbox that may have `memories` memories, of a component with this image, which is measured if it is
    /// not known; what it holds is added to `held`.
    pub(crate) fn new(
        limits: &Limits,
        image: Option<u64>,
        memories: u32,
        meter: Arc<Meter>,
        held: Arc<AtomicU64>,
    ) -> Self {
        Self {
            memory: Share { used: 0, limit: limits.memory.saturating_add(image.unwrap_or_default()) },
            table: Share { used: 0, limit: limits.table_elements },
            memories: memories as usize,
            image: image.is_none().then_some(0),
            denied: None,
            meter,
            held,
        }
    }

    /// What was last refused: a guest that can't grow its memory usually aborts.
    pub(crate) fn denied(&self) -> Option<Denied> {
        self.denied
    }

    /// The image, as far as it was measured.
    pub(crate) fn image(&self) -> u64 {
        self.image.unwrap_or_default()
    }

    /// Counts a memory that is made with `size` bytes as part of the image. One that is empty and grows later looks the
    /// same, which does no harm: what counts as image is reserved for each attempt, and attempts are not measured.
    fn measure(&mut self, size: u64) {
        if let Some(image) = &mut self.image {
            let more = size.min(LARGEST_IMAGE.saturating_sub(*image));
            *image = image.saturating_add(more);
            self.memory.limit = self.memory.limit.saturating_add(more);
        }
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
        if current == 0 {
            self.measure(more);
        }
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
    use std::time::Duration;

    use super::*;

    const TICK: Duration = Duration::from_millis(10);

    /// Grows by pages of one byte; only tests the sums.
    async fn grow(limiter: &mut Limiter, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        limiter.memory_growing(current, desired, maximum).await.unwrap()
    }

    #[tokio::test]
    async fn all_memories_count_together() {
        let meter = Arc::new(Meter::new(None, None, TICK));
        let held = Arc::new(AtomicU64::new(7));
        let limits = Limits { memory: 100, ..Limits::default() };
        let mut limiter = Limiter::new(&limits, Some(0), 4, Arc::clone(&meter), Arc::clone(&held));
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

    #[tokio::test]
    async fn the_image_is_measured_once_and_does_not_count_then() {
        const IMAGE: usize = 60;
        let limits = Limits { memory: 100, ..Limits::default() };
        let limiter = |image| Limiter::new(&limits, image, 4, Arc::new(Meter::new(None, None, TICK)), Arc::default());
        let mut first = limiter(None);
        assert!(grow(&mut first, 0, IMAGE - 10, None).await && grow(&mut first, 0, 10, None).await);
        assert!(grow(&mut first, 10, 110, None).await);
        assert_eq!((first.image(), first.denied()), (IMAGE as u64, None));
        let mut attempt = limiter(Some(first.image()));
        assert!(grow(&mut attempt, 0, IMAGE, None).await && grow(&mut attempt, IMAGE, IMAGE + 100, None).await);
        assert!(!grow(&mut attempt, 0, 1, None).await, "a memory that is made later is the attempt's own");
        let mut large = limiter(None);
        let largest = usize::try_from(LARGEST_IMAGE).unwrap();
        assert!(grow(&mut large, 0, largest + 100, None).await);
        assert!(!grow(&mut large, 0, 1, None).await);
        assert_eq!(large.image(), LARGEST_IMAGE);
    }
}
