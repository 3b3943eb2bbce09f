//! What the worker and its processes hold.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    processes::{Memory, Running},
    samples::median,
};

/// How often it is looked at, at most.
const EVERY: Duration = Duration::from_secs(5);
/// How often at least, in all.
const LEAST: u32 = 30;

/// What is held at some time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    at: Duration,
    pub(super) mebibytes: f64,
    pub(super) descriptors: f64,
    pub(super) threads: f64,
    pub(super) processes: f64,
}

/// Looks for so long.
///
/// # Errors
/// When the worker has ended.
pub(super) async fn watch(worker: &Running, time: Duration) -> anyhow::Result<Vec<Sample>> {
    let begun = Instant::now();
    let mut every = tokio::time::interval(EVERY.min(time / LEAST));
    let mut samples = Vec::new();
    while begun.elapsed() < time {
        every.tick().await;
        samples.push(look(worker, begun.elapsed())?);
    }
    Ok(samples)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn look(worker: &Running, at: Duration) -> anyhow::Result<Sample> {
    let own = Memory::of(&worker.id().to_string())?.resident;
    let mut sample = Sample { at, mebibytes: 0.0, descriptors: 0.0, threads: 0.0, processes: 0.0 };
    let mut resident = own;
    let children: Vec<u32> = worker.children().into_iter().map(|(id, _)| id).collect();
    // One that has just ended holds nothing.
    resident += children.iter().filter_map(|id| Some(Memory::of(&id.to_string()).ok()?.resident)).sum::<u64>();
    let entries = |id: u32, what: &str| fs::read_dir(format!("/proc/{id}/{what}")).map_or(0, Iterator::count) as f64;
    for id in children.iter().copied().chain([worker.id()]) {
        sample.descriptors += entries(id, "fd");
        sample.threads += entries(id, "task");
        sample.processes += 1.0;
    }
    sample.mebibytes = (resident >> 10) as f64 / 1024.0;
    Ok(sample)
}

/// Medians of what was held from then on, for so long.
pub(super) fn typical(samples: &[Sample], from: Duration, time: Duration) -> Sample {
    let part: Vec<_> = samples.iter().filter(|sample| (from..from + time).contains(&sample.at)).collect();
    let of = |figure: fn(&Sample) -> f64| median(part.iter().map(|sample| figure(sample)).collect());
    Sample {
        at: from,
        mebibytes: of(|sample| sample.mebibytes),
        descriptors: of(|sample| sample.descriptors),
        threads: of(|sample| sample.threads),
        processes: of(|sample| sample.processes),
    }
}
