//! Tenants in cells: what one loses, another does not even notice.

mod deaths;
mod http;
mod pages;

use std::{fs, path::Path, time::Duration};

use expect_test::expect;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, Worker, call::unique, component, worker::is_about};

/// A worker of two tenants, each with a cell and a task queue of its own name.
struct Tenants {
    worker: Worker,
    acme: String,
    beta: String,
    _folder: TempDir,
}

impl Tenants {
    async fn start(isolation: [&str; 2]) -> Self {
        Self::start_with("conformance", isolation).await
    }

    async fn start_with(guest: &str, isolation: [&str; 2]) -> Self {
        let (acme, beta, folder) = (unique("acme"), unique("beta"), TempDir::new().unwrap());
        let file = folder.path().join("isolet.toml");
        let names = [acme.clone(), beta.clone()];
        let config = configuration(&DevServer::start().await.address(), guest, &names, isolation);
        fs::write(&file, config).unwrap();
        let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
        let worker = Worker::start(isolet, &acme).await;
        Self { worker, acme, beta, _folder: folder }
    }

    /// The attempts of this activity that have ended.
    fn ends(&self, activity_id: &str) -> Vec<Value> {
        let ends = self.worker.events_named("attempt-finished").into_iter();
        ends.filter(|event| event["activity_id"] == activity_id).collect()
    }
}

/// One of tenants with these names, each with a task queue of its own name that serves this guest.
fn configuration(address: &str, guest: &str, names: &[String; 2], isolation: [&str; 2]) -> String {
    let mut config = format!("connection.address = {address:?}\nengine.cell-start = \"load\"\n");
    for (name, isolation) in names.iter().zip(isolation) {
        config += &format!(
            r#"
[[tenants]]
name = "{name}"
isolation = "{isolation}"
[[tenants.workers]]
task-queue = "{name}"
[[tenants.workers.components]]
path = "{}"
"#,
            component(guest).display()
        );
    }
    config
}

/// The processes of cells with this name.
pub(crate) fn cells(name: &str) -> Vec<Pid> {
    let is_one = |folder: &Path| {
        let arguments = fs::read(folder.join("cmdline")).unwrap_or_default();
        let arguments: Vec<_> = arguments.split(|byte| *byte == 0).collect();
        arguments.get(1).copied() == Some(b"__cell") && arguments.get(3).copied() == Some(name.as_bytes())
    };
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let cells = processes.filter(|folder| is_one(folder));
    cells.filter_map(|folder| Pid::from_raw(folder.file_name()?.to_str()?.parse().ok()?)).collect()
}

#[tokio::test]
async fn a_dead_cell_costs_its_tenant_an_attempt_and_others_nothing() {
    const CALLS: usize = 5;
    let tenants = Tenants::start(["tenant", "tenant"]).await;
    for death in [Signal::KILL, Signal::ABORT] {
        let mut calls = Vec::new();
        for queue in [&tenants.acme, &tenants.beta] {
            for number in 0..CALLS {
                let call = tenants.worker.standalone_on(queue, "sleep_ms").arg(3_000 + number);
                calls.push(call.start_to_close("30s").attempts(0).start().await);
            }
        }
        for call in &calls {
            tenants.worker.started(call.id()).await;
        }
        let [victim] = cells(&tenants.acme)[..] else { panic!("{:?}", cells(&tenants.acme)) };
        kill_process(victim, death).unwrap();
        for (number, call) in calls.iter().enumerate() {
            assert_eq!(call.outcome().await.json::<usize>(), 3_000 + number % CALLS);
            let is_of_victim = number < CALLS;
            let is_last =
                |event: &Value| is_about(event, "attempt-finished", call.id()) && event["outcome"] == "completed";
            tenants.worker.event("the last attempt's end", is_last).await;
            let ends = tenants.ends(call.id());
            assert_eq!(ends.len(), if is_of_victim { 2 } else { 1 }, "{ends:#?}");
            if is_of_victim {
                assert_eq!(ends[0]["failure_type"], "SandboxLost", "{ends:#?}");
            }
        }
        assert!(!cells(&tenants.acme).contains(&victim));
    }
    tenants.worker.stop().await;
    assert_eq!((cells(&tenants.acme), cells(&tenants.beta)), (vec![], vec![]));
}

/// What guests do comes to the same, and is told the same, in a cell and in the worker's own process.
#[tokio::test]
async fn what_comes_of_attempts_is_the_same() {
    let tenants = Tenants::start(["tenant", "none"]).await;
    let arguments = json!({
        "greet": ["Bob"],
        "echo": [{"a": [1, null, "é"]}],
        "nothing": [],
        "with_default": [1],
        "unencodable_result": [],
        "environment": [],
        "fail": [],
        "fail_benign": [],
        "fail_empty": [],
        "fail_with_bad_detail": [],
        "fail_with_cause": [],
        "fail_cancelled": [],
        "panic": ["on purpose"],
        "allocate": [100],
        "log_lines": ["of the test"],
        "measure": ["cells"],
        "measure_series": ["cells_series", 50],
        "client_describe": ["no-such-workflow", null],
        "heartbeat_details": ["none"],
        "heartbeat_then_fail": [],
        "spin": [],
    });
    for (activity, arguments) in arguments.as_object().unwrap() {
        let told = async |queue: &str| {
            // A cell may have to start first; what has no end is told soon.
            let time = if activity == "spin" { "2s" } else { "20s" };
            let call =
                || tenants.worker.standalone_on(queue, activity).args(arguments).start_to_close(time).attempts(1);
            let (call, outcome) = loop {
                let call = call().start().await;
                let outcome = call.outcome().await.to_string();
                let is_start = |event: &Value| is_about(event, "attempt-started", call.id());
                // On a busy machine a task may be handed out and not arrive in time.
                if tenants.worker.events().iter().any(is_start) {
                    break (call, outcome);
                }
            };
            let end = tenants.worker.finished(call.id(), 1).await["outcome"].clone();
            let lines = tenants.worker.events_named("log").into_iter().filter(|line| line["activity_id"] == call.id());
            let lines: Vec<String> = lines.map(|line| format!("{} {}", line["message"], line["fields"])).collect();
            format!("{outcome}\n{end}\n{lines:#?}").replace(queue, "QUEUE")
        };
        let (there, here) = tokio::join!(told(&tenants.acme), told(&tenants.beta));
        assert_eq!(there, here, "{activity}");
    }
    tenants.worker.stop().await;
}

#[tokio::test]
async fn no_activity_is_lost_while_cells_die() {
    const CALLS: u64 = 150;
    let tenants = Tenants::start(["tenant", "none"]).await;
    let calls = (0..CALLS).map(|number| {
        let call = tenants.worker.standalone("sleep_ms").arg(50 + number % 50);
        call.start_to_close("20s").attempts(0).start()
    });
    let calls = futures_util::future::join_all(calls).await;
    for deaths in 1..=5 {
        let is_end = |event: &Value| event["event"] == "attempt-finished" && event["outcome"] == "completed";
        tenants.worker.nth_event(15 * deaths, "end of an attempt", is_end).await;
        for cell in cells(&tenants.acme) {
            // It may be gone already.
            let _ = kill_process(cell, Signal::KILL);
        }
    }
    for (number, call) in (0..CALLS).zip(&calls) {
        assert_eq!(call.outcome().await.json::<u64>(), 50 + number % 50);
    }
    tenants.worker.stop().await;
    let ends = tenants.worker.events_named("attempt-finished");
    assert!(ends.iter().any(|end| end["failure_type"] == "SandboxLost"));
    for call in &calls {
        let told = ends.iter().filter(|end| end["activity_id"] == call.id() && end["outcome"] == "completed").count();
        assert_eq!(told, 1, "{} was reported {told} times", call.id());
    }
}

#[tokio::test]
async fn what_lost_an_attempt_is_told_to_its_caller() {
    let tenants = Tenants::start(["tenant", "none"]).await;
    let call = tenants.worker.standalone("sleep_ms").arg(60_000).attempts(1).start().await;
    tenants.worker.started(call.id()).await;
    assert_eq!(cells(&tenants.beta), vec![], "it has no cell");
    kill_process(cells(&tenants.acme)[0], Signal::KILL).unwrap();
    let failure = call.outcome().await;
    expect!["the process that ran the attempt was lost: it was killed, by someone or for want of memory (SIGKILL)"]
        .assert_eq(&failure.failure().message);
    tenants.worker.stop().await;
}

#[tokio::test]
async fn tenants_may_share_one() {
    let shared = unique("shared");
    let isolation = format!("shared:{shared}");
    let tenants = Tenants::start([&isolation, &isolation]).await;
    for queue in [&tenants.acme, &tenants.beta] {
        let greeting = tenants.worker.standalone_on(queue, "greet").arg(queue).run().await;
        assert_eq!(greeting.json::<String>(), format!("Hello, {queue}!"));
    }
    assert_eq!(cells(&isolation).len(), 1);
    tenants.worker.stop().await;
}

#[tokio::test]
async fn a_worker_that_is_killed_takes_its_cells_along() {
    let tenants = Tenants::start(["tenant", "tenant"]).await;
    assert_eq!((cells(&tenants.acme).len(), cells(&tenants.beta).len()), (1, 1));
    tenants.worker.signal(Signal::KILL);
    tenants.worker.exit().await;
    let gone = async {
        while !(cells(&tenants.acme).is_empty() && cells(&tenants.beta).is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
}
