//! Both workers on one server, with the same modules.

use std::path::Path;

use rustix::process::Signal;
use temporalio_client::Connection;

use super::{
    cases::{Case, Then},
    lines::{self, Log},
    seen::{Names, Seen},
};
use crate::metrics::fetch;
use crate::support::{
    DevServer, Isolet,
    call::{Call, Caller, Started, unique},
    component,
    dev_server::connect,
    isolet::target,
    process::Process,
    repository,
};

/// The modules, by their folders below `tests/guests-python`.
const MODULES: [(&str, &[&str]); 4] = [
    ("conformance", &["values", "failures", "heartbeats", "work"]),
    (
        "ways",
        &[
            "ways",
            "payloads",
            "raising",
            "beating",
            "saying",
            "stopping",
            "structure",
            "computing",
            "waiting",
            "carrying",
            "recursing",
            "finding",
        ],
    ),
    ("strict-metrics", &["measuring"]),
    (
        "examples",
        &[
            "e02_process_data",
            "e03_sync_process_data",
            "e04_custom_name",
            "e05_robust_activity",
            "e07_query_external_service",
            "e08_tracked_activity",
            "e09_conditional_logic",
            "e10_long_running_task",
            "e11_cancellable_activity",
            "e12_shutdown_aware_activity",
            "e13_detailed_cancellation_handling",
            "e14_sync_activity_with_cleanup",
            "e15_sync_monitoring_activity",
            "e16_graceful_shutdown_activity",
            "e17_async_completion_activity",
            "e20_metrics_activity",
            "e21_info_logging_activity",
            "e22_logging_activity",
            "e23_robust_data_processor",
        ],
    ),
];

/// How activities begin the line that they wait.
const WAITING: &str = "\"waiting";

/// How both workers run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// The folders whose modules they serve.
    pub(super) modules: &'static [&'static str],
    /// Seconds between the shutdown's begin and the cancellation of what still runs.
    pub(super) grace: &'static str,
    /// The ports at which ours and theirs show their metrics.
    pub(super) metrics: Option<[u16; 2]>,
    /// How often Isolet asks whether an attempt without heartbeats was cancelled.
    pub(super) cancel_check: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self { modules: &["conformance", "ways", "examples"], grace: "0", metrics: None, cancel_check: "20s" }
    }
}

/// A worker, and how to reach it.
#[derive(Debug)]
struct Side {
    process: Process,
    queue: String,
}

/// Ours and theirs.
#[derive(Debug)]
pub(super) struct Pair {
    sides: [Side; 2],
    connection: Connection,
}

impl Pair {
    /// Starts both.
    pub(super) async fn start(options: Options) -> Self {
        let server = DevServer::start().await;
        let connection = connect(&server.address()).await;
        let sides = [isolet(&server.address(), options), official(&server.address(), options).await];
        Self { sides, connection }
    }

    /// Makes the call on both, waits until both have ended, and tells what their caller sees.
    pub(super) async fn play(&self, case: &Case) -> [Seen; 2] {
        let [ours, theirs] = self.sides.each_ref().map(|side| self.play_on(side, case));
        tokio::join!(ours, theirs).into()
    }

    async fn play_on(&self, side: &Side, case: &Case) -> Seen {
        let started = self.start_on(side, case).await;
        if case.then != Then::Nothing {
            side.says(started.id(), WAITING).await;
        }
        match case.then {
            Then::Nothing => {}
            Then::Cancel => started.cancel().await,
            Then::Complete => started.complete("from elsewhere").await,
        }
        let seen = ended(&started).await;
        let is_ours = std::ptr::eq(side, &raw const self.sides[0]);
        if case.known.is_some_and(|known| known.is_said(is_ours)) {
            // What is known to differ is said at the end of an attempt, which may come after that of the activity.
            side.says(started.id(), "ompleting").await;
        }
        seen
    }

    /// Makes the call on both, and waits until both say that they wait.
    pub(super) async fn start_waiting(&self, case: &Case) -> [Started; 2] {
        let [ours, theirs] = self.sides.each_ref().map(async |side| {
            let started = self.start_on(side, case).await;
            side.says(started.id(), WAITING).await;
            started
        });
        tokio::join!(ours, theirs).into()
    }

    async fn start_on(&self, side: &Side, case: &Case) -> Started {
        case.of(Call::new(self.connection.clone(), &side.queue, Caller::Client, case.activity)).start().await
    }

    /// Waits until both have ended.
    pub(super) async fn ended(&self, started: &[Started; 2]) -> [Seen; 2] {
        let [ours, theirs] = started.each_ref().map(ended);
        tokio::join!(ours, theirs).into()
    }

    /// Sends both a signal.
    pub(super) fn signal(&self, signal: Signal) {
        for side in &self.sides {
            side.process.signal(signal);
        }
    }

    /// Waits until both have ended, as they were asked to, and returns what they logged.
    pub(super) async fn exit(&self) -> [Log; 2] {
        let [ours, theirs] = self.sides.each_ref().map(|side| side.process.exit());
        let (ours, theirs) = tokio::join!(ours, theirs);
        assert_eq!((ours.code, theirs.code), (Some(0), Some(0)), "{}\n{}", ours.stderr, theirs.stderr);
        [lines::of_isolet(&ours.stderr), lines::of_official(&theirs.stderr)]
    }

    /// What Prometheus would get from both.
    pub(super) async fn measured(&self, [ours, theirs]: [u16; 2]) -> [String; 2] {
        let fetched = async |port: u16, side: &Side| {
            fetch(&format!("127.0.0.1:{port}"), "metrics").await.replace(&side.queue, "QUEUE")
        };
        tokio::join!(fetched(ours, &self.sides[0]), fetched(theirs, &self.sides[1])).into()
    }

    /// Waits until their worker has logged this.
    pub(super) async fn their_line(&self, text: &str) {
        let [_, theirs] = &self.sides;
        theirs.process.find_in_stderr(text, |line| line.contains(text).then_some(())).await;
    }

    /// All that was seen of a call, as text in which nothing differs that must.
    pub(super) fn shown(&self, seen: &[Seen; 2], logs: &[Log; 2]) -> [String; 2] {
        let logged =
            [0, 1].map(|side| logs[side].get(&seen[side].info.activity_id).map(Vec::as_slice).unwrap_or_default());
        let logged = lines::shown(logged);
        [0, 1].map(|side| {
            let (queue, info) = (&self.sides[side].queue, &seen[side].info);
            let names = Names { queue, activity_id: &info.activity_id, run_id: &info.run_id };
            names.replaced(&format!("{}\nlog:\n{}", seen[side], logged[side]))
        })
    }
}

impl Side {
    /// Waits until something with these words has been logged about the activity.
    async fn says(&self, activity_id: &str, words: &str) {
        let wanted = |line: &str| (line.contains(activity_id) && line.contains(words)).then_some(());
        self.process.find_in_stderr(&format!("line about {activity_id} with {words:?}"), wanted).await;
    }
}

async fn ended(started: &Started) -> Seen {
    let outcome = started.outcome().await;
    Seen { outcome, info: started.standalone().describe().await }
}

/// Isolet, which logs all that it can tell of activities.
fn isolet(address: &str, options: Options) -> Side {
    let queue = unique("ours");
    let mut isolet = Isolet::with(["worker", "--address", address, "--task-queue", &queue, "--log-format", "json"])
        .arg("--shutdown-grace")
        .arg(format!("{}s", options.grace))
        .env("ISOLET_LOG", "warn,activity=trace");
    for argument in ["--kill-grace", "30s", "--cancel-check", options.cancel_check, "--limit", "memory=256MiB"] {
        isolet = isolet.arg(argument);
    }
    if let Some([port, _]) = options.metrics {
        isolet = isolet.arg("--metrics-address").arg(format!("127.0.0.1:{port}"));
    }
    for module in options.modules {
        isolet = isolet.arg(component(&format!("{module}-python")).display());
    }
    // Tasks wait for it.
    Side { process: isolet.start(), queue }
}

/// Temporal's own worker.
async fn official(address: &str, options: Options) -> Side {
    let queue = unique("theirs");
    let places = MODULES.iter().filter(|(folder, _)| options.modules.contains(folder));
    let places = places.flat_map(|(folder, modules)| {
        let folder = repository(&format!("tests/guests-python/{folder}")).display().to_string();
        modules.iter().map(move |module| format!("{folder}:{module}"))
    });
    let mut environment = vec![("SHUTDOWN_GRACE".to_owned(), options.grace.to_owned())];
    if let Some([_, port]) = options.metrics {
        environment.push(("METRICS_ADDRESS".to_owned(), format!("127.0.0.1:{port}")));
    }
    let process = official_process(address, &queue, places, environment);
    process.find("that it is ready", |line| line.starts_with("ready").then_some(())).await;
    Side { process, queue }
}

/// Temporal's own worker with the modules in these places, which it may refuse.
pub(super) fn official_process(
    address: &str,
    queue: &str,
    places: impl IntoIterator<Item = String>,
    mut environment: Vec<(String, String)>,
) -> Process {
    // Where `cargo xtask guests` installs it.
    let packages = target().join("../.tools/pip/temporalio-1.35.0");
    assert!(packages.is_dir(), "{} is missing: run `cargo xtask guests`", packages.display());
    let script = repository("tests/it/python/official_worker.py").display().to_string();
    let arguments = [script, address.to_owned(), queue.to_owned()].into_iter().chain(places);
    environment.push(("PYTHONPATH".to_owned(), packages.display().to_string()));
    environment.push(("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
    Process::start("Temporal's Python worker", Path::new("python3"), arguments, &environment)
}
