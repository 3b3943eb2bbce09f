//! (d) What a live instance holds while its guest is parked in a host call: a process of its own starts that many, and
//! its resident memory before and after is compared. Then it asks for one more than there is room for.

use std::{
    fmt, fs,
    process::{Command, Stdio},
    time::Duration,
};

use activity::{Attempt, End};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use engine::EngineSettings;
use serde::{Deserialize, Serialize};

use crate::{
    machine,
    processes::{Memory, Running},
    progress,
    report::{Limit, Section, Table},
    samples::ratio,
    sandboxes::{self, GREET, GREET_PYTHON, GREET_TYPESCRIPT, PARK, PARK_PYTHON, PARK_TYPESCRIPT, Sandboxes, Workload},
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
    /// Of which guest.
    #[arg(long)]
    language: Language,
    #[command(flatten)]
    options: Options,
}

/// What the guest is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Python,
    Typescript,
}

impl Language {
    /// Its guest that waits, and the one that returns.
    fn workloads(self) -> (Workload, Workload) {
        match self {
            Self::Rust => (PARK, GREET),
            Self::Python => (PARK_PYTHON, GREET_PYTHON),
            Self::Typescript => (PARK_TYPESCRIPT, GREET_TYPESCRIPT),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Typescript => "TypeScript",
        })
    }
}

/// What the process found.
#[derive(Debug, Deserialize, Serialize)]
struct Found {
    /// Slots of the pool: what was asked for, or what the machine allows.
    slots: u32,
    /// Guests that are alive and parked.
    alive: u32,
    /// Before the first and with all of them.
    before: Memory,
    after: Memory,
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
        "Guests parked in `{}`, in a process of their own; memory from /proc/self/smaps_rollup, once the process is at \
         rest. Private is what is no page of a file, such as the image of a guest's memory in its compiled component, \
         which instances share until they write to it; resident counts such a page once for each instance that has it \
         mapped. A pool of as many slots, or of as many as fit `vm.max_map_count`.",
        PARK.activity
    ));
    let header = ["guest", "asked for", "slots", "alive", "resident before", "with all", "per instance"];
    let mut table = Table::new(&[header.as_slice(), &["private per instance", "mappings"]].concat());
    for wanted in settings.sizes.idle_instances {
        let found = in_a_process(wanted, Language::Rust, settings).await?;
        table.row(row(Language::Rust, wanted, &found));
        let each = found.each(|memory| memory.resident);
        section.target(&format!("resident per idle instance, {wanted} asked for"), Limit::AtMost(100.0, " KiB"), each);
        section.target_met(
            &format!("{wanted} instances alive at once"),
            found.alive.to_string(),
            found.alive >= wanted,
        );
        let edge = found.refused_cleanly && found.recovered;
        section.target_met(&format!("clear refusal at {}, and recovery", found.slots), found.refusal, edge);
    }
    let wanted = settings.sizes.idle_large;
    for (language, most) in [(Language::Python, 2_048.0), (Language::Typescript, 512.0)] {
        let found = in_a_process(wanted, language, settings).await?;
        table.row(row(language, wanted, &found));
        let each = found.each(|memory| memory.private);
        section.target(&format!("private per idle instance of {language}"), Limit::AtMost(most, " KiB"), each);
    }
    section.tables.push(table);
    Ok(())
}

impl Found {
    /// What an instance adds to a figure, in KiB.
    fn each(&self, figure: impl Fn(Memory) -> u64) -> f64 {
        ratio(kibibytes(figure(self.after).saturating_sub(figure(self.before))), f64::from(self.alive))
    }
}

fn row(guest: Language, wanted: u32, found: &Found) -> Vec<String> {
    vec![
        guest.to_string(),
        wanted.to_string(),
        found.slots.to_string(),
        found.alive.to_string(),
        format!("{:.1} MiB", kibibytes(found.before.resident) / 1024.0),
        format!("{:.1} MiB", kibibytes(found.after.resident) / 1024.0),
        format!("{:.1} KiB", found.each(|memory| memory.resident)),
        format!("{:.1} KiB", found.each(|memory| memory.private)),
        found.mappings.to_string(),
    ]
}

async fn in_a_process(count: u32, language: Language, settings: &Settings) -> anyhow::Result<Found> {
    progress::say(format!("  {count} instances of {language}"));
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["idle-instances", "--count", &count.to_string(), "--guests"]).arg(&settings.guests);
    command.args(["--language", &language.to_string().to_lowercase()]);
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
    let (park, greet) = asked.language.workloads();
    let sandboxes = Sandboxes::open(&settings, engine, park.component).await?;
    // What the first attempt brings along is not the instance's.
    sandboxes.run(&greet).await?;
    at_rest().await;
    let before = Memory::of("self")?;
    let slots = sandboxes.slots();
    let mut parked: Vec<Attempt> = (0..slots.min(asked.count)).map(|_| sandboxes.start(&park, None)).collect();
    at_rest().await;
    let after = Memory::of("self")?;
    let mappings = fs::read_to_string("/proc/self/maps")?.lines().count();
    let mut alive = 0;
    for attempt in &mut parked {
        alive += u32::from(tokio::time::timeout(Duration::ZERO, sandboxes::ended(attempt)).await.is_err());
    }
    let (refusal, refused_cleanly) = one_more(&sandboxes, &greet).await;
    parked.pop();
    at_rest().await;
    let recovered = sandboxes.run(&greet).await.is_ok();
    let found = Found { slots, alive, before, after, mappings, refusal, refused_cleanly, recovered };
    println!("{}", serde_json::to_string(&found)?);
    drop(parked);
    Ok(())
}

/// Asks for one more than there is room for, and tells how that ended.
async fn one_more(sandboxes: &Sandboxes, greet: &Workload) -> (String, bool) {
    let mut attempt = sandboxes.start(greet, Some(Duration::from_secs(2)));
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

#[expect(clippy::cast_precision_loss, reason = "memory of a process is far below what loses precision")]
fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}
