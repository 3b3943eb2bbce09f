//! (d) What a live instance holds while its guest is parked in a host call: a process of its own starts that many, and
//! its resident memory before and after is compared. Then it asks for one more than there is room for.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use activity::{Attempt, End};
use anyhow::Context as _;
use clap::Args;
use engine::EngineSettings;
use serde::{Deserialize, Serialize};

use crate::{
    machine,
    processes::Running,
    progress,
    report::{Limit, Section, Table},
    samples::ratio,
    sandboxes::{self, GREET, PARK, Sandboxes},
    settings::{Options, Settings},
};

/// How long a process may take for all of it.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the process must have used no processor time to count as settled.
const SETTLED: Duration = Duration::from_millis(500);

/// What the process is asked for.
#[derive(Args, Debug)]
pub(crate) struct IdleInstances {
    /// How many.
    #[arg(long)]
    count: u32,
    #[command(flatten)]
    options: Options,
}

/// What the process found.
#[derive(Debug, Deserialize, Serialize)]
struct Found {
    /// Slots of the pool: what was asked for, or what the machine allows.
    slots: u32,
    /// Guests that are alive and parked.
    alive: u32,
    /// Resident bytes before the first and with all of them.
    before: u64,
    after: u64,
    /// Memory mappings with all of them.
    mappings: usize,
    /// How one more ended, and one after another was killed.
    refusal: String,
    refused_cleanly: bool,
    recovered: bool,
}

/// Measures in one process for each number of instances.
///
/// # Errors
/// When a process fails.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    section.method.push(format!(
        "Guests parked in `{}`, in a process of their own; resident memory from /proc/self/smaps_rollup, once the \
         process is at rest. A pool of as many slots, or of as many as fit `vm.max_map_count`.",
        PARK.activity
    ));
    let header = ["asked for", "slots", "alive", "resident before", "with all", "per instance", "mappings"];
    let mut table = Table::new(&header);
    for wanted in settings.sizes.idle_instances {
        progress::say(format!("  {wanted} instances"));
        let found = in_a_process(wanted, settings).await?;
        let each = ratio(kibibytes(found.after.saturating_sub(found.before)), f64::from(found.alive));
        table.row(vec![
            wanted.to_string(),
            found.slots.to_string(),
            found.alive.to_string(),
            format!("{:.1} MiB", kibibytes(found.before) / 1024.0),
            format!("{:.1} MiB", kibibytes(found.after) / 1024.0),
            format!("{each:.1} KiB"),
            found.mappings.to_string(),
        ]);
        section.target(&format!("resident per idle instance, {wanted} asked for"), Limit::AtMost(100.0, " KiB"), each);
        section.target_met(
            &format!("{wanted} instances alive at once"),
            found.alive.to_string(),
            found.alive >= wanted,
        );
        let edge = found.refused_cleanly && found.recovered;
        section.target_met(&format!("clear refusal at {}, and recovery", found.slots), found.refusal, edge);
    }
    section.tables.push(table);
    Ok(())
}

async fn in_a_process(count: u32, settings: &Settings) -> anyhow::Result<Found> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["idle-instances", "--count", &count.to_string(), "--guests"]).arg(&settings.guests);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start("the process of idle instances", &mut command)?;
    let output = running.child().stdout.take().context("it has no standard output")?;
    let answer = tokio::task::spawn_blocking(move || std::io::read_to_string(output));
    let answer = tokio::time::timeout(PATIENCE, answer)
        .await
        .with_context(|| format!("{count} idle instances were not there after {} s", PATIENCE.as_secs()))???;
    serde_json::from_str(&answer).context("the process of idle instances ended without an answer")
}

/// The process: answers on standard output.
///
/// # Errors
/// When the engine can't be set up.
#[expect(clippy::print_stdout, reason = "the answer to the process that started this one")]
pub(crate) async fn serve(asked: IdleInstances) -> anyhow::Result<()> {
    let settings = Settings::validated(asked.options)?;
    // The guest has one memory; room for more would leave the system fewer mappings for instances.
    let engine = EngineSettings { memories_per_slot: 1, ..sandboxes::engine_settings(&settings, asked.count) };
    let sandboxes = Sandboxes::open(&settings, engine, PARK.component).await?;
    // What the first attempt brings along is not the instance's.
    sandboxes.run(&GREET).await?;
    at_rest().await;
    let before = resident()?;
    let slots = sandboxes.slots();
    let mut parked: Vec<Attempt> = (0..slots.min(asked.count)).map(|_| sandboxes.start(&PARK, None)).collect();
    at_rest().await;
    let after = resident()?;
    let mappings = fs::read_to_string("/proc/self/maps")?.lines().count();
    let mut alive = 0;
    for attempt in &mut parked {
        alive += u32::from(tokio::time::timeout(Duration::ZERO, sandboxes::ended(attempt)).await.is_err());
    }
    let (refusal, refused_cleanly) = one_more(&sandboxes).await;
    parked.pop();
    at_rest().await;
    let recovered = sandboxes.run(&GREET).await.is_ok();
    let found = Found { slots, alive, before, after, mappings, refusal, refused_cleanly, recovered };
    println!("{}", serde_json::to_string(&found)?);
    drop(parked);
    Ok(())
}

/// Asks for one more than there is room for, and tells how that ended.
async fn one_more(sandboxes: &Sandboxes) -> (String, bool) {
    let mut attempt = sandboxes.start(&GREET, Some(Duration::from_secs(2)));
    match sandboxes::ended(&mut attempt).await.end {
        End::Stopped(failure) => (format!("{}: {}", failure.kind, failure.message), true),
        other => (format!("{other:?}"), false),
    }
}

/// Waits until this process does nothing.
async fn at_rest() {
    let mut last = machine::own_cpu_time();
    loop {
        tokio::time::sleep(SETTLED).await;
        let now = machine::own_cpu_time();
        // The engine's ticker and this loop use a little.
        if now.saturating_sub(last) < SETTLED / 50 {
            return;
        }
        last = now;
    }
}

/// Resident bytes of this process.
fn resident() -> anyhow::Result<u64> {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:")).context("smaps_rollup has no Rss")?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "memory of a process is far below what loses precision")]
fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}
