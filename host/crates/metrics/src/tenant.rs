//! How many series of metrics the guests of one tenant may have together.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// The series that the guests of one tenant have, over all its components and task queues.
#[derive(Debug, Default)]
pub struct TenantSeries {
    taken: AtomicUsize,
    most: AtomicUsize,
    is_counted: AtomicBool,
    exceeded: AtomicU64,
}

impl TenantSeries {
    /// So many there may be from now on; if `is_counted`, those beyond are counted, and are there nevertheless.
    pub fn limit(&self, most: usize, is_counted: bool) {
        self.most.store(most, Ordering::Relaxed);
        self.is_counted.store(is_counted, Ordering::Relaxed);
    }

    /// How many values were dropped, or would have been.
    pub fn exceeded(&self) -> u64 {
        self.exceeded.load(Ordering::Relaxed)
    }

    /// Takes one, if there may be one more.
    pub(crate) fn take_one(&self) -> bool {
        let has_room = self.taken.fetch_add(1, Ordering::Relaxed) < self.most();
        if has_room {
            return true;
        }
        self.exceeded.fetch_add(1, Ordering::Relaxed);
        let is_counted = self.is_counted.load(Ordering::Relaxed);
        if !is_counted {
            self.give_back(1);
        }
        is_counted
    }

    pub(crate) fn give_back(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_taken_than_there_may_be() {
        let series = TenantSeries::default();
        series.limit(2, false);
        assert_eq!([(); 3].map(|()| series.take_one()), [true, true, false]);
        series.give_back(1);
        assert!(series.take_one() && !series.take_one());
        series.limit(2, true);
        assert!(series.take_one());
        assert_eq!(series.exceeded(), 3);
    }
}
