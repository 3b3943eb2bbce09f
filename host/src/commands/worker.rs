//! `isolet worker`: serves task queues of a server.

use std::{path::PathBuf, sync::Arc};

use anyhow::anyhow;
use clap::Args;

use crate::{
    config::{
        admin::AdminFlags,
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
    supervisor::{OnTrouble, Supervision, desired::Desired, link::Link},
    wiring::{self, loading::Host, measuring::Metrics, traces::Traces},
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
    admin: AdminFlags,
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
        let output = self.output;
        let (on_trouble, desired) = self.desired()?;
        let settings = desired.settings().clone();
        let log = log::start(&settings.log, output);
        let runtime = wiring::runtime(&settings.engine)?;
        let host = Host::start(&settings, guest_lines(output, &log), runtime.handle())?;
        let reporter = Arc::new(Reporter::new(output, log)?);
        let cells = Arc::clone(&host.cells);
        let served = runtime.block_on(serve(host, &settings, desired, on_trouble, Arc::clone(&reporter)));
        cells.close();
        wiring::end(runtime);
        if let Some(reporter) = Arc::into_inner(reporter) {
            reporter.close();
        }
        served.map(|()| Exit::Completed)
    }

    /// What is to be served, and what becomes of what can't be: who typed it can type something else.
    fn desired(self) -> Result<(OnTrouble, Desired), Problem> {
        if self.components.is_empty() {
            let file = load::find_file(self.config.clone())?;
            if self.task_queue.is_some() || self.policy.is_any() {
                let error = anyhow!("--task-queue, --limit, --env and --dir are about components, and none is named");
                return Err(Problem::new(Exit::Usage, error)
                    .cure(format!("name components, or set these in {}", file.display())));
            }
            let read = move || {
                let mut read = load::file_with_flags(&file, &self.connection, &self.engine, &self.serving)?;
                self.log.apply(&mut read.settings.log);
                self.admin.apply(&mut read.settings.admin);
                Ok(read)
            };
            return Ok((OnTrouble::TryAgain, Desired::read_again(read()?, read)));
        }
        let queue = Queue {
            name: self.task_queue.clone().unwrap_or_else(|| DEFAULT_TASK_QUEUE.to_owned()),
            components: self.components.iter().map(|path| self.policy.component(path.clone())).collect(),
        };
        let mut settings = load::one_queue(&self.connection, &self.engine, &self.serving, queue)?;
        self.log.apply(&mut settings.log);
        self.admin.apply(&mut settings.admin);
        Ok((OnTrouble::End, Desired::fixed(settings)))
    }
}

async fn serve(
    host: Host,
    settings: &Settings,
    desired: Desired,
    on_trouble: OnTrouble,
    reporter: Arc<Reporter>,
) -> Result<(), Problem> {
    let (requests, hangups) = match on_trouble {
        // Nobody needs to sit in front of a worker with a configuration file.
        OnTrouble::TryAgain => {
            EndRequests::listen_beside_hangups().map(|(requests, hangups)| (requests, Some(hangups)))?
        }
        OnTrouble::End => (EndRequests::listen()?, None),
    };
    let metrics = Metrics::start(&settings.metrics)?;
    let traces = Traces::start(&settings.traces)?;
    let link = Link::Opening;
    let supervision =
        Supervision { host, desired, link, ui: None, metrics, traces, reporter, requests, hangups, on_trouble };
    supervision.run(std::future::pending()).await
}
