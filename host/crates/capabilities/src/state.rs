//! All capabilities of one attempt, and how they are linked.

use std::{collections::BTreeMap, ops::Deref, sync::Arc};

use activity::{Info, Level, LineFormat, Secret};
use wasmtime::component::{HasSelf, Linker, ResourceTable};

use crate::{
    Outlet, Signals, Told,
    bindings::isolet::activity as wit,
    cancellation::{CancellationCtx, HasPollables, PollablesView},
    client::{Access, ClientCtx},
    heartbeat::HeartbeatCtx,
    http::{self, HttpCtx, Network, Own},
    info::InfoCtx,
    leave::Leave,
    log::LogCtx,
    metrics::MetricsCtx,
    wasi::{self, FileThreads, WasiState},
};

/// What a component may do: one for all attempts of the component.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What the operator said of it; this reads as one with it.
    pub component: Arc<activity::Policy>,
    /// The least important level that is kept of what guests log.
    pub log_level: Level,
    /// What writes their lines down; without it nobody reads them.
    pub log_format: Option<Arc<dyn LineFormat>>,
    /// What sends HTTP requests; needed when any are granted.
    pub network: Option<Arc<Network>>,
    /// What works on files; needed when any directory is granted.
    pub files: Option<Arc<FileThreads>>,
    /// When what its attempts do beyond what only counts was told last.
    pub told: Arc<Told>,
}

#[cfg(test)]
impl Policy {
    /// One that grants this and has nothing to do it with.
    pub(crate) fn granting(grants: activity::Grants) -> Self {
        let component = Arc::new(activity::Policy { grants, ..activity::Policy::default() });
        let (log_level, log_format) = (Level::Info, None);
        Self { component, log_level, log_format, network: None, files: None, told: Arc::default() }
    }
}

impl Deref for Policy {
    type Target = activity::Policy;

    fn deref(&self) -> &activity::Policy {
        &self.component
    }
}

/// What an attempt's capabilities are made from.
#[derive(Debug)]
pub struct Context {
    /// What the component may do.
    pub policy: Arc<Policy>,
    /// Whether it is an attempt at all, and not a component that is asked for its activities.
    pub is_attempt: bool,
    /// What the attempt is.
    pub info: Arc<Info>,
    /// Tokens for its requests, by their audiences.
    pub identity: BTreeMap<String, Secret>,
    /// What it is told while it runs.
    pub signals: Arc<Signals>,
    /// Where what it says goes.
    pub outlet: Arc<Outlet>,
}

/// A directory that is granted can't be opened. The text names it as the guest would: where it is on the host is not
/// for a caller to know.
#[derive(Debug, thiserror::Error)]
#[error("the granted directory {guest:?} is not available")]
pub struct DirectoryUnavailable {
    /// Where the guest would see it.
    pub guest: String,
    /// Why.
    pub source: wasmtime::Error,
}

/// The capabilities of one attempt: the sum of what each interface keeps.
pub struct Capabilities {
    outlet: Arc<Outlet>,
    pub(crate) table: ResourceTable,
    pub(crate) info: InfoCtx,
    pub(crate) heartbeat: HeartbeatCtx,
    pub(crate) cancellation: CancellationCtx,
    pub(crate) log: LogCtx,
    pub(crate) metrics: MetricsCtx,
    pub(crate) client: ClientCtx,
    pub(crate) http: HttpCtx,
    pub(crate) wasi: WasiState,
}

impl Capabilities {
    /// The capabilities of the attempt that `context` describes.
    ///
    /// # Errors
    /// When a granted directory can't be opened.
    pub async fn new(context: Context) -> Result<Self, DirectoryUnavailable> {
        let Context { policy, is_attempt, info, identity, signals, outlet } = context;
        let mut table = ResourceTable::new();
        table.set_max_capacity(policy.limits.resources);
        let client = match is_attempt {
            false => Access::NoAttempt,
            true if policy.grants.client.is_some() => Access::Granted,
            true => Access::Denied,
        };
        let limit = policy.limits.host_buffer;
        let client = ClientCtx::new(client, limit, Arc::clone(&outlet), Arc::clone(&signals));
        let leave = Leave::new(is_attempt, &info, Arc::clone(&signals));
        let own = Own { info: Arc::clone(&info), identity };
        let http = HttpCtx::new(Arc::clone(&policy), own, leave.clone(), Arc::clone(&outlet));
        Ok(Self {
            outlet: Arc::clone(&outlet),
            table,
            info: InfoCtx::new(info),
            heartbeat: HeartbeatCtx::new(
                is_attempt,
                policy.limits.heartbeat,
                Arc::clone(&outlet),
                Arc::clone(&signals),
            ),
            cancellation: CancellationCtx::new(is_attempt, signals),
            log: LogCtx::new(Arc::clone(&outlet)),
            metrics: MetricsCtx::new(is_attempt, Arc::clone(&policy), Arc::clone(&outlet)),
            client,
            http,
            wasi: WasiState::new(policy, outlet, leave).await?,
        })
    }
}

impl Capabilities {
    /// Takes the words of the command line of the program that is about to be called.
    pub fn set_arguments(&mut self, words: Vec<String>) {
        self.wasi.arguments = words;
    }
}

/// Finds the capabilities in the data of a store.
pub trait CapabilitiesView: Send + 'static {
    /// The capabilities of the store's attempt.
    fn capabilities(&mut self) -> &mut Capabilities;

    /// The same for a call that the guest makes, which counts.
    fn called(&mut self) -> &mut Capabilities {
        let capabilities = self.capabilities();
        capabilities.outlet.called();
        capabilities
    }
}

/// Links every interface of the contract, and what of WASI every component may import: clocks, random numbers,
/// standard streams, environment and files. The latter two are empty unless granted.
///
/// # Errors
/// When the linker already has one of them.
pub fn add_to_linker<T: CapabilitiesView>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    wit::types::add_to_linker::<T, HasSelf<InfoCtx>>(linker, |t| &mut t.called().info)?;
    wit::info::add_to_linker::<T, HasSelf<InfoCtx>>(linker, |t| &mut t.called().info)?;
    wit::heartbeat::add_to_linker::<T, HasSelf<HeartbeatCtx>>(linker, |t| &mut t.called().heartbeat)?;
    wit::cancellation::add_to_linker::<T, HasSelf<CancellationCtx>>(linker, |t| &mut t.called().cancellation)?;
    wit::cancellation_pollable::add_to_linker::<T, HasPollables>(linker, |t| {
        let Capabilities { cancellation, table, .. } = t.called();
        PollablesView { cancellation, table }
    })?;
    wit::log::add_to_linker::<T, HasSelf<LogCtx>>(linker, |t| &mut t.called().log)?;
    wit::metrics::add_to_linker::<T, HasSelf<MetricsCtx>>(linker, |t| &mut t.called().metrics)?;
    wit::client::add_to_linker::<T, HasSelf<ClientCtx>>(linker, |t| &mut t.called().client)?;
    http::add_to_linker(linker)?;
    wasi::add_to_linker(linker)
}
