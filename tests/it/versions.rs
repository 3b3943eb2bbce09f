//! Workers as versions of a Worker Deployment.

use std::process::Command;

use expect_test::expect;
use serde_json::Value;

use crate::support::{DevServer, GUARD, Isolet, Worker, call::unique, component, dev_server::temporal_cli};

/// What Temporal's command line tells, as JSON, if it tells anything yet.
fn told(server: &DevServer, arguments: &[&str]) -> Option<Value> {
    let ended = Command::new(temporal_cli())
        .args(["worker", "deployment"])
        .args(arguments)
        .args(["--address", &server.address(), "--output", "json"])
        .output()
        .unwrap();
    ended.status.success().then(|| serde_json::from_slice(&ended.stdout).unwrap_or_default())
}

#[tokio::test]
async fn a_worker_is_the_version_that_its_component_is() {
    let server = DevServer::start().await;
    let (queue, name) = (unique("versions"), unique("deployment"));
    let file = component("conformance").display().to_string();
    let arguments = ["worker", "--output", "json", "--address", &server.address(), "--task-queue", &queue, &file];
    let worker = Worker::start(Isolet::with(arguments).env("TEMPORAL_DEPLOYMENT_NAME", &name), &queue).await;
    // Nothing tells when the server knows of it.
    let mut probe = tokio::time::interval(std::time::Duration::from_millis(200));
    let known = async {
        loop {
            probe.tick().await;
            let described = told(server, &["describe", "--name", &name]).map(|told| told.to_string());
            if let Some(described) = described.filter(|described| described.contains("isolet-")) {
                return described;
            }
        }
    };
    let described = tokio::time::timeout(GUARD, known).await.unwrap();
    let start = described.find("isolet-").unwrap();
    let build_id: String =
        described[start..].chars().take_while(|each| each.is_alphanumeric() || *each == '-').collect();
    let digest = worker.events().into_iter().find_map(|event| event["digest"].as_str().map(str::to_owned));
    assert_eq!(digest, None, "nothing has run yet");
    let current = ["set-current-version", "--deployment-name", &name, "--build-id", &build_id, "--yes"];
    assert!(told(server, &current).is_some(), "{described}");
    let outcome = worker.in_workflow("greet").arg("Ada").run().await;
    expect![[r#"completed: "Hello, Ada!""#]].assert_eq(&outcome.to_string());
    let started = worker.event("a start", |event| event["event"] == "attempt-started").await;
    assert_eq!(build_id, format!("isolet-{}", &started["digest"].as_str().unwrap()[..16]));
}
