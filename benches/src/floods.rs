//! (g) What a good tenant notices of another on the same worker that says as much as it can, at default limits.
//!
//! One worker for each flood, fresh, with two tenants. The control is the same worker with two guests that spin: what is
//! compared is what a flood costs beyond the processor time that any guest may take. A second worker, which serves the
//! good component alone, is called in the same seconds: what it notices too is the machine's and the server's.

use std::{
    fs,
    io::Read as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use temporalio_common::protos::temporal::api::activity::v1::activity_execution_outcome::Value;
use tokio::task::JoinSet;

use crate::{
    end_to_end::{
        NAMESPACE,
        dev_server::DevServer,
        load::{self, Service},
    },
    processes::Running,
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, ratio, short},
    sandboxes::{self, GREET},
    settings::Settings,
};

/// Attempts that flood, or spin, at once.
const AT_ONCE: usize = 2;
/// Between two calls of the good tenant.
const PAUSE: Duration = Duration::from_millis(20);
/// The budget of all attempts' memory.
const BUDGET: u64 = 1 << 30;
/// What the worker may take beside it.
const ROOM: u64 = 128 << 20;
/// The good tenant's task queue, and the other's.
const QUEUES: [&str; 2] = ["bench-good", "bench-evil"];
/// The task queue of a second worker, which serves nobody else.
const APART: &str = "bench-apart";

/// The flood that needs a grant.
const CLIENT_CALLS: &str = "client-calls";

/// What the other tenant does.
#[derive(Clone, Copy, Debug)]
struct Flood {
    name: &'static str,
    deed: Deed,
    has_codec: bool,
    reader: Reader,
}

/// What each of its attempts does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// It spins until it is killed.
    Spins,
    /// It says this all the time; the word is the guest's.
    Says(&'static str),
    /// It fails at once with a mebibyte of text, and is followed by the next.
    Fails,
}

/// Who reads what the worker prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// The log goes to a file.
    File,
    /// Nobody reads the events until the flood is over.
    Paused,
}

const fn flood(name: &'static str, kind: &'static str) -> Flood {
    Flood { name, deed: Deed::Says(kind), has_codec: false, reader: Reader::File }
}

/// The control first.
const FLOODS: [Flood; 12] = [
    Flood { name: "control: two guests spin", deed: Deed::Spins, has_codec: false, reader: Reader::File },
    flood("lines", "lines"),
    flood("lines of 16 KiB to escape", "control"),
    flood("lines with 5,000 fields", "fields"),
    flood("heartbeats of 2 MB", "heartbeats"),
    Flood { name: "heartbeats of 2 MB, encrypted", has_codec: true, ..flood("", "heartbeats") },
    flood("heartbeats of 10,000 empty payloads", "empty-payloads"),
    flood("failed heartbeats of 1.9 MB", "failed-heartbeats"),
    Flood { name: "attempts that fail with 1 MiB", deed: Deed::Fails, ..flood("", "") },
    flood("measurements", "metrics"),
    flood("calls of Temporal's client of 2 MB", CLIENT_CALLS),
    Flood { name: "lines to escape, nobody reads JSON", reader: Reader::Paused, ..flood("", "control") },
];

/// What the good tenant noticed.
struct Noticed {
    latencies: Samples,
    /// What was noticed of the worker apart.
    apart: Samples,
    missed: u32,
    peak_memory: u64,
}

/// Measures every flood, the control before.
///
/// # Errors
/// When a server or worker does not run.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    section.method.push(format!(
        "One worker with a memory budget of {} MiB and two tenants, at default limits. The good one calls `{}` every \
         {PAUSE:?}, and one activity heartbeats every 100 ms with a heartbeat timeout of a second; the other has {AT_ONCE} \
         attempts that do the same thing as often as they can, for {:?}. The server and the worker are new processes \
         for each row; the worker's memory is the most that was resident. A second worker, which serves the good \
         component on another task queue and nobody else, is called in turns with it: what both notice is the server's \
         and the machine's.",
        BUDGET >> 20,
        GREET.activity,
        settings.sizes.flood
    ));
    let mut table = Table::new(&[
        "the other tenant",
        "calls",
        "p50",
        "p99",
        "p99 against control",
        "max",
        "second worker's p50",
        "p99",
        "max",
        "missed heartbeats",
        "memory",
    ]);
    let (mut control, mut version) = (None, None);
    let (mut worst, mut missed, mut memory) = (0.0_f64, 0, 0);
    for flood in FLOODS {
        progress::say(format!("  {}", flood.name));
        // What one flood leaves in a server's memory is the server's to clean up, and not the next one's.
        let server = DevServer::start(settings).await?;
        let noticed = beside(flood, &server, settings).await.with_context(|| flood.name)?;
        version = Some(server.version.clone());
        let p99 = noticed.latencies.p99();
        let against = ratio(p99.as_secs_f64(), control.get_or_insert(p99).as_secs_f64());
        (worst, missed, memory) = (worst.max(against), missed.max(noticed.missed), memory.max(noticed.peak_memory));
        table.row(vec![
            flood.name.to_owned(),
            noticed.latencies.count().to_string(),
            short(noticed.latencies.p50()),
            short(p99),
            format!("{against:.2} ×"),
            short(noticed.latencies.max()),
            short(noticed.apart.p50()),
            short(noticed.apart.p99()),
            short(noticed.apart.max()),
            noticed.missed.to_string(),
            format!("{} MiB", noticed.peak_memory >> 20),
        ]);
    }
    section.versions.extend(version.map(|version| ("Temporal server".to_owned(), version)));
    section.tables.push(table);
    section.target("p99 of the good tenant against the control, at worst", Limit::AtMost(3.0, " ×"), worst);
    section.target("heartbeats that it missed", Limit::AtMost(0.0, ""), f64::from(missed));
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    section.target("memory of the worker", Limit::AtMost(mebibytes(BUDGET + ROOM), " MiB"), mebibytes(memory));
    Ok(())
}

/// What the good tenant notices of `flood`.
async fn beside(flood: Flood, server: &DevServer, settings: &Settings) -> anyhow::Result<Noticed> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("isolet.toml"), configuration(flood, server, settings)?)?;
    let mut command = Command::new(&settings.isolet);
    command.args(["worker", "--config"]).arg(folder.path().join("isolet.toml"));
    command
        .arg("--cache")
        .arg(sandboxes::cache(settings))
        .env("ISOLET_CODEC_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    command.envs(sandboxes::environment()).stdin(Stdio::null());
    command.stderr(fs::File::create(folder.path().join("log"))?);
    match flood.reader {
        Reader::File => command.stdout(Stdio::null()),
        Reader::Paused => command.args(["--output", "json"]).stdout(Stdio::piped()),
    };
    let mut worker = Running::start("the worker", &mut command)?;
    let mut apart_worker = Running::start("the second worker", &mut apart(server, settings)?)?;
    let [good, evil] = QUEUES;
    let mut service = server.service.clone();
    for queue in [good, APART] {
        load::call(&mut service, queue).await.context("before the flood")?;
    }
    let mut floods = JoinSet::new();
    for _ in 0..AT_ONCE {
        floods.spawn(flooded(service.clone(), evil, flood, settings.sizes.flood));
    }
    let beats = tokio::spawn(heartbeats(service.clone(), good, settings.sizes.flood));
    let (mut latencies, mut apart) = (Samples::new()?, Samples::new()?);
    let begun = Instant::now();
    while begun.elapsed() < settings.sizes.flood {
        for (queue, samples) in [(good, &mut latencies), (APART, &mut apart)] {
            let started = Instant::now();
            load::call(&mut service, queue).await.context("a call of the good tenant")?;
            samples.add(started.elapsed());
            tokio::time::sleep(PAUSE).await;
        }
    }
    while let Some(flooded) = floods.join_next().await {
        flooded??;
    }
    let missed = u32::from(!beats.await??);
    worker.ensure_running()?;
    apart_worker.ensure_running()?;
    let peak_memory = worker.peak_memory()?;
    if let Some(mut unread) = worker.child().stdout.take() {
        // Some of it, so that the pipe is known to have been full.
        let mut some = [0; 4_096];
        anyhow::ensure!(0 < unread.read(&mut some)?, "the worker printed nothing");
    }
    Ok(Noticed { latencies, apart, missed, peak_memory })
}

/// The second worker.
fn apart(server: &DevServer, settings: &Settings) -> anyhow::Result<Command> {
    let mut command = Command::new(&settings.isolet);
    command.args(["worker", "--address", &server.address, "--namespace", NAMESPACE, "--task-queue", APART]);
    command.arg("--cache").arg(sandboxes::cache(settings)).arg(sandboxes::component(settings, GREET.component)?);
    command.envs(sandboxes::environment());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// Does what a flood does for so long.
async fn flooded(mut service: Service, queue: &str, flood: Flood, time: Duration) -> anyhow::Result<()> {
    match flood.deed {
        Deed::Spins => {
            let mut start = load::start_request(queue, "spin", Vec::new())?;
            start.start_to_close_timeout = Some(time.try_into()?);
            load::run(&mut service, start).await?;
        }
        Deed::Says(kind) => {
            let input = vec![load::json(&format!("{kind:?}")), load::json(&time.as_millis().to_string())];
            let outcome = load::run(&mut service, load::start_request(queue, "flood", input)?).await?;
            if let Some(Value::Failure(failure)) = outcome
                && kind != "failed-heartbeats"
            {
                anyhow::bail!("the flood failed: {}", failure.message)
            }
        }
        Deed::Fails => {
            let begun = Instant::now();
            while begun.elapsed() < time {
                let start = load::start_request(queue, "huge_failure", vec![load::json("1")])?;
                let outcome = load::run(&mut service, start).await?;
                anyhow::ensure!(matches!(outcome, Some(Value::Failure(_))), "an attempt did not fail: {outcome:?}");
            }
        }
    }
    Ok(())
}

/// Whether an activity of the good tenant heartbeats all the time and misses none.
async fn heartbeats(mut service: Service, queue: &str, time: Duration) -> anyhow::Result<bool> {
    let input = vec![load::json(&time.as_millis().to_string()), load::json("100")];
    let mut start = load::start_request(queue, "sleep_with_heartbeats", input)?;
    start.heartbeat_timeout = Some(Duration::from_secs(1).try_into()?);
    Ok(matches!(load::run(&mut service, start).await?, Some(Value::Result(_))))
}

fn configuration(flood: Flood, server: &DevServer, settings: &Settings) -> anyhow::Result<String> {
    let [good, evil] = QUEUES;
    let codec = match flood.has_codec {
        true => {
            "codec.order = [\"encryption\"]\n[tenants.workers.codec.encryption]\nactive = \"bench\"\n\
             keys = [{ id = \"bench\", env = \"ISOLET_CODEC_KEY\" }]"
        }
        false => "",
    };
    let grants = match flood.deed {
        Deed::Says(CLIENT_CALLS) => {
            "grants.client = { methods = [\"SignalWorkflowExecution\"], workflow-ids = [\"*\"] }\n"
        }
        _ => "",
    };
    let tenant = |name: &str, queue: &str, codec: &str| -> anyhow::Result<String> {
        let (component, grants) = if queue == good { (GREET.component, "") } else { ("hostile", grants) };
        let path = sandboxes::component(settings, component)?;
        let components = format!("[[tenants.workers.components]]\npath = {path:?}\n{grants}");
        Ok(format!(
            "[[tenants]]\nname = \"{name}\"\n[[tenants.workers]]\ntask-queue = \"{queue}\"\n{codec}\n{components}"
        ))
    };
    Ok(format!(
        "[connection]\naddress = \"{}\"\nnamespace = \"{NAMESPACE}\"\n[engine]\nmemory-budget = \"{}MiB\"\n{}{}",
        server.address,
        BUDGET >> 20,
        tenant("good", good, "")?,
        tenant("evil", evil, codec)?
    ))
}
