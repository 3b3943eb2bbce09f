//! The configuration once it is checked: what the rest of the program works with.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use activity::{LARGEST_IMAGE, Policy};
use codec::KeySource;
use egress::Proxy;
use engine::Walls;
use worker::{Compression, TenantLimits};

pub(crate) use super::{
    admin::AdminSettings, codec::CodecSettings, log::LogSettings, metrics::MetricsSettings, records::RecordSettings,
    traces::TraceSettings,
};
use super::{
    environment::VariableSource,
    identity::IdentitySettings,
    isolation::Isolation,
    manifest,
    raw::RawCgroup,
    registries::{Artifact, Sources},
    releases::ReleaseSettings,
    web::WebSettings,
};

/// Everything that a run of Isolet depends on.
///
/// Upholds the following invariants:
/// - no two workers have the same namespace and task queue, and no two tenants the same name;
/// - every worker has a component, and room for an attempt of each in the memory budget when nothing else runs, within its
///   tenant's limit;
/// - there are sandboxes for as many attempts as may run at once in each process;
/// - paths are absolute or relative to the working directory, no longer to the file that named them.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where Temporal is; what is missing comes from Temporal's own environment configuration.
    pub connection: ConnectionSettings,
    /// What runs the guests.
    pub engine: EngineSettings,
    /// Where metrics go.
    pub metrics: MetricsSettings,
    /// Which attempts are traced, and where that goes.
    pub traces: TraceSettings,
    /// The log.
    pub log: LogSettings,
    /// How a running worker is asked and told.
    pub admin: AdminSettings,
    /// What it answers by HTTP.
    pub web: WebSettings,
    /// What is kept of what happened.
    pub records: RecordSettings,
    /// Who issues identity tokens, if anybody does.
    pub identity: Option<IdentitySettings>,
    /// For whom they run.
    pub tenants: Vec<TenantSettings>,
}

/// Where Temporal is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConnectionSettings {
    /// Host and port of the frontend.
    pub address: Option<String>,
    /// The namespace of workers that name none.
    pub namespace: Option<String>,
    /// The profile of Temporal's configuration file.
    pub profile: Option<String>,
    /// Temporal's configuration file.
    pub config_file: Option<PathBuf>,
    /// The file that holds the API key.
    pub api_key_file: Option<PathBuf>,
    /// How the workers call themselves.
    pub identity: Option<String>,
    /// The Worker Deployment that the workers are versions of, unless the environment says so.
    pub deployment: Option<String>,
    /// How often each worker tells it how it is; `None` for never.
    pub worker_heartbeat: Option<Duration>,
    /// How messages from and to it are compressed.
    pub compression: Compression,
}

/// What runs the guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineSettings {
    /// Threads that run guest code.
    pub guest_threads: usize,
    /// Threads for input and output, which only pass messages.
    pub io_threads: usize,
    /// How often running guests are looked at.
    pub tick: Duration,
    /// The most sandboxes at once in the worker's own process.
    pub slots: u32,
    /// The same in a cell, unless its tenants' workers may run more attempts.
    pub cell_slots: u32,
    /// Where compiled components are kept.
    pub cache: PathBuf,
    /// How much is kept there, in bytes.
    pub cache_size: u64,
    /// What compiling one component may use, in bytes.
    pub compile_memory: u64,
    /// What keeps what compiles from files, network and other processes.
    pub compiler_walls: Walls,
    /// Whether Landlock keeps cells in.
    pub landlock: bool,
    /// How long the process of a cell stays that runs no attempt.
    pub cell_idle: Duration,
    /// Whether cells have cgroups.
    pub cgroup: RawCgroup,
    /// What the memory of a cell may be, in bytes, beside that of its attempts and the images of its components.
    pub cell_overhead: u64,
    /// Whether the processes of cells are started with the worker, and not with their first tasks.
    pub cells_start_with_load: bool,
    /// The memory of all attempts together, in bytes.
    pub memory_budget: u64,
    /// Whom to ask for names of servers that guests send HTTP requests to; those of the system if there are none.
    pub nameservers: Vec<SocketAddr>,
    /// The proxy by which guests reach public servers, if there is one.
    pub http_proxy: Option<Proxy>,
}

/// A tenant and what it serves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TenantSettings {
    /// Its name.
    pub name: String,
    /// Where its guests run.
    pub isolation: Isolation,
    /// Its share of the memory budget, and of the processors beside those of others with cells.
    pub weight: u32,
    /// What all its attempts together may use.
    pub limits: TenantLimits,
    /// The most processor time of its cell, in percent of one processor, where cells have cgroups.
    pub cpu_percent: Option<u32>,
    /// How many series of metrics its guests may have on a task queue.
    pub metric_series: usize,
    /// Its task queues.
    pub workers: Vec<WorkerSettings>,
}

/// One task queue and what serves it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkerSettings {
    /// Its namespace; `None` for that of the connection.
    pub namespace: Option<String>,
    /// Its name.
    pub task_queue: String,
    /// The most attempts at once.
    pub max_concurrent: usize,
    /// How long attempts may go on untold once the worker shuts down.
    pub shutdown_grace: Duration,
    /// How often an activity that has no heartbeat timeout is asked for on the server, to learn of its cancellation.
    pub cancel_check: Duration,
    /// The longest time that a heartbeat is held back before it is sent.
    pub max_heartbeat_throttle: Duration,
    /// Whether messages and stack traces of failures become payloads, which are then coded like all others.
    pub encode_failure_attributes: bool,
    /// How payloads are coded between Temporal and guests.
    pub codec: CodecSettings,
    /// What runs its activities.
    pub components: Vec<ComponentSettings>,
}

/// A component and what it may do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComponentSettings {
    /// Its file, or how it is named in a registry.
    pub path: PathBuf,
    /// What the registry has, if it is no file.
    pub artifact: Option<Artifact>,
    /// Where the variables that it grants come from.
    pub environment: BTreeMap<String, VariableSource>,
    /// Where its secrets come from.
    pub secrets: BTreeMap<String, VariableSource>,
    /// What its attempts may do, and how they are stopped; the variables and secrets are filled in when it is loaded.
    pub policy: Arc<Policy>,
    /// Another version of it that runs a share of its attempts.
    pub release: Option<ReleaseSettings>,
    /// Where versions of it come from that registries have.
    pub sources: Sources,
}

/// How many attempts may run at once for `tenants`: as many as their workers take, and as there is memory for.
pub(crate) fn attempts(tenants: &[&TenantSettings], memory_budget: u64) -> u32 {
    let workers = || tenants.iter().flat_map(|tenant| &tenant.workers);
    let taken = workers().map(|worker| worker.max_concurrent).fold(0, usize::saturating_add);
    let smallest = workers().filter_map(WorkerSettings::least_memory).min();
    let affordable = smallest.map_or(0, |memory| memory_budget / memory.max(1));
    u32::try_from(affordable.min(taken as u64)).unwrap_or(u32::MAX)
}

/// What the attempts of `tenants` may hold together, in bytes, whatever images their components have. Those of a former
/// worker may go on while another one takes its task queue over.
pub(crate) fn memory_of_attempts(tenants: &[&TenantSettings], memory_budget: u64) -> u64 {
    let of_worker = |worker: &WorkerSettings| {
        let largest = worker.components.iter().map(|component| {
            let values = component.policy.limits.values as u64;
            component.policy.reserved_memory(LARGEST_IMAGE).saturating_add(values)
        });
        largest.max().unwrap_or_default().saturating_mul(worker.max_concurrent as u64).saturating_mul(2)
    };
    let of_tenant = |tenant: &&TenantSettings| {
        let limit = tenant.limits.memory.filter(|_| !tenant.limits.is_counted).unwrap_or(memory_budget);
        tenant.workers.iter().map(of_worker).fold(0, u64::saturating_add).min(limit)
    };
    tenants.iter().map(of_tenant).fold(0, u64::saturating_add).min(memory_budget)
}

impl TenantSettings {
    /// What one attempt on the task queue that takes most takes of the memory budget at least.
    pub(crate) fn least_memory(&self) -> u64 {
        self.workers.iter().filter_map(WorkerSettings::least_memory).max().unwrap_or_default()
    }

    /// Which cell its guests run in: how it is shared, and its name. `None` is the worker's own process.
    pub(crate) fn cell(&self) -> Option<(&Isolation, &str)> {
        match &self.isolation {
            Isolation::None => None,
            Isolation::Tenant => Some((&self.isolation, &self.name)),
            Isolation::Shared(name) => Some((&self.isolation, name)),
        }
    }
}

impl ComponentSettings {
    /// The directories that it is granted and that are none.
    pub(crate) fn missing_directories(&self) -> impl Iterator<Item = &Path> {
        let granted = self.policy.grants.directories.iter().map(|directory| directory.host.as_path());
        granted.filter(|host| !host.is_dir())
    }

    /// The files that it is made from, its manifest too, which may not be there; a registry is looked at again when all is.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> {
        let of_variables = self.environment.values().chain(self.secrets.values()).filter_map(|source| match source {
            VariableSource::File(path) => Some(path.clone()),
            VariableSource::Value(_) | VariableSource::Environment(_) | VariableSource::Command(_) => None,
        });
        let own = self.artifact.is_none().then_some(&self.path);
        let candidate = self.release.iter().filter(|release| release.artifact.is_none());
        let files = own.into_iter().chain(candidate.map(|release| &release.candidate));
        files.flat_map(|path| [path.clone(), manifest::path(path)]).chain(of_variables)
    }
}

impl WorkerSettings {
    /// What one attempt takes of the memory budget at least: its component may begin with more.
    pub(crate) fn least_memory(&self) -> Option<u64> {
        self.components.iter().map(|component| component.policy.reserved_memory(0)).max()
    }

    /// The files that what serves it is made from.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> {
        let keys = self.codec.keys.iter().filter_map(|(_, source)| match source {
            KeySource::File(path) => Some(path.clone()),
            KeySource::Environment(_) => None,
        });
        self.components.iter().flat_map(ComponentSettings::files).chain(keys)
    }
}

impl Settings {
    /// All workers, whatever their tenant.
    pub(crate) fn workers(&self) -> impl Iterator<Item = &WorkerSettings> {
        self.tenants.iter().flat_map(|tenant| &tenant.workers)
    }
}
