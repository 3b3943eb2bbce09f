//! The thread that a process belongs to.

use std::{
    io,
    os::fd::OwnedFd,
    process::{self, Child, ExitStatus, Stdio},
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use cgroup::Group;
use confinement::described;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::{Process, Shared, lose_attempt, outgoing::Outgoing, overdue, talk};
use crate::{
    cell::{CellSettings, Inner, Known},
    wire::{self, Crosses as _},
};

/// With what a cell with these settings begins.
pub(super) fn begin(settings: &CellSettings, loads: &[Arc<Known>]) -> wire::Begin {
    use std::os::unix::ffi::OsStrExt as _;
    let place = |directory: &confinement::Directory| wire::Place {
        path: directory.path.as_os_str().as_bytes().to_vec(),
        writable: directory.writable,
    };
    let has_outside = loads.iter().any(|known| known.http().next().is_some());
    wire::Begin {
        version: wire::VERSION,
        parent: process::id(),
        guest_threads: u32::try_from(settings.guest_threads).unwrap_or(u32::MAX),
        busy_niceness: settings.busy_niceness,
        tick: Some(settings.tick.send()),
        slots: settings.slots,
        log_level: settings.log_level.send(),
        lines: settings.lines.clone().map(|format| wire::Lines { format }),
        landlock: settings.walls.landlock,
        seccomp: settings.walls.seccomp,
        directories: settings.directories.iter().map(place).collect(),
        loads: u32::try_from(loads.len()).unwrap_or(u32::MAX),
        outside: has_outside.then(|| wire::Outside { roots: settings.outside.roots().to_vec() }),
    }
}

/// Starts the thread, and the process with it after a wait.
pub(super) fn start(process: &Arc<Process>, cell: &Arc<Inner>, wait: Duration) {
    let (weak, cell_of) = (Arc::downgrade(process), Arc::clone(cell));
    let (shared, outgoing) = (Arc::clone(&process.shared), Arc::clone(&process.outgoing));
    cell.worker.spawn(overdue::watch(Arc::clone(&shared)));
    let started = thread::Builder::new().name("isolet-cell".to_owned()).spawn(move || {
        let begun = Instant::now();
        pause(&shared, wait);
        let (reason, died) = match run(&shared, &outgoing, &weak, &cell_of) {
            Ok(status) => (described(status), !status.success()),
            Err(error) => (format!("it could not be started: {error}"), true),
        };
        end(&shared, &weak, &cell_of, reason, begun.checked_add(wait).filter(|_| died));
    });
    if let Err(error) = started {
        lose(&process.shared, format!("the system has no thread left for it: {error}"));
    }
}

/// Waits, unless it is to end already.
fn pause(shared: &Shared, wait: Duration) {
    let until = Instant::now().checked_add(wait);
    while let Some(rest) = until.and_then(|until| until.checked_duration_since(Instant::now())) {
        if rest.is_zero() || shared.handle().doomed.is_some() {
            return;
        }
        // Nobody wakes it; it may wake early by itself.
        thread::park_timeout(rest.min(Duration::from_millis(100)));
    }
}

/// Runs the process from its start to its end.
fn run(
    shared: &Arc<Shared>,
    outgoing: &Arc<Outgoing>,
    process: &Weak<Process>,
    cell: &Arc<Inner>,
) -> io::Result<ExitStatus> {
    let (ours, theirs) = wire::pair()?;
    let settings = &cell.settings;
    let mut child = confinement::command(&settings.program)
        .args(&settings.arguments)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let group = hold(settings, &mut child)?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let is_doomed = {
        let mut handle = shared.handle();
        handle.id = id;
        handle.doomed.is_some()
    };
    if is_doomed {
        child.kill()?;
    }
    let talking = talk::start(shared, process, cell, (&ours, outgoing), child.stderr.take());
    if talking.is_err() {
        child.kill()?;
    }
    let status = wait(shared, id, &mut child)?;
    if let Some(reason) = group.and_then(|group| group.killed_for()) {
        shared.handle().doomed.get_or_insert(reason);
    }
    // What it said before its end is heard.
    talking?.all();
    Ok(status)
}

/// Puts it where its share and its limit are, which it has before it is told anything.
fn hold(settings: &CellSettings, child: &mut Child) -> io::Result<Option<Group>> {
    let Some(share) = &settings.share else { return Ok(None) };
    share.hold(&settings.name, child.id()).map(Some).or_else(|error| {
        child.kill()?;
        child.wait()?;
        tracing::warn!("failed to give the cell of {} a cgroup: {error}", settings.name);
        Err(io::Error::other("it could not be given its share of the machine"))
    })
}

/// Waits for its end. Its number is not used any more once it may be another process's.
fn wait(shared: &Shared, id: Option<Pid>, child: &mut Child) -> io::Result<ExitStatus> {
    if let Some(id) = id {
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        {
        }
    }
    shared.handle().id = None;
    child.wait()
}

/// Takes note of the end of a process, which died if it tells since when it ran.
fn end(shared: &Shared, process: &Weak<Process>, cell: &Arc<Inner>, reason: String, died: Option<Instant>) {
    let reason = shared.handle().doomed.clone().unwrap_or(reason);
    if died.is_some() {
        tracing::warn!("the cell of {} is lost: {reason}", shared.name);
    }
    let lost = lose(shared, reason);
    if let Some(process) = process.upgrade() {
        let begun = died.unwrap_or_else(Instant::now);
        cell.ended(&process, begun, died.is_some() || lost);
    }
}

/// Ends all that waits for it. Returns whether anything did.
fn lose(shared: &Shared, reason: String) -> bool {
    let mut listeners = shared.listeners();
    listeners.lost = Some(reason.clone());
    let attempts = std::mem::take(&mut listeners.attempts);
    let loads = std::mem::take(&mut listeners.loads);
    drop(listeners);
    shared.due.notify_one();
    attempts.values().for_each(|listener| lose_attempt(&listener.events, &reason));
    !attempts.is_empty() || !loads.is_empty()
}

/// Lets a process go that was told nothing for a while, if it has nothing to do.
pub(super) fn at_rest(shared: &Shared, process: &Weak<Process>, cell: &Weak<Inner>) {
    if shared.listeners().attempts.is_empty()
        && let (Some(cell), Some(process)) = (cell.upgrade(), process.upgrade())
    {
        cell.retire(&process);
    }
}
