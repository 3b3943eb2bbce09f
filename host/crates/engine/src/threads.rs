//! The threads that run guests.

use std::{
    cell::Cell,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    EngineSettings, cpu,
    slice::{take_long_slices, take_short_slices},
};

thread_local! {
    /// Processor time of this thread when it last made way, if it is one of those that run guests which keep a processor
    /// busy.
    static MADE_WAY: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Where a guest runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Where every guest starts, and where those run that mostly wait.
    Brisk,
    /// Where guests run that keep a processor busy, at a lower priority.
    Busy,
}

/// The threads that run guests, in two lanes: so many guests spin, so much else still finds a thread at once.
#[derive(Debug)]
pub(crate) struct Threads {
    runtimes: Vec<Runtime>,
    lanes: Lanes,
}

/// Starts work on the threads.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    brisk: Handle,
    busy: Handle,
    /// How many guests compute at this moment on threads for those that keep a processor busy.
    computing: Arc<AtomicUsize>,
}

/// Opens what threads need that wait for sockets, in a process that can open nothing later.
///
/// # Errors
/// When the system refuses.
pub(crate) fn prepare() -> io::Result<()> {
    // The first runtime that polls makes what all of them share, and nothing ends that.
    Builder::new_current_thread().enable_all().build().map(drop)
}

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub(crate) fn start(settings: &EngineSettings) -> io::Result<Self> {
        // A cell hears there what it is told.
        let brisk = runtime(settings, "isolet-guest").on_thread_start(take_short_slices).enable_io().build()?;
        let niceness = settings.busy_niceness;
        let busy = runtime(settings, "isolet-busy").on_thread_start(move || lower_priority(niceness)).build()?;
        let lanes = Lanes { brisk: brisk.handle().clone(), busy: busy.handle().clone(), computing: Arc::default() };
        Ok(Self { runtimes: vec![brisk, busy], lanes })
    }

    /// The way to them.
    pub(crate) fn lanes(&self) -> Lanes {
        self.lanes.clone()
    }
}

impl Drop for Threads {
    /// Does not wait for guests, so that it can be dropped anywhere.
    fn drop(&mut self) {
        self.runtimes.drain(..).for_each(Runtime::shutdown_background);
    }
}

impl Lanes {
    /// The threads of a lane.
    pub(crate) fn handle(&self, lane: Lane) -> &Handle {
        match lane {
            Lane::Brisk => &self.brisk,
            Lane::Busy => &self.busy,
        }
    }

    /// Lets a guest of a lane compute, on this thread.
    pub(crate) fn compute<T>(&self, lane: Lane, guest: impl FnOnce() -> T) -> T {
        if lane == Lane::Brisk {
            return guest();
        }
        self.computing.fetch_add(1, Ordering::Relaxed);
        let left = guest();
        self.computing.fetch_sub(1, Ordering::Relaxed);
        left
    }

    /// Whether a guest computes at this moment that keeps a processor busy.
    pub(crate) fn computes(&self) -> bool {
        self.computing.load(Ordering::Relaxed) != 0
    }
}

/// Processor time after which a thread of guests that keep a processor busy makes way again, in nanoseconds. Who makes
/// way forgoes something of its share: were it once for each time that passes, and not for each that is used, those with
/// little of a processor would forgo most.
const USED: u64 = 500_000;

/// Lets what waits for this thread's processor go first, if this is a thread for guests that keep one busy and it has
/// used it for long enough: so many nanoseconds in all.
pub(crate) fn make_way(used: u64) {
    let Some(last) = MADE_WAY.get() else { return };
    if USED <= used.saturating_sub(last) {
        MADE_WAY.set(Some(used));
        std::thread::yield_now();
    }
}

fn runtime(settings: &EngineSettings, name: &str) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(settings.guest_threads.max(1))
        .thread_name(name)
        // One poll of a guest may last a tick: timers are looked at between any two, and guests that come new take
        // turns with those that are here.
        .event_interval(1)
        .global_queue_interval(2)
        .on_thread_park(cpu::on_sleeping)
        .enable_time();
    builder
}

fn lower_priority(niceness: i32) {
    // For this thread only, beyond what it was born with: a cell may be nice as a whole. Not worth failing for.
    let _ = rustix::process::nice(niceness);
    take_long_slices();
    MADE_WAY.set(Some(0));
}
