//! An engine of Isolet's and the guests that all benchmarks run.

use std::{env, fs, path::PathBuf, sync::Arc, time::Duration};

use activity::{Attempt, ComponentHandle, End, Ending, Event, Executor, Info, Outcome, Payload, Task};
use anyhow::Context as _;
use engine::{Engine, EngineSettings, Source};

use crate::settings::Settings;

/// Slots for benchmarks that run a few guests at once.
pub(crate) const FEW_SLOTS: u32 = 64;

/// The settings of an engine of `slots` slots: Isolet's defaults, and a store that the benchmarks share.
pub(crate) fn engine_settings(settings: &Settings, slots: u32) -> EngineSettings {
    EngineSettings { pool_slots: slots, cache_dir: Some(cache(settings)), ..EngineSettings::default() }
}

/// A guest, and what runs it.
#[derive(Clone)]
pub(crate) struct Guest {
    /// Where its attempts run.
    pub(crate) executor: Arc<dyn Executor>,
    /// What it is loaded as there.
    pub(crate) component: ComponentHandle,
}

impl Guest {
    /// Starts an attempt, as the worker does.
    pub(crate) fn start(&self, workload: &Workload, kill_after: Option<Duration>) -> Attempt {
        self.executor.start(workload.task(self.component.clone(), kill_after))
    }

    /// Starts an attempt and waits for its result.
    ///
    /// # Errors
    /// When it has none, or the wrong one.
    pub(crate) async fn run(&self, workload: &Workload) -> anyhow::Result<()> {
        workload.check(&ended(&mut self.start(workload, None)).await)
    }
}

/// An engine that has loaded a guest.
pub(crate) struct Sandboxes {
    engine: Arc<Engine>,
    guest: Guest,
    guest_threads: usize,
}

impl Sandboxes {
    /// Starts an engine and loads the guest called `name`.
    ///
    /// # Errors
    /// When the system has no room for the engine, or the guest can't be loaded.
    pub(crate) async fn open(settings: &Settings, engine: EngineSettings, name: &'static str) -> anyhow::Result<Self> {
        let path = component(settings, name)?;
        let load = move || {
            let guest_threads = engine.guest_threads;
            let bytes = fs::read(path)?;
            let engine = Engine::new(engine).context("failed to start an engine")?;
            let loaded = engine.load(&Source::new(name, &bytes), Arc::default());
            let component = loaded.with_context(|| format!("failed to load {name}"))?.component;
            let engine = Arc::new(engine);
            Ok(Self { guest: Guest { executor: Arc::clone(&engine) as _, component }, engine, guest_threads })
        };
        tokio::task::spawn_blocking(load).await?
    }

    /// Sandboxes that there can be at once.
    pub(crate) fn slots(&self) -> u32 {
        self.engine.slots()
    }

    /// Threads that run guests.
    pub(crate) fn guest_threads(&self) -> usize {
        self.guest_threads
    }

    /// How often running guests are looked at.
    pub(crate) fn tick(&self) -> Duration {
        self.engine.tick()
    }

    /// The guest.
    pub(crate) fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Starts an attempt, as the worker does.
    pub(crate) fn start(&self, workload: &Workload, kill_after: Option<Duration>) -> Attempt {
        self.guest.start(workload, kill_after)
    }

    /// Starts an attempt and waits for its result.
    ///
    /// # Errors
    /// When it has none, or the wrong one.
    pub(crate) async fn run(&self, workload: &Workload) -> anyhow::Result<()> {
        self.guest.run(workload).await
    }

    /// A task for an attempt.
    pub(crate) fn task(&self, workload: &Workload) -> Task {
        workload.task(self.guest.component.clone(), None)
    }

    /// Runs an attempt on the caller's thread.
    pub(crate) async fn run_inline(&self, task: Task) -> Ending {
        self.engine.run_inline(task).await
    }
}

/// An activity of a guest, and what it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// The guest.
    pub(crate) component: &'static str,
    /// The activity type.
    pub(crate) activity: &'static str,
    /// Its only argument as JSON; none, if empty.
    pub(crate) argument: &'static str,
    /// Its result as JSON.
    pub(crate) result: &'static str,
}

/// The trivial activity: decodes a string and encodes another.
pub(crate) const GREET: Workload = Workload {
    component: "conformance",
    activity: "greet",
    argument: r#""Temporal""#,
    result: r#""Hello, Temporal!""#,
};

/// The same in a component that has nothing else.
pub(crate) const GREET_ALONE: Workload = Workload { component: "greeter", ..GREET };

/// A greeting in a component that was built without an SDK.
pub(crate) const GREET_TYPED: Workload =
    Workload { component: "typed", activity: "ping", result: r#""pong Temporal""#, ..GREET };

/// The same in Python, `async def`, in the component of Python's conformance tests.
pub(crate) const GREET_PYTHON: Workload = Workload { component: "conformance-python", ..GREET };

/// A trivial activity in Python that is a `def`: returns its argument and a default.
pub(crate) const SYNC_PYTHON: Workload =
    Workload { component: "conformance-python", activity: "with_default", argument: "1", result: "[1,5]" };

/// The same in TypeScript, in a component that has nothing else, as the official worker has.
pub(crate) const GREET_TYPESCRIPT: Workload = Workload { component: "greeter-typescript", ..GREET };

/// The same in C, and in C++.
pub(crate) const GREET_C: Workload = Workload { component: "conformance-c", ..GREET };
pub(crate) const GREET_CPP: Workload = Workload { component: "conformance-cpp", ..GREET };

/// The same in Go.
pub(crate) const GREET_GO: Workload = Workload { component: "conformance-go", ..GREET };

/// Computes for ever.
pub(crate) const SPIN: Workload = Workload { component: "conformance", activity: "spin", argument: "", result: "" };

/// Waits in a host call for ever.
pub(crate) const PARK: Workload = Workload { component: "conformance", activity: "park", argument: "", result: "" };

/// The same in Python.
pub(crate) const PARK_PYTHON: Workload = Workload { component: "conformance-python", ..PARK };

/// The same in TypeScript.
pub(crate) const PARK_TYPESCRIPT: Workload = Workload { component: "platform-typescript", ..PARK };

impl Workload {
    /// One attempt at it.
    fn task(&self, component: ComponentHandle, kill_after: Option<Duration>) -> Task {
        let info = Info { activity_type: self.activity.to_owned(), attempt: 1, ..Info::default() };
        let input = if self.argument.is_empty() { Vec::new() } else { vec![Payload::json(self.argument)] };
        Task {
            component,
            info: Arc::new(info),
            input,
            kill_after,
            worker_shutdown: false,
            identity: Default::default(),
        }
    }

    /// Checks how an attempt at it ended.
    ///
    /// # Errors
    /// When it has no result, or another.
    pub(crate) fn check(&self, ending: &Ending) -> anyhow::Result<()> {
        match &ending.end {
            End::Returned(Outcome::Completed(Some(payload))) if payload.data == self.result => Ok(()),
            other => Err(anyhow::anyhow!("`{}` ended with {other:?}", self.activity)),
        }
    }
}

/// Waits until an attempt has ended.
pub(crate) async fn ended(attempt: &mut Attempt) -> Ending {
    loop {
        if let Event::Ended(ending) = attempt.next().await {
            return *ending;
        }
    }
}

/// The file of a guest component.
///
/// # Errors
/// When it is not built.
pub(crate) fn component(settings: &Settings, name: &str) -> anyhow::Result<PathBuf> {
    let path = settings.guests.join(format!("{name}.wasm"));
    anyhow::ensure!(path.is_file(), "there is no {}; build the guests with `cargo xtask guests`", path.display());
    Ok(path)
}

/// The store of compiled components that the benchmarks share.
pub(crate) fn cache(settings: &Settings) -> PathBuf {
    settings.root.join("target/benchmarks/cache")
}

/// What the environment of a worker says: where guests run, as this run's does, else in its own process, which is what the
/// controls are compared with; and that nobody asks it how it is, which one of several workers could be.
pub(crate) fn environment() -> [(&'static str, String); 2] {
    const ISOLATION: &str = "ISOLET_ISOLATION";
    let isolation = env::var(ISOLATION).unwrap_or_else(|_| "none".to_owned());
    [(ISOLATION, isolation), ("ISOLET_ADMIN_SOCKET", "off".to_owned())]
}
