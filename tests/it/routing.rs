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

/// Both would be `a//q` if their names were put together.
#[tokio::test]
async fn tenants_and_queues_with_odd_names_have_their_own_grants() {
    let server = DevServer::start().await;
    let queue = unique("odd");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    let tenant = |name: &str, queue: &str, variable: &str| {
        let component = component("conformance");
        format!(
            r#"
[[tenants]]
name = "{name}"
[[tenants.workers]]
task-queue = "{queue}"
[[tenants.workers.components]]
path = "{}"
[tenants.workers.components.grants]
environment = {{ {variable} = "x" }}
"#,
            component.display()
        )
    };
    let slashed = format!("/{queue}");
    let config = [
        format!("[connection]\naddress = \"{}\"\n", server.address()),
        tenant("a", &slashed, "OF_THE_FIRST"),
        tenant("a/", &queue, "OF_THE_SECOND"),
    ];
    fs::write(&file, config.concat()).unwrap();

    let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
    let worker = Worker::start(isolet, &queue).await;
    let environment = worker.standalone_on(&slashed, "environment").run().await;
    expect![[r#"completed: ["OF_THE_FIRST"]"#]].assert_eq(&environment.to_string());
    let environment = worker.standalone("environment").run().await;
    expect![[r#"completed: ["OF_THE_SECOND"]"#]].assert_eq(&environment.to_string());
    worker.stop().await;
}
