//! The thread that the process belongs to: it starts it, tells it what lines there are, and starts it again when it died.

use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsFd as _, OwnedFd},
    process::{self, Child, ChildStderr, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use activity::{Origin, shown};
use confinement::{Deaths, described};
use rustix::net::sockopt;

use super::{Call, EgressSettings, Error, Opened};
use crate::{
    direct::{Versions, files_about_names, versions_of_files},
    packets,
    wire::{self, Begin, Begun, Files, LONGEST, ORIGINS, Open, Order, WireOrigin, order},
};

/// How often it is looked whether the system's files about names have changed.
const LOOKING: Duration = Duration::from_secs(1);

/// How long the process may leave unread what it is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// What may wait to be read by a cell, in bytes: some answers. More, and the connections with them, wait in the process, as
/// few as a line may have.
const ANSWERS: usize = 8 << 10;

/// Lines that the process may complain with in a life.
const COMPLAINTS: usize = 1_000;

/// Runs until it is told to end.
pub(super) fn run(settings: &EgressSettings, calls: &Receiver<Call>, own: &Sender<Call>, id: &Arc<AtomicU32>) {
    let mut owner = Owner {
        settings,
        calls,
        own,
        id,
        lines: BTreeMap::new(),
        waiting: Vec::new(),
        process: None,
        number: 0,
        deaths: Deaths::default(),
        next_start: None,
    };
    while owner.step() {}
    owner.stop();
}

struct Owner<'a> {
    settings: &'a EgressSettings,
    calls: &'a Receiver<Call>,
    /// Where its own threads call.
    own: &'a Sender<Call>,
    id: &'a AtomicU32,
    lines: BTreeMap<u64, Opened>,
    waiting: Vec<SyncSender<Result<(), Error>>>,
    process: Option<Process>,
    /// That of the process that was started last.
    number: u64,
    deaths: Deaths,
    /// When it may be started again.
    next_start: Option<Instant>,
}

/// A process that runs.
struct Process {
    child: Child,
    socket: OwnedFd,
    begun_at: Instant,
    has_begun: bool,
    /// Those that it was handed.
    files: Versions,
    /// When it was looked last whether they have changed.
    looked_at: Instant,
}

impl Owner<'_> {
    /// Does what comes next. Returns whether more comes.
    fn step(&mut self) -> bool {
        self.start_if_due();
        let wait = match (self.process.is_some(), self.next_start) {
            (false, Some(at)) => at.saturating_duration_since(Instant::now()),
            _ => LOOKING,
        };
        match self.calls.recv_timeout(wait) {
            Ok(Call::End) | Err(RecvTimeoutError::Disconnected) => return false,
            Ok(Call::Ready(waiting)) => {
                self.waiting.push(waiting);
                if self.process.as_ref().is_some_and(|process| process.has_begun) {
                    self.tell_waiting(|| Ok(()));
                }
            }
            Ok(Call::Open(number, opened)) => {
                self.lines.insert(number, opened);
                self.open(number);
            }
            Ok(Call::Close(number)) => drop(self.lines.remove(&number)),
            Ok(Call::Begun(number, refused)) if number == self.number => self.begun(refused),
            Ok(Call::HungUp(number)) if number == self.number => self.lost(),
            // Of a former process.
            Ok(Call::Begun(..) | Call::HungUp(_)) => {}
            Err(RecvTimeoutError::Timeout) => {}
        }
        self.look_at_files();
        true
    }

    /// Starts the process if somebody needs it, and it need not wait.
    fn start_if_due(&mut self) {
        let is_needed = !self.lines.is_empty() || !self.waiting.is_empty();
        let may = self.next_start.is_none_or(|at| at <= Instant::now());
        if self.process.is_some() || !is_needed || !may {
            return;
        }
        self.number += 1;
        match self.start() {
            Ok(process) => {
                self.id.store(process.child.id(), Ordering::Relaxed);
                self.process = Some(process);
                let lines: Vec<_> = self.lines.keys().copied().collect();
                lines.into_iter().for_each(|line| self.open(line));
            }
            Err(error) => {
                tracing::warn!("the process that connects for cells can't be started: {error}");
                self.wait_before_next(Instant::now());
                self.tell_waiting(|| Err(io::Error::new(error.kind(), error.to_string()).into()));
            }
        }
    }

    fn start(&self) -> io::Result<Process> {
        let (ours, theirs) = packets::pair(false)?;
        sockopt::set_socket_timeout(&ours, sockopt::Timeout::Send, Some(PATIENCE))?;
        let mut child = confinement::command(&self.settings.program)
            .args(&self.settings.arguments)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let (number, calls, socket) = (self.number, self.own.clone(), ours.try_clone()?);
        let complaints = child.stderr.take();
        let listening = thread::Builder::new().name("isolet-egress-in".to_owned()).spawn(move || {
            listen(&socket, number, &calls);
        });
        let hearing = complaints.map(|complaints| {
            thread::Builder::new().name("isolet-egress-err".to_owned()).spawn(move || hear(complaints))
        });
        let begin = Begin {
            version: wire::VERSION,
            parent: process::id(),
            landlock: self.settings.walls.landlock,
            seccomp: self.settings.walls.seccomp,
            nameservers: wire::texts(&self.settings.nameservers),
            proxy: self.settings.proxy.as_ref().map(WireOrigin::of_proxy),
        };
        let files = versions_of_files();
        let told = say(&ours, order::Say::Begin(begin), &[]).and_then(|()| hand_over_files(&ours));
        if let Err(error) = listening.and(hearing.transpose()).map(drop).and(told) {
            end(&mut child);
            return Err(error);
        }
        let now = Instant::now();
        Ok(Process { child, socket: ours, begun_at: now, has_begun: false, files, looked_at: now })
    }

    /// Opens a line, if there is a process to open it to.
    fn open(&mut self, number: u64) {
        let (Some(process), Some(opened)) = (&self.process, self.lines.get(&number)) else { return };
        match open_line(&process.socket, &opened.grant) {
            Ok(end) => (opened.deliver)(end),
            Err(error) => {
                tracing::warn!("the process that connects for cells takes no line: {error}");
                self.lost();
            }
        }
    }

    fn begun(&mut self, refused: Option<String>) {
        match (refused, &mut self.process) {
            (Some(refused), _) => {
                tracing::warn!("the process that connects for cells can't run here: {refused}");
                self.tell_waiting(|| Err(Error::CantRun(refused.clone())));
            }
            (None, Some(process)) => {
                process.has_begun = true;
                self.tell_waiting(|| Ok(()));
            }
            (None, None) => {}
        }
    }

    /// Answers all that wait for the process.
    fn tell_waiting(&mut self, answer: impl Fn() -> Result<(), Error>) {
        for waiting in self.waiting.drain(..) {
            // Who does not wait any more needs no answer.
            let _ = waiting.send(answer());
        }
    }

    /// The process has ended, or has to.
    fn lost(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        self.id.store(0, Ordering::Relaxed);
        let reason = end(&mut process.child);
        tracing::warn!("the process that connects for cells is lost: {reason}");
        self.tell_waiting(|| Err(Error::Lost(reason.clone())));
        self.wait_before_next(process.begun_at);
    }

    fn wait_before_next(&mut self, begun: Instant) {
        self.next_start = Instant::now().checked_add(self.deaths.note(begun));
    }

    /// Hands the system's files over again if they have changed; looks now and then.
    fn look_at_files(&mut self) {
        let Some(process) = self.process.as_mut().filter(|process| LOOKING <= process.looked_at.elapsed()) else {
            return;
        };
        process.looked_at = Instant::now();
        let versions = versions_of_files();
        if process.files == versions {
            return;
        }
        process.files = versions;
        if hand_over_files(&process.socket).is_err() {
            self.lost();
        }
    }

    /// Ends the process, which nobody needs any more.
    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            self.id.store(0, Ordering::Relaxed);
            end(&mut process.child);
        }
    }
}

/// Ends a process if it has not ended by itself, and tells how it did.
fn end(child: &mut Child) -> String {
    // It may be gone already.
    let _ = child.kill();
    child.wait().map_or_else(|error| error.to_string(), described)
}

fn say(socket: &OwnedFd, say: order::Say, descriptors: &[std::os::fd::BorrowedFd<'_>]) -> io::Result<()> {
    packets::send(socket, &Order { say: Some(say) }, descriptors)
}

fn hand_over_files(socket: &OwnedFd) -> io::Result<()> {
    let [hosts, servers] = files_about_names();
    let files = Files { hosts: hosts.is_some(), servers: servers.is_some() };
    let descriptors: Vec<_> = [&hosts, &servers].into_iter().flatten().map(|file| file.as_fd()).collect();
    say(socket, order::Say::Files(files), &descriptors)
}

/// Opens a line to these servers, and returns its other end.
fn open_line(socket: &OwnedFd, grant: &[Origin]) -> io::Result<OwnedFd> {
    let (ours, theirs) = packets::pair(true)?;
    sockopt::set_socket_send_buffer_size(&theirs, ANSWERS)?;
    let origins: Vec<_> = grant.iter().map(WireOrigin::new).collect();
    for lot in origins.chunks(ORIGINS) {
        say(socket, order::Say::Open(Open { origins: lot.to_vec() }), &[])?;
    }
    say(socket, order::Say::Open(Open { origins: Vec::new() }), &[theirs.as_fd()])?;
    Ok(ours)
}

/// Tells the owner what the process says, and when it hangs up.
fn listen(socket: &OwnedFd, number: u64, calls: &Sender<Call>) {
    while let Ok(Some(packet)) = packets::receive::<Begun>(socket, LONGEST, 0) {
        let Begun { version, refused } = packet.message;
        let other = (version != wire::VERSION).then(|| format!("it is of version {version}"));
        if calls.send(Call::Begun(number, refused.or(other))).is_err() {
            return;
        }
    }
    let _ = calls.send(Call::HungUp(number));
}

/// Passes on what the process says, such as that a file can't be read.
fn hear(complaints: ChildStderr) {
    confinement::hear(complaints, COMPLAINTS, |line| {
        tracing::warn!("the process that connects for cells says: {}", shown::on_one_line(line));
    });
}
