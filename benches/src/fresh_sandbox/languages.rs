//! The same for Python: a fresh interpreter per attempt, made from the image of its memory in the component.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::slice::pin;
use crate::{
    machine, progress,
    report::{Limit, Section, Table},
    samples::{Samples, median, short},
    sandboxes::{self, GREET, GREET_PYTHON, SYNC_PYTHON, Sandboxes, Workload},
    settings::Settings,
};

/// Attempts of each activity before the measure begins.
const WARM_UP: usize = 20;

/// What is compared: a name, and the attempts.
const MEASURED: [(&str, Workload); 3] =
    [("Rust", GREET), ("Python, `async def`", GREET_PYTHON), ("Python, `def`", SYNC_PYTHON)];

/// What attempts at one activity came to.
struct Figures {
    start: Samples,
    call: Samples,
    total: Samples,
    /// Of each attempt: pages that it touched first, and processor time in seconds.
    faults: Vec<f64>,
    cpu: Vec<f64>,
}

/// Measures each activity, one attempt after the other on this machine's first core.
///
/// # Errors
/// When a guest can't be run.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let header = ["a fresh instance of", "attempts", "start p50", "p99", "call and drop p50", "p99"];
    let mut table = Table::new(&[header.as_slice(), &["in all p50", "p99", "page faults", "CPU"]].concat());
    for (name, workload) in MEASURED {
        let engine = sandboxes::engine_settings(settings, sandboxes::FEW_SLOTS);
        let sandboxes = Sandboxes::open(settings, engine, workload.component).await?;
        let attempts = settings.sizes.python_attempts;
        let figures = tokio::task::spawn_blocking(move || run(&sandboxes, &workload, attempts)).await??;
        progress::say(format!("  {name}: {}", short(figures.total.p50())));
        table.row(row(name, &figures));
        if workload.component == GREET_PYTHON.component {
            let milliseconds = figures.total.p50().as_secs_f64() * 1e3;
            section.target(&format!("p50, {name}"), Limit::AtMost(5.0, " ms"), milliseconds);
        }
    }
    section.method.push(
        "The last table is of one attempt after the other on one thread. Start is what it takes until the guest's code \
         is called; page faults and CPU are medians of what the thread was charged with for an attempt."
            .to_owned(),
    );
    section.tables.push(table);
    Ok(())
}

fn run(sandboxes: &Sandboxes, workload: &Workload, attempts: usize) -> anyhow::Result<Figures> {
    pin(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let mut figures = Figures {
        start: Samples::new()?,
        call: Samples::new()?,
        total: Samples::new()?,
        faults: Vec::new(),
        cpu: Vec::new(),
    };
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

fn row(name: &str, figures: &Figures) -> Vec<String> {
    let mut cells = vec![name.to_owned(), figures.total.count().to_string()];
    for samples in [&figures.start, &figures.call, &figures.total] {
        cells.extend([short(samples.p50()), short(samples.p99())]);
    }
    cells.push(format!("{:.0}", median(figures.faults.clone())));
    cells.push(short(Duration::from_secs_f64(median(figures.cpu.clone()))));
    cells
}
