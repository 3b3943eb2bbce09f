//! A worker with a folder of tenants, each with a task queue and a component of its own.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::{
    end_to_end::{NAMESPACE, dev_server::DevServer},
    processes::{Memory, Running},
    sandboxes::{self, GREET_ALONE},
    settings::Settings,
};

/// How long the worker may take for anything.
const PATIENCE: Duration = Duration::from_secs(900);

/// The files of a worker.
pub(crate) struct Host {
    folder: TempDir,
    component: Vec<u8>,
    isolet: std::path::PathBuf,
}

/// A worker that runs, and what it tells.
pub(crate) struct Worker {
    pub(crate) running: Running,
    pub(crate) events: mpsc::UnboundedReceiver<Value>,
    started: Instant,
}

impl Host {
    /// Without tenants yet; `more` is added to its configuration.
    ///
    /// # Errors
    /// When files can't be written, or there is no guest.
    pub(crate) fn new(server: &DevServer, settings: &Settings, more: &str) -> anyhow::Result<Self> {
        // Not below the system's folder for such files, which may be in memory.
        let parent = settings.root.join("target/benchmarks");
        fs::create_dir_all(&parent)?;
        let folder = TempDir::new_in(parent)?;
        fs::create_dir(folder.path().join("tenants.d"))?;
        let address = &server.address;
        let text = format!("connection = {{ address = {address:?}, namespace = \"{NAMESPACE}\" }}\n{more}");
        fs::write(folder.path().join("isolet.toml"), text)?;
        let component = fs::read(sandboxes::component(settings, GREET_ALONE.component)?)?;
        Ok(Self { folder, component, isolet: settings.isolet.clone() })
    }

    /// Adds a tenant, whose task queue is called as it is, with a component that nobody else has.
    ///
    /// # Errors
    /// When files can't be written.
    pub(crate) fn add(&self, name: &str) -> anyhow::Result<()> {
        let path = self.folder.path().join(format!("{name}.wasm"));
        // A section that means nothing: its name, and the tenant's.
        let section = [b"\x06tenant".as_slice(), name.as_bytes()].concat();
        let length = u8::try_from(section.len()).ok().filter(|length| *length < 0x80);
        let head = [0, length.context("the name is too long")?];
        fs::write(&path, [&self.component, head.as_slice(), &section].concat())?;
        self.add_with(name, &path, ["", ""])
    }

    /// Adds one with this component, and more keys of its worker and of the component.
    ///
    /// # Errors
    /// When files can't be written.
    pub(crate) fn add_with(&self, name: &str, component: &Path, keys: [&str; 2]) -> anyhow::Result<()> {
        let [of_worker, of_component] = keys;
        let text = format!(
            "[[workers]]\ntask-queue = {name:?}\n{of_worker}\n[[workers.components]]\npath = {component:?}\n{of_component}\n"
        );
        let draft = self.folder.path().join(format!("{name}.draft"));
        fs::write(&draft, text)?;
        Ok(fs::rename(draft, self.folder.path().join(format!("tenants.d/{name}.toml")))?)
    }

    /// Removes a tenant.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn remove(&self, name: &str) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.folder.path().join(format!("tenants.d/{name}.toml")))?)
    }

    /// Starts the worker and waits until it is ready. Returns how long that took, too.
    ///
    /// # Errors
    /// When it does not get there.
    pub(crate) async fn start(&self) -> anyhow::Result<(Worker, Duration)> {
        let mut command = Command::new(&self.isolet);
        command.args(["worker", "--output", "json", "--config"]).arg(self.folder.path().join("isolet.toml"));
        command.arg("--cache").arg(self.folder.path().join("cache"));
        command.env("ISOLET_ADMIN_SOCKET", "off").env("ISOLET_LOG", "warn");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let started = Instant::now();
        let mut running = Running::start("the worker", &mut command)?;
        let output = running.child().stdout.take().context("it has no standard output")?;
        let (tell, events) = mpsc::unbounded_channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.filter_map(|line| serde_json::from_str(&line).ok()).try_for_each(|event| tell.send(event))
        });
        let mut worker = Worker { running, events, started };
        worker.event(|event| event["event"] == "ready").await?;
        let took = worker.started.elapsed();
        Ok((worker, took))
    }
}

impl Worker {
    /// Waits for an event.
    ///
    /// # Errors
    /// When it does not come.
    pub(crate) async fn event(&mut self, is_wanted: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let wait = async {
            while let Some(event) = self.events.recv().await {
                if is_wanted(&event) {
                    return Ok(());
                }
            }
            anyhow::bail!("the worker has ended")
        };
        tokio::time::timeout(PATIENCE, wait).await.context("the worker does not get there")?
    }

    /// Attempts of a task queue that it has told the start of, and not the end, since it was last asked.
    pub(crate) fn unfinished(&mut self, queue: &str) -> i64 {
        let mut left = 0;
        while let Ok(event) = self.events.try_recv() {
            let text = |key| event.get(key).and_then(Value::as_str);
            left += match text("event") {
                _ if text("task_queue") != Some(queue) => 0,
                Some("attempt-started") => 1,
                Some("attempt-finished") => -1,
                _ => 0,
            };
        }
        left
    }

    /// Memory of it and of its processes.
    ///
    /// # Errors
    /// When that can't be told.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        let mut all = Memory::of(&self.running.id().to_string())?.resident;
        for (id, _) in self.running.children() {
            all += Memory::of(&id.to_string())?.resident;
        }
        Ok(all)
    }
}
