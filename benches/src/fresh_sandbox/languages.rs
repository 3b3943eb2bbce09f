//! The same for guests that bring an engine along: a fresh one per attempt, made from the image of its memory in the
//! component. First alone on this machine's first core, then on two cores at once: what an attempt has of the machine to
//! itself shows in the difference.

use std::{
    sync::Barrier,
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;

use super::slice::on_cores;
use crate::{
    machine, progress,
    report::{Limit, Section, Table},
    samples::{Samples, median, ratio, short},
    sandboxes::{
        self, GREET, GREET_C, GREET_CPP, GREET_GO, GREET_PYTHON, GREET_TYPESCRIPT, SYNC_PYTHON, Sandboxes, Workload,
    },
    settings::Settings,
};

/// Attempts of each activity before the measure begins.
const WARM_UP: usize = 20;

/// What is compared: a name, the attempts, and what p50 of one may come to in milliseconds, alone.
const MEASURED: [(&str, Workload, Option<f64>); 7] = [
    ("Rust", GREET, None),
    ("Python, `async def`", GREET_PYTHON, Some(1.0)),
    ("Python, `def`", SYNC_PYTHON, None),
    ("TypeScript", GREET_TYPESCRIPT, Some(0.6)),
    ("C", GREET_C, Some(0.08)),
    ("C++", GREET_CPP, Some(0.08)),
    ("Go", GREET_GO, Some(1.5)),
];

/// Cores that are busy together.
const CORES: usize = 2;

/// How much longer an attempt may take then.
const BUSY: f64 = 1.3;

/// What attempts at one activity came to.
struct Figures {
    start: Samples,
    call: Samples,
    total: Samples,
    /// Of each attempt: pages that it touched first, and processor time in seconds.
    faults: Vec<f64>,
    cpu: Vec<f64>,
}

/// Measures each activity.
///
/// # Errors
/// When a guest can't be run.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let header = ["a fresh instance of", "attempts", "start p50", "p99", "call and drop p50", "p99"];
    let mut table =
        Table::new(&[header.as_slice(), &["in all p50", "p99", "page faults", "CPU", "two cores"]].concat());
    for (name, workload, target) in MEASURED {
        let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        let sandboxes = Sandboxes::open(settings, engine, workload.component).await?;
        let attempts = settings.sizes.language_attempts;
        let measured = move || {
            anyhow::Ok((run(&sandboxes, &workload, attempts, 1)?, run(&sandboxes, &workload, attempts, CORES)?))
        };
        let (alone, busy) = tokio::task::spawn_blocking(measured).await??;
        let busier = ratio(busy.total.p50().as_secs_f64(), alone.total.p50().as_secs_f64());
        progress::say(format!("  {name}: {}, {busier:.2} × with {CORES} cores busy", short(alone.total.p50())));
        let mut cells = row(name, &alone);
        cells.push(format!("{busier:.2} ×"));
        table.row(cells);
        if let Some(most) = target {
            let milliseconds = alone.total.p50().as_secs_f64() * 1e3;
            section.target(&format!("p50, {name}"), Limit::AtMost(most, " ms"), milliseconds);
            section.target(&format!("p50 with {CORES} cores busy, {name}"), Limit::AtMost(BUSY, " ×"), busier);
        }
    }
    section.method.push(format!(
        "The last table is of one attempt after the other on one thread. Start is what it takes until the guest's code \
         is called; page faults and CPU are medians of what the thread was charged with for an attempt. The last column \
         is p50 of all where {CORES} threads do the same at once, against it."
    ));
    section.tables.push(table);
    Ok(())
}

/// So many attempts on each of so many cores at once.
fn run(sandboxes: &Sandboxes, workload: &Workload, attempts: usize, cores: usize) -> anyhow::Result<Figures> {
    let mut all = Figures::new()?;
    for figures in on_cores(cores, |runtime, start| on_core(sandboxes, workload, attempts, runtime, start))? {
        all.append(figures)?;
    }
    Ok(all)
}

fn on_core(
    sandboxes: &Sandboxes,
    workload: &Workload,
    attempts: usize,
    runtime: &Runtime,
    start: &Barrier,
) -> anyhow::Result<Figures> {
    start.wait();
    let mut figures = Figures::new()?;
    for attempt in 0..WARM_UP + attempts {
        let task = sandboxes.task(workload);
        let (faults, cpu, started) = (machine::thread_page_faults()?, machine::thread_cpu_time(), Instant::now());
        let ending = runtime.block_on(sandboxes.run_inline(task));
        let total = started.elapsed();
        workload.check(&ending)?;
        if WARM_UP <= attempt {
            figures.start.add(ending.usage.sandbox_start);
            figures.call.add(total.saturating_sub(ending.usage.sandbox_start));
            figures.total.add(total);
            figures.cpu.push(machine::thread_cpu_time().saturating_sub(cpu).as_secs_f64());
            figures.faults.push(f64::from(machine::thread_page_faults()?.saturating_sub(faults)));
        }
    }
    Ok(figures)
}

impl Figures {
    fn new() -> anyhow::Result<Self> {
        let (start, call, total) = (Samples::new()?, Samples::new()?, Samples::new()?);
        Ok(Self { start, call, total, faults: Vec::new(), cpu: Vec::new() })
    }

    fn append(&mut self, other: Self) -> anyhow::Result<()> {
        self.start.append(&other.start)?;
        self.call.append(&other.call)?;
        self.total.append(&other.total)?;
        self.faults.extend(other.faults);
        self.cpu.extend(other.cpu);
        Ok(())
    }
}

fn row(name: &str, figures: &Figures) -> Vec<String> {
    let mut cells = vec![name.to_owned(), figures.total.count().to_string()];
    for samples in [&figures.start, &figures.call, &figures.total] {
        cells.extend([short(samples.p50()), short(samples.p99())]);
    }
    cells.push(format!("{:.0}", median(figures.faults.clone())));
    cells.push(short(Duration::from_secs_f64(median(figures.cpu.clone()))));
    cells
}
