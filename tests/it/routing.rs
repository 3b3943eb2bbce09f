//! Which component runs which task.

use std::fs;

use expect_test::expect;
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, Worker, call::unique, call::whoever_calls, isolet::component, worker::is_about,
};

#[tokio::test]
async fn an_unknown_type_fails_as_on_every_worker_of_temporal() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("rust-csv-report").component("rust-thumbnail").start().await;
    expect![[r#"
        failed: NotFoundError: Activity function no_such_activity for workflow  is not registered on this worker, available activities: csv_report, thumbnail
        not tried again: MaximumAttemptsReached"#]].assert_eq(&worker.standalone("no_such_activity").run().await.to_string());

    let in_workflow = worker.in_workflow("no_such_activity").run().await;
    let message = &in_workflow.failure().message;
    assert!(message.starts_with("Activity function no_such_activity for workflow workflow-"), "{message}");
    // Nothing was started for it.
    assert_eq!(worker.events_named("attempt-started").len(), 0);
    worker.stop().await;
}

#[tokio::test]
async fn an_unknown_type_is_tried_again() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("rust-thumbnail").start().await;
    let call = worker.standalone("greet").arg("Ada").attempts(0).start().await;
    worker.event("failed attempt", |event| is_about(event, "attempt-finished", call.id())).await;
    // A worker that has it comes to help.
    let other = Isolet::worker(server).queue(worker.queue()).component("conformance").start().await;
    worker.stop().await;
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&call.outcome().await.to_string());
    other.stop().await;
}

#[tokio::test]
async fn two_components_share_a_queue() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").component("dynamic").start().await;
    let greeting = async |caller| worker.called_by(caller, "greet").arg("Ada").run().await.to_string();
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&whoever_calls(greeting).await);
    let anything = async |caller| worker.called_by(caller, "whatever it is").arg(1).arg(2).run().await.to_string();
    expect![[r#"completed: "whatever it is with 2 arguments""#]].assert_eq(&whoever_calls(anything).await);
    worker.stop().await;
}

#[tokio::test]
async fn one_worker_serves_two_queues() {
    let server = DevServer::start().await;
    let (orders, reports) = (unique("orders"), unique("reports"));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    let config = format!(
        r#"
[connection]
address = "{address}"

[[tenants]]
name = "acme"

[[tenants.workers]]
task-queue = "{orders}"
[[tenants.workers.components]]
path = "{conformance}"
[tenants.workers.components.grants]
environment = {{ QUEUE = "orders" }}

[[tenants.workers]]
task-queue = "{reports}"
[[tenants.workers.components]]
path = "{conformance}"
[[tenants.workers.components]]
path = "{dynamic}"
"#,
        address = server.address(),
        conformance = component("conformance").display(),
        dynamic = component("dynamic").display(),
    );
    fs::write(&file, config).unwrap();

    let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
    let worker = Worker::start(isolet, &orders).await;
    let environment = worker.standalone("environment").run().await;
    expect![[r#"completed: ["QUEUE"]"#]].assert_eq(&environment.to_string());
    let environment = worker.standalone_on(&reports, "environment").run().await;
    expect!["completed: []"].assert_eq(&environment.to_string());
    let dynamic = worker.standalone_on(&reports, "anything").run().await;
    expect![[r#"completed: "anything with 0 arguments""#]].assert_eq(&dynamic.to_string());
    let failure = worker.standalone("anything").run().await;
    assert!(failure.failure().message.contains("is not registered on this worker"), "{failure}");
    worker.stop().await;
}
