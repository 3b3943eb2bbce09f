//! Temporal's page of workers: what it shows of ours, and what it tells them by the way.

use std::process::Command;

use expect_test::expect;
use serde_json::Value;

use crate::support::{DevServer, GUARD, Isolet, Worker, call::unique, component, dev_server::temporal_cli};

/// What Temporal's command line tells of workers.
fn told(server: &DevServer, arguments: &[&str]) -> Value {
    let mut command = Command::new(temporal_cli());
    command.arg("worker").args(arguments).args(["--address", &server.address(), "--output", "json"]);
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

#[tokio::test]
async fn temporal_s_page_of_workers_shows_ours() {
    let server = DevServer::start().await;
    let (queue, name) = (unique("page"), unique("page-deployment"));
    let folder = tempfile::TempDir::new().unwrap();
    let config = folder.path().join("isolet.toml");
    let text = format!(
        "[connection]\naddress = {:?}\nidentity = \"page-worker\"\nworker-heartbeat = \"1s\"\n[[tenants]]\nname = \"acme\"\n\
         [[tenants.workers]]\ntask-queue = {queue:?}\nmax-concurrent = 7\n[[tenants.workers.components]]\npath = {:?}\n",
        server.address(),
        component("conformance").display().to_string(),
    );
    std::fs::write(&config, text).unwrap();
    let arguments = ["worker", "--output", "json", "--config", &config.display().to_string()].map(str::to_owned);
    let worker = Worker::start(Isolet::with(arguments).env("TEMPORAL_DEPLOYMENT_NAME", &name), &queue).await;
    // Nothing tells when the server knows of it; the first word of it comes before it has slots.
    let mut probe = tokio::time::interval(std::time::Duration::from_millis(200));
    let described = async {
        loop {
            probe.tick().await;
            let listed = told(server, &["list"]);
            let ours = listed.as_array().and_then(|all| all.iter().find(|each| each.to_string().contains(&queue)));
            let Some(key) = ours.and_then(|ours| ours["workerHeartbeat"]["workerInstanceKey"].as_str()) else {
                continue;
            };
            let described = told(server, &["describe", "--worker-instance-key", key])["workerHeartbeat"].take();
            if !described["activityTaskSlotsInfo"]["currentAvailableSlots"].is_null() {
                return described;
            }
        }
    };
    let described = tokio::time::timeout(GUARD, described).await.unwrap();
    assert_eq!((&described["workerIdentity"], &described["taskQueue"]), (&"page-worker".into(), &queue.into()));
    assert_eq!((&described["sdkName"], &described["status"]), (&"isolet".into(), &"WORKER_STATUS_RUNNING".into()));
    assert_eq!(described["deploymentVersion"]["deploymentName"], name);
    assert!(described["deploymentVersion"]["buildId"].as_str().unwrap().starts_with("isolet-"));
    assert_eq!(described["activityTaskSlotsInfo"]["currentAvailableSlots"], 7);
    assert!(!described["hostInfo"]["hostName"].as_str().unwrap().is_empty());
    worker.stop().await;
}

#[tokio::test]
async fn a_server_that_can_tells_of_a_cancellation_without_heartbeats() {
    let settings = ["frontend.WorkerCommandsEnabled=true", "system.enableCancelActivityWorkerCommand=true"];
    let server = DevServer::start_configured(&settings).await;
    // It asks for nothing itself for an hour.
    let worker = Isolet::worker(&server).component("conformance").cancel_check("1h").start().await;
    let call = worker.in_workflow("wait_cancel_silent").start_to_close("1000s").start().await;
    worker.started(call.id()).await;
    call.cancel().await;
    expect![[r#"completed: "caught: cancel_requested""#]].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}
