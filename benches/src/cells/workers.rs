//! Whole workers with the replaying server: guests in cells, and in the worker's own process.

use std::process::Stdio;

use anyhow::Context as _;

use crate::{
    end_to_end::{
        Burst, NAMESPACE, SLOTS,
        frontend::{Frontend, Replay},
        isolet, load,
        tally::Share,
    },
    processes::Running,
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, median, ratio, short},
    sandboxes::{GREET, GREET_PYTHON, GREET_TYPESCRIPT},
    settings::Settings,
};

/// Where guests run, as the configuration says it: the control first.
const SIDES: [&str; 2] = ["none", "tenant"];

/// One worker, and what it did so far.
struct Side {
    queue: String,
    worker: Running,
    latencies: Samples,
    rates: Vec<f64>,
    costs: Vec<f64>,
}

/// Measures bursts, with guests in three languages.
///
/// # Errors
/// When a worker does not run, or a task is completed otherwise than it should.
pub(super) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let header = ["replaying server", "activities/s", "p50", "p99", "CPU/activity", "rate ×", "CPU ×"];
    let mut table = Table::new(&header);
    let languages = [("Rust", GREET), ("Python", GREET_PYTHON), ("TypeScript", GREET_TYPESCRIPT)];
    for (language, workload) in languages {
        let replay = Replay::new(NAMESPACE, workload.activity, load::argument(), workload.result.as_bytes().to_vec());
        let frontend = Frontend::start(replay).await?;
        let mut sides = Vec::new();
        for isolation in SIDES {
            let queue = format!("bench-{isolation}");
            let mut command = isolet(&frontend.address(), &queue, &workload, settings)?;
            command.env("ISOLET_ISOLATION", isolation).stdin(Stdio::null()).stdout(Stdio::null());
            let worker = Running::start(isolation, &mut command)?;
            crate::end_to_end::patiently(isolation, frontend.replay.polled(&queue)).await?;
            sides.push(Side { queue, worker, latencies: Samples::new()?, rates: Vec::new(), costs: Vec::new() });
        }
        for round in 0..=settings.sizes.burst_rounds {
            for side in &mut sides {
                side.burst(&frontend, round, settings).await.with_context(|| format!("{language}, {}", side.queue))?;
            }
        }
        let (rate, cost) = compared(&sides);
        progress::say(format!("  {language}: {rate:.2} × the rate, {cost:.2} × the CPU in a cell"));
        for (name, side) in ["in the worker's process", "in a cell"].into_iter().zip(&sides) {
            table.row(side.row(&format!("{language}, {name}"), rate, cost));
        }
        section.target(&format!("replaying server, {language}: rate in a cell"), Limit::AtLeast(0.9, " ×"), rate);
        section.target(&format!("replaying server, {language}: CPU in a cell"), Limit::AtMost(1.15, " ×"), cost);
    }
    section.method.push(format!(
        "Whole workers on the replaying server of (b), each with {SLOTS} slots, in turns; processor time is that of the worker \
         and of the processes that it started."
    ));
    section.tables.push(table);
    Ok(())
}

impl Side {
    async fn burst(&mut self, frontend: &Frontend, round: usize, settings: &Settings) -> anyhow::Result<()> {
        self.worker.ensure_running()?;
        let before = self.worker.cpu_time()?;
        let burst = frontend.replay.burst(&self.queue, settings.sizes.replayed_tasks);
        let Burst { latencies, elapsed } = crate::end_to_end::patiently(&self.queue, burst).await??;
        let share = Share { elapsed, cpu: self.worker.cpu_time()?.saturating_sub(before) };
        // The first one only warms up.
        if round != 0 {
            self.rates.push(share.rate(latencies.count()));
            self.costs.push(share.cost(latencies.count()));
            self.latencies.append(&latencies)?;
        }
        Ok(())
    }

    fn row(&self, name: &str, rate: f64, cost: f64) -> Vec<String> {
        let is_cell = self.queue.ends_with(SIDES[1]);
        let against = |figure: f64| if is_cell { format!("{figure:.2}") } else { "1.00".to_owned() };
        vec![
            name.to_owned(),
            format!("{:.0}", median(self.rates.clone())),
            short(self.latencies.p50()),
            short(self.latencies.p99()),
            format!("{:.0} µs", median(self.costs.clone())),
            against(rate),
            against(cost),
        ]
    }
}

/// Rate and processor time of an activity in the cell as multiples of the control's: medians over the rounds, each against its
/// own.
fn compared(sides: &[Side]) -> (f64, f64) {
    let [control, cell] = sides else { return (0.0, 0.0) };
    let by_rounds = |cell: &[f64], control: &[f64]| {
        median(cell.iter().zip(control).map(|(cell, control)| ratio(*cell, *control)).collect())
    };
    (by_rounds(&cell.rates, &control.rates), by_rounds(&cell.costs, &control.costs))
}
