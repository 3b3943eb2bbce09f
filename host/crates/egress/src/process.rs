//! The worker's end: the process that connects, while there is one, and the lines to it.

mod owner;

use std::{
    ffi::OsString,
    fmt, io,
    net::SocketAddr,
    os::fd::OwnedFd,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use activity::Origin;
use confinement::Walls;

use crate::Proxy;

/// How long the process may take to begin.
const BEGINNING: Duration = Duration::from_secs(60);

/// How the process that connects runs.
#[derive(Clone, Debug)]
pub struct EgressSettings {
    /// The program that calls [`run`](crate::run).
    pub program: PathBuf,
    /// The arguments that make it do so.
    pub arguments: Vec<OsString>,
    /// Whom to ask for names; those of the system if there are none.
    pub nameservers: Vec<SocketAddr>,
    /// The operator's proxy, if there is one.
    pub proxy: Option<Proxy>,
    /// What keeps it in.
    pub walls: Walls,
}

/// Why nothing connects for cells. Messages are fragments that fit after "failed to …: ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The process can't be confined, or has not what it needs.
    #[error("the process that connects for cells can't run here: {0}")]
    CantRun(String),
    /// The process did not stay.
    #[error("the process that connects for cells ended: {0}")]
    Lost(String),
    /// It took too long.
    #[error("the process that connects for cells did not answer in time")]
    TooSlow,
    /// The system refuses what it needs.
    #[error("the process that connects for cells can't be started: {0}")]
    Io(#[from] io::Error),
}

/// Connects for cells, in a process that is started for the first of them, and again when it has died.
pub struct Egress {
    settings: EgressSettings,
    /// To the thread that the process belongs to, once there is one.
    owner: Mutex<Option<mpsc::Sender<Call>>>,
    next_line: AtomicU64,
    /// What the system calls the process, while it runs.
    process: Arc<AtomicU32>,
}

/// Opened for one cell; no new end of it is made once it is dropped.
#[derive(Debug)]
pub struct Line {
    number: u64,
    owner: mpsc::Sender<Call>,
}

/// What the owner is told.
enum Call {
    /// To say when the process has begun, or why it can't.
    Ready(mpsc::SyncSender<Result<(), Error>>),
    Open(u64, Opened),
    Close(u64),
    /// The process with this number has begun, or can't run.
    Begun(u64, Option<String>),
    /// The process with this number hung up.
    HungUp(u64),
    End,
}

/// What is known of a line.
struct Opened {
    grant: Arc<[Origin]>,
    deliver: Box<dyn Fn(OwnedFd) + Send>,
}

impl Egress {
    /// Without a process yet.
    pub fn new(settings: EgressSettings) -> Self {
        Self { settings, owner: Mutex::default(), next_line: AtomicU64::new(1), process: Arc::default() }
    }

    /// Starts the process unless it runs, and waits until it has begun.
    ///
    /// # Errors
    /// When it can't run on this system.
    pub fn ready(&self) -> Result<(), Error> {
        let (sender, answer) = mpsc::sync_channel(1);
        // One that has ended tells nothing.
        let _ = self.owner()?.send(Call::Ready(sender));
        answer.recv_timeout(BEGINNING).map_err(|_| Error::TooSlow)?
    }

    /// Opens a line on which these servers can be asked for, and no others. Its other end is given to `deliver`, which must
    /// not wait: soon, and a new one whenever the process was lost and is started again. What stood by then stays.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub fn line(&self, grant: &[Origin], deliver: impl Fn(OwnedFd) + Send + 'static) -> Result<Line, Error> {
        let (owner, number) = (self.owner()?, self.next_line.fetch_add(1, Ordering::Relaxed));
        let _ = owner.send(Call::Open(number, Opened { grant: grant.into(), deliver: Box::new(deliver) }));
        Ok(Line { number, owner })
    }

    /// What the system calls the process, for tests.
    #[doc(hidden)]
    pub fn process_id(&self) -> Option<u32> {
        Some(self.process.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }

    /// The thread that the process belongs to: the system ends the process with it.
    fn owner(&self) -> Result<mpsc::Sender<Call>, Error> {
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = owner.as_ref() {
            return Ok(owner.clone());
        }
        let (sender, calls) = mpsc::channel();
        let (settings, calls_of, process) = (self.settings.clone(), sender.clone(), Arc::clone(&self.process));
        thread::Builder::new()
            .name("isolet-egress".to_owned())
            .spawn(move || owner::run(&settings, &calls, &calls_of, &process))?;
        Ok(owner.insert(sender).clone())
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        if let Some(owner) = self.owner.get_mut().unwrap_or_else(PoisonError::into_inner) {
            let _ = owner.send(Call::End);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.owner.send(Call::Close(self.number));
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("settings", &self.settings).finish_non_exhaustive()
    }
}
