//! (i) A host with many tenants, each with a task queue and a component of its own.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::try_join_all;

use crate::{
    end_to_end::{
        dev_server::DevServer,
        load::{self, Service, TimedOut},
    },
    greedy, progress,
    report::{Limit, Section, Table},
    samples::{median, ratio, short},
    sandboxes::{self, GREET},
    settings::Settings,
    tenants_host::{Host, Worker},
};

/// Tenants that work at the same time.
const BUSY: u32 = 50;
/// Activities of each of them in a round.
const ACTIVITIES: u32 = 20;
/// Options of the server, for one partition of each task queue.
const PARTITIONS: [&str; 4] = [
    "--dynamic-config-value",
    "matching.numTaskqueueReadPartitions=1",
    "--dynamic-config-value",
    "matching.numTaskqueueWritePartitions=1",
];
/// Rounds in which the server may lose a task.
const MOST_LOST: usize = 10;
/// Task queues that begin to poll in a second.
const BEGINNING: u32 = 100;
/// Guests of one tenant that spin.
const SPINNING: u32 = 200;
/// Activities of another one beside them.
const BESIDE: u32 = 500;

/// Measures what tenants cost that do nothing, what those get that work at once, and what one notices of another's guests.
///
/// # Errors
/// When the server or the worker does not run.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    // Task queues with little to do, as these, want one partition: four load four times as much of the server.
    let server = DevServer::start_with(settings, &PARTITIONS).await?;
    let host = Host::new(&server, settings, "")?;
    let tenants = settings.sizes.tenants;
    for number in 0..tenants {
        host.add(&tenant(number))?;
    }
    let mut worker = existence(&host, settings, section).await?;
    busy_at_once(&server, settings, section).await?;
    worker.running.ensure_running()?;
    drop(worker);
    beside_spinning_guests(&server, settings, section).await?;
    greedy::measure(&server, settings, section).await
}

fn tenant(number: u32) -> String {
    format!("tenant-{number}")
}

async fn existence(host: &Host, settings: &Settings, section: &mut Section) -> anyhow::Result<Worker> {
    let tenants = settings.sizes.tenants;
    let (first, cold) = host.start().await?;
    drop(first);
    let (mut worker, warm) = host.start().await?;
    tokio::time::sleep(Duration::from_secs(u64::from(tenants / BEGINNING + 1))).await;
    let before = worker.running.cpu_time()?;
    tokio::time::sleep(settings.sizes.idle).await;
    let idle = worker.running.cpu_time()?.saturating_sub(before);
    let idle = ratio(idle.as_secs_f64(), settings.sizes.idle.as_secs_f64()) * 100.0;
    let resident = worker.memory()?;
    let begun = Instant::now();
    host.add("one-more")?;
    worker.event(|event| event["task_queue"] == "one-more" && event["status"] == "serving").await?;
    let added = begun.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let mebibytes = (resident >> 10) as f64 / 1024.0;
    let mut table = Table::new(&["tenants", "first start", "start from the store", "one more", "resident", "idle"]);
    table.row(vec![
        tenants.to_string(),
        short(cold),
        short(warm),
        short(added),
        format!("{mebibytes:.0} MiB"),
        format!("{idle:.1} %"),
    ]);
    section.tables.push(table);
    section.method.push(format!(
        "One worker with {tenants} files in `tenants.d`, each with one task queue and a component of its own, of which no two \
         have the same digest, on the real server. The first start compiles them all. Processor time and memory are those of \
         the worker and of its processes, over {:?} in which nobody calls, once all task queues poll: {BEGINNING} of them begin \
         in a second, from when the worker is ready; no cell runs then.",
        settings.sizes.idle
    ));
    progress::say(format!("  cold {}, warm {}, one more {}", short(cold), short(warm), short(added)));
    section.target("start from a warm store", Limit::AtMost(60.0, " s"), warm.as_secs_f64());
    section.target("one tenant more, until it is served", Limit::AtMost(1.0, " s"), added.as_secs_f64());
    section.target("processor use of idle tenants, of one core", Limit::AtMost(5.0, " %"), idle);
    section.target("resident memory", Limit::AtMost(2048.0, " MiB"), mebibytes);
    Ok(worker)
}

/// Many tenants at once, against one alone with as many calls under way.
async fn busy_at_once(server: &DevServer, settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let (service, busy) = (&server.service, BUSY.min(settings.sizes.tenants));
    let (mut rounds, mut ratios) = (Rounds::default(), Vec::new());
    let mut has_begun = false;
    while ratios.len() < settings.sizes.tenant_rounds {
        match rounds.counted(at_once(service, busy).await)? {
            // The first one starts their cells.
            Some(_) if !has_begun => has_begun = true,
            Some(ratio) => ratios.push(ratio),
            None => {}
        }
    }
    let Rounds { lost } = rounds;
    section.method.push(format!(
        "Of these, {busy} call `{}` {ACTIVITIES} times each, one after the other, all at the same time, against one that calls \
         it as often with as many calls under way, in turns. The server, which takes nearly all of the processor time, now and \
         then notes a task as started that its poll brings to nobody: {lost} of {} rounds are left out for that. It has one \
         partition for each task queue.",
        GREET.activity,
        ratios.len() + lost + 1
    ));
    let rate = median(ratios);
    progress::say(format!("  {busy} at once: {rate:.2} × the rate of one"));
    section.target(&format!("rate of {busy} tenants at once, against one"), Limit::AtLeast(0.9, " ×"), rate);
    Ok(())
}

/// Rounds, without those in which the server loses a task.
#[derive(Default)]
struct Rounds {
    lost: usize,
}

impl Rounds {
    /// What a round came to, or nothing if the server lost a task in it.
    ///
    /// # Errors
    /// The round's own, and when the server loses tasks all the time.
    fn counted<T>(&mut self, round: anyhow::Result<T>) -> anyhow::Result<Option<T>> {
        match round {
            Ok(counted) => Ok(Some(counted)),
            Err(error) if error.is::<TimedOut>() && self.lost < MOST_LOST => {
                progress::say(format!("  a round is left out: {error}"));
                self.lost += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The rate of so many tenants at once, against one.
async fn at_once(service: &Service, busy: u32) -> anyhow::Result<f64> {
    let alone = load::serve(service, &tenant(0), busy * ACTIVITIES, busy).await?;
    let begun = Instant::now();
    try_join_all((0..busy).map(async |number| load::serve(service, &tenant(number), ACTIVITIES, 1).await)).await?;
    Ok(ratio(alone.elapsed.as_secs_f64(), begun.elapsed().as_secs_f64()))
}

/// A tenant's short activities beside another's guests that spin.
async fn beside_spinning_guests(server: &DevServer, settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let host = Host::new(server, settings, "")?;
    let component = sandboxes::component(settings, GREET.component)?;
    host.add_with("good", &component, ["", ""])?;
    host.add_with("spinning", &component, [&format!("max-concurrent = {SPINNING}"), "limits.memory = \"4MiB\""])?;
    let (mut worker, _) = host.start().await?;
    let service = &server.service;
    let count = BESIDE.min(u32::try_from(settings.sizes.bystanders)?);
    let mut rounds = Rounds::default();
    // Its cell is started.
    good(&mut worker, service, 50, &mut rounds).await?;
    let alone = good(&mut worker, service, count, &mut rounds).await?;
    let spins = (0..SPINNING).map(|_| {
        let mut service = service.clone();
        async move {
            let mut start = load::start_request("spinning", "spin", Vec::new())?;
            start.start_to_close_timeout = Some(Duration::from_secs(600).try_into()?);
            service.start_activity_execution(start).await.map_err(anyhow::Error::from)
        }
    });
    try_join_all(spins).await?;
    for _ in 0..SPINNING {
        worker.event(|event| event["event"] == "attempt-started" && event["activity_type"] == "spin").await?;
    }
    let beside = good(&mut worker, service, count, &mut rounds).await?;
    let Rounds { lost } = rounds;
    let mut table = Table::new(&["calls of a short activity", "p50", "p99", "longest"]);
    for (name, served) in [("alone", &alone), ("beside guests of another tenant that spin", &beside)] {
        let latencies = &served.latencies;
        table.row(vec![name.to_owned(), short(latencies.p50()), short(latencies.p99()), short(latencies.max())]);
    }
    section.tables.push(table);
    section.method.push(format!(
        "Two tenants on the real server, one with {SPINNING} guests that spin: {count} calls of the other's `{}`, one after \
         the other, from the start request to the result, which the server and the caller take time for on the same \
         processors. {lost} rounds are left out, in which the server noted a task as started that the worker never got.",
        GREET.activity
    ));
    let slower = ratio(beside.latencies.p99().as_secs_f64(), alone.latencies.p99().as_secs_f64());
    progress::say(format!("  beside {SPINNING} that spin: p99 {slower:.2} ×"));
    section.target(
        &format!("p99 beside {SPINNING} guests of another tenant that spin, against alone"),
        Limit::AtMost(3.0, " ×"),
        slower,
    );
    Ok(())
}

/// So many calls of the good tenant, one after the other, in a round in which the server loses none of them.
///
/// # Errors
/// When one does not end with its result: if its time was over, only where the worker has got an attempt that it did not end.
async fn good(worker: &mut Worker, service: &Service, count: u32, rounds: &mut Rounds) -> anyhow::Result<load::Served> {
    loop {
        let served = load::serve(service, "good", count, 1).await;
        let unfinished = worker.unfinished("good");
        if served.is_err() && unfinished > 0 {
            return served.with_context(|| format!("{unfinished} attempts of the good tenant have no end"));
        }
        if let Some(served) = rounds.counted(served)? {
            return Ok(served);
        }
    }
}
