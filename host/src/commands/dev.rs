//! `isolet dev`: components on a development server of their own.

pub(super) mod project;
mod sources;

use std::{path::PathBuf, sync::Arc};

use anyhow::anyhow;
use clap::Args;
use tokio::task::JoinSet;

use self::{project::Project, sources::Sources};

use super::{build::project_here, worker::DEFAULT_TASK_QUEUE};
use crate::{
    config::{
        flags::{EngineFlags, PolicyFlags, ServingFlags, TableFlags},
        load::{self, Queue},
        log::LogFlags,
        raw::RawConnection,
        settings::{AdminSettings, ComponentSettings, Settings},
    },
    dev_server::{DevServer, DevServerOptions, cli, port},
    exit::{CommandResult, Exit, Problem},
    languages::Programs,
    output::{
        Format, log,
        reporter::{Reporter, guest_lines},
    },
    signals::EndRequests,
    supervisor::{OnTrouble, Supervision, desired::Desired, link::Link},
    wiring::{self, loading::Host, measuring::Metrics, traces::Traces},
};

/// The port where Temporal's clients look for a server when nobody tells them.
const USUAL_PORT: u16 = 7233;

/// The usual port of Temporal's web user interface.
const USUAL_UI_PORT: u16 = 8233;

/// Serves components on a development server that starts and ends with it.
///
/// Starts Temporal's development server (the program `temporal`, from the search path or --temporal-cli), serves the
/// components' activities, and loads a component anew whenever its file changes; a new version that can't be served is
/// reported, and the old one stays. A project, which is a folder or a file in Python, TypeScript, JavaScript, C, C++ or Go,
/// or a folder in Rust, is built first, and again whenever its sources change. The web user interface shows what happens.
/// An interrupt ends all of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  isolet dev
  isolet dev orders.wasm
  isolet dev my_activities/
  isolet dev --port 0 --ui-port 0 --output json orders.wasm billing.wasm
  temporal activity execute --type ship --task-queue default --activity-id 1 --start-to-close-timeout 10s --input '7'")]
pub(crate) struct DevArgs {
    /// The components' files, and projects [default: the project of the working directory].
    #[arg(value_name = "COMPONENT")]
    components: Vec<PathBuf>,
    #[command(flatten)]
    programs: Programs,
    /// The server's port; 0 for any free one [default: 7233 if that is free, else any].
    #[arg(long)]
    port: Option<u16>,
    /// The port of the web user interface; 0 for any free one [default: 8233 if that is free, else any].
    #[arg(long)]
    ui_port: Option<u16>,
    /// The task queue.
    #[arg(long, short, value_name = "NAME", default_value = DEFAULT_TASK_QUEUE)]
    task_queue: String,
    /// The namespace. The server creates it.
    #[arg(long, short, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// Where the server keeps its data; in memory, unless set.
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    /// Temporal's command line program.
    #[arg(long, value_name = "PATH", env = "ISOLET_TEMPORAL_CLI")]
    temporal_cli: Option<PathBuf>,
    /// For people on standard error, or as JSON lines on standard output.
    #[arg(long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    log: LogFlags,
    #[command(flatten)]
    serving: ServingFlags,
    #[command(flatten)]
    policy: PolicyFlags,
    #[command(flatten)]
    engine: EngineFlags,
}

impl DevArgs {
    pub(crate) fn run(mut self) -> CommandResult {
        if self.components.is_empty() {
            self.components.push(project_here()?);
        }
        let options = self.server_options()?;
        let mut settings = self.settings(&options)?;
        let log = log::start(&settings.log, self.output);
        let runtime = wiring::runtime(&settings.engine)?;
        let projects = self.projects(&mut settings)?;
        // What changes while they are built is built anew.
        let watched = projects.iter().map(Project::watch).collect::<Result<Vec<_>, _>>()?;
        runtime.block_on(build(&projects))?;
        let host = Host::start(&settings, guest_lines(self.output, &log), runtime.handle())?;
        let reporter = Arc::new(Reporter::new(self.output, log)?);
        let projects = projects.into_iter().zip(watched).collect();
        let cells = Arc::clone(&host.cells);
        let served = runtime.block_on(serve(host, &settings, options, projects, Arc::clone(&reporter)));
        cells.close();
        wiring::end(runtime);
        if let Some(reporter) = Arc::into_inner(reporter) {
            reporter.close();
        }
        served.map(|()| Exit::Completed)
    }

    /// The projects among what is served, whose components take their places.
    fn projects(&self, settings: &mut Settings) -> Result<Vec<Project>, Problem> {
        let cache = settings.engine.cache.clone();
        let workers = settings.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers);
        let components = workers.flat_map(|worker| &mut worker.components);
        let of_projects = components.filter(|component| Project::is_one(&component.path));
        let project = |component: &mut ComponentSettings| {
            let project = Project::new(&component.path, &self.programs, &cache, self.output)?;
            project.component().clone_into(&mut component.path);
            Ok(project)
        };
        of_projects.map(project).collect()
    }

    fn server_options(&self) -> Result<DevServerOptions, Problem> {
        Ok(DevServerOptions {
            cli: cli::find(self.temporal_cli.as_deref())?,
            port: port::choose(self.port, USUAL_PORT, "--port")?,
            ui_port: port::choose(self.ui_port, USUAL_UI_PORT, "--ui-port")?,
            namespace: self.namespace.clone(),
            database: self.db.clone(),
        })
    }

    fn settings(&self, server: &DevServerOptions) -> Result<Settings, Problem> {
        let connection = RawConnection {
            address: Some(format!("127.0.0.1:{}", server.port)),
            namespace: Some(self.namespace.clone()),
            ..RawConnection::default()
        };
        let queue = Queue {
            name: self.task_queue.clone(),
            components: self.components.iter().map(|path| self.policy.component(path.clone())).collect(),
        };
        let mut settings = load::one_queue(&TableFlags(connection), &self.engine, &self.serving, queue)?;
        self.log.apply(&mut settings.log);
        // Whoever develops sits in front of it.
        settings.admin = AdminSettings::off();
        Ok(settings)
    }
}

/// Builds all projects, one after the other: one takes all processors.
async fn build(projects: &[Project]) -> Result<(), Problem> {
    let mut requests = EndRequests::listen()?;
    for project in projects {
        tokio::select! {
            built = project.build() => built?,
            () = requests.next() => return Err(Problem::new(Exit::Other, anyhow!("interrupted"))),
        }
    }
    Ok(())
}

async fn serve(
    host: Host,
    settings: &Settings,
    options: DevServerOptions,
    projects: Vec<(Project, Sources)>,
    reporter: Arc<Reporter>,
) -> Result<(), Problem> {
    let mut rebuilding = JoinSet::new();
    for (project, sources) in projects {
        rebuilding.spawn(project.keep_built(sources, Arc::clone(&reporter)));
    }
    let served = serve_built(host, settings, options, reporter).await;
    rebuilding.shutdown().await;
    served
}

async fn serve_built(
    host: Host,
    settings: &Settings,
    options: DevServerOptions,
    reporter: Arc<Reporter>,
) -> Result<(), Problem> {
    let mut requests = EndRequests::listen()?;
    let metrics = Metrics::start(&settings.metrics)?;
    let traces = Traces::start(&settings.traces)?;
    let mut server = tokio::select! {
        server = DevServer::start(options) => server?,
        () = requests.next() => return Ok(()),
    };
    let ui = Some(server.ui());
    let served = async {
        let connection = tokio::select! {
            connection = server.connect(&settings.connection, &metrics.telemetry) => connection?,
            () = requests.next() => return Ok(()),
        };
        let supervision = Supervision {
            host,
            desired: Desired::fixed(settings.clone()),
            link: Link::open(connection),
            ui,
            metrics,
            traces,
            reporter,
            requests,
            hangups: None,
            on_trouble: OnTrouble::End,
        };
        supervision.run(server.ended()).await
    };
    let served = served.await;
    server.stop().await;
    served
}
