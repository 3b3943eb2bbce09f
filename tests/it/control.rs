//! A running worker is asked how it is, and told what must not run.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, net::UnixListener},
    process::Stdio,
};

use expect_test::expect;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    supervisor::{Configured, Queue},
    support::{Isolet, Worker, isolet::program},
};

/// A folder with a configuration whose worker can be asked.
async fn configured() -> Configured {
    let mut configured = Configured::new().await;
    configured.connection += "\n[admin]\nsocket = \"run/admin.sock\"\nstate = \"state\"";
    configured
}

/// A worker with these task queues that can be asked.
async fn start(configured: &Configured, queues: &[&Queue]) -> Worker {
    configured.configure(queues);
    let socket = configured.path("run/admin.sock");
    let queue = queues.first().map_or("", |queue| queue.name.as_str());
    Worker::start(configured.isolet().env("ISOLET_ADMIN_SOCKET", socket.display()), queue).await
}

/// What a command prints that is for the worker of this configuration.
async fn told(configured: &Configured, arguments: &[&str]) -> String {
    let socket = configured.path("run/admin.sock").display().to_string();
    let run = Isolet::with(arguments).env("ISOLET_ADMIN_SOCKET", socket).run().await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

async fn status(configured: &Configured) -> Value {
    serde_json::from_str(&told(configured, &["status", "--output", "json"]).await).unwrap()
}

#[tokio::test]
async fn a_worker_tells_how_everything_is() {
    let configured = configured().await;
    let (well, lacking) = (Queue::new("well").with("", "limits.result = \"1KiB\""), Queue::new("lacking"));
    let lacking = lacking.component(&configured.path("later.wasm"));
    let worker = start(&configured, &[&well, &lacking]).await;
    let running = worker.standalone("sleep_ms").arg(60_000).start().await;
    worker.started(running.id()).await;
    let status = status(&configured).await;
    assert_eq!((&status["version"], &status["worker"]["state"]), (&json!(1), &json!("ready")));
    let tenants = status["tenants"].as_array().unwrap();
    let names: Vec<&str> = tenants.iter().map(|tenant| tenant["name"].as_str().unwrap()).collect();
    assert_eq!(names, [&well.name, &lacking.name]);
    let queue = &tenants[0]["queues"][0];
    assert_eq!((&queue["status"], &queue["attempts"]), (&json!("serving"), &json!(1)));
    assert!(queue["activities"].as_array().unwrap().contains(&json!("greet")), "{queue}");
    assert!(queue["reserved_bytes"].as_u64() > Some(64 << 20), "{queue}");
    let digest = queue["components"][0]["digest"].as_str().unwrap();
    let refused = &tenants[1]["queues"][0];
    assert_eq!(refused["status"], "refused");
    assert!(refused["reason"].as_str().unwrap().ends_with("later.wasm: no such file"), "{refused}");
    assert!(refused["cure"].as_str().unwrap().starts_with("check the path"), "{refused}");
    let [attempt] = &status["attempts"].as_array().unwrap()[..] else { panic!("{status}") };
    let of_attempt = ["tenant", "activity_type", "activity_id", "digest"].map(|key| attempt[key].as_str().unwrap());
    assert_eq!(of_attempt, [&well.name, "sleep_ms", running.id(), digest]);
    assert_eq!(status["memory"]["reserved_bytes"], queue["reserved_bytes"]);
    let text = told(&configured, &["status"]).await;
    for expected in [
        &format!("tenant {}: isolation ", well.name),
        &format!("  task queue {} of namespace default: serving, ", well.name),
        &format!(" {} {}: sleep_ms {}, attempt 1", well.name, well.name, running.id()),
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
    // Another worker takes over, and what the attempt holds is told as before.
    let reserved = queue["reserved_bytes"].as_u64().unwrap();
    let changed = "max-concurrent = 7\nshutdown-grace = \"60s\"";
    configured.configure(&[&well.clone().with(changed, "limits.result = \"1KiB\""), &lacking]);
    worker.nth(1, "reconfigured").await;
    worker.told(&well.name, "serving").await;
    let changed = self::status(&configured).await["tenants"][0]["queues"][0].clone();
    assert_eq!((&changed["slots"], &changed["attempts"]), (&json!(7), &json!(1)));
    assert!(Some(reserved) <= changed["reserved_bytes"].as_u64(), "{changed}");
    let mut watching = Command::new(program())
        .args(["status", "--watch=100ms", "--socket"])
        .arg(configured.path("run/admin.sock"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    drop(watching.stdout.take());
    assert!(watching.wait().await.unwrap().success(), "it ends when nobody reads");
    running.cancel().await;
    let refused = worker.standalone("echo").arg("x".repeat(2_000)).run().await.to_string();
    assert!(refused.starts_with("failed: SandboxOutputLimit: "), "{refused}");
    let refused = self::status(&configured).await["refused"].clone();
    assert_eq!(refused[0]["what"], "SandboxOutputLimit", "{refused}");
    worker.stop().await;
    let socket = configured.path("run/admin.sock");
    assert!(!socket.exists());
    let gone = Isolet::with(["status", "--socket", &socket.display().to_string()]).run().await;
    assert!(gone.refusal().contains("nobody listens there"), "{}", gone.refusal());
}

#[tokio::test]
async fn an_activity_that_is_blocked_is_stopped_and_goes_on_once_it_is_not() {
    let configured = configured().await;
    let queue = Queue::new("blocked").with("", "stopping.kill-grace = \"100ms\"");
    let worker = start(&configured, &[&queue]).await;
    let running = worker.standalone("sleep_ms").arg(60_000).start().await;
    worker.started(running.id()).await;
    let blocked = ["block", "--activity", "sleep_ms", "--reason", "sleeps too long"];
    expect!["activity sleep_ms is blocked; 1 attempt is being stopped"].assert_eq(&told(&configured, &blocked).await);
    let outcome = running.outcome().await.to_string();
    expect![[r#"
        failed: SandboxBlocked: activity sleep_ms is blocked on this worker: sleeps too long
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&outcome);
    worker.greets_on(&queue.name).await;
    expect!["activity sleep_ms is blocked already; 0 attempts are being stopped"]
        .assert_eq(&told(&configured, &blocked).await);
    worker.stop().await;
    // It is blocked after a restart, too.
    let worker = start(&configured, &[&queue]).await;
    let waiting = worker.standalone("sleep_ms").arg(1).attempts(0).start().await;
    worker.finished(waiting.id(), 1).await;
    let blocks = status(&configured).await["blocks"].clone();
    assert_eq!((&blocks[0]["activity"], &blocks[0]["reason"]), (&json!("sleep_ms"), &json!("sleeps too long")));
    expect!["activity sleep_ms is blocked no more"]
        .assert_eq(&told(&configured, &["unblock", "--activity", "sleep_ms"]).await);
    assert_eq!(waiting.outcome().await.to_string(), "completed: 1");
    expect!["activity sleep_ms was not blocked; `isolet status` tells what is"]
        .assert_eq(&told(&configured, &["unblock", "--activity", "sleep_ms"]).await);
    worker.stop().await;
    let told = [worker.events_named("unblocked").len(), worker.events_named("blocked").len()];
    assert_eq!(told, [1, 0]);
}

#[tokio::test]
async fn a_tenant_that_is_blocked_is_not_polled_for_and_another_one_is() {
    let configured = configured().await;
    let [first, second] = ["first", "second"].map(Queue::new);
    let worker = start(&configured, &[&first, &second]).await;
    let running = worker.standalone("sleep_ms").arg(60_000).start().await;
    worker.started(running.id()).await;
    told(&configured, &["block", "--tenant", &first.name, "--reason", "unpaid", "--now"]).await;
    let outcome = running.outcome().await.to_string();
    let expected = format!("failed: SandboxBlocked: tenant {} is blocked on this worker: unpaid", first.name);
    assert!(outcome.starts_with(&expected), "{outcome}");
    assert_eq!(worker.told(&first.name, "blocked").await["reason"], "unpaid");
    let waiting = worker.standalone_on(&first.name, "greet").arg("Ada").start().await;
    worker.greets_on(&second.name).await;
    assert_eq!(status(&configured).await["tenants"][0]["blocked"], "unpaid");
    told(&configured, &["unblock", "--tenant", &first.name]).await;
    assert_eq!(waiting.outcome().await.to_string(), "completed: \"Hello, Ada!\"");
    worker.stop().await;
    let [stopped] = worker.events_named("stopped").try_into().unwrap();
    assert_eq!((&stopped["completed"], &stopped["failed"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_component_is_blocked_by_its_digest() {
    let configured = configured().await;
    let queue = Queue::new("digest");
    let worker = start(&configured, &[&queue]).await;
    let digest = status(&configured).await["tenants"][0]["queues"][0]["components"][0]["digest"].clone();
    let digest = format!("sha256:{}", digest.as_str().unwrap().get(..12).unwrap());
    told(&configured, &["block", "--digest", &digest, "--activity", "greet"]).await;
    let outcome = worker.standalone("greet").arg("Ada").run().await.to_string();
    assert!(outcome.contains("is blocked on this worker: an operator has blocked it"), "{outcome}");
    assert_eq!(worker.standalone("sleep_ms").arg(1).run().await.to_string(), "completed: 1");
    worker.stop().await;
}

#[tokio::test]
async fn what_can_not_hold_ends_the_start() {
    let configured = configured().await;
    let queue = Queue::new("refused");
    configured.configure(&[&queue]);
    let refusal = async |socket: &str| {
        let run = configured.isolet().env("ISOLET_ADMIN_SOCKET", configured.path(socket).display()).run().await;
        run.refusal().replace(&configured.path("").display().to_string(), "DIR/")
    };
    configured.write("state/blocks.json", "{\"version\": 1, \"blocks\": [{}]}");
    expect![[r#"
        exit code 2
        error: failed to read what is blocked, in DIR/state/blocks.json
          because: neither an activity nor a digest nor a tenant is named
          cure: correct the file, or remove it if nothing is to be blocked; `isolet block` writes it
    "#]]
    .assert_eq(&refusal("run/admin.sock").await);
    configured.write("state/blocks.json", "{\"version\": 1, \"blocks\": []}");
    configured.write("shared/file", "");
    fs::set_permissions(configured.path("shared"), fs::Permissions::from_mode(0o777)).unwrap();
    expect![[r#"
        exit code 2
        error: failed to make the admin socket in DIR/shared: others than this user may write to that folder
          cure: set admin.socket to a file in a folder of this user's own, with mode 0755 or less, or to "off"
    "#]]
    .assert_eq(&refusal("shared/admin.sock").await);
    let worker = start(&configured, &[&queue]).await;
    expect![[r#"
        exit code 2
        error: failed to make the admin socket DIR/run/admin.sock: another worker has it
          cure: set admin.socket to one of this worker's own, or to "off"
    "#]]
    .assert_eq(&refusal("run/admin.sock").await);
    worker.greets_on(&queue.name).await;
    worker.stop().await;
    // One that was killed leaves it behind.
    drop(UnixListener::bind(configured.path("run/admin.sock")).unwrap());
    start(&configured, &[&queue]).await.stop().await;
}
