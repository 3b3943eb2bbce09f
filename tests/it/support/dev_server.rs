//! Temporal's development server, as a user would start it.

use std::{
    env, iter,
    net::TcpListener,
    ops::Range,
    path::PathBuf,
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;
use temporalio_client::{Connection, ConnectionOptions, errors::ClientConnectError};
use tokio::sync::OnceCell;
use url::Url;

use super::process::{GUARD, Process};

/// A development server. Most tests share one and keep apart by their task queues; tests that stop it have their own.
#[derive(Debug)]
pub(crate) struct DevServer {
    port: u16,
    database: Option<TempDir>,
    process: Mutex<Arc<Process>>,
}

impl DevServer {
    /// The server that all tests of this process share. Run with `cargo test`, that is all tests; nextest gives each
    /// test a process and so a server.
    pub(crate) async fn start() -> &'static Self {
        static SHARED: OnceCell<DevServer> = OnceCell::const_new();
        SHARED.get_or_init(|| Self::on(free_port(), None)).await
    }

    /// A server of one's own with this in its dynamic configuration, such as `frontend.key=true`.
    pub(crate) async fn start_configured(settings: &[&str]) -> Self {
        let port = free_port();
        let process = start_process(port, None, settings).await;
        Self { port, database: None, process: Mutex::new(Arc::new(process)) }
    }

    /// A server of one's own that keeps its state when it is restarted.
    pub(crate) async fn start_persistent() -> Self {
        Self::on(free_port(), Some(TempDir::new().unwrap())).await
    }

    async fn on(port: u16, database: Option<TempDir>) -> Self {
        let process = start_process(port, database.as_ref(), &[]).await;
        Self { port, database, process: Mutex::new(Arc::new(process)) }
    }

    /// Kills the server and starts it again, on the same port and with the same state.
    pub(crate) async fn restart(&self) {
        self.restart_after(Duration::ZERO).await;
    }

    /// The same, and is away for this long.
    pub(crate) async fn restart_after(&self, absence: Duration) {
        self.kill().await;
        tokio::time::sleep(absence).await;
        let process = start_process(self.port, self.database.as_ref(), &[]).await;
        *self.process.lock().unwrap() = Arc::new(process);
    }

    async fn kill(&self) {
        let process = Arc::clone(&self.process.lock().unwrap());
        process.signal(Signal::KILL);
        process.exit().await;
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

async fn start_process(port: u16, database: Option<&TempDir>, settings: &[&str]) -> Process {
    let mut arguments = ["server", "start-dev", "--headless", "--log-level", "error", "--ip", "127.0.0.1", "--port"]
        .map(str::to_owned)
        .to_vec();
    arguments.push(port.to_string());
    for setting in settings {
        arguments.extend(["--dynamic-config-value".to_owned(), (*setting).to_owned()]);
    }
    if let Some(folder) = database {
        arguments.extend(["--db-filename".to_owned(), folder.path().join("temporal.db").display().to_string()]);
    }
    let process = Process::start("the development server", &temporal_cli(), arguments, &[]);
    process.find("its address", |line| line.starts_with("Temporal Server:").then_some(())).await;
    // It listens a little before it answers, and nothing tells of that moment.
    let mut probe = tokio::time::interval(Duration::from_millis(50));
    let answers = async {
        while try_connect(&format!("127.0.0.1:{port}")).await.is_err() {
            probe.tick().await;
        }
    };
    if tokio::time::timeout(GUARD, answers).await.is_err() {
        panic!("the development server does not answer\n{}", process.transcript());
    }
    process
}

/// A client's connection. Each test makes its own: a connection belongs to the runtime that made it.
pub(crate) async fn connect(address: &str) -> Connection {
    try_connect(address).await.unwrap_or_else(|error| panic!("failed to connect to {address}: {error}"))
}

async fn try_connect(address: &str) -> Result<Connection, ClientConnectError> {
    let target = Url::parse(&format!("http://{address}")).unwrap();
    Connection::connect(ConnectionOptions::new(target).identity("isolet-tests").build()).await
}

/// A port that nobody listens on: none of those that the system gives to outgoing connections, one of which could take it
/// before whoever was told of it.
pub(crate) fn free_port() -> u16 {
    const PORTS: Range<u32> = 10_000..30_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Other processes of tests begin elsewhere.
    let first = process::id().wrapping_mul(101);
    let mut ports = iter::repeat_with(|| {
        let next = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        u16::try_from(PORTS.start + next % (PORTS.end - PORTS.start)).unwrap()
    });
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// The Temporal CLI: where `ISOLET_TEMPORAL_CLI` says, on `PATH`, or in the project's own `.tools`.
pub(crate) fn temporal_cli() -> PathBuf {
    if let Some(path) = env::var_os("ISOLET_TEMPORAL_CLI") {
        return path.into();
    }
    let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin");
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([tools])
        .map(|folder| folder.join("temporal"))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("the Temporal CLI is missing: run `cargo xtask setup`"))
}
