//! (b) Whole workers on the same tasks: a native Rust worker on sdk-core, the official Python and TypeScript workers, and
//! Isolet with a Rust guest and with components in Python and in TypeScript.
//!
//! All run at once, each on a task queue of its own, and get bursts of tasks in turns; those whose turn it is
//! not wait in a poll and cost nothing. First the server is out of the way: a [`frontend`] in this process hands out
//! the same task as fast as it is asked. Then a real server serves activities that a client starts.
//!
//! # Layout
//! - [`frontend`]: the server out of the way.
//! - [`dev_server`], [`load`]: the real one, and its client.
//! - [`native_worker`], [`python`], [`typescript`], [`workers`]: what is compared.
//! - [`tally`]: the figures of each worker, and the table.

pub(crate) mod dev_server;
pub(crate) mod frontend;
pub(crate) mod load;
pub(crate) mod native_worker;
mod python;
pub(crate) mod tally;
mod typescript;
mod workers;

pub(crate) use self::{frontend::Burst, workers::isolet};

use std::time::Duration;

use anyhow::Context as _;

use self::{
    dev_server::DevServer,
    frontend::{Frontend, Replay},
    python::Python,
    tally::{Share, Tallies},
    typescript::Typescript,
    workers::Kind,
};
use crate::{
    processes::Running,
    progress,
    report::{Limit, Section},
    sandboxes::GREET,
    settings::Settings,
};

/// Activities that each worker runs at once.
pub(crate) const SLOTS: usize = 100;
/// Polls that each worker keeps open.
pub(crate) const POLLERS: usize = 5;
/// The namespace of all tasks.
pub(crate) const NAMESPACE: &str = "default";
/// Activities that the load client keeps going at once.
const AT_ONCE: u32 = 50;
/// How long a worker may take to ask for its first task, and a burst to be done.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the official workers run with.
#[derive(Debug)]
pub(crate) struct Controls {
    python: Python,
    typescript: Typescript,
}

/// The same language on both sides: ours, and theirs.
const SAME_LANGUAGE: [(&str, Kind, Kind); 2] =
    [("Python", Kind::IsoletPython, Kind::Python), ("TypeScript", Kind::IsoletTypescript, Kind::Typescript)];

/// Measures both servers.
///
/// # Errors
/// When a server or worker does not run, or an activity ends with anything but its result.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let controls = Controls { python: Python::ensure(settings)?, typescript: Typescript::find(settings)? };
    section.versions.push(("Python".to_owned(), controls.python.version()));
    section.versions.push(("temporalio (Python)".to_owned(), python::SDK_VERSION.to_owned()));
    section.versions.extend(controls.typescript.versions()?);
    section.method.push(format!(
        "The activity `{}` decodes a JSON string and encodes another. Each worker has {SLOTS} slots and {POLLERS} \
         pollers; bursts go to the workers in turns, {} rounds. Isolet runs it as a Rust guest, \
         and as the same Python and TypeScript that the official workers run. No worker logs a line for each activity. CPU is \
         user and system time of the worker's process. \
         The server and the load client run on the same cores, so the rates are of a machine shared with them.",
        GREET.activity, settings.sizes.burst_rounds
    ));
    replayed(settings, &controls, section).await.context("against the replaying server")?;
    real(settings, &controls, section).await.context("against the real server")
}

/// (b1) The server out of the way.
async fn replayed(settings: &Settings, controls: &Controls, section: &mut Section) -> anyhow::Result<()> {
    let replay = Replay::new(NAMESPACE, GREET.activity, load::argument(), GREET.result.as_bytes().to_vec());
    let frontend = Frontend::start(replay).await?;
    let mut workers = Vec::new();
    for kind in Kind::ALL {
        let worker = kind.start(&frontend.address(), controls, settings)?;
        patiently(kind.name(), frontend.replay.polled(kind.queue())).await?;
        workers.push((kind, worker));
    }
    let mut tallies = Tallies::new()?;
    for round in 0..=settings.sizes.burst_rounds {
        for (kind, worker) in &mut workers {
            let size = settings.sizes.replayed_tasks;
            worker.ensure_running()?;
            let before = worker.cpu_time()?;
            let burst = patiently(kind.name(), frontend.replay.burst(kind.queue(), size)).await??;
            let share = Share { elapsed: burst.elapsed, cpu: worker.cpu_time()?.saturating_sub(before) };
            note(&mut tallies, round, *kind, &burst.latencies, share)?;
        }
        // Nobody always comes first, or last.
        workers.rotate_left(1);
    }
    section.method.push(format!(
        "**Server out of the way** (latency: from handing a task out to its completion, at the server; bursts of {} \
         tasks with all slots busy):",
        settings.sizes.replayed_tasks
    ));
    section.tables.push(tallies.table("replaying server"));
    same_language("replaying server", [1.3, 1.0], &tallies, section);
    section.target(
        "rate against the native worker",
        Limit::AtLeast(0.9, " ×"),
        tallies.rate(Kind::Isolet, Kind::Native),
    );
    section.target(
        "CPU per activity against the native worker",
        Limit::AtMost(1.3, " ×"),
        tallies.cpu(Kind::Isolet, Kind::Native),
    );
    section.target(
        "rate against the Python worker",
        Limit::AtLeast(3.0, " ×"),
        tallies.rate(Kind::Isolet, Kind::Python),
    );
    let saving = crate::samples::ratio(1.0, tallies.cpu(Kind::Isolet, Kind::Python));
    section.target("CPU per activity, Python worker against Isolet", Limit::AtLeast(3.0, " ×"), saving);
    Ok(())
}

/// (b2) Temporal's development server.
async fn real(settings: &Settings, controls: &Controls, section: &mut Section) -> anyhow::Result<()> {
    let server = DevServer::start(settings).await?;
    section.versions.push(("Temporal CLI".to_owned(), server.version.clone()));
    let mut workers: Vec<(Kind, Running)> = Vec::new();
    for kind in Kind::ALL {
        workers.push((kind, kind.start(&server.address, controls, settings)?));
    }
    let mut tallies = Tallies::new()?;
    let server_before = server.cpu_time()?;
    for round in 0..=settings.sizes.burst_rounds {
        for (kind, worker) in &mut workers {
            // The first round only warms up, and waits until the worker polls.
            let count = if round == 0 { AT_ONCE } else { settings.sizes.real_activities };
            worker.ensure_running()?;
            let before = worker.cpu_time()?;
            let served = patiently(kind.name(), load::serve(&server.service, kind.queue(), count, AT_ONCE)).await??;
            let share = Share { elapsed: served.elapsed, cpu: worker.cpu_time()?.saturating_sub(before) };
            note(&mut tallies, round, *kind, &served.latencies, share)?;
        }
        // The server slows down as its database grows, so the first of a round has an advantage.
        workers.rotate_left(1);
    }
    section.tables.push(tallies.table("Temporal's dev server"));
    same_language("real server", [1.2, 1.0], &tallies, section);
    section.notes.push(format!(
        "On the real server {AT_ONCE} standalone activities are in flight at once and latency runs from the start \
         request to the result at the client. The server itself used {:.1} s of CPU meanwhile, so it sets the pace.",
        server.cpu_time()?.saturating_sub(server_before).as_secs_f64()
    ));
    let slower =
        [Kind::Native, Kind::Python].map(|kind| tallies.rate(Kind::Isolet, kind)).into_iter().fold(f64::MAX, f64::min);
    section.target(
        "real server: rate against the faster of both, 3 % left for noise",
        Limit::AtLeast(0.97, " ×"),
        slower,
    );
    Ok(())
}

/// The same code on both sides: what a sandbox of its own costs an attempt, of which `most` is wanted as a multiple of
/// their processor time, language by language.
fn same_language(server: &str, most: [f64; 2], tallies: &Tallies, section: &mut Section) {
    for ((language, ours, theirs), most) in SAME_LANGUAGE.into_iter().zip(most) {
        let (rate, cpu) = (tallies.rate(ours, theirs), tallies.cpu(ours, theirs));
        let what = format!("{server}: {language} against the official {language} worker");
        section.target(&format!("{what}, rate"), Limit::AtLeast(1.0, " ×"), rate);
        section.target(&format!("{what}, CPU per activity"), Limit::AtMost(most, " ×"), cpu);
    }
}

/// Adds a burst to the tallies; the one before the first round only warms up.
fn note(
    tallies: &mut Tallies,
    round: usize,
    kind: Kind,
    latencies: &crate::samples::Samples,
    share: Share,
) -> anyhow::Result<()> {
    let (rate, cost) = (share.rate(latencies.count()), share.cost(latencies.count()));
    progress::say(format!("  round {round}: {}: {rate:.0} activities/s, {cost:.0} µs of CPU each", kind.name()));
    if round == 0 { Ok(()) } else { tallies.add(kind, latencies, share) }
}

/// Waits for work of the worker called `name`, as long as it may take.
///
/// # Errors
/// When it takes longer.
pub(crate) async fn patiently<T>(name: &str, work: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .with_context(|| format!("{name} was not done after {} s", PATIENCE.as_secs()))
}
