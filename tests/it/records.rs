//! What is kept of what happened: the audit log, and receipts of attempts.

use std::{fs, path::PathBuf};

use expect_test::expect;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    supervisor::{Configured, Queue},
    support::{Isolet, Worker, isolet::Run},
};

async fn configured() -> Configured {
    let mut configured = Configured::new().await;
    configured.connection += "\n[admin]\nstate = \"state\"\n[audit]\nfile = \"audit.log\"\n[receipts]\nfile = \"receipts.jsonl\"\nresult-metadata = true";
    configured
}

/// A worker with this task queue that can be asked.
async fn start(configured: &Configured, queue: &Queue) -> Worker {
    let socket = configured.path("run/admin.sock");
    configured.configure(&[queue]);
    Worker::start(configured.isolet().env("ISOLET_ADMIN_SOCKET", socket.display()), &queue.name).await
}

fn lines(path: PathBuf) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn verify(files: &[PathBuf], head: Option<&str>) -> Run {
    let files = files.iter().map(|file| file.display().to_string());
    let head = head.into_iter().flat_map(|head| ["--head".to_owned(), head.to_owned()]);
    Isolet::with(["audit", "verify"].map(str::to_owned).into_iter().chain(files).chain(head)).run().await
}

#[tokio::test]
async fn what_happens_is_in_the_audit_log_and_the_chain_holds() {
    let configured = configured().await;
    let queue =
        Queue::new("audited").with("", "limits.result = \"1KiB\"\ngrants.environment = { TOKEN = \"hunter2\" }");
    let worker = start(&configured, &queue).await;
    worker.greets_on(&queue.name).await;
    for _ in 0..3 {
        worker.standalone("echo").arg("x".repeat(2_000)).run().await;
    }
    let socket = configured.path("run/admin.sock").display().to_string();
    let command = async |arguments: &[&str]| {
        let run = Isolet::with(arguments.iter().chain(["--socket", &socket].iter())).run().await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.stdout
    };
    command(&["block", "--activity", "sleep_ms", "--reason", "no"]).await;
    worker.standalone("sleep_ms").arg(1).run().await;
    command(&["unblock", "--activity", "sleep_ms"]).await;
    // Moved at night, as logs are.
    let former = configured.path("audit.log.1");
    fs::rename(configured.path("audit.log"), &former).unwrap();
    worker.signal(Signal::HUP);
    worker.nth(1, "reconfigured").await;
    configured.configure(&[&queue.clone().with("max-concurrent = 3", "limits.result = \"1KiB\"")]);
    worker.nth(2, "reconfigured").await;
    let status: Value = serde_json::from_str(&command(&["status", "--output", "json"]).await).unwrap();
    worker.stop().await;
    let files = [former.clone(), configured.path("audit.log")];
    let entries: Vec<Value> = files.iter().flat_map(|file| lines(file.clone())).collect();
    let of = |event: &str| entries.iter().filter(|entry| entry["event"] == event).collect::<Vec<_>>();
    let events = ["worker-started", "component-loaded", "denied", "blocked", "unblocked", "worker-stopped"];
    for event in events {
        assert!(!of(event).is_empty(), "{event} is not in {entries:#?}");
    }
    let loaded = of("component-loaded")[0];
    assert_eq!((&loaded["tenant"], &loaded["grants"]["environment"]), (&json!(queue.name), &json!(["TOKEN"])));
    assert_eq!((&of("blocked")[0]["activity"], &of("blocked")[0]["reason"]), (&json!("sleep_ms"), &json!("no")));
    let [first, rest] = &of("stopped")[..] else { panic!("{entries:#?}") };
    assert_eq!((&first["what"], &first["count"], &rest["count"]), (&json!("output"), &json!(1), &json!(2)));
    let is_changed = |entry: &&Value| entry["changed"].to_string().contains("\"max-concurrent\"");
    assert!(of("configuration-changed").into_iter().any(|entry| is_changed(&entry)), "{entries:#?}");
    assert!(!format!("{entries:?}").contains("hunter2"), "a secret is in the log");
    let head = status["audit_head"].as_str().unwrap();
    let held = verify(&files, Some(head)).await;
    assert_eq!(held.code, Some(0), "{}", held.stderr);
    assert!(
        held.stdout.starts_with(&format!("the chain holds: {0} entries, 1 to {0}\n", entries.len())),
        "{}",
        held.stdout
    );
    // Alone, it is the part that it is.
    assert!(verify(&files[1..], None).await.stdout.contains("is in other files"));
    let cut = fs::read_to_string(&files[0]).unwrap();
    fs::write(&files[0], cut.replacen("\"no\"", "\"ok\"", 1)).unwrap();
    let broken = verify(&files, None).await;
    assert_eq!(broken.code, Some(1));
    assert!(broken.refusal().contains("it does not have the hash of the line before"), "{}", broken.refusal());
}

#[tokio::test]
async fn a_log_goes_on_after_a_crash_and_what_is_no_log_is_left_alone() {
    let configured = configured().await;
    let queue = Queue::new("crashed");
    let worker = start(&configured, &queue).await;
    worker.greets_on(&queue.name).await;
    worker.stop().await;
    let log = configured.path("audit.log");
    let whole = fs::read_to_string(&log).unwrap();
    fs::write(&log, format!("{whole}{{\"cut")).unwrap();
    let torn = verify(std::slice::from_ref(&log), None).await;
    assert!(torn.code == Some(0) && torn.stdout.contains("the last 5 bytes are no whole line"), "{}", torn.stdout);
    start(&configured, &queue).await.stop().await;
    let repaired = verify(std::slice::from_ref(&log), None).await;
    assert!(repaired.stdout.contains("one line was cut off by a crash, and that was told"), "{}", repaired.stdout);
    let gone = verify(std::slice::from_ref(&log), Some(&"ab".repeat(32))).await;
    assert!(gone.code == Some(1) && gone.refusal().contains("entries were removed at its end"), "{}", gone.refusal());
    fs::write(&log, "a diary\n").unwrap();
    let refused = configured.isolet().run().await.refusal();
    expect![[r#"
        exit code 2
        error: failed to write to DIR/audit.log: it ends with something else than an entry of an audit log
          cure: set audit.file to a file of this worker's own, in a folder that is there and that it may write to
    "#]]
    .assert_eq(&refused.replace(&configured.path("").display().to_string(), "DIR/"));
}

#[tokio::test]
async fn each_attempt_leaves_a_receipt() {
    let configured = configured().await;
    let queue = Queue::new("billed").with("", "limits.result = \"4KiB\"");
    let worker = start(&configured, &queue).await;
    let first = worker.standalone("echo").arg("x".repeat(1_000)).start().await;
    let echoed = first.outcome().await;
    worker.finished(first.id(), 1).await;
    let metadata = echoed.payload().metadata.get("isolet-receipt").cloned().unwrap_or_default();
    let receipt: Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(receipt["tenant"], queue.name.as_str());
    let call = worker.standalone("echo").arg("x".repeat(10_000)).start().await;
    call.outcome().await;
    // Its receipt is written after the server was told, and in the order of that.
    let finished = worker.finished(call.id(), 1).await;
    worker.standalone("random").run().await;
    assert_eq!((&finished["limit"], &finished["tenant"]), (&json!("output"), &json!(queue.name)));
    worker.stop().await;
    let events = lines(configured.path("receipts.jsonl"));
    let data: Vec<&Value> = events.iter().map(|event| &event["data"]).collect();
    assert_eq!(events.len(), 3, "{events:?}");
    assert_eq!(
        (&events[0]["specversion"], &events[0]["type"]),
        (&json!("1.0"), &json!("dev.isolet.attempt.finished.v1"))
    );
    assert_eq!((&data[0]["outcome"], &data[0]["activity_type"]), (&json!("completed"), &json!("echo")));
    for key in ["wall_ms", "cpu_ms", "peak_memory_bytes", "host_calls", "bytes_in", "bytes_out"] {
        assert_eq!(data[0][key], receipt[key], "{key}");
    }
    assert!(data[2]["host_calls"].as_u64() > Some(0), "{}", data[2]);
    assert!(data[0]["bytes_in"].as_u64() > Some(1_000) && data[0]["bytes_out"].as_u64() > Some(1_000), "{}", data[0]);
    assert_eq!((&data[1]["limit"], &data[1]["failure_type"]), (&json!("output"), &json!("SandboxOutputLimit")));
    assert_eq!(data[1]["digest"], receipt["digest"]);
}
