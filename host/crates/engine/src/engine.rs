//! The engine as a whole.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use activity::Policy;
use capabilities::{Network, Networks, Tenant, Tenants};
use wasmtime::component::Linker;

use crate::{
    EngineSettings, cache, config,
    error::{EngineError, LoadError},
    live::Live,
    prefault::Prefault,
    reaper::Reaper,
    registry::Registry,
    state::SandboxState,
    threads::{self, Lane, Lanes, Threads},
    ticker,
};

/// What an engine holds, and what it has done since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineStats {
    /// Loaded components.
    pub components: usize,
    /// Sandboxes that run, or wait for their turn.
    pub sandboxes: usize,
    /// Linear memory of all guests, in bytes.
    pub memory: u64,
    /// Components whose machine code was found in the store.
    pub kept: u64,
    /// Components whose machine code was not, so that they were compiled.
    pub compiled: u64,
}

/// What is counted for [`EngineStats`].
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Written by the limiters of all guests.
    pub(crate) memory: Arc<AtomicU64>,
    pub(crate) kept: AtomicU64,
    pub(crate) compiled: AtomicU64,
}

/// Loads components and runs their attempts.
///
/// Dropping it kills what runs, as for a worker that shuts down, and waits for nothing: it may be dropped anywhere.
pub struct Engine {
    pub(crate) settings: EngineSettings,
    pub(crate) slots: u32,
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Linker<SandboxState>,
    pub(crate) cache: cache::Store,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) live: Arc<Live>,
    pub(crate) counts: Counts,
    pub(crate) components: Arc<Registry>,
    pub(crate) prefault: Arc<Prefault>,
    /// Started for the first component that may send HTTP requests.
    networks: Mutex<Option<Networks>>,
    /// What tenants share, whose components may send requests or write files.
    tenants: Tenants,
    /// Dropped last, when everything that runs on them has been told to stop.
    _threads: Threads,
}

impl Engine {
    /// Starts an engine: its threads, its pool and its store of compiled components.
    ///
    /// # Errors
    /// When the system or the settings do not allow it.
    pub fn new(settings: EngineSettings) -> Result<Self, EngineError> {
        let slots = config::slots_that_fit(&settings)?;
        let wasmtime = wasmtime(&settings, slots)?;
        let cache = cache::Store::open(settings.cache_dir.as_deref(), settings.cache_size, &wasmtime)?;
        Prepared { settings, slots, wasmtime, cache, prefault: Prefault::new() }.start()
    }

    /// How many sandboxes there can be at once: those of the settings, or fewer if the system has no room for them.
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// The threads that guests start on, for tasks that go along with attempts and do little: what a guest wakes there runs
    /// next, on its own thread.
    pub fn threads(&self) -> &tokio::runtime::Handle {
        self.lanes.handle(Lane::Brisk)
    }

    /// How often a running guest is looked at.
    pub fn tick(&self) -> Duration {
        self.settings.tick
    }

    /// What it holds now and has done so far.
    pub fn stats(&self) -> EngineStats {
        EngineStats {
            components: self.components.len(),
            sandboxes: self.live.len(),
            memory: self.counts.memory.load(Ordering::Relaxed),
            kept: self.counts.kept.load(Ordering::Relaxed),
            compiled: self.counts.compiled.load(Ordering::Relaxed),
        }
    }

    /// What the attempts of a tenant share here.
    pub(crate) fn shared_by(&self, tenant: &str, policy: &Policy) -> Arc<Tenant> {
        self.tenants.share(tenant, policy.tenant)
    }

    /// What sends the HTTP requests of a component, if its grants allow any.
    ///
    /// # Errors
    /// When it can't be started.
    pub(crate) fn network_for(&self, policy: &Policy, tenant: &Arc<Tenant>) -> Result<Option<Arc<Network>>, LoadError> {
        let grant = &policy.grants.http;
        if grant.is_empty() {
            return Ok(None);
        }
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match networks.take() {
            Some(known) => known,
            None => Networks::new(self.settings.outbound.clone()).map_err(LoadError::Network)?,
        };
        let network = networks.insert(known).start(grant, Arc::clone(tenant)).map_err(LoadError::Network)?;
        Ok(Some(Arc::new(network)))
    }
}

/// An engine before it has any thread: for a process that confines itself in between.
pub struct Prepared {
    settings: EngineSettings,
    slots: u32,
    pub(crate) wasmtime: wasmtime::Engine,
    cache: cache::Store,
    prefault: Prefault,
}

impl Prepared {
    /// An engine that runs code which it is [handed](Engine::load_code), compiles nothing and keeps nothing. Everything that
    /// it needs of the system's files is open from now on.
    ///
    /// # Errors
    /// When the system or the settings do not allow it.
    pub fn for_code(settings: EngineSettings) -> Result<Self, EngineError> {
        threads::prepare().map_err(EngineError::Threads)?;
        let slots = config::slots_that_fit(&settings)?;
        let wasmtime = wasmtime(&settings, slots)?;
        let cache = cache::Store::nowhere(&wasmtime);
        Ok(Self { settings, slots, wasmtime, cache, prefault: Prefault::new() })
    }

    /// Starts its threads.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn start(self) -> Result<Engine, EngineError> {
        let Self { settings, slots, wasmtime, cache, prefault } = self;
        let prefault = Arc::new(prefault);
        let mut linker = Linker::new(&wasmtime);
        capabilities::add_to_linker(&mut linker).map_err(EngineError::Wasmtime)?;
        let threads = Threads::start(&settings).map_err(EngineError::Threads)?;
        let reaper = Reaper::start().map_err(EngineError::Threads)?;
        let live = Arc::new(Live::new(reaper.clone()));
        let lanes = Arc::new(threads.lanes());
        ticker::start(wasmtime.weak(), &live, Arc::clone(&lanes), settings.tick).map_err(EngineError::Threads)?;
        Ok(Engine {
            slots,
            wasmtime,
            linker,
            cache,
            lanes,
            live,
            counts: Counts::default(),
            components: Arc::new(Registry::new(reaper)),
            prefault,
            networks: Mutex::default(),
            tenants: Tenants::default(),
            _threads: threads,
            settings,
        })
    }
}

fn wasmtime(settings: &EngineSettings, slots: u32) -> Result<wasmtime::Engine, EngineError> {
    wasmtime::Engine::new(&config::wasmtime_config(settings, slots)).map_err(EngineError::Wasmtime)
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("settings", &self.settings).field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.live.close();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("settings", &self.settings).field("slots", &self.slots).finish_non_exhaustive()
    }
}
