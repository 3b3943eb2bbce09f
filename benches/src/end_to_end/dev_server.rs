//! Temporal's own development server, in memory, on a free port.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;

use super::{
    NAMESPACE,
    load::{self, Service},
};
use crate::{machine, processes::Running, progress, settings::Settings};

/// How long the server may take to answer.
const START: Duration = Duration::from_secs(60);

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct DevServer {
    /// Where it listens, as `host:port`.
    pub(crate) address: String,
    /// What the CLI says of its version.
    pub(crate) version: String,
    /// A client of it.
    pub(crate) service: Service,
    running: Running,
}

impl DevServer {
    /// Starts it and waits until its namespace can be used.
    ///
    /// # Errors
    /// When there is no Temporal CLI, or the server does not come up.
    pub(crate) async fn start(settings: &Settings) -> anyhow::Result<Self> {
        Self::start_with(settings, &[]).await
    }

    /// The same, with more of its options.
    ///
    /// # Errors
    /// When there is no Temporal CLI, or the server does not come up.
    pub(crate) async fn start_with(settings: &Settings, options: &[&str]) -> anyhow::Result<Self> {
        let program = find(settings)?;
        let version = machine::first_line(&program, &["--version"]);
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        progress::say(format!("starting {version} on {address}"));
        let mut command = Command::new(&program);
        command.args(["server", "start-dev", "--headless", "--log-level", "never", "--ip", "127.0.0.1", "--port"]);
        command.arg(port.to_string()).args(options).stdin(Stdio::null()).stdout(Stdio::null());
        let mut running = Running::start("the Temporal server", &mut command)?;
        let service = tokio::time::timeout(START, ready(&address, &mut running))
            .await
            .with_context(|| format!("the Temporal server did not answer on {address}"))??;
        Ok(Self { address, version, service, running })
    }

    /// The processor time that the server has used.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        self.running.cpu_time()
    }
}

/// Asks until the namespace is described: the port opens before the namespace is there.
async fn ready(address: &str, running: &mut Running) -> anyhow::Result<Service> {
    let mut every = tokio::time::interval(Duration::from_millis(100));
    loop {
        every.tick().await;
        running.ensure_running()?;
        let Ok(mut service) = load::connect(address).await else { continue };
        let request = DescribeNamespaceRequest { namespace: NAMESPACE.to_owned(), ..Default::default() };
        if service.describe_namespace(request).await.is_ok() {
            return Ok(service);
        }
    }
}

fn find(settings: &Settings) -> anyhow::Result<PathBuf> {
    if let Some(named) = &settings.temporal {
        return Ok(named.clone());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain([settings.root.join(".tools/bin")]);
    folders
        .find_map(|folder| Some(folder.join("temporal")).filter(|program| program.is_file()))
        .context("there is no Temporal CLI; run `cargo xtask setup`, or name it with --temporal")
}
