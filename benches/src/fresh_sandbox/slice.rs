//! Attempts for a while, one after the other on each of some threads.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_setaffinity};
use tokio::runtime::{Builder, Runtime};

use crate::{
    machine,
    samples::{Samples, ratio},
};

/// Attempts of each thread before the measure begins: pages and caches are warm, as in a worker that has run a while.
const WARM_UP: usize = 50;

/// What runs attempts.
pub(super) trait Side: Sync {
    /// Runs one attempt to its end and checks its result.
    ///
    /// # Errors
    /// When it has another result.
    fn attempt(&self) -> impl Future<Output = anyhow::Result<()>>;
}

/// What the threads did.
#[derive(Debug)]
pub(super) struct Slice {
    /// Of each attempt.
    pub(super) latencies: Samples,
    /// From the start to the end of the longest thread.
    wall: Duration,
    /// Of all threads.
    cpu: Duration,
}

impl Slice {
    /// Attempts per second of all threads together.
    pub(super) fn rate(&self) -> f64 {
        ratio(self.count(), self.wall.as_secs_f64())
    }

    /// Processor time, in µs.
    pub(super) fn cpu_per_attempt(&self) -> f64 {
        ratio(self.cpu.as_secs_f64() * 1e6, self.count())
    }

    fn count(&self) -> f64 {
        u32::try_from(self.latencies.count()).map_or(f64::MAX, f64::from)
    }
}

/// Runs attempts of `side` on `threads` threads for `length`.
///
/// # Errors
/// When an attempt fails.
pub(super) fn run(side: &impl Side, threads: usize, length: Duration) -> anyhow::Result<Slice> {
    let parts = on_cores(threads, |runtime, start| on_one_thread(side, runtime, start, length))?;
    let mut all = Slice { latencies: Samples::new()?, wall: Duration::ZERO, cpu: Duration::ZERO };
    for part in parts {
        all.latencies.append(&part.latencies)?;
        all.wall = all.wall.max(part.wall);
        all.cpu += part.cpu;
    }
    Ok(all)
}

/// Does `work` on so many threads at once, each on a core of its own with a runtime of its own. All wait at the barrier,
/// whatever happens before, or the others would wait for ever.
///
/// # Errors
/// The first thread's that fails.
pub(super) fn on_cores<T: Send>(
    cores: usize,
    work: impl Fn(&Runtime, &Barrier) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let start = Barrier::new(cores);
    let on_core = &|core| {
        pin(core);
        let runtime = Builder::new_current_thread().enable_all().build().context("no runtime")?;
        work(&runtime, &start)
    };
    thread::scope(|scope| {
        let spawned: Vec<_> = (0..cores).map(|core| scope.spawn(move || on_core(core))).collect();
        spawned
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow::anyhow!("a measuring thread panicked"))?)
            .collect()
    })
}

fn on_one_thread(side: &impl Side, runtime: &Runtime, start: &Barrier, length: Duration) -> anyhow::Result<Slice> {
    let warmed_up = runtime.block_on(async {
        for _ in 0..WARM_UP {
            side.attempt().await?;
        }
        anyhow::Ok(())
    });
    start.wait();
    warmed_up?;
    let mut latencies = Samples::new()?;
    let (started, cpu_before) = (Instant::now(), machine::thread_cpu_time());
    runtime.block_on(async {
        let mut before = started;
        while before.saturating_duration_since(started) < length {
            side.attempt().await?;
            let after = Instant::now();
            latencies.add(after.saturating_duration_since(before));
            before = after;
        }
        anyhow::Ok(())
    })?;
    Ok(Slice { latencies, wall: started.elapsed(), cpu: machine::thread_cpu_time().saturating_sub(cpu_before) })
}

/// Keeps this thread on a core, where the machine has so many.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    // A container may forbid it; the figures are then of threads that move.
    let _ = sched_setaffinity(None, &cores);
}
