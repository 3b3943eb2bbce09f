//! Programs that a benchmark starts: what they cost, and that none is left behind.

use std::{
    fs,
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use anyhow::Context as _;

/// A program that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Starts `command`; `name` is for messages.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) fn start(name: &str, command: &mut Command) -> anyhow::Result<Self> {
        let child = command.spawn().with_context(|| format!("failed to start {name}: {command:?}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// The processor time that all its threads have used, in user and kernel code, to 10 ms.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = fs::read_to_string(&path).with_context(|| format!("{} has ended", self.name))?;
        // The program's name, in parentheses, may hold spaces.
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
        let (Some(Ok(user)), Some(Ok(system))) = (times.next(), times.next()) else {
            anyhow::bail!("{path} can't be understood");
        };
        let ticks_per_second = rustix::param::clock_ticks_per_second();
        Ok(Duration::from_millis((user + system) * 1_000 / ticks_per_second.max(1)))
    }

    /// The most resident memory that it had so far, in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn peak_memory(&self) -> anyhow::Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).with_context(|| format!("{} has ended", self.name))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kibibytes.map(|kibibytes| kibibytes << 10).with_context(|| format!("{path} can't be understood"))
    }

    /// Fails when the program has ended by itself.
    ///
    /// # Errors
    /// With how it ended.
    pub(crate) fn ensure_running(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("{} ended by itself: {status}", self.name),
        }
    }

    /// The child, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

/// Runs `command` to its end. Dropping this before kills it.
///
/// # Errors
/// When it can't be started.
pub(crate) async fn finished(name: &str, command: &mut Command) -> anyhow::Result<ExitStatus> {
    let mut running = Running::start(name, command)?;
    let mut every = tokio::time::interval(Duration::from_millis(50));
    loop {
        every.tick().await;
        if let Some(status) = running.child.try_wait()? {
            return Ok(status);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a child that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
