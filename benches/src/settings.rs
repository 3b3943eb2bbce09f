//! The command line, and the sizes of a run that follow from it.

use std::{env, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{end_to_end::native_worker::NativeWorker, idle_memory::IdleInstances};

/// Measures Isolet against controls and writes docs/benchmarks.md.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What a run starts of this same program.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// The native worker of benchmark b.
    #[command(hide = true)]
    NativeWorker(NativeWorker),
    /// The process that benchmark d looks at.
    #[command(hide = true)]
    IdleInstances(IdleInstances),
}

/// What is measured, and with which programs.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Which benchmarks to run; all, when none is named.
    #[arg(value_enum)]
    benchmarks: Vec<Benchmark>,
    /// Tiny counts, to see that everything runs. The document goes to target/benchmarks and its figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Measure what is built already instead of building Isolet and the guests first.
    #[arg(long)]
    no_build: bool,
    /// The isolet program; by default the one beside this program.
    #[arg(long)]
    isolet: Option<PathBuf>,
    /// The folder of built guest components.
    #[arg(long, default_value = "target/guests")]
    guests: PathBuf,
    /// The Temporal CLI; by default the one on PATH, else .tools/bin/temporal.
    #[arg(long)]
    temporal: Option<PathBuf>,
    /// The Python that makes the environment of the official worker.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The Node that runs the official TypeScript worker.
    #[arg(long, default_value = "node")]
    node: PathBuf,
}

/// One benchmark, by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// A fresh sandbox per attempt, against bare wasmtime.
    #[value(name = "a")]
    FreshSandbox,
    /// Whole workers, against a native Rust worker and the official Python worker.
    #[value(name = "b")]
    EndToEnd,
    /// Kill latency while guests spin on every core.
    #[value(name = "c")]
    KillLatency,
    /// Resident memory per idle instance.
    #[value(name = "d")]
    IdleMemory,
    /// Loading a component from the store of compiled ones.
    #[value(name = "e")]
    LoadTime,
    /// What a host call costs a guest of the Rust SDK.
    #[value(name = "f")]
    HostCalls,
    /// What a tenant notices of another that floods the worker.
    #[value(name = "g")]
    Floods,
    /// Cells, against the engine in the worker's own process.
    #[value(name = "h")]
    Cells,
    /// A host with a thousand tenants.
    #[value(name = "i")]
    ManyTenants,
    /// Whether anything grows while good and hostile tenants come and go for half an hour. Only when it is named.
    #[value(name = "j")]
    Soak,
}

impl Benchmark {
    /// Every benchmark, in the document's order.
    pub(crate) const ALL: [Self; 10] = [
        Self::FreshSandbox,
        Self::EndToEnd,
        Self::KillLatency,
        Self::IdleMemory,
        Self::LoadTime,
        Self::HostCalls,
        Self::Floods,
        Self::Cells,
        Self::ManyTenants,
        Self::Soak,
    ];

    /// Those that run when none is named: all but what takes half an hour.
    fn usual(quick: bool) -> Vec<Self> {
        Self::ALL.into_iter().filter(|each| quick || *each != Self::Soak).collect()
    }

    /// How the command line and the document name it.
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::FreshSandbox => "a",
            Self::EndToEnd => "b",
            Self::KillLatency => "c",
            Self::IdleMemory => "d",
            Self::LoadTime => "e",
            Self::HostCalls => "f",
            Self::Floods => "g",
            Self::Cells => "h",
            Self::ManyTenants => "i",
            Self::Soak => "j",
        }
    }

    /// Its heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::FreshSandbox => "A fresh sandbox per attempt",
            Self::EndToEnd => "Activities per second, end to end",
            Self::KillLatency => "Kill latency on saturated cores",
            Self::IdleMemory => "Memory per idle instance",
            Self::LoadTime => "Loading a compiled component",
            Self::HostCalls => "Host calls of a Rust guest",
            Self::Floods => "A good tenant beside one that floods",
            Self::Cells => "Guests in cells",
            Self::ManyTenants => "A thousand tenants",
            Self::Soak => "Half an hour of good and hostile tenants",
        }
    }
}

/// A run, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What to run, in order.
    pub(crate) benchmarks: Vec<Benchmark>,
    /// The sizes of the run.
    pub(crate) sizes: Sizes,
    /// Whether the sizes are too small to mean anything.
    pub(crate) quick: bool,
    /// Whether Isolet and the guests are built first.
    pub(crate) build: bool,
    /// The repository.
    pub(crate) root: PathBuf,
    /// The isolet program.
    pub(crate) isolet: PathBuf,
    /// The folder of guest components.
    pub(crate) guests: PathBuf,
    /// The Temporal CLI, if it was named.
    pub(crate) temporal: Option<PathBuf>,
    /// The Python that makes environments.
    pub(crate) python: PathBuf,
    /// The Node that runs the official TypeScript worker.
    pub(crate) node: PathBuf,
}

impl Settings {
    /// Checks the options and finds what they leave out.
    ///
    /// # Errors
    /// When the folders of this program or of the repository can't be told.
    pub(crate) fn validated(options: Options) -> anyhow::Result<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let benchmarks =
            if options.benchmarks.is_empty() { Benchmark::usual(options.quick) } else { options.benchmarks.clone() };
        Ok(Self {
            benchmarks,
            sizes: if options.quick { Sizes::QUICK } else { Sizes::FULL },
            quick: options.quick,
            build: !options.no_build,
            isolet: options.isolet.map_or_else(|| Ok(env::current_exe()?.with_file_name("isolet")), anyhow::Ok)?,
            guests: root.join(options.guests),
            temporal: options.temporal,
            python: options.python,
            node: options.node,
            root,
        })
    }
}

/// How much of everything a run does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// (a) Rounds, each of one slice per side and number of threads.
    pub(crate) sandbox_rounds: usize,
    /// (a) One slice.
    pub(crate) sandbox_slice: Duration,
    /// (a) Attempts in each language.
    pub(crate) language_attempts: usize,
    /// (b) Rounds, each of one burst per worker.
    pub(crate) burst_rounds: usize,
    /// (b) Tasks of one burst from the replaying server.
    pub(crate) replayed_tasks: u32,
    /// (b) Activities of one burst on the real server.
    pub(crate) real_activities: u32,
    /// (c) Guests killed of each kind.
    pub(crate) kills: usize,
    /// (c) Well-behaved activities, unloaded and again loaded.
    pub(crate) bystanders: usize,
    /// (d) Idle instances, in one process each.
    pub(crate) idle_instances: [u32; 2],
    /// (d) Idle instances of guests that bring an engine along, likewise.
    pub(crate) idle_large: u32,
    /// (e) Loads.
    pub(crate) loads: usize,
    /// (f) Attempts of each kind, for each call.
    pub(crate) host_call_attempts: usize,
    /// (g) How long each flood lasts.
    pub(crate) flood: Duration,
    /// (h) Attempts of each side in a round, of which there are as many as bursts in (b).
    pub(crate) cell_attempts: usize,
    /// (h) Cells that are started.
    pub(crate) cell_starts: usize,
    /// (h) How long two tenants run at once, and how long three want more than there is.
    pub(crate) cell_slice: Duration,
    /// (i) Tenants.
    pub(crate) tenants: u32,
    /// (i) How long nobody calls, after the last task queue has begun to poll.
    pub(crate) idle: Duration,
    /// (i) Rounds in which many tenants work at once.
    pub(crate) tenant_rounds: usize,
    /// (j) How long it goes on, in parts: growth is looked for from the second on.
    pub(crate) soak_part: Duration,
}

impl Sizes {
    const FULL: Self = Self {
        sandbox_rounds: 12,
        sandbox_slice: Duration::from_millis(500),
        language_attempts: 1_000,
        burst_rounds: 12,
        replayed_tasks: 2_500,
        real_activities: 250,
        kills: 300,
        bystanders: 1_000,
        idle_instances: [1_000, 10_000],
        idle_large: 200,
        loads: 200,
        host_call_attempts: 2_000,
        flood: Duration::from_secs(20),
        cell_attempts: 200,
        cell_starts: 30,
        cell_slice: Duration::from_secs(20),
        tenants: 1_000,
        // Every poll comes back once in a minute.
        idle: Duration::from_secs(60),
        tenant_rounds: 5,
        soak_part: Duration::from_secs(300),
    };
    const QUICK: Self = Self {
        sandbox_rounds: 2,
        sandbox_slice: Duration::from_millis(100),
        language_attempts: 20,
        burst_rounds: 1,
        replayed_tasks: 100,
        real_activities: 20,
        kills: 6,
        bystanders: 20,
        idle_instances: [20, 50],
        idle_large: 5,
        loads: 3,
        host_call_attempts: 20,
        flood: Duration::from_secs(2),
        cell_attempts: 20,
        cell_starts: 3,
        cell_slice: Duration::from_secs(2),
        tenants: 20,
        idle: Duration::from_secs(2),
        tenant_rounds: 1,
        soak_part: Duration::from_secs(5),
    };
}
