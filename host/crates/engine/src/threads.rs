//! The threads that run guests.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::{EngineSettings, busy::BusyThreads, cpu, slice::take_short_slices};

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
    busy_threads: BusyThreads,
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
        let (busy_threads, niceness) = (BusyThreads::new(settings.guest_threads.max(1)), settings.busy_niceness);
        let threads = busy_threads.clone();
        let busy = runtime(settings, "isolet-busy").on_thread_start(move || threads.enter(niceness)).build()?;
        let lanes = Lanes { brisk: brisk.handle().clone(), busy: busy.handle().clone(), busy_threads };
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
        match lane {
            Lane::Brisk => guest(),
            Lane::Busy => self.busy_threads.compute(guest),
        }
    }

    /// Whether a guest computes at this moment that keeps a processor busy.
    pub(crate) fn computes(&self) -> bool {
        self.busy_threads.computes()
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
