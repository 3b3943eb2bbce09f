//! Temporal's development server as a child process.
//!
//! It never outlives this program: it is stopped at the end, killed when its owner is dropped, and told to stop by the
//! kernel when this process is killed (see [`guard`]).

pub(crate) mod cli;

pub(crate) mod guard;

pub(crate) mod port;

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, ChildStderr},
    task::JoinHandle,
    time::{Instant, interval, timeout, timeout_at},
};

use worker::{Connection, Telemetry};

use crate::{
    config::settings::ConnectionSettings,
    exit::{Exit, OrCure as _, OrExit as _, Problem},
    wiring::connecting,
};

/// How long the server may take until it listens. It takes one or two seconds, but not on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long the server may take to stop before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How often it is asked whether it listens.
const PROBE_INTERVAL: Duration = Duration::from_millis(50);

/// The last lines of the server's complaints that are kept for an error message.
const KEPT_LINES: usize = 20;

/// How to start the server.
#[derive(Clone, Debug)]
pub(crate) struct DevServerOptions {
    /// Temporal's command line program.
    pub cli: PathBuf,
    /// The port of the frontend on the loopback interface.
    pub port: u16,
    /// The port of the web user interface on the loopback interface.
    pub ui_port: u16,
    /// The namespace to have, beside `default`.
    pub namespace: String,
    /// Where to keep what it stores; in memory, when nowhere.
    pub database: Option<PathBuf>,
}

/// A running development server.
#[derive(Debug)]
pub(crate) struct DevServer {
    child: Child,
    complaints: Complaints,
    reader: JoinHandle<()>,
    options: DevServerOptions,
}

/// What the server wrote to standard error lately. Written by the task that reads it.
#[derive(Clone, Debug, Default)]
struct Complaints(Arc<Mutex<VecDeque<String>>>);

impl DevServer {
    /// Starts the server and waits until it listens.
    ///
    /// Must be called from the main thread: the kernel stops the server when the thread that started it ends.
    ///
    /// # Errors
    /// When it can't be started, ends at once or does not listen in time.
    pub(crate) async fn start(options: DevServerOptions) -> Result<Self, Problem> {
        let mut child = spawn(&options)
            .with_context(|| format!("failed to start {}", options.cli.display()))
            .or_exit(Exit::NoDevServer)
            .or_cure("name Temporal's program with --temporal-cli")?;
        let complaints = Complaints::default();
        let reader = tokio::spawn(read_complaints(child.stderr.take(), complaints.clone()));
        let mut server = Self { child, complaints, reader, options };
        server.wait_until_it_listens().await?;
        Ok(server)
    }

    /// The address of its frontend.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.options.port)
    }

    /// The address of its web user interface.
    pub(crate) fn ui(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.ui_port)
    }

    /// Connects to it. It listens a little before it answers, so it is asked until it does.
    ///
    /// # Errors
    /// When it does not answer in time, or ends.
    pub(crate) async fn connect(
        &mut self,
        settings: &ConnectionSettings,
        telemetry: &Telemetry,
    ) -> Result<Connection, Problem> {
        let (deadline, mut probe) = (Instant::now() + START_LIMIT, interval(PROBE_INTERVAL));
        loop {
            let connected = tokio::select! {
                connected = connecting::connect(settings, telemetry) => connected,
                problem = self.ended() => return Err(problem),
            };
            match connected {
                Err(problem) if problem.exit == Exit::NoServer && Instant::now() < deadline => probe.tick().await,
                connected => return connected,
            };
        }
    }

    /// Waits until it ends by itself, which it should not. Cancel safe.
    pub(crate) async fn ended(&mut self) -> Problem {
        let status = self.child.wait().await;
        self.failed("Temporal's development server ended by itself", status)
    }

    /// Stops it and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may just have ended.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            tracing::warn!("Temporal's development server did not stop in {STOP_LIMIT:?} and is killed");
            // It is killed when it is dropped in any case.
            let _ = self.child.kill().await;
        }
        // Ends with the server, which had the other end of the pipe.
        let _ = self.reader.await;
    }

    async fn wait_until_it_listens(&mut self) -> Result<(), Problem> {
        let (deadline, mut probe) = (Instant::now() + START_LIMIT, interval(PROBE_INTERVAL));
        let address = self.address();
        loop {
            let status = tokio::select! {
                status = self.child.wait() => Some(status),
                _ = probe.tick() => None,
            };
            if let Some(status) = status {
                return Err(self.failed("Temporal's development server did not start", status));
            }
            if matches!(timeout_at(deadline, TcpStream::connect(&address)).await, Ok(Ok(_))) {
                return Ok(());
            }
            if deadline < Instant::now() {
                let error = anyhow!("Temporal's development server does not listen at {address} after {START_LIMIT:?}");
                return Err(Problem::new(Exit::NoDevServer, error).cure(self.complaints.as_text()));
            }
        }
    }

    fn failed(&self, what: &str, status: io::Result<ExitStatus>) -> Problem {
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let complaints = self.complaints.as_text();
        let exit = if is_port_taken(&complaints) { Exit::PortInUse } else { Exit::NoDevServer };
        let cure = match (exit, &self.options.database) {
            (Exit::PortInUse, _) => "choose other ports with --port and --ui-port; 0 takes any free one".to_owned(),
            (_, Some(database)) => format!("see what it says above, and whether {} can be used", database.display()),
            (_, None) => {
                format!("see what it says above, and whether {} is Temporal's program", self.options.cli.display())
            }
        };
        Problem::new(exit, anyhow!("{complaints}").context(format!("{what} ({status})"))).cure(cure)
    }
}

// === impl Complaints ===

impl Complaints {
    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn as_text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.is_empty() {
            true => "it said nothing".to_owned(),
            false => lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// Whether the server says that another program has one of its ports. It is a program of its own, whose exit code is the
/// same for every reason, so there are only its words.
fn is_port_taken(complaints: &str) -> bool {
    complaints.contains("address already in use")
}

async fn read_complaints(stderr: Option<ChildStderr>, complaints: Complaints) {
    let Some(stderr) = stderr else { return };
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!("development server: {line}");
        complaints.add(line);
    }
}

fn spawn(options: &DevServerOptions) -> io::Result<Child> {
    let mut command = guard::command(&options.cli);
    command
        .args(["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "warn"])
        .args(["--port", &options.port.to_string()])
        .args(["--ui-port", &options.ui_port.to_string()])
        .args(["--namespace", &options.namespace])
        // A worker that shuts down is told of the tasks that its last polls got, so that none waits for a timeout.
        .args(["--dynamic-config-value", "frontend.enableCancelWorkerPollsOnShutdown=true"])
        // And it is told at once of cancelled activities of workflows, whether they heartbeat or not.
        .args(["--dynamic-config-value", "frontend.WorkerCommandsEnabled=true"])
        .args(["--dynamic-config-value", "system.enableCancelActivityWorkerCommand=true"]);
    if let Some(database) = &options.database {
        command.arg("--db-filename").arg(database);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // An interrupt from the keyboard is for us; we stop the server after the workers.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_known_by_the_servers_words() {
        assert!(is_port_taken("error: listen tcp 127.0.0.1:7233: bind: address already in use"));
        assert!(!is_port_taken("error: unable to open database file"));
    }
}
