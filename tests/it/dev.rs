//! `isolet dev`: a development server and a worker that live and die together.

use std::{fs, time::Duration};

use expect_test::expect;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::{Isolet, Worker, call::unique, component, dev_server::temporal_cli};

/// Serves a component that the test may change.
async fn dev(folder: &TempDir) -> Worker {
    let queue = unique("dev");
    let served = folder.path().join("served.wasm").display().to_string();
    replace(folder, &fs::read(component("dynamic")).unwrap());
    let arguments = ["dev", "--output", "json", "--port", "0", "--ui-port", "0", "--task-queue", &queue, &served];
    Worker::start(Isolet::with(arguments).env("ISOLET_TEMPORAL_CLI", temporal_cli().display()), &queue).await
}

/// Puts another component in the place of the served one, as a build does.
fn replace(folder: &TempDir, content: &[u8]) {
    let draft = folder.path().join("draft");
    fs::write(&draft, content).unwrap();
    fs::rename(draft, folder.path().join("served.wasm")).unwrap();
}

#[tokio::test]
async fn it_serves_and_reloads_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let worker = dev(&folder).await;
    let outcome = worker.standalone("greet").arg("Ada").run().await;
    expect![[r#"completed: "greet with 1 arguments""#]].assert_eq(&outcome.to_string());

    replace(&folder, &fs::read(component("conformance")).unwrap());
    worker.event("reload", |event| event["event"] == "reloaded").await;
    let outcome = worker.standalone("greet").arg("Ada").run().await;
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&outcome.to_string());

    replace(&folder, b"half a component");
    let failed = worker.event("failed reload", |event| event["event"] == "reload-failed").await;
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("served.wasm")), "{failed}");
    let outcome = worker.standalone("greet").arg("Bob").run().await;
    expect![[r#"completed: "Hello, Bob!""#]].assert_eq(&outcome.to_string());

    worker.signal(Signal::INT);
    assert_eq!(worker.exit().await.code, Some(0));
}

/// A Python project of one module that holds this.
fn project(module: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("orders")).unwrap();
    write(&folder, module);
    folder
}

fn write(folder: &TempDir, module: &str) {
    fs::write(folder.path().join("orders").join("orders.py"), module).unwrap();
}

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

const SHIP: &str = "from temporalio import activity\n\n\n@activity.defn\ndef ship() -> str:\n    return \"sent\"\n";

fn of_project(folder: &TempDir, queue: &str) -> Isolet {
    let orders = folder.path().join("orders").display().to_string();
    let arguments = ["dev", "--output", "json", "--port", "0", "--ui-port", "0", "--task-queue", queue, &orders];
    Isolet::with(arguments).env("ISOLET_TEMPORAL_CLI", temporal_cli().display())
}

#[tokio::test]
async fn a_project_that_can_t_be_built_is_told_at_once() {
    let folder = project(&format!("{SHIP}def (\n"));
    let refusal = of_project(&folder, "dev").run_within(PATIENCE).await.refusal();
    assert!(refusal.contains("orders can't be built: error: orders.py:7: SyntaxError"), "{refusal}");
}

#[tokio::test]
#[ignore = "builds a Python project twice: `cargo xtask ci-full` runs it"]
async fn a_project_is_built_again_when_it_changes() {
    let (folder, queue) = (project(SHIP), unique("dev"));
    let worker = Worker::start(of_project(&folder, &queue), &queue).await;
    assert_eq!(worker.standalone("ship").run().await.to_string(), "completed: \"sent\"");
    write(&folder, &format!("{SHIP}def (\n"));
    let failed = worker.event("failed build", |event| event["event"] == "reload-failed").await;
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("SyntaxError")), "{failed}");
    assert_eq!(worker.standalone("ship").run().await.to_string(), "completed: \"sent\"");
    write(&folder, &SHIP.replace("sent", "sent twice"));
    worker.event("reload", |event| event["event"] == "reloaded").await;
    assert_eq!(worker.standalone("ship").run().await.to_string(), "completed: \"sent twice\"");
    // In the middle of a build.
    write(&folder, SHIP);
    worker.nth_event(3, "a build", |event| event["event"] == "rebuilding").await;
    worker.signal(Signal::INT);
    assert_eq!(worker.exit().await.code, Some(0));
}

/// An activity in C that waits until its worker looks, and tells what it is.
const WAIT: &str = "#include <isolet.h>

static isolet_status ship(void) {
    uint32_t milliseconds = 0;
    ISOLET_TRY(isolet_argument(0, &milliseconds));
    ISOLET_TRY(isolet_sleep(ISOLET_MILLISECONDS(milliseconds)));
    return isolet_complete(isolet_text(\"sent\"));
}

ISOLET_ACTIVITIES(ISOLET_ACTIVITY(ship, \"milliseconds\"))
";

#[tokio::test]
async fn a_project_in_c_is_built_again_while_the_former_version_works() {
    let (folder, queue) = (TempDir::new().unwrap(), unique("dev"));
    fs::create_dir(folder.path().join("orders")).unwrap();
    let write = |text: &str| fs::write(folder.path().join("orders/activities.c"), text).unwrap();
    write(WAIT);
    let dev = of_project(&folder, &queue).arg("--cancel-check").arg("300ms");
    let worker = Worker::start(dev, &queue).await;
    assert_eq!(worker.standalone("ship").arg(0).run().await.to_string(), "completed: \"sent\"");

    write(&WAIT.replace("return isolet_complete", "retur isolet_complete"));
    let failed = worker.event("failed build", |event| event["event"] == "reload-failed").await;
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("can't be compiled")), "{failed}");
    let running = worker.standalone("ship").arg(600_000).start_to_close("10m").start().await;
    worker.started(running.id()).await;

    write(&WAIT.replace("sent", "sent twice").replace("milliseconds)));", "milliseconds * 0)));"));
    worker.event("reload", |event| event["event"] == "reloaded").await;
    assert_eq!(worker.standalone("ship").arg(600_000).run().await.to_string(), "completed: \"sent twice\"");
    // What runs is of the former version, which a cancellation ends.
    running.cancel().await;
    assert!(running.outcome().await.to_string().starts_with("cancelled"), "it was ended by the reload");
    worker.signal(Signal::INT);
    assert_eq!(worker.exit().await.code, Some(0));
}

#[tokio::test]
async fn its_server_ends_even_when_it_is_killed() {
    let folder = TempDir::new().unwrap();
    let worker = dev(&folder).await;
    worker.signal(Signal::KILL);
    worker.everything_ended().await;
}
