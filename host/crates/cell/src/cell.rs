//! The worker's end: what is loaded in a cell, and its process while there is one.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    io,
    os::fd::OwnedFd,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use activity::{
    Attempt, ComponentHandle, ComponentId, End, Ending, Executor, Grants, Level, LoadId, Origin, Policy,
    SandboxFailure, SandboxFailureKind, Task, Usage,
};
use cgroup::Share;
use confinement::{Deaths, Directory, Walls};
use egress::{Egress, EgressSettings};
use engine::{Engine, Listing, Roots, Source};
use tokio::runtime::Handle;

use crate::{
    Error, attempt,
    process::Process,
    wire::{self, Crosses as _},
};

/// How a cell runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellSettings {
    /// Whose it is, for people.
    pub name: String,
    /// The program that calls [`run`](crate::run), and the arguments that make it do so.
    pub program: PathBuf,
    /// The arguments.
    pub arguments: Vec<OsString>,
    /// Threads that run guests.
    pub guest_threads: usize,
    /// How nice those of guests are that keep a processor busy, beyond what the process is.
    pub busy_niceness: i32,
    /// How often a running guest is looked at.
    pub tick: Duration,
    /// Sandboxes at once.
    pub slots: u32,
    /// The least important level that is kept of what guests log.
    pub log_level: Level,
    /// How lines of guests are written down, in words that the program understands; without it nobody reads them.
    pub lines: Option<String>,
    /// What keeps it in.
    pub walls: Walls,
    /// The directories that are granted to any of its components.
    pub directories: Vec<Directory>,
    /// When a process is started for components whose activities are known.
    pub start: Start,
    /// How long a process stays that runs no attempt.
    pub idle: Duration,
    /// How its components send HTTP requests that are granted some.
    pub outside: Arc<Outside>,
    /// What each of its processes gets of the machine, where that is told by cgroups.
    pub share: Option<Arc<Share>>,
}

/// When a process is started. One is started in any case for a component whose activities are not known: it is asked for
/// them there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first task.
    WithTask,
    /// With each component that is loaded.
    WithLoad,
}

/// How cells reach what is granted to them outside.
#[derive(Debug)]
pub struct Outside {
    /// What connects for them.
    pub(crate) egress: Egress,
    /// Whom servers are trusted by; read for the first cell that may reach any.
    roots: OnceLock<Vec<Vec<u8>>>,
}

/// There is one egress, and who is trusted is read from the system: only the very same is the same.
impl PartialEq for Outside {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Outside {}

/// What a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellStats {
    /// Loaded components.
    pub components: usize,
    /// Attempts that run.
    pub sandboxes: usize,
    /// Linear memory of all guests, in bytes.
    pub memory: u64,
}

/// A process of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellProcess {
    /// What the system calls it, while it runs.
    pub id: Option<u32>,
    /// Whether new attempts go to it; otherwise it finishes those that it has.
    pub takes_attempts: bool,
    /// Attempts that run.
    pub sandboxes: usize,
    /// Linear memory of all guests, in bytes.
    pub memory: u64,
}

/// A component that is loaded in a cell.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What tasks name it by, and what keeps it loaded.
    pub component: ComponentHandle,
    /// Its activities, its image, and what results take.
    pub listing: Listing,
}

/// Runs attempts in a process of its own, which is there while there is something to do.
///
/// Upholds the following invariants:
/// - A process runs what it was started with: whatever is loaded later is run by the next one, while the former finishes
///   its attempts.
/// - Every attempt ends, whatever becomes of its process.
#[derive(Debug)]
pub struct Cell {
    inner: Arc<Inner>,
}

/// What outlives the handles to it as long as a process runs.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) settings: CellSettings,
    /// Where the worker's tasks run.
    pub(crate) worker: Handle,
    state: Mutex<State>,
    /// Held while a component is loaded, until tasks may name it: each process has all that were loaded before.
    loading: Mutex<()>,
    next_load: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    loads: HashMap<LoadId, Arc<Known>>,
    /// The process that new attempts go to.
    process: Option<Arc<Process>>,
    /// Those that finish theirs.
    former: Vec<Weak<Process>>,
    deaths: Deaths,
    /// The worker has no use for it any more.
    closed: bool,
}

/// A component that a process is given.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) number: u64,
    id: ComponentId,
    policy: Arc<Policy>,
    pub(crate) code: OwnedFd,
    listing: Option<Listing>,
}

/// Forgets a component when it is dropped.
struct Registered {
    cell: Weak<Inner>,
    load: LoadId,
}

impl Cell {
    /// A cell without a process yet. What its processes say is heard by tasks of `worker`, which waits for sockets.
    pub fn new(settings: CellSettings, worker: Handle) -> Self {
        let (state, loading, next_load) = (Mutex::default(), Mutex::default(), AtomicU64::new(1));
        Self { inner: Arc::new(Inner { settings, worker, state, loading, next_load }) }
    }

    /// Loads a component in the cell, from the code that `engine` compiles or keeps, and asks it for its activities there
    /// unless they are known. Blocks, seconds if it must be compiled.
    ///
    /// # Errors
    /// When the component is not what it should be, or wants what it is not given or no cell has; and when the cell can't
    /// be started.
    pub fn load(&self, engine: &Engine, source: &Source<'_>, policy: Arc<Policy>) -> Result<Loaded, Error> {
        let code = engine.code(source)?;
        let known = Known {
            number: self.inner.next_load.fetch_add(1, Ordering::Relaxed),
            id: source.id.clone(),
            policy: Arc::clone(&policy),
            code: code.into(),
            listing: engine.kept_listing(&source.id.digest, &policy),
        };
        // Until it is registered: a process that begins meanwhile for another component would not have it.
        let _loading = self.inner.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(listing), Start::WithTask) = (&known.listing, self.inner.settings.start) {
            self.inner.check()?;
            let listing = listing.clone();
            return Ok(self.inner.register(known, listing, |state| state.let_process_go()));
        }
        if !policy.grants.http.is_empty() {
            self.inner.settings.outside.egress.ready()?;
        }
        let (known, listing) = self.inner.load(known)?;
        engine.keep_listing(&known.id.digest, &policy, &listing);
        Ok(self.inner.register(known, listing, |_| None))
    }

    /// What it holds now.
    pub fn stats(&self) -> CellStats {
        let (components, processes) = self.processes();
        CellStats {
            components,
            sandboxes: processes.iter().map(|process| process.sandboxes).sum(),
            memory: processes.iter().map(|process| process.memory).fold(0, u64::saturating_add),
        }
    }

    /// How many components are loaded, and the processes that there are for them.
    pub fn processes(&self) -> (usize, Vec<CellProcess>) {
        let (components, former, current) = {
            let mut state = self.inner.lock();
            state.former.retain(|former| former.strong_count() != 0);
            let former: Vec<_> = state.former.iter().filter_map(Weak::upgrade).collect();
            (state.loads.len(), former, state.process.clone())
        };
        let process = |process: &Arc<Process>, takes_attempts| CellProcess {
            id: process.id(),
            takes_attempts,
            sandboxes: process.attempts(),
            memory: process.memory(),
        };
        let current = current.iter().map(|current| process(current, true));
        (components, current.chain(former.iter().map(|former| process(former, false))).collect())
    }

    /// Whose it is, for people.
    pub fn name(&self) -> &str {
        &self.inner.settings.name
    }

    /// The worker has no use for it any more: its process ends when its attempts have.
    pub fn close(&self) {
        let mut state = self.inner.lock();
        state.closed = true;
        let process = state.process.take();
        drop(state);
        drop(process);
    }

    /// The process that runs its attempts now, for tests.
    #[doc(hidden)]
    pub fn process_id(&self) -> Option<u32> {
        self.inner.lock().process.as_ref().and_then(|process| process.id())
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.close();
    }
}

impl Executor for Cell {
    fn start(&self, task: Task) -> Attempt {
        let (number, process) = {
            let mut state = self.inner.lock();
            let number = state.loads.get(&task.component.load()).map(|known| known.number);
            (number, self.inner.running(&mut state))
        };
        match number {
            Some(number) => attempt::start(process, wire::Task::new(task, number)),
            None => {
                let (attempt, port) = activity::attempt();
                let text = "the activity's component is not loaded";
                let end = End::Stopped(SandboxFailure::new(SandboxFailureKind::Load, text));
                port.events.end(Ending::new(end, Usage::default()));
                attempt
            }
        }
    }
}

impl Inner {
    /// The process that new attempts go to, started if there is none.
    fn running(self: &Arc<Self>, state: &mut State) -> Arc<Process> {
        if let Some(process) = state.process.as_ref().filter(|process| !process.is_over()) {
            return Arc::clone(process);
        }
        self.begin(state, Duration::ZERO)
    }

    /// Starts a process with what is loaded and this, and lets it take new attempts if it has loaded it. The former one,
    /// if there is one, ends when its attempts have.
    fn load(self: &Arc<Self>, known: Known) -> Result<(Known, Listing), Error> {
        let mut loads = self.lock().loads();
        let known = Arc::new(known);
        loads.push(Arc::clone(&known));
        let process = Process::start(self, &loads, Duration::ZERO);
        let listing = process.loaded(known.number)?;
        drop(loads);
        let former = {
            let mut state = self.lock();
            let former = state.process.replace(process);
            state.former.extend(former.as_ref().map(Arc::downgrade));
            former
        };
        drop(former);
        let known = Arc::into_inner(known).ok_or_else(|| io::Error::other("the cell is shared"))?;
        Ok((Known { listing: Some(listing.clone()), ..known }, listing))
    }

    /// Starts a process with all that is loaded, after a wait.
    fn begin(self: &Arc<Self>, state: &mut State, wait: Duration) -> Arc<Process> {
        let process = Process::start(self, &state.loads(), wait);
        state.process = Some(Arc::clone(&process));
        process
    }

    /// Tasks may name it from now on. What `change` takes from the state at that moment is dropped.
    fn register(
        self: &Arc<Self>,
        known: Known,
        listing: Listing,
        change: impl FnOnce(&mut State) -> Option<Arc<Process>>,
    ) -> Loaded {
        let load = LoadId::unique();
        let id = known.id.clone();
        let former = {
            let mut state = self.lock();
            state.loads.insert(load, Arc::new(known));
            change(&mut state)
        };
        drop(former);
        let component = ComponentHandle::new(load, id, Registered { cell: Arc::downgrade(self), load });
        Loaded { component, listing }
    }

    /// Whether a process could be kept in, which is not tried before one is started.
    fn check(&self) -> Result<(), Error> {
        confinement::check(self.settings.walls)
            .map_err(|error| Error::CantRun { cell: self.settings.name.clone(), reason: format!("failed to {error}") })
    }

    /// A process has come to its end, unasked if `died`: what is loaded is at once loaded in another one.
    pub(crate) fn ended(self: &Arc<Self>, process: &Process, begun: Instant, died: bool) {
        let mut state = self.lock();
        let is_current = state.process.as_ref().is_some_and(|current| std::ptr::eq(current.as_ref(), process));
        if !is_current {
            return;
        }
        state.process = None;
        if died {
            let wait = state.deaths.note(begun);
            if !state.closed && !state.loads.is_empty() {
                self.begin(&mut state, wait);
            }
        }
    }

    /// Lets a process go that has had nothing to do for a while; it ends when nobody holds it any more.
    pub(crate) fn retire(&self, process: &Process) {
        let mut state = self.lock();
        let is_current = state.process.as_ref().is_some_and(|current| std::ptr::eq(current.as_ref(), process));
        let idle = if is_current && process.attempts() == 0 { state.process.take() } else { None };
        drop(state);
        drop(idle);
    }

    /// The longest message that it may send: what its limits let a guest say, with room for how it is written.
    pub(crate) fn longest_message(&self) -> usize {
        const LEAST: usize = 64 << 20;
        let state = self.lock();
        let said = |known: &Arc<Known>| {
            let limits = &known.policy.limits;
            limits.result.max(limits.heartbeat).max(limits.host_buffer).saturating_mul(2)
        };
        state.loads.values().map(said).max().unwrap_or_default().max(LEAST)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets the process go that new attempts went to: the next one has what was loaded meanwhile.
    fn let_process_go(&mut self) -> Option<Arc<Process>> {
        let former = self.process.take();
        self.former.extend(former.as_ref().map(Arc::downgrade));
        former
    }

    /// What is loaded, in the order in which that was.
    fn loads(&self) -> Vec<Arc<Known>> {
        let mut loads: Vec<_> = self.loads.values().cloned().collect();
        loads.sort_unstable_by_key(|known| known.number);
        loads
    }
}

impl Outside {
    /// By the process that connects for them, and the system's root certificates.
    pub fn new(egress: EgressSettings) -> Self {
        Self { egress: Egress::new(egress), roots: OnceLock::new() }
    }

    /// Root certificates, in DER.
    pub(crate) fn roots(&self) -> &[Vec<u8>] {
        self.roots.get_or_init(|| Roots::of_system().to_der())
    }

    /// What the system calls the process that connects, for tests.
    #[doc(hidden)]
    pub fn process_id(&self) -> Option<u32> {
        self.egress.process_id()
    }
}

impl Known {
    /// Where it may send HTTP requests to.
    pub(crate) fn http(&self) -> impl Iterator<Item = &Origin> {
        self.policy.grants.http.iter().map(|grant| &grant.servers)
    }

    /// As a process is told of it.
    pub(crate) fn message(&self) -> wire::Load {
        wire::Load {
            number: self.number,
            id: Some(self.id.clone().send()),
            policy: Some(wire::Policy::new(&self.policy)),
            listing: self.listing.clone().map(Listing::send),
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(cell) = self.cell.upgrade() else { return };
        let mut state = cell.lock();
        if let (Some(known), Some(process)) = (state.loads.remove(&self.load), &state.process) {
            process.forget(known.number);
        }
    }
}

impl CellSettings {
    /// Adds the directories of `grants`, each once, writable if any writes there.
    pub fn grant(&mut self, grants: &Grants) {
        let known: HashSet<_> = self.directories.iter().map(|directory| directory.path.clone()).collect();
        for grant in &grants.directories {
            if known.contains(&grant.host) {
                let same = self.directories.iter_mut().filter(|directory| directory.path == grant.host);
                same.for_each(|directory| directory.writable |= grant.writable);
            } else {
                self.directories.push(Directory { path: grant.host.clone(), writable: grant.writable });
            }
        }
    }
}
