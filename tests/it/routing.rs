//! Which component runs which task.

use std::fs;

use expect_test::expect;
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, Worker, call::unique, isolet::component};

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
