//! Metrics, as Prometheus and a collector of OpenTelemetry see them: those of guests, of core and of the host.

use std::{fs, net::TcpListener};

use expect_test::expect;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{DevServer, GUARD, Isolet, Worker, call::unique, collector::Collector, component};

/// What Prometheus would get from the worker.
pub(crate) async fn scrape(worker: &Worker) -> String {
    let ready = worker.event("ready", |event| event["event"] == "ready").await;
    let url = ready["metrics"].as_str().unwrap().to_owned();
    let (address, path) = url.strip_prefix("http://").and_then(|url| url.split_once('/')).unwrap();
    fetch(address, path).await.replace(worker.queue(), "QUEUE")
}

/// What is at this path of a server.
pub(crate) async fn fetch(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

/// The lines that begin like this, but for the buckets of histograms.
pub(crate) fn lines(scrape: &str, prefix: &str) -> String {
    let is_wanted = |line: &&str| line.contains(prefix) && !line.contains("_bucket{");
    scrape.lines().filter(is_wanted).map(|line| format!("{line}\n")).collect()
}

/// The value of the one line that begins with `name` and has all `labels`.
fn value(scrape: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let is_it = |line: &&str| line.starts_with(&format!("{name}{{")) && labels.iter().all(|label| line.contains(label));
    let found: Vec<_> = scrape.lines().filter(is_it).collect();
    assert!(found.len() < 2, "{found:#?}");
    found.first().map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// Asks until the line has this value.
async fn value_becomes(worker: &Worker, name: &str, labels: &[&str], wanted: impl Fn(f64) -> bool) {
    let asked = async {
        while !value(&scrape(worker).await, name, labels).is_some_and(&wanted) {
            tokio::task::yield_now().await;
        }
    };
    if tokio::time::timeout(GUARD, asked).await.is_err() {
        panic!("{name} {labels:?} in {}", scrape(worker).await);
    }
}

#[tokio::test]
async fn instruments_that_can_not_be_made_are_refused() {
    let server = DevServer::start().await;
    let worker =
        Isolet::worker(server).component("conformance").option("--metrics-address", "127.0.0.1:0").start().await;
    expect![[r#"completed: ["made","the metric \"conformance_taken\" is a counter already","the name \"\" is not a letter with letters, digits, `_`, `.`, `-` and `/` after it","the name \"two words\" is not a letter with letters, digits, `_`, `.`, `-` and `/` after it","the name \"temporal_request\" begins with \"temporal_\", as only the worker's own metrics do","the name has 300 bytes, and may have 255","the description has 2000 bytes, and may have 1024"]"#]].assert_eq(&worker.standalone("unmakeable_instruments").run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn attempts_are_measured_by_core_and_by_the_host() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").kill_grace("0s");
    let worker = worker.max_concurrent(7).option("--metrics-address", "127.0.0.1:0").start().await;
    for (activity, arguments) in [("echo", "[1]"), ("fail_benign", "[]"), ("fail", "[]"), ("nobody", "[]")] {
        let arguments = serde_json::from_str(arguments).unwrap();
        let call = worker.standalone(activity).args(&arguments).attempts(1).start().await;
        call.outcome().await;
        worker.finished(call.id(), 1).await;
    }
    let killed = worker.standalone("spin").start_to_close("1s").attempts(1).start().await;
    killed.outcome().await;
    worker.finished(killed.id(), 1).await;
    value_becomes(&worker, "isolet_components", &[], |components| components == 1.0).await;
    value_becomes(&worker, "isolet_sandboxes", &[], |sandboxes| sandboxes == 0.0).await;
    let seen = scrape(&worker).await;
    expect![[r##"
        # HELP isolet_attempts Attempts that ended, by outcome and type of failure.
        # TYPE isolet_attempts counter
        isolet_attempts{component="",failure_type="NotFoundError",namespace="default",outcome="failed",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
        isolet_attempts{component="conformance",failure_type="",namespace="default",outcome="completed",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
        isolet_attempts{component="conformance",failure_type="",namespace="default",outcome="timed-out",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
        isolet_attempts{component="conformance",failure_type="Expected",namespace="default",outcome="failed",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
        isolet_attempts{component="conformance",failure_type="ParseIntError",namespace="default",outcome="failed",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
        # HELP isolet_attempts_running Attempts that run now.
        # TYPE isolet_attempts_running gauge
        isolet_attempts_running{component="conformance",namespace="default",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 0
    "##]].assert_eq(&lines(&seen, "isolet_attempts"));
    expect![[r##"
        # HELP isolet_kills Attempts that were killed, by reason.
        # TYPE isolet_kills counter
        isolet_kills{component="conformance",namespace="default",reason="deadline",service_name="temporal-core-sdk",task_queue="QUEUE",tenant="default"} 1
    "##]].assert_eq(&lines(&seen, "isolet_kills"));
    let of = |name: &str, labels: &[&str]| value(&seen, name, labels);
    assert_eq!(of("isolet_kill_delay_seconds_count", &[]), Some(1.0));
    assert_eq!(of("isolet_sandbox_start_seconds_count", &[]), Some(4.0));
    assert!(of("isolet_attempt_cpu_seconds_sum", &[]).unwrap() > 0.0, "{seen}");
    assert!(of("isolet_attempt_peak_memory_bytes_sum", &[]).unwrap() > 1e6, "{seen}");
    assert_eq!(of("isolet_slots", &["tenant=\"default\"", "task_queue=\"QUEUE\""]), Some(7.0));
    assert!(of("isolet_memory_reserved_bytes", &["task_queue=\"QUEUE\""]).unwrap() > 0.0, "{seen}");
    let lookups =
        of("isolet_compile_cache_lookups", &["hit"]).unwrap() + of("isolet_compile_cache_lookups", &["miss"]).unwrap();
    assert_eq!(lookups, 1.0);
    // Core's own: benign failures don't count, and neither does what a worker gave up.
    let failed = |activity: &str| of("temporal_activity_execution_failed", &[&format!("activity_type=\"{activity}\"")]);
    assert_eq!((failed("fail"), failed("fail_benign")), (Some(1.0), None));
    assert_eq!(of("temporal_worker_start", &["task_queue=\"QUEUE\""]), Some(1.0));
    assert!(of("temporal_request", &["RespondActivityTaskCompleted"]).is_some(), "{seen}");
    worker.stop().await;
}

#[tokio::test]
async fn a_component_has_only_so_many_series() {
    let server = DevServer::start().await;
    let worker =
        Isolet::worker(server).component("conformance").option("--metrics-address", "127.0.0.1:0").start().await;
    for (name, series) in [("first", 600), ("second", 600), ("first", 600)] {
        let call = worker.standalone("measure_series").arg(name).arg(series).start().await;
        call.outcome().await;
        worker.finished(call.id(), 1).await;
    }
    let seen = scrape(&worker).await;
    let count = |name: &str| seen.lines().filter(|line| line.starts_with(&format!("{name}{{"))).count();
    assert_eq!((count("first"), count("second")), (600, 400));
    assert_eq!(value(&seen, "first", &["number=\"599\""]), Some(2.0), "series that exist go on");
    assert_eq!(value(&seen, "isolet_measurements_dropped", &["series-limit"]), Some(200.0));
    worker.signal(rustix::process::Signal::TERM);
    let stderr = worker.exit().await.stderr;
    assert_eq!(stderr.matches("have 1000 series of metrics").count(), 1, "{stderr}");
}

#[tokio::test]
async fn guests_that_flood_metrics_hold_nobody_up() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("hostile").kill_grace("0s");
    let worker = worker.option("--metrics-address", "127.0.0.1:0").start().await;
    let mut floods = Vec::new();
    for _ in 0..2 {
        floods.push(worker.standalone("metric_flood").start_to_close("3s").attempts(1).start().await);
    }
    for flood in &floods {
        worker.started(flood.id()).await;
    }
    for number in 0..10 {
        let good = worker.standalone("good").arg(format!("call {number}")).run().await;
        assert_eq!(good.to_string(), format!("completed: \"call {number}\""));
    }
    let endless = worker.standalone("endless_instruments").attempts(1).run().await;
    expect![[r#"
        failed: MetricError: an attempt may have 256 instruments, and it has them all
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&endless.to_string());
    for flood in &floods {
        expect![[r#"
            timed out: StartToClose: activity StartToClose timeout
            not tried again: MaximumAttemptsReached"#]]
        .assert_eq(&flood.outcome().await.to_string());
    }
    for flood in &floods {
        worker.finished(flood.id(), 1).await;
    }
    let seen = scrape(&worker).await;
    // How many they came to is a matter of time.
    let series = seen.lines().filter(|line| line.starts_with("hostile_")).count();
    assert!((256..=1_000).contains(&series), "{series}");
    assert_eq!(value(&seen, "isolet_kills", &["deadline"]), Some(2.0));
    worker.stop().await;
}

#[tokio::test]
async fn a_port_that_another_program_has_is_named() {
    let server = DevServer::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let worker = Isolet::worker(server).component("conformance").option("--metrics-address", &address);
    let refusal = worker.isolet().run().await.refusal().replace(&address, "ADDRESS");
    expect![[r#"
        exit code 6
        error: failed to answer by HTTP at ADDRESS: another program has the port
          cure: stop it, or name another port
    "#]]
    .assert_eq(&refusal);
}

/// A worker of the conformance component whose configuration has these lines; `grants` are the component's.
async fn configured(server: &DevServer, folder: &TempDir, metrics: &str, grants: &str) -> Worker {
    let queue = unique("metrics");
    let (address, component) = (server.address(), component("conformance"));
    let config = format!(
        "[connection]\naddress = {address:?}\n[metrics]\n{metrics}\n[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\n\
         task-queue = {queue:?}\n[[tenants.workers.components]]\npath = {component:?}\n{grants}\n"
    );
    let file = folder.path().join("isolet.toml");
    fs::write(&file, config).unwrap();
    Worker::start(Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]), &queue).await
}

#[tokio::test]
async fn a_component_may_be_refused_its_metrics() {
    let (server, folder) = (DevServer::start().await, TempDir::new().unwrap());
    let worker = configured(server, &folder, "", "grants.metrics = false").await;
    expect![[r#"
        failed: SandboxDenied: the component may not record metrics: its grants say `metrics = false`
          non-retryable
        not tried again: NonRetryableFailure"#]]
    .assert_eq(&worker.standalone("measure").arg("refused").attempts(1).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn without_an_exporter_guests_measure_into_the_void() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    expect!["completed: null"].assert_eq(&worker.standalone("measure").arg("void").run().await.to_string());
    expect!["completed: 2000"]
        .assert_eq(&worker.standalone("measure_series").arg("void").arg(2_000).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_collector_gets_the_metrics_with_headers_and_tags() {
    let (server, folder) = (DevServer::start().await, TempDir::new().unwrap());
    let collector = Collector::start().await;
    fs::write(folder.path().join("headers"), "Authorization: Bearer sample\n").unwrap();
    let metrics = format!(
        "export = \"otlp\"\notlp-url = \"http://{}\"\notlp-interval = \"100ms\"\notlp-headers-file = \"headers\"\n\
         tags = {{ region = \"eu\" }}\ndurations-in-seconds = true\nmax-series = 50",
        collector.address()
    );
    let worker = configured(server, &folder, &metrics, "").await;
    worker.standalone("measure").arg("sent").run().await;
    let of_guest =
        format!("activity_type=measure,namespace=default,service_name=temporal-core-sdk,task_queue={}", worker.queue());
    let line = |name: &str| format!("{name}{{{of_guest}}}");
    // It is recorded last, so what comes with it is what there is.
    collector.value(&line("sent_gauge_float")).await;
    let mut seen = String::new();
    for name in ["sent_counter", "sent_histogram", "sent_latency", "sent_gauge", "sent_gauge_float"] {
        seen += &format!("{name}: {}\n", collector.value(&line(name)).await);
    }
    expect![[r#"
        sent_counter: sum 9 (Rows read; {row})
        sent_histogram: 2 values, together 70.5 (Sizes; )
        sent_latency: 1 values, together 1.5 (; s)
        sent_gauge: gauge 9223372036854775807 (; )
        sent_gauge_float: gauge -0.25 (; )
    "#]]
    .assert_eq(&seen);
    let queue = format!("namespace=default,service_name=temporal-core-sdk,task_queue={},tenant=acme", worker.queue());
    expect!["gauge 100 (Attempts that may run at once on a task queue.; )"]
        .assert_eq(&collector.value(&format!("isolet_slots{{{queue}}}")).await);
    assert!(collector.value("resource").await.contains("region=eu"));
    assert_eq!(collector.authorization(), "Bearer sample");
    worker.stop().await;
}
