//! (c) How long after its deadline, or after the command, a guest is stopped while other guests spin on every core; and
//! what an activity that does no harm notices of them.

use std::time::{Duration, Instant};

use activity::{Attempt, Command, End, KillReason};
use anyhow::Context as _;
use tokio::time::MissedTickBehavior;

use crate::{
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, ratio, short},
    sandboxes::{self, GREET, Guest, PARK, SPIN, Sandboxes, Workload},
    settings::Settings,
};

/// Spinning guests for each core.
const HOGS_PER_CORE: usize = 2;
/// How long a guest lives until its deadline or the command.
const LIFE: Duration = Duration::from_millis(50);
/// A guest that still runs so long after its time counts as missed.
const MISSED: Duration = Duration::from_secs(5);
/// The pause between two well-behaved activities.
const PAUSE: Duration = Duration::from_millis(5);

/// Measures both.
///
/// # Errors
/// When the engine can't run the guests.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
    let sandboxes = Sandboxes::open(settings, engine, GREET.component).await?;
    let hogs = HOGS_PER_CORE * sandboxes.guest_threads();
    section.method.push(format!(
        "{} guest threads on as many cores, a tick of {}, {hogs} guests that spin for ever. Guests of each kind get \
         {LIFE:?} each, one after the other; the lateness runs from the moment when they should be stopped to the \
         moment when the worker's side hears of the end. Meanwhile `{}` runs every {PAUSE:?}.",
        sandboxes.guest_threads(),
        short(sandboxes.tick()),
        GREET.activity
    ));
    progress::say("  unloaded");
    let unloaded = bystanders(sandboxes.guest(), settings.sizes.bystanders).await?;
    let spinning: Vec<Attempt> = (0..hogs).map(|_| sandboxes.start(&SPIN, None)).collect();
    let loaded = under_load(&sandboxes, settings, section).await;
    for hog in spinning {
        hog.send(Command::Kill(KillReason::Cancelled));
        ended_within(hog, MISSED).await.context("a spinning guest was never stopped")?;
    }
    compare_bystanders(section, &unloaded, &loaded?);
    Ok(())
}

/// Kills guests of each kind, and returns what the well-behaved activities took meanwhile.
async fn under_load(sandboxes: &Sandboxes, settings: &Settings, section: &mut Section) -> anyhow::Result<Samples> {
    let mut table = Table::new(&["guest", "stopped by", "killed", "missed", "p50", "p99", "max", "p99 in ticks"]);
    let mut all_missed = 0;
    let kills = async {
        for (name, workload) in [("spinning", SPIN), ("parked in a host call", PARK)] {
            for by in [By::Deadline, By::Command] {
                progress::say(format!("  {name}, {}", by.name()));
                let Lateness { samples, missed } = kill_many(sandboxes, &workload, by, settings.sizes.kills).await?;
                let ticks = ratio(samples.p99().as_secs_f64(), sandboxes.tick().as_secs_f64());
                section.target(
                    &format!("p99 of stopping a guest that is {name}, by {}", by.name()),
                    Limit::AtMost(2.0, " ticks"),
                    ticks,
                );
                let figures = [samples.p50(), samples.p99(), samples.max()].map(short);
                let counts = [samples.count().to_string(), missed.to_string()];
                let names = [name.to_owned(), by.name().to_owned()];
                table.row([names.as_slice(), &counts, &figures, &[format!("{ticks:.2}")]].concat());
                all_missed += missed;
            }
        }
        anyhow::Ok(())
    };
    let mut latencies = Samples::new()?;
    let kills = async {
        tokio::select! {
            done = kills => done,
            failed = bystand(sandboxes.guest(), &mut latencies) => failed,
        }
    };
    kills.await?;
    section.tables.push(table);
    section.target("guests that were not stopped", Limit::AtMost(0.0, ""), f64::from(all_missed));
    Ok(latencies)
}

fn compare_bystanders(section: &mut Section, unloaded: &Samples, loaded: &Samples) {
    let mut table = Table::new(&[GREET.activity, "count", "p50", "p99", "max"]);
    for (name, samples) in [("unloaded", unloaded), ("beside the spinning guests", loaded)] {
        let figures = [samples.p50(), samples.p99(), samples.max()].map(short);
        table.row([[name.to_owned(), samples.count().to_string()].as_slice(), &figures].concat());
    }
    section.tables.push(table);
    let slowdown = ratio(loaded.p99().as_secs_f64(), unloaded.p99().as_secs_f64());
    section.target("p99 of a well-behaved activity against its unloaded one", Limit::AtMost(3.0, " ×"), slowdown);
}

/// What stops a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The engine itself, when the attempt's time is up.
    Deadline,
    /// The worker.
    Command,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Command => "command",
        }
    }
}

struct Lateness {
    samples: Samples,
    missed: u32,
}

async fn kill_many(sandboxes: &Sandboxes, workload: &Workload, by: By, count: usize) -> anyhow::Result<Lateness> {
    let mut lateness = Lateness { samples: Samples::new()?, missed: 0 };
    for round in 0..count {
        // A life that differs each time meets every phase of the tick.
        let phase = u32::try_from(round % 10)?;
        let life = LIFE + sandboxes.tick() * phase / 10;
        match kill_one(sandboxes, workload, by, life).await? {
            Some(late) => lateness.samples.add(late),
            None => lateness.missed += 1,
        }
    }
    Ok(lateness)
}

/// How late a guest was stopped; `None` if it was not.
async fn kill_one(
    sandboxes: &Sandboxes,
    workload: &Workload,
    by: By,
    life: Duration,
) -> anyhow::Result<Option<Duration>> {
    let started = Instant::now();
    let attempt = sandboxes.start(workload, (by == By::Deadline).then_some(life));
    let mut due = started + life;
    if by == By::Command {
        tokio::time::sleep(life).await;
        due = Instant::now();
        attempt.send(Command::Kill(KillReason::Cancelled));
    }
    let Some(end) = ended_within(attempt, life + MISSED).await else { return Ok(None) };
    let late = Instant::now().saturating_duration_since(due);
    anyhow::ensure!(
        matches!(end, End::Killed(_)),
        "`{}` ended with {end:?} instead of being killed",
        workload.activity
    );
    Ok(Some(late))
}

async fn ended_within(mut attempt: Attempt, patience: Duration) -> Option<End> {
    tokio::time::timeout(patience, sandboxes::ended(&mut attempt)).await.ok().map(|ending| ending.end)
}

/// `count` well-behaved activities, one after the other.
///
/// # Errors
/// When one has no result.
pub(crate) async fn bystanders(guest: &Guest, count: usize) -> anyhow::Result<Samples> {
    let mut latencies = Samples::new()?;
    while latencies.count() < u64::try_from(count)? {
        bystand_once(guest, &mut latencies).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(latencies)
}

/// Well-behaved activities until it is dropped, or one fails.
async fn bystand(guest: &Guest, latencies: &mut Samples) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(PAUSE);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        bystand_once(guest, latencies).await?;
    }
}

async fn bystand_once(guest: &Guest, latencies: &mut Samples) -> anyhow::Result<()> {
    let started = Instant::now();
    guest.run(&GREET).await?;
    latencies.add(started.elapsed());
    Ok(())
}
