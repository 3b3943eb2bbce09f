//! `isolet worker`: serves task queues of a server.

use std::{path::PathBuf, sync::Arc};

use anyhow::anyhow;
use clap::Args;

use crate::{
    config::{
        flags::{ConnectionFlags, EngineFlags, PolicyFlags, ServingFlags},
        load::{self, Queue},
        log::LogFlags,
        settings::Settings,
    },
    exit::{CommandResult, Exit, Problem},
    output::{
        Format, log,
        reporter::{Reporter, guest_lines},
    },
    signals::EndRequests,
    wiring::{self, connecting, loading::Host, measuring::Metrics, serving::Serving},
};

/// The task queue that is served when none is named.
pub(crate) const DEFAULT_TASK_QUEUE: &str = "default";

/// Serves activities from the task queues of a Temporal server.
///
/// Either what a configuration file says (`isolet.toml` in the working directory, or another one with --config), or
/// the named components on one task queue. Everything is checked and loaded before the server is connected to. An
/// interrupt or termination signal ends it gracefully: no more tasks are taken, and running attempts are told, get
/// their grace, are cancelled, and at last killed. A second signal ends all graces; a third one leaves what still runs
/// to the server's timeouts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet worker --task-queue orders orders.wasm
  isolet worker --task-queue reports --limit memory=256MiB --dir ./data:/data report.wasm
  isolet worker --config /etc/isolet.toml --output json")]
pub(crate) struct WorkerArgs {
    /// The components' files. Without any, the configuration file says what is served.
    #[arg(value_name = "COMPONENT", conflicts_with = "config")]
    components: Vec<PathBuf>,
    /// The configuration file.
    #[arg(long, short, value_name = "FILE", env = "ISOLET_CONFIG")]
    config: Option<PathBuf>,
    /// The task queue of the components [default: default].
    #[arg(long, short, value_name = "NAME")]
    task_queue: Option<String>,
    /// For people on standard error, or as JSON lines on standard output.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    connection: ConnectionFlags,
    #[command(flatten)]
    log: LogFlags,
    #[command(flatten)]
    serving: ServingFlags,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl WorkerArgs {
    pub(crate) fn run(self) -> CommandResult {
        let mut settings = self.settings()?;
        self.log.apply(&mut settings.log);
        let log = log::start(&settings.log, self.output);
        let host = Host::load(&settings, guest_lines(self.output, &log))?;
        let reporter = Arc::new(Reporter::new(self.output, log)?);
        let runtime = wiring::runtime(&settings.engine)?;
        let served = runtime.block_on(serve(host, &settings, Arc::clone(&reporter)));
        wiring::end(runtime);
        if let Some(reporter) = Arc::into_inner(reporter) {
            reporter.close();
        }
        served.map(|()| Exit::Completed)
    }

    fn settings(&self) -> Result<Settings, Problem> {
        if self.components.is_empty() {
            let file = load::find_file(self.config.clone())?;
            if self.task_queue.is_some() || self.policy.is_any() {
                let error = anyhow!("--task-queue, --limit, --env and --dir are about components, and none is named");
                return Err(Problem::new(Exit::Usage, error)
                    .cure(format!("name components, or set these in {}", file.display())));
            }
            return load::file_with_flags(&file, &self.connection, &self.engine, &self.serving);
        }
        let queue = Queue {
            name: self.task_queue.clone().unwrap_or_else(|| DEFAULT_TASK_QUEUE.to_owned()),
            components: self.components.iter().map(|path| self.policy.component(path.clone())).collect(),
        };
        load::one_queue(&self.connection, &self.engine, &self.serving, queue)
    }
}

async fn serve(host: Host, settings: &Settings, reporter: Arc<Reporter>) -> Result<(), Problem> {
    let mut requests = EndRequests::listen()?;
    let metrics = Metrics::start(&settings.metrics)?;
    let connection = tokio::select! {
        connection = connecting::connect(&settings.connection, &metrics.telemetry) => connection?,
        () = requests.next() => return Ok(()),
    };
    let serving = Serving { host, connection: &connection, ui: None, metrics, reloader: None, reporter, requests };
    serving.run(std::future::pending()).await
}
