//! What an attempt takes in a cell, and what it notices of guests that spin.

use std::time::{Duration, Instant};

use activity::{Command, KillReason};

use super::room::{Loader, Room};
use crate::{
    kill_latency::bystanders,
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, median, ratio, short},
    sandboxes::{self, GREET, GREET_PYTHON, Guest, SPIN, Sandboxes, Workload},
    settings::Settings,
};

/// Guests that spin.
const HOGS: usize = 4;
/// Attempts before those that count.
const WARM_UP: usize = 20;
/// What a cell may add to the median, in µs.
const MOST_ADDED: f64 = 60.0;

/// Measures both.
///
/// # Errors
/// When a guest can't be run.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let loader = Loader::new(settings)?;
    added(settings, &loader, section).await?;
    beside_spinning_guests(settings, &loader, section).await
}

/// One attempt after the other, on both sides in turns.
async fn added(settings: &Settings, loader: &Loader, section: &mut Section) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        "attempts one after the other",
        "in this process p50",
        "p99",
        "in a cell p50",
        "p99",
        "added to p50",
    ]);
    for (language, workload, most) in [("Rust", GREET, Some(MOST_ADDED)), ("Python", GREET_PYTHON, None)] {
        let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        let sandboxes = Sandboxes::open(settings, engine, workload.component).await?;
        let room = loader.room(workload.component, loader.guest_threads()).await?;
        let mut sides = [Samples::new()?, Samples::new()?];
        let mut differences = Vec::new();
        for round in 0..=settings.sizes.burst_rounds {
            let mut medians = [0.0; 2];
            for ((guest, all), median) in [sandboxes.guest(), &room.guest].into_iter().zip(&mut sides).zip(&mut medians)
            {
                let samples = attempts(guest, &workload, settings.sizes.cell_attempts).await?;
                *median = samples.p50().as_secs_f64() * 1e6;
                if round != 0 {
                    all.append(&samples)?;
                }
            }
            if round != 0 {
                differences.push(medians[1] - medians[0]);
            }
        }
        let added = median(differences);
        progress::say(format!("  {language}: {added:.0} µs more in a cell"));
        let [here, there] = &sides;
        let figures = [here.p50(), here.p99(), there.p50(), there.p99()].map(short);
        table.row([&[language.to_owned()], figures.as_slice(), &[format!("{added:.1} µs")]].concat());
        if let Some(most) = most {
            section.target(
                &format!("p50 of an attempt in {language}, more in a cell"),
                Limit::AtMost(most, " µs"),
                added,
            );
        }
    }
    section.method.push(format!(
        "At the port that the worker starts attempts by, `{}`, {} attempts of each side in turns, {} rounds; what is added is the \
         median over the rounds.",
        GREET.activity, settings.sizes.cell_attempts, settings.sizes.burst_rounds
    ));
    section.tables.push(table);
    Ok(())
}

async fn attempts(guest: &Guest, workload: &Workload, count: usize) -> anyhow::Result<Samples> {
    let mut samples = Samples::new()?;
    for _ in 0..count {
        let started = Instant::now();
        guest.run(workload).await?;
        samples.add(started.elapsed());
    }
    Ok(samples)
}

/// A well-behaved activity while others spin in its cell, or in another.
async fn beside_spinning_guests(settings: &Settings, loader: &Loader, section: &mut Section) -> anyhow::Result<()> {
    let threads = loader.guest_threads();
    let (good, evil) = (loader.room(GREET.component, threads).await?, loader.room(GREET.component, threads).await?);
    for room in [&good, &evil] {
        attempts(&room.guest, &GREET, WARM_UP).await?;
    }
    let mut table = Table::new(&[GREET.activity, "count", "p50", "p99", "max"]);
    let mut row = |name: String, samples: &Samples| {
        let figures = [samples.p50(), samples.p99(), samples.max()].map(short);
        table.row([[name, samples.count().to_string()].as_slice(), &figures].concat());
    };
    let unloaded = bystanders(&good.guest, settings.sizes.bystanders).await?;
    row("unloaded".to_owned(), &unloaded);
    for (whose, room) in [("its own tenant", &good), ("another tenant", &evil)] {
        let samples = beside(room, &good, settings.sizes.bystanders).await?;
        progress::say(format!("  p99 {}, beside guests of {whose} {}", short(unloaded.p99()), short(samples.p99())));
        row(format!("beside {HOGS} spinning guests of {whose}"), &samples);
        let slowdown = ratio(samples.p99().as_secs_f64(), unloaded.p99().as_secs_f64());
        section.target(
            &format!("p99 beside {HOGS} spinning guests of {whose}, against unloaded"),
            Limit::AtMost(3.0, " ×"),
            slowdown,
        );
    }
    section.tables.push(table);
    Ok(())
}

async fn beside(hogs: &Room, good: &Room, count: usize) -> anyhow::Result<Samples> {
    let spinning: Vec<_> = (0..HOGS).map(|_| hogs.guest.start(&SPIN, None)).collect();
    // Until it is known that they spin.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let samples = bystanders(&good.guest, count).await;
    for mut hog in spinning {
        hog.send(Command::Kill(KillReason::Cancelled));
        sandboxes::ended(&mut hog).await;
    }
    samples
}
