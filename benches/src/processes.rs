//! Programs that a benchmark starts: what they cost, and that none is left behind.

use std::{
    fs,
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

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

    /// The processor time that all its threads, and those of processes that it started and that run, have used, in user and
    /// kernel code, to 10 ms each.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        let own = Stat::of(self.child.id()).with_context(|| format!("{} has ended", self.name))?;
        Ok(self.children().iter().fold(own.cpu, |sum, (_, stat)| sum.saturating_add(stat.cpu)))
    }

    /// What the system calls it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processes that it has started and that run.
    pub(crate) fn children(&self) -> Vec<(u32, Stat)> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let processes = ids.filter_map(|id| Some((id, Stat::of(id)?)));
        processes.filter(|(_, stat)| stat.parent == self.child.id()).collect()
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

/// What the system tells of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stat {
    parent: u32,
    /// The processor time that all its threads have used, to 10 ms.
    pub(crate) cpu: Duration,
}

impl Stat {
    /// `None` when there is no such process.
    pub(crate) fn of(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The program's name, in parentheses, may hold spaces.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let mut times = fields.skip(9).map(str::parse::<u64>);
        let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
        let ticks_per_second = rustix::param::clock_ticks_per_second();
        Some(Self { parent, cpu: Duration::from_millis((user + system) * 1_000 / ticks_per_second.max(1)) })
    }
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Memory {
    /// What is in the machine's memory, shared or not.
    pub(crate) resident: u64,
    /// What of it is no page of a file: a process's own pages, copied from a file or new.
    pub(crate) private: u64,
}

impl Memory {
    /// That of the process with this number, or of `self`.
    ///
    /// # Errors
    /// When there is no such process, or this one may not look into it: a cell's memory is told to root alone.
    pub(crate) fn of(process: &str) -> anyhow::Result<Self> {
        let path = format!("/proc/{process}/smaps_rollup");
        let rollup = fs::read_to_string(&path).with_context(|| format!("failed to read {path}"))?;
        let bytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes: u64 =
                line.with_context(|| format!("{path} has no {name}"))?.trim_end_matches("kB").trim().parse()?;
            anyhow::Ok(kibibytes * 1024)
        };
        Ok(Self { resident: bytes("Rss:")?, private: bytes("Anonymous:")? })
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
