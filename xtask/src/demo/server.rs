//! Temporal's development server, with its web UI, on ports of its own.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::demo::examples;
use crate::process::{self, Running};
use crate::workspace;

/// How long it may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    running: Running,
    /// Host and port of the gRPC front end.
    pub(crate) address: String,
    /// The web UI.
    pub(crate) ui: String,
}

impl Server {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it ends, or does not answer in time.
    pub(crate) fn start(temporal: &Path) -> anyhow::Result<Self> {
        let [port, ui] = free_ports()?;
        let log = log_file();
        let output = File::create(&log).with_context(|| format!("failed to write {}", workspace::shown(&log)))?;
        let mut command = Command::new(temporal);
        command.args(["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"]);
        command.args(["--port", &port.to_string(), "--ui-port", &ui.to_string()]);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let running = Running::start(&mut command)?;
        let (address, ui) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{ui}"));
        let mut server = Self { running, address, ui };
        server.wait_until_it_answers(temporal)?;
        Ok(server)
    }

    fn wait_until_it_answers(&mut self, temporal: &Path) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut ask = Command::new(temporal);
        ask.args(["operator", "cluster", "health", "--disable-config-file", "--disable-config-env"]);
        ask.args(["--address", &self.address]);
        // Each question takes a moment by itself.
        while let Err(why) = process::capture(&mut ask) {
            if let Some(status) = self.running.child.try_wait()? {
                anyhow::bail!("it ended with {status}");
            }
            anyhow::ensure!(!process::interrupted(), "interrupted");
            anyhow::ensure!(began.elapsed() < START_TIMEOUT, "it does not answer: {why:#}");
        }
        Ok(())
    }

    /// Stops it and waits for its end.
    ///
    /// # Errors
    /// When it can't be told or waited for.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.running.interrupt()?;
        self.running.finish().map(|_| ())
    }
}

/// What it says goes there.
pub(crate) fn log_file() -> PathBuf {
    examples::output_folder().join("temporal.log")
}

/// Ports that nobody has, as long as nobody takes them before the server does.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    let [one, other] = listeners.each_ref().map(TcpListener::local_addr);
    Ok([one?.port(), other?.port()])
}
