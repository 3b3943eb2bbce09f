//! The same modules on Temporal's own Python worker and in the sandbox, each activity called on both.
//!
//! # Layout
//! - [`cases`], [`ways`], [`odd`]: what is called.
//! - [`lines`], [`traces`]: what is compared of logs and of stack traces.
//! - [`differences`]: what is known to differ, by `docs/python.md`.

use std::{collections::HashSet, path::Path};

use serde_json::json;

use crate::{
    differential::{Case, Language, Line, Log, Options, Pair, call, compare, compare_shutdown, without},
    support::{isolet::target, process::Process, repository},
};

mod cases;

mod ways;

mod odd;

mod lines;

mod traces;

mod differences;

/// The modules, by their folders below `tests/guests-python`.
const MODULES: [(&str, &[&str]); 4] = [
    ("conformance", &["values", "failures", "heartbeats", "work"]),
    (
        "ways",
        &[
            "ways",
            "payloads",
            "odd",
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

/// Both run with the modules of other tests, too.
const fn all_modules() -> Options {
    Options::of(&["conformance", "ways", "examples"])
}

/// The language that this is about.
#[derive(Debug)]
struct Python;

static PYTHON: Python = Python;

impl Language for Python {
    fn suffix(&self) -> &'static str {
        "-python"
    }

    fn document(&self) -> &'static str {
        "docs/python.md"
    }

    fn official(&self, address: &str, queue: &str, options: Options) -> Process {
        let places = MODULES.iter().filter(|(folder, _)| options.modules.contains(folder));
        let places = places.flat_map(|(folder, modules)| {
            let folder = repository(&format!("tests/guests-python/{folder}")).display().to_string();
            modules.iter().map(move |module| format!("{folder}:{module}"))
        });
        let mut environment = vec![("SHUTDOWN_GRACE".to_owned(), options.grace.to_owned())];
        if let Some([_, port]) = options.metrics {
            environment.push(("METRICS_ADDRESS".to_owned(), format!("127.0.0.1:{port}")));
        }
        official_process(address, queue, places, environment)
    }

    fn users(&self, trace: &str) -> Vec<String> {
        traces::users(trace)
    }

    fn replaced(&self, text: &str) -> String {
        // As an activity's `Info` shows them.
        let text = without(text, "datetime.datetime(", ")");
        without(&without(&text, "task_token=b'", "'"), "task_token=b\\\"", "\\\"")
    }

    fn read(&self, [ours, theirs]: [&str; 2]) -> [Log; 2] {
        [lines::of_isolet(ours), lines::of_official(theirs)]
    }

    fn comparable<'a>(&self, lines: [&'a [Line]; 2]) -> [Vec<&'a Line>; 2] {
        lines::comparable(lines)
    }
}

/// Temporal's own worker with the modules in these places, which it may refuse.
fn official_process(
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

#[tokio::test]
async fn modules_of_other_tests_come_to_the_same() {
    let cases = cases::all();
    compare(Pair::start(&PYTHON, all_modules()).await, &cases).await;
}

#[tokio::test]
async fn ways_of_writing_them_come_to_the_same() {
    let cases = ways::all();
    let types: HashSet<&str> = cases.iter().map(|case| case.activity).collect();
    assert!(60 <= types.len(), "{} activities", types.len());
    compare(Pair::start(&PYTHON, all_modules()).await, &cases).await;
}

#[tokio::test]
async fn odd_values_and_ways_come_to_the_same() {
    compare(Pair::start(&PYTHON, all_modules()).await, &odd::all()).await;
}

#[tokio::test]
async fn an_activity_that_nobody_has_fails_the_same() {
    let pair = Pair::start(&PYTHON, Options::of(&["examples"])).await;
    compare(pair, &[call("nobody", json!([])), call("nobody", json!([1]))]).await;
}

#[tokio::test]
async fn a_shutdown_ends_them_the_same() {
    let stopped = async |grace: &'static str, cases: Vec<Case>| {
        let pair = Pair::start(&PYTHON, Options { grace, ..Options::of(&["ways"]) }).await;
        compare_shutdown(pair, &cases).await;
    };
    let ignoring = || {
        [
            call("ignores_the_shutdown", json!([])).knowing(&differences::SHUT_DOWN),
            call("ignores_the_shutdown_synchronously", json!([])),
            call("is_not_interrupted", json!([])),
        ]
        .map(|case| case.heartbeat("20s"))
    };
    let waiting = ["waits_for_the_shutdown", "waits_for_the_shutdown_synchronously"];
    let waiting = waiting.map(|activity| call(activity, json!([])));
    tokio::join!(stopped("0", ignoring().to_vec()), stopped("2", ignoring().into_iter().chain(waiting).collect()));
}
