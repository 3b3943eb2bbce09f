//! What all attempts of a tenant use together has limits, which hold over all its task queues, or only count.

use std::{collections::BTreeMap, fs};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    supervisor::Configured,
    support::{
        Isolet, Worker,
        call::{Call, unique},
        component,
    },
};

/// A worker of two tenants: a good one, and one with these limits and two task queues, on which the hostile component runs.
struct Tenants {
    configured: Configured,
    worker: Worker,
    evil: [String; 2],
}

impl Tenants {
    async fn start(limits: &str, engine: &str) -> Self {
        let configured = Configured::new().await;
        let (good, evil) = (unique("good"), [unique("evil"), unique("worse")]);
        configured.write("isolet.toml", Self::text(&configured, &good, &evil, limits, engine));
        let socket = configured.path("run/admin.sock");
        let worker = Worker::start(configured.isolet().env("ISOLET_ADMIN_SOCKET", socket.display()), &good).await;
        Self { configured, worker, evil }
    }

    fn text(configured: &Configured, good: &str, evil: &[String; 2], limits: &str, engine: &str) -> String {
        let (hostile, conformance) = (component("hostile"), component("conformance"));
        let data = configured.path("data");
        fs::create_dir(&data).unwrap();
        let queue = |queue: &String, component| {
            format!(
                "[[tenants.workers]]\ntask-queue = {queue:?}\n[[tenants.workers.components]]\npath = {component:?}\n\
                 limits = {{ log-rate = 100000, disk = \"40MiB\" }}\n\
                 grants.directories = [{{ host = {data:?}, guest = \"/data\", writable = true }}]\n"
            )
        };
        format!(
            "{engine}\nmetrics = {{ export = \"prometheus\", address = \"127.0.0.1:0\" }}\n\
             admin = {{ socket = \"run/admin.sock\", state = \"state\" }}\n[connection]\n{}\n\
             [[tenants]]\nname = \"good\"\n{}[[tenants]]\nname = \"evil\"\nlimits = {{ {limits} }}\n{}{}",
            configured.connection,
            queue(&good.to_owned(), &conformance),
            queue(&evil[0], &hostile),
            queue(&evil[1], &conformance),
        )
    }

    /// What its limits were told to have done, by limit.
    async fn limited(&self) -> BTreeMap<String, u64> {
        let socket = self.configured.path("run/admin.sock").display().to_string();
        let run = Isolet::with(["status", "--output", "json"]).env("ISOLET_ADMIN_SOCKET", socket).run().await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let status: Value = serde_json::from_str(&run.stdout).unwrap();
        let limited = status["tenants"][1]["limited"].as_array().unwrap().iter();
        limited.map(|each| (each["limit"].as_str().unwrap().to_owned(), each["count"].as_u64().unwrap())).collect()
    }

    fn sleep(&self, millis: u64) -> Call {
        self.worker.standalone_on(&self.evil[1], "sleep_ms").arg(millis)
    }

    async fn floods(&self) {
        let floods =
            (0..4).map(|_| self.worker.standalone_on(&self.evil[0], "flood").args(&json!(["lines", 1_500])).run());
        for outcome in join_all(floods).await {
            assert!(outcome.json::<u64>() > 0);
        }
    }
}

/// The most attempts on this task queue that ran at the same time, by what the worker told of them.
fn most_at_once(worker: &Worker, queue: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for event in worker.events().iter().filter(|event| event["task_queue"] == queue) {
        match event["event"].as_str() {
            Some("attempt-started") => now += 1,
            Some("attempt-finished") => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[tokio::test]
async fn a_tenant_s_attempts_wait_beyond_its_limit() {
    let tenants = Tenants::start("attempts = 2", "").await;
    let calls = (0..6).map(|_| tenants.sleep(300).run());
    for outcome in join_all(calls).await {
        assert_eq!(outcome.to_string(), "completed: 300");
    }
    assert!((1..=2).contains(&most_at_once(&tenants.worker, &tenants.evil[1])));
    assert!(tenants.limited().await["attempts"] > 0);
    tenants.worker.stop().await;
}

#[tokio::test]
async fn a_tenant_that_wants_all_memory_leaves_others_theirs() {
    // Of 500 MiB four attempts have room, of which one is guaranteed to the good tenant.
    let tenants = Tenants::start("guaranteed-memory = \"0\"", "engine.memory-budget = \"500MiB\"").await;
    let mut running = Vec::new();
    for _ in 0..8 {
        running.push(tenants.sleep(60_000).start().await);
    }
    tenants.worker.nth_event(3, "attempt-started", |event| event["event"] == "attempt-started").await;
    // They hold what they hold for a minute, and the good tenant's attempts go on at once.
    for _ in 0..3 {
        assert_eq!(tenants.worker.standalone("echo").arg(7).run().await.to_string(), "completed: 7");
    }
    for running in &running {
        running.standalone().terminate().await;
    }
    tenants.worker.stop().await;
}

#[tokio::test]
async fn a_tenant_that_logs_too_much_loses_lines() {
    let tenants = Tenants::start("log-bytes-per-second = \"4KiB\"", "").await;
    tenants.floods().await;
    let written = tenants.worker.events_named("log").iter().filter(|line| line["activity_type"] == "flood").count();
    assert!(written < 2_000, "{written} lines");
    assert!(tenants.limited().await["log-bytes-per-second"] > 0);
    assert_eq!(tenants.worker.standalone("echo").arg(7).run().await.to_string(), "completed: 7");
    tenants.worker.stop().await;
}

#[tokio::test]
async fn a_tenant_s_writes_pass_at_a_pace() {
    for (limits, way) in [("", "waits"), (", mode = \"count\"", "goes on")] {
        let tenants = Tenants::start(&format!("disk-bytes-per-second = \"64KiB\"{limits}"), "").await;
        // Each writes 64 KiB, and as much again before it comes to its own limit.
        let fill = |name| tenants.worker.standalone_on(&tenants.evil[0], "touch").args(&json!(["fill", name])).run();
        for outcome in join_all([fill("/data/one"), fill("/data/two")]).await {
            assert_eq!(
                outcome.to_string(),
                "completed: \"32 MiB, then No space left on device (os error 51)\"",
                "{way}"
            );
        }
        assert!(tenants.limited().await["disk-bytes-per-second"] > 0, "{way}");
        assert_eq!(tenants.worker.standalone("echo").arg(7).run().await.to_string(), "completed: 7");
        tenants.worker.stop().await;
    }
}

#[tokio::test]
async fn what_would_be_limited_is_counted_and_goes_on() {
    let limits = "attempts = 1, starts-per-second = 1, log-bytes-per-second = \"1KiB\", mode = \"count\"";
    let tenants = Tenants::start(limits, "").await;
    tenants.floods().await;
    let limited = tenants.limited().await;
    for limit in ["attempts", "starts-per-second", "log-bytes-per-second"] {
        assert!(limited.get(limit).is_some_and(|count| *count > 0), "{limit}: {limited:?}");
    }
    // Of four attempts one would have been within the limit, whatever polls there are beside them.
    assert!(limited["attempts"] <= 3 && limited["starts-per-second"] <= 3, "{limited:?}");
    let written = tenants.worker.events_named("log").iter().filter(|line| line["activity_type"] == "flood").count();
    assert!(written > 100, "{written} lines");
    tenants.worker.stop().await;
}
