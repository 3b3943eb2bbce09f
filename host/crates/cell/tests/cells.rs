//! Attempts in cells, and what becomes of them when a cell dies. This program is both: the test, and, started by it with
//! an argument, the cell.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use activity::{
    Attempt, Command, ComponentHandle, DirectoryGrant, End, Ending, Event, Executor as _, Grants, Info, KillReason,
    Level, Origin, Outcome, Payload, Policy, SandboxFailureKind, Task,
};
use anyhow::{Context as _, ensure};
use cell::{Cell, CellSettings, EgressSettings, Error, Outside, Start};
use confinement::Walls;
use engine::{Engine, EngineSettings, Source};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tokio::runtime::Handle;

/// The argument that makes this program a cell.
const CELL: &str = "cell";

/// The argument that makes it the process that connects for cells.
const EGRESS: &str = "egress";

/// Imports for guests that wait: `call $wait` takes events, then an optional time of seconds and nanoseconds.
const WAIT: &str = r#"(import "isolet:activity/cancellation@0.1.0" "wait"
    (func $wait (param i32 i32 i64 i32) (result i32)))"#;

/// Waits for ever.
const PARKED: &str = "(drop (call $wait (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0))) i32.const 0";

/// Never returns.
const ENDLESS: &str = "(loop $ever (br $ever)) unreachable";

fn main() -> anyhow::Result<ExitCode> {
    if env::args().nth(1).as_deref() == Some(CELL) {
        return Ok(cell::run(|_| None));
    }
    if env::args().nth(1).as_deref() == Some(EGRESS) {
        return Ok(egress::run());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        runs_attempts().await.context("runs_attempts")?;
        stops_attempts().await.context("stops_attempts")?;
        a_death_is_one_cell_s().await.context("a_death_is_one_cell_s")?;
        keeps_dying_and_goes_on().await.context("keeps_dying_and_goes_on")?;
        one_that_is_stuck_is_ended().await.context("one_that_is_stuck_is_ended")?;
        one_without_memory_is_a_death().await.context("one_without_memory_is_a_death")?;
        is_there_while_it_is_needed().await.context("is_there_while_it_is_needed")?;
        begins_with_its_first_task().await.context("begins_with_its_first_task")?;
        another_component_is_another_process().await.context("another_component_is_another_process")?;
        what_is_loaded_at_once_runs().await.context("what_is_loaded_at_once_runs")?;
        refuses_what_it_can_t_run().context("refuses_what_it_can_t_run")?;
        ends_with_the_worker_s_handle().await.context("ends_with_the_worker_s_handle")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What compiles, and keeps code in a directory.
struct Stage {
    engine: Engine,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let cache_dir = Some(folder.path().join("store"));
        let settings = EngineSettings { guest_threads: 1, pool_slots: 1, cache_dir, ..EngineSettings::default() };
        Ok(Self { engine: Engine::new(settings)?, _folder: folder })
    }

    fn load(&self, cell: &Cell, items: &str, body: &str) -> anyhow::Result<ComponentHandle> {
        let component = wat_component::activity(items, body)?;
        Ok(cell.load(&self.engine, &Source::new("guest", &component), Arc::default())?.component)
    }
}

fn settings(name: &str) -> anyhow::Result<CellSettings> {
    Ok(CellSettings {
        name: name.to_owned(),
        program: env::current_exe()?,
        arguments: vec![CELL.into()],
        guest_threads: 2,
        busy_niceness: engine::BUSY_NICENESS,
        tick: Duration::from_millis(10),
        slots: 8,
        log_level: Level::Info,
        lines: None,
        walls: Walls::ALL,
        directories: Vec::new(),
        start: Start::WithLoad,
        idle: Duration::from_secs(600),
        outside: Arc::new(outside(env::current_exe()?)),
        share: None,
    })
}

/// A cell that is heard by tasks of the test.
fn cell_with(settings: CellSettings) -> Cell {
    Cell::new(settings, Handle::current())
}

fn outside(program: PathBuf) -> Outside {
    Outside::new(EgressSettings {
        program,
        arguments: vec![EGRESS.into()],
        nameservers: Vec::new(),
        proxy: None,
        walls: Walls::ALL,
    })
}

fn task(component: &ComponentHandle) -> Task {
    Task {
        component: component.clone(),
        info: Arc::new(Info { activity_type: "run".to_owned(), attempt: 1, ..Info::default() }),
        input: vec![Payload::json("1")],
        kill_after: Some(Duration::from_secs(60)),
        worker_shutdown: false,
        identity: Default::default(),
    }
}

async fn ending(mut attempt: Attempt) -> Ending {
    loop {
        if let Event::Ended(ending) = attempt.next().await {
            return *ending;
        }
    }
}

/// Waits until this is so. Fails if it never is.
async fn until(what: &str, so: impl Fn() -> bool) -> anyhow::Result<()> {
    let waiting = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.with_context(|| format!("never: {what}"))
}

fn completed() -> End {
    End::Returned(Outcome::Completed(None))
}

fn is_lost(end: &End) -> bool {
    matches!(end, End::Stopped(failure) if failure.kind == SandboxFailureKind::Lost && failure.retryable)
}

fn signal(cell: &Cell, signal: Signal) -> anyhow::Result<()> {
    let id = cell.process_id().context("it has no process")?;
    let id = Pid::from_raw(i32::try_from(id)?).context("no process")?;
    Ok(kill_process(id, signal)?)
}

async fn runs_attempts() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let component = stage.load(&cell, "", "i32.const 0")?;
    let endings: Vec<_> = (0..20).map(|_| cell.start(task(&component))).collect();
    for attempt in endings {
        let ending = ending(attempt).await;
        // There are fewer sandboxes than attempts at once.
        let is_full = matches!(&ending.end, End::Stopped(failure) if failure.kind == SandboxFailureKind::Load);
        ensure!(ending.end == completed() || is_full, "{ending:?}");
    }
    let ending = ending(cell.start(task(&component))).await;
    ensure!(ending.end == completed() && Duration::ZERO < ending.usage.wall, "{ending:?}");
    ensure!(cell.stats().components == 1);
    Ok(())
}

async fn stops_attempts() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    for (items, body) in [(WAIT, PARKED), ("", ENDLESS)] {
        let component = stage.load(&cell, items, body)?;
        let attempt = cell.start(task(&component));
        until("it runs", || cell.stats().sandboxes == 1).await?;
        attempt.send(Command::Kill(KillReason::Cancelled));
        let ended = ending(attempt).await;
        ensure!(ended.end == End::Killed(KillReason::Cancelled), "{ended:?}");
        // By itself.
        let short = Task { kill_after: Some(Duration::from_millis(50)), ..task(&component) };
        let ended = ending(cell.start(short)).await;
        ensure!(ended.end == End::Killed(KillReason::Deadline), "{ended:?}");
        // By nobody who waits.
        drop(cell.start(task(&component)));
        until("it ends", || cell.stats().sandboxes == 0).await?;
    }
    Ok(())
}

async fn a_death_is_one_cell_s() -> anyhow::Result<()> {
    let stage = Stage::new()?;
    for death in [Signal::KILL, Signal::SEGV, Signal::ABORT, Signal::BUS] {
        let (cell, other) = (cell_with(settings("acme")?), cell_with(settings("beta")?));
        let (parked, quick) = (stage.load(&cell, WAIT, PARKED)?, stage.load(&cell, "", "i32.const 0")?);
        let others = stage.load(&other, WAIT, PARKED)?;
        let attempts: Vec<_> = (0..3).map(|_| cell.start(task(&parked))).collect();
        let undisturbed = other.start(task(&others));
        ensure!(ending(cell.start(task(&quick))).await.end == completed());
        until("all run", || cell.stats().sandboxes == 3 && other.stats().sandboxes == 1).await?;
        let process = cell.process_id();
        signal(&cell, death)?;
        // The first that no fault brought only takes away who handles faults.
        if [Signal::SEGV, Signal::BUS].contains(&death) {
            let status = format!("/proc/{}/status", process.context("no process")?);
            let is_handled = || std::fs::read_to_string(&status).is_ok_and(|status| handles(&status, death));
            until("it handles no faults any more", || !is_handled()).await?;
            signal(&cell, death)?;
        }
        for attempt in attempts {
            let ended = ending(attempt).await;
            ensure!(is_lost(&ended.end), "{death:?}: {ended:?}");
        }
        // Retried, they complete: in a new process.
        ensure!(ending(cell.start(task(&quick))).await.end == completed());
        ensure!(cell.process_id() != process && cell.process_id().is_some());
        ensure!(other.stats().sandboxes == 1, "another tenant's attempt was lost");
        undisturbed.send(Command::Kill(KillReason::Cancelled));
        ensure!(ending(undisturbed).await.end == End::Killed(KillReason::Cancelled));
    }
    Ok(())
}

/// Whether a process handles a signal, by what the system tells of it.
fn handles(status: &str, signal: Signal) -> bool {
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
    let caught = caught.and_then(|caught| u64::from_str_radix(caught, 16).ok()).unwrap_or_default();
    caught >> (signal.as_raw() - 1) & 1 == 1
}

async fn keeps_dying_and_goes_on() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let component = stage.load(&cell, "", "i32.const 0")?;
    for _ in 0..4 {
        until("it runs", || cell.process_id().is_some()).await?;
        let process = cell.process_id();
        signal(&cell, Signal::KILL)?;
        until("it is gone", || cell.process_id() != process).await?;
    }
    // What waits for its turn meanwhile is run; what came to a process that was just dying is tried again.
    loop {
        let ended = ending(cell.start(task(&component))).await.end;
        ensure!(ended == completed() || is_lost(&ended), "{ended:?}");
        if ended == completed() {
            return Ok(());
        }
    }
}

async fn one_that_is_stuck_is_ended() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let (parked, quick) = (stage.load(&cell, WAIT, PARKED)?, stage.load(&cell, "", "i32.const 0")?);
    let attempt = cell.start(task(&parked));
    ensure!(ending(cell.start(task(&quick))).await.end == completed());
    signal(&cell, Signal::STOP)?;
    attempt.send(Command::Kill(KillReason::Deadline));
    let ended = ending(attempt).await;
    ensure!(is_lost(&ended.end), "{ended:?}");
    ensure!(ending(cell.start(task(&quick))).await.end == completed());
    Ok(())
}

async fn one_without_memory_is_a_death() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let quick = stage.load(&cell, "", "i32.const 0")?;
    ensure!(ending(cell.start(task(&quick))).await.end == completed());
    let id = cell.process_id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let limit = Rlimit { current: Some(1 << 20), maximum: Some(1 << 20) };
    prlimit(id, Resource::As, limit)?;
    let input = vec![Payload { data: vec![0; 32 << 20].into(), ..Payload::default() }];
    let ended = ending(cell.start(Task { input, ..task(&quick) })).await;
    let End::Stopped(failure) = &ended.end else { anyhow::bail!("{ended:?}") };
    ensure!(failure.message.contains("SIGABRT"), "{ended:?}");
    ensure!(ending(cell.start(task(&quick))).await.end == completed());
    Ok(())
}

async fn is_there_while_it_is_needed() -> anyhow::Result<()> {
    let idle = Duration::from_millis(200);
    let (stage, cell) = (Stage::new()?, cell_with(CellSettings { idle, ..settings("acme")? }));
    let parked = stage.load(&cell, WAIT, PARKED)?;
    let attempt = cell.start(task(&parked));
    until("it runs", || cell.stats().sandboxes == 1).await?;
    let (process, begun) = (cell.process_id(), Instant::now());
    until("it stays with its attempt", || 3 * idle < begun.elapsed()).await?;
    ensure!(cell.process_id() == process, "it went with an attempt");
    attempt.send(Command::Kill(KillReason::Cancelled));
    ensure!(ending(attempt).await.end == End::Killed(KillReason::Cancelled));
    until("it goes without one", || cell.process_id().is_none()).await?;
    let process = process.context("it had none")?;
    until("its process is gone", || !Path::new(&format!("/proc/{process}")).exists()).await?;
    let again = cell.start(task(&parked));
    until("it is there again", || cell.process_id().is_some()).await?;
    drop(again);
    Ok(())
}

/// Once it is known what a component lists, nothing runs for it before its first task.
async fn begins_with_its_first_task() -> anyhow::Result<()> {
    let (stage, start) = (Stage::new()?, Start::WithTask);
    let cell = cell_with(CellSettings { start, ..settings("acme")? });
    let asked = stage.load(&cell, "", "i32.const 0")?;
    let process = cell.process_id().context("it was not asked for its activities")?;
    // Another that is known lets the former process go, which has it not.
    let known = stage.load(&cell, "", "i32.const 0")?;
    ensure!(cell.process_id().is_none(), "it began already");
    until("the former is gone", || !Path::new(&format!("/proc/{process}")).exists()).await?;
    for component in [&asked, &known] {
        ensure!(ending(cell.start(task(component))).await.end == completed());
    }
    ensure!(cell.process_id().is_some());
    // One that can't be kept in is refused all the same, before any task.
    let next = cell_with(CellSettings { start, ..settings("beta")? });
    let loaded =
        next.load(&stage.engine, &Source::new("guest", &wat_component::activity("", "i32.const 0")?), Arc::default())?;
    ensure!(next.process_id().is_none() && loaded.listing.activities.len() == 1);
    ensure!(ending(next.start(task(&loaded.component))).await.end == completed());
    Ok(())
}

async fn another_component_is_another_process() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let parked = stage.load(&cell, WAIT, PARKED)?;
    let attempt = cell.start(task(&parked));
    until("it runs", || cell.process_id().is_some()).await?;
    let former = cell.process_id().context("no process")?;
    let quick = stage.load(&cell, "", "i32.const 0")?;
    ensure!(cell.process_id() != Some(former));
    ensure!(ending(cell.start(task(&quick))).await.end == completed());
    // The former runs on with what it runs, and ends with that.
    ensure!(Path::new(&format!("/proc/{former}")).exists());
    attempt.send(Command::Kill(KillReason::Cancelled));
    ensure!(ending(attempt).await.end == End::Killed(KillReason::Cancelled));
    until("the former ends", || !Path::new(&format!("/proc/{former}")).exists()).await?;
    // What nobody holds any more is forgotten.
    drop((parked, quick));
    ensure!(cell.stats().components == 0);
    Ok(())
}

/// Tenants that share a cell load side by side, components that are known already and others.
async fn what_is_loaded_at_once_runs() -> anyhow::Result<()> {
    for start in [Start::WithLoad, Start::WithTask] {
        let (stage, cell) = (Stage::new()?, cell_with(CellSettings { start, ..settings("shared")? }));
        drop(stage.load(&cell_with(settings("before")?), "", "i32.const 0")?);
        let loaded: anyhow::Result<Vec<_>> = std::thread::scope(|scope| {
            let loads: Vec<_> = (0..6)
                // Of each two the first is known.
                .map(|at| if at % 2 == 0 { String::new() } else { format!("(global i32 (i32.const {at}))") })
                .map(|items| {
                    let (stage, cell) = (&stage, &cell);
                    scope.spawn(move || stage.load(cell, &items, "i32.const 0"))
                })
                .collect();
            loads.into_iter().map(|load| load.join().map_err(|_| anyhow::anyhow!("a load panicked"))?).collect()
        });
        for component in loaded? {
            let end = ending(cell.start(task(&component))).await.end;
            ensure!(end == completed(), "{start:?}: {end:?}");
        }
    }
    Ok(())
}

fn refuses_what_it_can_t_run() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let load = |component: &[u8], grants: Grants| {
        let policy = Policy { grants, ..Policy::default() };
        let loaded = cell.load(&stage.engine, &Source::new("guest", component), Arc::new(policy));
        loaded.err().context("it was loaded")
    };
    let good = wat_component::activity("", "i32.const 0")?;
    let host = activity::OriginHost::Below("example.com".to_owned());
    let origin = Origin::new(activity::HttpScheme::Https, host, 443);
    let grants = Grants { http: vec![origin.into()], ..Grants::default() };
    let outside = Arc::new(outside("/does/not/exist".into()));
    let without = cell_with(CellSettings { outside, ..settings("acme")? });
    let policy = Arc::new(Policy { grants, ..Policy::default() });
    let refused = without.load(&stage.engine, &Source::new("guest", &good), policy).err();
    ensure!(matches!(refused, Some(Error::Egress(egress::Error::Io(_)))), "{refused:?}");
    let refused = load(b"no component", Grants::default())?;
    ensure!(matches!(refused, Error::Code(_)), "{refused}");
    // Asked for its activities in the cell, it does not tell.
    let module = wat_component::activity_module("", "i32.const 0").replace("(i32.const 256))", "unreachable)");
    let refused = load(&wat_component::encode(&module)?, Grants::default())?;
    ensure!(matches!(refused, Error::Refused { .. }), "{refused}");
    let directory = DirectoryGrant { host: "/does/not/exist".into(), guest: "/data".to_owned(), writable: false };
    let grants = Grants { directories: vec![directory], ..Grants::default() };
    let mut settings = settings("acme")?;
    settings.grant(&grants);
    let policy = Arc::new(Policy { grants, ..Policy::default() });
    let refused = cell_with(settings).load(&stage.engine, &Source::new("guest", &good), policy);
    ensure!(
        matches!(&refused, Err(Error::CantRun { reason, .. }) if reason.contains("granted directory")),
        "{refused:?}"
    );
    Ok(())
}

async fn ends_with_the_worker_s_handle() -> anyhow::Result<()> {
    let (stage, cell) = (Stage::new()?, cell_with(settings("acme")?));
    let _component = stage.load(&cell, "", "i32.const 0")?;
    let process = cell.process_id().context("no process")?;
    drop(cell);
    until("its process is gone", || !Path::new(&format!("/proc/{process}")).exists()).await
}
