//! The control that sets the mark: a worker in native code on the same sdk-core, with no sandbox.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_common::{
    protos::{
        coresdk::{
            ActivityTaskCompletion,
            activity_result::ActivityExecutionResult,
            activity_task::{ActivityTask, Start, activity_task::Variant},
        },
        temporal::api::{
            common::v1::Payload,
            failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo},
        },
    },
    telemetry::TelemetryOptions,
    worker::WorkerTaskTypes,
};
use temporalio_sdk_core::{
    CoreRuntime, PollError, PollerBehavior, RuntimeOptions, Worker, WorkerConfig, WorkerVersioningStrategy, init_worker,
};
use url::Url;

use super::{POLLERS, SLOTS};

/// Where the worker works.
#[derive(Args, Debug)]
pub(crate) struct NativeWorker {
    /// The server, as `host:port`.
    #[arg(long)]
    pub(crate) address: String,
    /// The namespace.
    #[arg(long)]
    pub(crate) namespace: String,
    /// The task queue.
    #[arg(long)]
    pub(crate) task_queue: String,
}

/// Serves `greet` until it is killed.
///
/// # Errors
/// When the server can't be reached or refuses the worker.
pub(crate) async fn run(options: NativeWorker) -> anyhow::Result<()> {
    let worker = Arc::new(connect(options).await?);
    // On a thread of the runtime, where what it spawns starts without waking another.
    tokio::spawn(serve(worker)).await?
}

async fn serve(worker: Arc<Worker>) -> anyhow::Result<()> {
    loop {
        match worker.poll_activity_task().await {
            Ok(ActivityTask { task_token, variant: Some(Variant::Start(start)) }) => {
                let worker = Arc::clone(&worker);
                tokio::spawn(async move {
                    let result = Some(greet(start));
                    // Core reports what it could not deliver.
                    let _ = worker.complete_activity_task(ActivityTaskCompletion { task_token, result }).await;
                });
            }
            Ok(_) => {}
            Err(PollError::ShutDown) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

async fn connect(options: NativeWorker) -> anyhow::Result<Worker> {
    let telemetry = TelemetryOptions::builder().build();
    let options_of_runtime =
        RuntimeOptions::builder().telemetry_options(telemetry).build().map_err(anyhow::Error::msg)?;
    let runtime = CoreRuntime::new_assume_tokio(options_of_runtime)?;
    let target = Url::parse(&format!("http://{}", options.address))?;
    let connection = Connection::connect(
        ConnectionOptions::new(target)
            .identity("native-worker")
            .client_name("isolet-benches")
            .client_version(env!("CARGO_PKG_VERSION"))
            .build(),
    )
    .await
    .with_context(|| format!("failed to connect to {}", options.address))?;
    let config = WorkerConfig::builder()
        .namespace(options.namespace)
        .task_queue(options.task_queue)
        .task_types(WorkerTaskTypes::activity_only())
        .versioning_strategy(WorkerVersioningStrategy::None { build_id: "native-worker".to_owned() })
        .max_outstanding_activities(SLOTS)
        .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(POLLERS))
        .build()
        .map_err(anyhow::Error::msg)?;
    let worker = init_worker(&runtime, config, connection)?;
    worker.validate().await?;
    Ok(worker)
}

/// What the guest and the Python worker do too.
fn greet(start: Start) -> ActivityExecutionResult {
    let greeting = start.input.into_iter().next().context("no argument").and_then(|payload| {
        let name: String = serde_json::from_slice(&payload.data)?;
        Ok(Payload { data: serde_json::to_vec(&format!("Hello, {name}!"))?, ..payload })
    });
    match greeting {
        Ok(payload) => ActivityExecutionResult::ok(payload),
        Err(error) => ActivityExecutionResult::fail(Failure {
            message: error.to_string(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo::default())),
            ..Failure::default()
        }),
    }
}
