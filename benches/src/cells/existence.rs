//! What it takes to start a cell, and to have one.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use super::room::{Loader, Room};
use crate::{
    processes::Memory,
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, short},
    sandboxes::{GREET, GREET_PYTHON, GREET_TYPESCRIPT, Workload},
    settings::Settings,
};

/// How long the first outcome may take, in ms.
const LONGEST_START: f64 = 50.0;
/// How long a killed cell may take at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// What an idle cell may have for itself, in MiB.
const MOST_MEMORY: f64 = 6.0;
/// How long after it was killed a cell may take to serve again, in ms.
const LONGEST_RETURN: f64 = 200.0;
/// Attempts before a cell's memory is looked at.
const ATTEMPTS: usize = 20;

/// Starts cells, one after the other, from a warm store.
///
/// # Errors
/// When one does not start.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let loader = Loader::new(settings)?;
    let header = ["a cell with", "cells", "first outcome p50", "max", "again after a kill p50", "max"];
    let header = [header.as_slice(), &["private memory when idle", "resident"]].concat();
    let mut table = Table::new(&header);
    for (language, workload) in [("Rust", GREET), ("Python", GREET_PYTHON), ("TypeScript", GREET_TYPESCRIPT)] {
        let Found { first, again, memory } = find(&loader, &workload, settings.sizes.cell_starts).await?;
        progress::say(format!(
            "  {language}: first outcome {}, {:.1} MiB",
            short(first.p50()),
            mebibytes(memory.private)
        ));
        table.row(vec![
            language.to_owned(),
            first.count().to_string(),
            short(first.p50()),
            short(first.max()),
            short(again.p50()),
            short(again.max()),
            format!("{:.1} MiB", mebibytes(memory.private)),
            format!("{:.1} MiB", mebibytes(memory.resident)),
        ]);
        if workload.component == GREET.component {
            let milliseconds = first.p50().as_secs_f64() * 1e3;
            section.target(
                "start of a cell until its first outcome, Rust, p50",
                Limit::AtMost(LONGEST_START, " ms"),
                milliseconds,
            );
            let milliseconds = again.p50().as_secs_f64() * 1e3;
            section.target(
                "a killed cell until its next outcome, Rust, p50",
                Limit::AtMost(LONGEST_RETURN, " ms"),
                milliseconds,
            );
            section.target(
                "private memory of an idle cell, Rust",
                Limit::AtMost(MOST_MEMORY, " MiB"),
                mebibytes(memory.private),
            );
        }
    }
    section.method.push(format!(
        "A cell starts with its first attempt, with the component compiled before; its memory is that after {ATTEMPTS} attempts, \
         from smaps_rollup: private is what is no page of a file."
    ));
    section.tables.push(table);
    Ok(())
}

/// What starting cells came to.
struct Found {
    first: Samples,
    again: Samples,
    memory: Memory,
}

/// Starts so many cells with the guest of this activity, one after the other.
async fn find(loader: &Loader, workload: &Workload, cells: usize) -> anyhow::Result<Found> {
    let (mut first, mut again, mut memory) = (Samples::new()?, Samples::new()?, Memory::default());
    // The first one leaves what the store keeps of a component.
    for number in 0..=cells {
        let room = loader.room(workload.component, loader.guest_threads()).await?;
        let started = Instant::now();
        room.guest.run(workload).await?;
        let elapsed = started.elapsed();
        if number != 0 {
            first.add(elapsed);
            again.add(return_of(&room, workload).await?);
        }
        if number == cells {
            for _ in 0..ATTEMPTS {
                room.guest.run(workload).await?;
            }
            memory = Memory::of(&room.process()?.to_string())?;
        }
    }
    Ok(Found { first, again, memory })
}

/// How long after its process was killed a cell has run an attempt.
async fn return_of(room: &Room, workload: &Workload) -> anyhow::Result<Duration> {
    let process = i32::try_from(room.process()?).ok().and_then(Pid::from_raw).context("no process")?;
    let killed = Instant::now();
    kill_process(process, Signal::KILL)?;
    // Attempts are lost until the death is known, as the worker's are, which are tried again.
    while room.guest.run(workload).await.is_err() {
        anyhow::ensure!(killed.elapsed() < PATIENCE, "a killed cell did not serve again in {PATIENCE:?}");
    }
    Ok(killed.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "memory of a process is far below what loses precision")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
