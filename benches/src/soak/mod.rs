//! (j) Good and hostile tenants for half an hour, while tenants come and go: whether anything grows, and whether every attempt
//! is accounted for.
//!
//! # Layout
//! - [`callers`]: who calls what; [`sampler`]: what the worker holds meanwhile.

mod callers;
mod sampler;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::sync::mpsc;

use self::{callers::Callers, sampler::Sample};
use crate::{
    end_to_end::dev_server::DevServer,
    progress,
    report::{Limit, Section, Table},
    settings::Settings,
    tenants_host::Host,
};

/// Good tenants that stay.
const GOOD: u32 = 8;
/// Parts of the time. In the first one everything may grow.
const PARTS: u32 = 6;
/// How much more than in the second part anything may be in the last one, as a part of that: memory is given back by and by.
const GROWTH: f64 = 1.05;
/// How long the worker may take to end.
const ENDING: Duration = Duration::from_secs(60);

/// What the worker told of its attempts.
#[derive(Debug, Default)]
struct Told {
    started: AtomicU64,
    finished: AtomicU64,
}

/// Measures it.
///
/// # Errors
/// When the server or the worker does not run, or an activity of a good tenant ends otherwise than it should.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let server = DevServer::start(settings).await?;
    let host = Host::new(&server, settings, "")?;
    for number in 0..GOOD {
        host.add(&callers::good(number))?;
    }
    host.add_with(callers::EVIL, &crate::sandboxes::component(settings, "hostile")?, ["", ""])?;
    let (worker, _) = host.start().await?;
    let told = Arc::new(Told::default());
    let (last, mut stopped) = mpsc::channel(1);
    let counting = tokio::spawn(count(worker.events, Arc::clone(&told), last));
    let time = settings.sizes.soak_part * PARTS;
    let callers = Callers::new(&server.service, time);
    let (samples, called, ()) =
        tokio::try_join!(sampler::watch(&worker.running, time), callers.run(), callers.come_and_go(&host))?;
    let id = i32::try_from(worker.running.id()).ok().and_then(Pid::from_raw).context("it has no number")?;
    kill_process(id, Signal::TERM)?;
    let summary = tokio::time::timeout(ENDING, stopped.recv()).await.ok().flatten().context("it does not end")?;
    counting.abort();
    report(settings, &samples, section);
    let (started, finished) = (told.started.load(Ordering::Relaxed), told.finished.load(Ordering::Relaxed));
    let names = ["completed", "failed", "cancelled", "will_complete_async", "timed_out", "abandoned", "unreported"];
    let ended: u64 = names.iter().filter_map(|name| summary.get(name)?.as_u64()).sum();
    section.notes.push(format!(
        "{} activities of good tenants came to their results, {} of hostile ones to some end, and {} tenants came and went. The \
         worker told of {started} attempts that started and of {finished} that ended, and at its end of {ended}.",
        called.good, called.evil, called.guests
    ));
    progress::say(format!("  {started} attempts started, {finished} finished, {ended} in all"));
    #[expect(clippy::cast_precision_loss, reason = "a few of them")]
    let lost = (started.abs_diff(finished) + started.abs_diff(ended)) as f64;
    section.target("attempts that are not accounted for", Limit::AtMost(0.0, ""), lost);
    Ok(())
}

/// Counts what the worker tells, until it tells of its end.
async fn count(mut events: mpsc::UnboundedReceiver<Value>, told: Arc<Told>, last: mpsc::Sender<Value>) {
    while let Some(event) = events.recv().await {
        match event.get("event").and_then(Value::as_str) {
            Some("attempt-started") => drop(told.started.fetch_add(1, Ordering::Relaxed)),
            Some("attempt-finished") => drop(told.finished.fetch_add(1, Ordering::Relaxed)),
            // At the very end nobody may listen.
            Some("stopped") => drop(last.send(event).await),
            _ => {}
        }
    }
}

fn report(settings: &Settings, samples: &[Sample], section: &mut Section) {
    let part = settings.sizes.soak_part;
    let parts: Vec<Sample> = (0..PARTS).map(|number| sampler::typical(samples, part * number, part)).collect();
    let mut table = Table::new(&["part", "resident", "descriptors", "threads", "processes"]);
    for (number, sample) in (1..).zip(&parts) {
        table.row(vec![
            format!("{number}"),
            format!("{:.0} MiB", sample.mebibytes),
            format!("{:.0}", sample.descriptors),
            format!("{:.0}", sample.threads),
            format!("{:.0}", sample.processes),
        ]);
    }
    section.tables.push(table);
    section.method.push(format!(
        "One worker on the real server: {GOOD} good tenants that call all the time, one with the hostile guest, which calls all \
         that it can do, and tenants that are added and removed, for {:?}. What the worker and its processes hold is looked \
         at every few seconds; a part is {part:?}, and its median is told.",
        part * PARTS
    ));
    let [_, second, .., last] = &parts[..] else { return };
    let grown = |name: &str, second: f64, last: f64, section: &mut Section| {
        let what = format!("{name}: last part against the second");
        section.target(&what, Limit::AtMost(GROWTH, " ×"), crate::samples::ratio(last, second));
    };
    grown("resident memory", second.mebibytes, last.mebibytes, section);
    grown("descriptors", second.descriptors, last.descriptors, section);
    grown("threads", second.threads, last.threads, section);
}
