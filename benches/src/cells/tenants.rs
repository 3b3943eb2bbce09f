//! Several tenants at once: two that compute, and three whose weights say who gets how much.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use futures_util::future::try_join_all;
use rustix::{
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use super::room::{Loader, Room};
use crate::{
    end_to_end::{NAMESPACE, dev_server::DevServer, load},
    processes::{Running, Stat},
    progress,
    report::{Limit, Section, Table},
    samples::{median, ratio},
    sandboxes::{self, GREET, GREET_PYTHON},
    settings::Settings,
};

/// Attempts that each of both keeps going.
const AT_ONCE: usize = 2;
/// Parts of the time in which both run alone and at once.
const PARTS: u32 = 20;
/// The weights of three tenants, and how many guests of each spin: as many as there are processors, so that each could take all.
const WEIGHTS: [u32; 3] = [1, 2, 4];
const SPINNING: usize = 2;
/// How far a share may be from what its weight says, as a part of that.
const OFF: f64 = 10.0;

/// Two tenants with Python, each with one thread, at once against alone.
///
/// # Errors
/// When a guest can't be run, or the system does not let threads be bound to processors.
pub(super) async fn at_once(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let loader = Loader::new(settings)?;
    let rooms = [loader.room(GREET_PYTHON.component, 1).await?, loader.room(GREET_PYTHON.component, 1).await?];
    let part = settings.sizes.cell_slice / PARTS;
    // Warms up, and starts the cells.
    try_join_all(rooms.iter().map(|room| rate(room, part))).await?;
    let processors = Processors::of_this_thread()?;
    let (mut scaled, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..PARTS / 2 {
        let (mut bound, mut free) = (0.0, 0.0);
        for (number, room) in rooms.iter().enumerate() {
            processors.bind(&rooms, Some(number))?;
            bound += rate(room, part).await? / 2.0;
            processors.bind(&rooms, None)?;
            free += rate(room, part).await? / 2.0;
        }
        let both: f64 = try_join_all(rooms.iter().map(|room| rate(room, part))).await?.iter().sum();
        scaled.push(ratio(both, bound));
        beside.push(ratio(both, free));
    }
    section.method.push(format!(
        "Two cells with one thread for guests each, `{}` in Python, {AT_ONCE} attempts of each at once: the rate of both at once \
         against the mean of each alone, where all that runs for it, its caller too, has one processor. Against each alone \
         beside an idle processor, to which its caller moves, it is {:.2} ×.",
        GREET_PYTHON.activity,
        median(beside)
    ));
    section.target("rate of two tenants with Python at once, against one", Limit::AtLeast(1.9, " ×"), median(scaled));
    Ok(())
}

/// The processors that there are for this program.
struct Processors(CpuSet);

impl Processors {
    fn of_this_thread() -> anyhow::Result<Self> {
        Ok(Self(sched_getaffinity(None)?))
    }

    /// Lets this program and the cells compute on one processor, or on all.
    fn bind(&self, rooms: &[Room], to: Option<usize>) -> anyhow::Result<()> {
        let mut there = (0..CpuSet::MAX_CPU).filter(|processor| self.0.is_set(*processor));
        let mut set = self.0;
        if let Some(processor) = to.and_then(|number| there.nth(number)) {
            set = CpuSet::new();
            set.set(processor);
        }
        let processes = rooms.iter().map(Room::process).chain([Ok(std::process::id())]);
        for process in processes {
            for thread in fs::read_dir(format!("/proc/{}/task", process?))? {
                let id = thread?.file_name().to_string_lossy().parse()?;
                // One that has ended meanwhile has no processor.
                let _ = sched_setaffinity(Pid::from_raw(id), &set);
            }
        }
        Ok(())
    }
}

/// Attempts a second for so long.
async fn rate(room: &Room, time: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let one = async || {
        let mut count = 0.0;
        while begun.elapsed() < time {
            room.guest.run(&GREET_PYTHON).await?;
            count += 1.0;
        }
        anyhow::Ok(count)
    };
    let counts: Vec<f64> = try_join_all((0..AT_ONCE).map(|_| one())).await?;
    Ok(ratio(counts.iter().sum(), begun.elapsed().as_secs_f64()))
}

/// Three tenants that each want all processors.
///
/// # Errors
/// When the server or the worker does not run.
pub(super) async fn with_weights(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let server = DevServer::start(settings).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("isolet.toml");
    fs::write(&file, configuration(&server, settings)?)?;
    let mut command = Command::new(&settings.isolet);
    command.args(["worker", "--config"]).arg(&file).arg("--cache").arg(sandboxes::cache(settings));
    let worker = Running::start(
        "the worker",
        command.env("ISOLET_ADMIN_SOCKET", "off").env("ISOLET_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()),
    )?;
    let mut service = server.service.clone();
    // Until all are there.
    for queue in WEIGHTS.map(queue) {
        load::call(&mut service, &queue).await?;
    }
    let cells = WEIGHTS.map(|weight| cell(&worker, &queue(weight)));
    let cells = cells.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let spinning = WEIGHTS.into_iter().flat_map(|weight| (0..SPINNING).map(move |_| queue(weight)));
    // A guest that spins is found out and put in its lane before anything is counted.
    let lead = Duration::from_secs(2);
    let longest = settings.sizes.cell_slice + lead * 2;
    let spins = spinning.map(|queue| {
        let mut service = service.clone();
        async move {
            let mut start = load::start_request(&queue, "spin", Vec::new())?;
            start.start_to_close_timeout = Some(longest.try_into()?);
            load::run(&mut service, start).await
        }
    });
    let spins = tokio::spawn(try_join_all(spins.collect::<Vec<_>>()));
    tokio::time::sleep(lead).await;
    let used = || cells.iter().map(|cell| Stat::of(*cell).map(|stat| stat.cpu).context("a cell has ended"));
    let before: Vec<Duration> = used().collect::<anyhow::Result<_>>()?;
    tokio::time::sleep(settings.sizes.cell_slice).await;
    let after: Vec<Duration> = used().collect::<anyhow::Result<_>>()?;
    spins.await??;
    let took: Vec<f64> = after.iter().zip(&before).map(|(after, before)| (*after - *before).as_secs_f64()).collect();
    told(&took, settings, section);
    Ok(())
}

fn told(took: &[f64], settings: &Settings, section: &mut Section) {
    let (all, weights) = (took.iter().sum::<f64>(), f64::from(WEIGHTS.iter().sum::<u32>()));
    let mut table = Table::new(&["weight", "processor time", "share", "share by weight", "off by"]);
    let mut worst = 0.0_f64;
    for (weight, took) in WEIGHTS.into_iter().zip(took) {
        let (share, wanted) = (ratio(*took, all), f64::from(weight) / weights);
        let off = (share / wanted - 1.0) * 100.0;
        worst = worst.max(off.abs());
        table.row(vec![
            weight.to_string(),
            format!("{took:.2} s"),
            format!("{share:.3}"),
            format!("{wanted:.3}"),
            format!("{off:+.1} %"),
        ]);
    }
    progress::say(format!("  weights: off by {worst:.1} % at most"));
    section.method.push(format!(
        "One worker with three tenants with these weights, {SPINNING} guests of each spinning, for {:?}, with niceness alone.",
        settings.sizes.cell_slice
    ));
    section.target("shares of three tenants against their weights, off at most", Limit::AtMost(OFF, " %"), worst);
    section.tables.push(table);
}

fn queue(weight: u32) -> String {
    format!("bench-weight-{weight}")
}

/// The process of the cell with this name.
fn cell(worker: &Running, name: &str) -> anyhow::Result<u32> {
    let is_it = |id: u32| {
        let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        arguments.split(|byte| *byte == 0).nth(3) == Some(name.as_bytes())
    };
    let found = worker.children().into_iter().map(|(id, _)| id).find(|id| is_it(*id));
    found.with_context(|| format!("{name} has no cell"))
}

fn configuration(server: &DevServer, settings: &Settings) -> anyhow::Result<String> {
    let path = sandboxes::component(settings, GREET.component)?;
    let tenants = WEIGHTS.map(|weight| {
        let queue = queue(weight);
        format!(
            "[[tenants]]\nname = {queue:?}\nweight = {}\n[[tenants.workers]]\ntask-queue = {queue:?}\n\
             [[tenants.workers.components]]\npath = {path:?}\n",
            weight * 100
        )
    });
    let address = &server.address;
    Ok(format!("[connection]\naddress = {address:?}\nnamespace = \"{NAMESPACE}\"\n{}", tenants.concat()))
}
