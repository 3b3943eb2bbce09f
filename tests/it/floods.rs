//! Guests that say as much as they can, at default limits: the good activity beside them loses nothing, and the host
//! keeps little of what they say.

use std::{
    fs,
    time::{Duration, Instant},
};

use expect_test::expect;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, Worker,
    call::{Call, unique},
    component,
    outcome::Outcome,
};

/// Attempts that flood at once.
const FLOODS: usize = 4;

/// How long they do.
const TIME: u64 = 3_000;

/// What the worker may hold beyond what it had before: all that waits in queues, and what is on its way.
const ROOM: u64 = 128 << 20;

/// A worker with a hostile tenant and a good one, each on a task queue of its own.
///
/// The server is theirs alone: a flood keeps it busy for a while, which is not what tests beside it are about.
struct Tenants {
    worker: Worker,
    hostile: String,
    _folder: TempDir,
    _server: DevServer,
}

impl Tenants {
    async fn start() -> Self {
        let server = DevServer::start_configured(&[]).await;
        let (good, hostile, folder) = (unique("good"), unique("hostile"), TempDir::new().unwrap());
        // Often, so that what is looked at is whether the worker sends heartbeats, not how soon a busy server takes them.
        let often = "max-heartbeat-throttle = \"200ms\"\n";
        let tenant = |name: &str, queue: &str, file: &str| {
            let path = component(file);
            let grant = "{ methods = [\"SignalWorkflowExecution\"], workflow-ids = [\"*\"] }";
            let grants = if name == "evil" { format!("grants.client = {grant}\n") } else { String::new() };
            format!(
                "[[tenants]]\nname = {name:?}\n[[tenants.workers]]\ntask-queue = {queue:?}\n{often}\
                 [[tenants.workers.components]]\npath = {path:?}\n{grants}"
            )
        };
        let tenants = tenant("good", &good, "conformance") + &tenant("evil", &hostile, "hostile");
        let file = folder.path().join("isolet.toml");
        fs::write(&file, format!("connection.address = {:?}\n{tenants}", server.address())).unwrap();
        let isolet = Isolet::with(["worker", "--output", "json", "--config"]).arg(file.display());
        Self { worker: Worker::start(isolet, &good).await, hostile, _folder: folder, _server: server }
    }

    /// Floods while a good activity heartbeats, until both are done.
    async fn flood(&self, what: &str) {
        let flood = async {
            for outcome in self.attempts(what, TIME).await {
                assert!(outcome.json::<u64>() > 0);
            }
        };
        self.beside(what, flood).await;
    }

    /// The outcomes of attempts that flood for so many milliseconds.
    async fn attempts(&self, what: &str, time: u64) -> Vec<Outcome> {
        let calls = (0..FLOODS).map(|_| self.call("flood").args(&json!([what, time])).run());
        join_all(calls.collect::<Vec<_>>()).await
    }

    /// Lets a good activity heartbeat beside `flood`, which does what is called `what`.
    async fn beside(&self, what: &str, flood: impl Future<Output = ()>) {
        // Sandboxes take memory of their own, which does not count here.
        self.attempts("lines", 10).await;
        let before = self.worker.peak_memory();
        let good = self.worker.standalone("sleep_with_heartbeats").arg(2 * TIME).arg(100).heartbeat("3s").run();
        let ((), good) = tokio::join!(flood, good);
        assert_eq!(good.json::<u64>(), 2 * TIME / 100, "it heartbeat all the time, at its first attempt");
        // The kernel counts apart on each processor, so that a peak may look a little lower later.
        let grown = self.worker.peak_memory().saturating_sub(before);
        // Each flood's own memory is its limit.
        assert!(grown < ROOM + FLOODS as u64 * (64 << 20), "{what}: the worker took {} MiB more", grown >> 20);
    }

    fn call(&self, activity: &str) -> Call {
        self.worker.standalone_on(&self.hostile, activity)
    }
}

/// A worker that has seen this flood.
async fn flooded(what: &str) -> Worker {
    let tenants = Tenants::start().await;
    tenants.flood(what).await;
    tenants.worker
}

fn sum(worker: &Worker, event: &str) -> u64 {
    worker.events_named(event).iter().map(|event| event["count"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_flood_of_lines_with_many_fields() {
    let worker = flooded("fields").await;
    worker.stop().await;
    let lines = worker.events_named("log");
    let line = lines.iter().find(|line| line["message"] == "fields").unwrap();
    assert_eq!(line["fields"].as_object().unwrap().len(), 64);
    assert_eq!(line["fields_left_out"], 5_000 - 64);
}

#[tokio::test]
async fn a_flood_of_lines_to_escape() {
    let worker = flooded("control").await;
    worker.stop().await;
    let escaped = |line: &&Value| line["message"].as_str().is_some_and(|text| text.starts_with('\u{1b}'));
    let kept = worker.events_named("log").iter().filter(escaped).count() as u64;
    // A second's worth at once, and one for each second; a line counts for what it becomes.
    let most = FLOODS as u64 * (TIME / 1_000 + 2) * 1_000 / 96 + FLOODS as u64;
    assert!((1..=most).contains(&kept), "{kept} of at most {most}");
}

#[tokio::test]
async fn a_flood_of_large_heartbeats() {
    flood_of_heartbeats("heartbeats").await;
}

#[tokio::test]
async fn a_flood_of_large_client_calls() {
    flooded("client-calls").await.stop().await;
}

#[tokio::test]
async fn a_flood_of_attempts_that_fail_at_length() {
    let tenants = Tenants::start().await;
    let fail = async || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(TIME) {
            let outcome = tenants.call("huge_failure").arg(1).attempts(1).run().await.to_string();
            assert!(outcome.contains("xxxx"), "{}", outcome.get(..200).unwrap_or(&outcome));
        }
    };
    let flood = async {
        join_all((0..FLOODS).map(|_| fail())).await;
    };
    tenants.beside("failures", flood).await;
    tenants.worker.stop().await;
}

#[tokio::test]
async fn a_flood_of_heartbeats_with_many_payloads_with_nothing_in_them() {
    flood_of_heartbeats("empty-payloads").await;
}

async fn flood_of_heartbeats(what: &str) {
    let worker = flooded(what).await;
    worker.stop().await;
    let beats = worker.events_named("heartbeat").iter().filter(|event| event["activity_type"] == "flood").count();
    assert!((1..=10 * FLOODS).contains(&beats), "{beats}: paced by their size");
}

#[tokio::test]
async fn a_flood_of_heartbeats_that_fail() {
    let worker = flooded("failed-heartbeats").await;
    worker.stop().await;
    let failed = worker.events_named("heartbeat-failed");
    assert_eq!(failed.len(), FLOODS, "the first of each attempt is told");
    assert!(failed.iter().all(|event| event["message"].as_str().unwrap().len() <= (16 << 10) + 3));
    assert!(sum(&worker, "log-lines-dropped") > 0, "the others are counted");
}

#[tokio::test]
async fn a_flood_of_measurements() {
    flooded("metrics").await.stop().await;
}

#[tokio::test]
async fn many_payloads_with_nothing_in_them_are_too_large() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").start().await;
    expect![[r#"
        failed: SandboxOutputLimit: the details of a heartbeat have 37468 KiB and their limit is 2 MiB: record less, or raise `limits.heartbeat`
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&worker.standalone("empty_payloads").arg(300_000).run().await.to_string());
    expect!["completed: null"].assert_eq(&worker.standalone("empty_payloads").arg(10_000).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_reader_that_pauses_loses_lines_of_guests_and_no_end_of_an_attempt() {
    let tenants = Tenants::start().await;
    let worker = &tenants.worker;
    worker.set_unread(true);
    let floods = async {
        // Until more was said than can wait, also where guests are slow to say it.
        for _ in 0..5 {
            tenants.flood("control").await;
        }
    };
    let good = async {
        let mut ids = Vec::new();
        for number in 0..100 {
            let call = worker.standalone("greet").arg(number.to_string()).start().await;
            assert!(call.outcome().await.to_string().starts_with("completed"));
            ids.push(call.id().to_owned());
        }
        ids
    };
    let ((), good) = tokio::join!(floods, good);
    worker.set_unread(false);
    worker.stop().await;
    let ends = worker.events_named("attempt-finished");
    for id in good {
        assert_eq!(ends.iter().filter(|end| end["activity_id"] == *id).count(), 1, "{id}");
    }
    for dropped in worker.events_named("events-dropped") {
        assert_eq!((&dropped["of"], &dropped["tenant"]), (&json!("guest"), &json!("evil")), "{dropped}");
    }
    assert!(sum(worker, "events-dropped") > 0, "lines were dropped, and told");
}
