//! A thread whose guests keep a processor busy: how it lets others go first, and where it computes (decision 0022).

use std::{
    cell::RefCell,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::slice::take_long_slices;

/// Processor time after which such a thread makes way again, in nanoseconds. Who makes way forgoes something of its share:
/// were it once for each time that passes, and not for each that is used, those with little of a processor would forgo most.
const MAKES_WAY: u64 = 500_000;

/// Processor time after which it goes to its processor again, likewise: seldom enough to cost nothing.
const SPREADS: u64 = 200_000_000;

thread_local! {
    /// This thread, if it is such a one.
    static THIS: RefCell<Option<Busy>> = const { RefCell::new(None) };
}

/// The threads of one engine for such guests.
#[derive(Clone, Debug)]
pub(crate) struct BusyThreads {
    /// How many there are.
    threads: usize,
    /// How many of them compute at this moment.
    computing: Arc<AtomicUsize>,
    started: Arc<AtomicUsize>,
}

struct Busy {
    threads: BusyThreads,
    /// Processor time of the thread when it last made way, and when it last went to its processor.
    made_way: u64,
    spread: u64,
    /// Unknown where the system does not tell.
    processors: Option<Processors>,
}

/// Where a thread may compute, and the one of these that is its own.
struct Processors {
    all: CpuSet,
    own: CpuSet,
}

impl BusyThreads {
    /// So many threads, of which none has started.
    pub(crate) fn new(threads: usize) -> Self {
        Self { threads, computing: Arc::default(), started: Arc::default() }
    }

    /// Makes this thread one of them.
    pub(crate) fn enter(&self, niceness: i32) {
        // For this thread only, beyond what it was born with: a cell may be nice as a whole. Not worth failing for.
        let _ = rustix::process::nice(niceness);
        take_long_slices();
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let processors = Processors::of_this_thread(number).ok();
        THIS.set(Some(Busy { threads: self.clone(), made_way: 0, spread: 0, processors }));
    }

    /// Lets a guest compute on one of them.
    pub(crate) fn compute<T>(&self, guest: impl FnOnce() -> T) -> T {
        self.computing.fetch_add(1, Ordering::Relaxed);
        let left = guest();
        self.computing.fetch_sub(1, Ordering::Relaxed);
        left
    }

    /// Whether one of them computes.
    pub(crate) fn computes(&self) -> bool {
        self.computing.load(Ordering::Relaxed) != 0
    }

    fn all_compute(&self) -> bool {
        self.threads <= self.computing.load(Ordering::Relaxed)
    }
}

/// Lets what waits for this thread's processor go first, if this is a thread for guests that keep one busy and it has used it
/// for long enough: so many nanoseconds in all.
pub(crate) fn make_way(used: u64) {
    let makes_way = THIS.with_borrow_mut(|this| this.as_mut().is_some_and(|this| this.makes_way(used)));
    if makes_way {
        std::thread::yield_now();
    }
}

impl Busy {
    fn makes_way(&mut self, used: u64) -> bool {
        if used.saturating_sub(self.made_way) < MAKES_WAY {
            return false;
        }
        self.made_way = used;
        if SPREADS <= used.saturating_sub(self.spread) && self.threads.all_compute() {
            self.spread = used;
            // Where the system refuses, its own way of sharing processors out has to do.
            let _ = self.processors.as_ref().map_or(Ok(()), Processors::visit);
        }
        true
    }
}

impl Processors {
    fn of_this_thread(number: usize) -> io::Result<Self> {
        let all = sched_getaffinity(None)?;
        let mut own = CpuSet::new();
        let mut there = (0..CpuSet::MAX_CPU).filter(|processor| all.is_set(*processor)).cycle();
        there.nth(number).into_iter().for_each(|processor| own.set(processor));
        Ok(Self { all, own })
    }

    /// Goes to the thread's own processor, and is free again to be moved.
    ///
    /// The system moves one thread at a time, to where there is less to do. Two of a heavy tenant on one processor, and those
    /// of two lighter tenants on another, are as good as it gets by that, while an exchange would give each its share.
    fn visit(&self) -> io::Result<()> {
        sched_setaffinity(None, &self.own)?;
        Ok(sched_setaffinity(None, &self.all)?)
    }
}

#[cfg(test)]
mod tests {
    use rustix::thread::sched_getcpu;

    use super::*;

    #[test]
    fn threads_have_processors_of_their_own_and_stay_free_to_be_moved() {
        let before = sched_getaffinity(None).unwrap();
        let own: Vec<CpuSet> = (0..before.count())
            .map(|number| Processors::of_this_thread(usize::try_from(number).unwrap()).unwrap().own)
            .collect();
        assert!(own.iter().all(|own| own.count() == 1));
        let together = (0..CpuSet::MAX_CPU).filter(|processor| own.iter().any(|own| own.is_set(*processor))).count();
        assert_eq!(together, own.len());
        let first_again = Processors::of_this_thread(own.len()).unwrap();
        assert_eq!(first_again.own, own[0]);
        sched_setaffinity(None, &first_again.own).unwrap();
        assert!(first_again.own.is_set(sched_getcpu()));
        first_again.visit().unwrap();
        assert_eq!(sched_getaffinity(None).unwrap(), before);
    }

    #[test]
    fn a_thread_goes_to_its_processor_while_all_compute_and_not_often() {
        let threads = BusyThreads::new(2);
        let mut busy = Busy { threads: threads.clone(), made_way: 0, spread: 0, processors: None };
        let mut spread_at = |used| {
            assert!(busy.makes_way(used));
            busy.spread
        };
        threads.compute(|| {
            assert_eq!(spread_at(SPREADS), 0, "one thread is idle");
            threads.compute(|| {
                assert_eq!(spread_at(2 * SPREADS), 2 * SPREADS);
                assert_eq!(spread_at(3 * SPREADS - 1), 2 * SPREADS);
            });
        });
        assert!(!busy.makes_way(3 * SPREADS), "it made way a nanosecond ago");
    }
}
