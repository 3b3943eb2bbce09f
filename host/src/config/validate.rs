//! From what was written to what holds: defaults filled in, every value checked, all problems told at once.

use std::{collections::BTreeMap, mem::take, sync::Arc, time::Duration};

use ::registry::Reference;
use trust::Rule;
use url::Url;
use worker::Compression;

use activity::{
    DirectoryGrant, Grants, HttpGrant, Limits, MetricsGrant, OnCancel, Policy, SandboxFailureKind, Stopping, shown,
};
use engine::Walls;

use super::{
    admin, client, codec, defaults, environment, http, identity,
    isolation::Isolation,
    log, metrics,
    parse::nearest,
    problems::{Place, Problems, Written},
    quantity::Count,
    raw::{
        RawAdmin, RawCellStart, RawCompression, RawConfig, RawConnection, RawEngine, RawTenant, RawWorker,
        component::{RawComponent, RawDirectory, RawGrants, RawLimits, RawOnCancel, RawStopping},
        mode::RawMode,
    },
    records,
    registries::{self, Artifact, Sources},
    releases, secrets,
    section::Declared as _,
    settings::{
        AdminSettings, ComponentSettings, ConnectionSettings, EngineSettings, Settings, TenantSettings, WorkerSettings,
        attempts,
    },
    signers, tenant_limits, traces, web,
};

/// The longest name that Temporal takes, in bytes, unless its operator sets another limit (`limit.maxIDLength`).
const LONGEST_NAME: usize = 1_000;

/// Where a guest sees its scratch directory.
const SCRATCH: &str = "/tmp";

/// Checks a configuration whose paths are already [placed](RawConfig::placed).
///
/// # Errors
/// With every problem that there is.
pub(crate) fn validate(raw: RawConfig, written: Written) -> Result<Settings, Problems> {
    let mut problems = Problems::default();
    let connection = connection(raw.connection, &written.table("connection", "--"), &mut problems);
    let trusts = raw.tenants.iter().enumerate().map(|(index, tenant)| {
        let place = written.table(format!("tenants[{index}].trust"), "--");
        signers::validate(tenant.trust.clone(), &place, &mut problems)
    });
    let trusts = trusts.collect();
    let guaranteed: Vec<bool> = raw.tenants.iter().map(|tenant| tenant.limits.guaranteed_memory.is_some()).collect();
    let tenants = tenants(raw.tenants, &raw.engine.isolation(), written, &mut problems);
    let engine = engine(&raw.engine, &tenants, &written.table("engine", "--"), &mut problems);
    let web = web::validate(raw.web, &written.table("web", "--web-"), &mut problems);
    let place = written.table("metrics", "--metrics-");
    let metrics = metrics::validate(raw.metrics, web.address.is_some(), &place, &mut problems);
    let traces = traces::validate(raw.traces, &written.table("traces", "--traces-"), &mut problems);
    let log = log::validate(raw.log, &mut problems);
    let admin = admin::validate(raw.admin, &written.table("admin", "--admin-"), &mut problems);
    let places = (&written.table("audit", "--audit-"), &written.table("receipts", "--receipts-"));
    let records = records::validate((raw.audit, raw.receipts), places, &mut problems);
    let state = admin.state.clone();
    let identity = identity::validate(raw.identity, state, &written.table("identity", "--"), &mut problems);
    let operator = signers::validate(raw.trust, &written.table("trust", "--"), &mut problems);
    let registry = registries::validate(raw.registry, &engine.cache, &written.table("registry", "--"), &mut problems);
    let mut settings = Settings { connection, engine, metrics, traces, log, admin, web, records, identity, tenants };
    identifiable(&settings, &mut problems);
    ask_as(&registry, &operator, trusts, &mut settings.tenants);
    distinct(&settings, &mut problems);
    tenant_limits::guarantee(&mut settings, &guaranteed);
    tenant_limits::affordable(&settings, &written.table("engine", "--"), &mut problems);
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Checks what a configuration says about registries and trust alone; that is how an artefact is asked for.
///
/// # Errors
/// With every problem that there is.
pub(crate) fn artifact(raw: RawConfig, reference: Reference) -> Result<Artifact, Problems> {
    let written = Written::InFile;
    let mut problems = Problems::default();
    let cache = raw.engine.cache.clone().or_else(defaults::cache).unwrap_or_default();
    let nowhere = cache.as_os_str().is_empty();
    problems.refuse_if(nowhere, "engine.cache", "there is no home directory to put it in; name a directory");
    let settings = registries::validate(raw.registry, &cache, &written.table("registry", "--"), &mut problems);
    let operator = signers::validate(raw.trust, &written.table("trust", "--"), &mut problems);
    if problems.is_empty() {
        Ok(Artifact::new(reference, settings, trust::Policy { operator, tenant: Vec::new() }))
    } else {
        Err(problems)
    }
}

/// Checks what a configuration says of how a worker is asked and told alone.
///
/// # Errors
/// With every problem that there is.
pub(crate) fn admin(raw: RawAdmin) -> Result<AdminSettings, Problems> {
    let mut problems = Problems::default();
    let settings = admin::validate(raw, &Written::InFile.table("admin", "--admin-"), &mut problems);
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

fn connection(raw: RawConnection, place: &Place, problems: &mut Problems) -> ConnectionSettings {
    let texts = [
        ("address", &raw.address),
        ("namespace", &raw.namespace),
        ("identity", &raw.identity),
        ("deployment", &raw.deployment),
    ];
    for (key, value) in texts {
        problems.refuse_if(value.as_deref() == Some(""), &place.key(key), "it is empty");
        well_named(value.as_deref().unwrap_or_default(), &place.key(key), problems);
    }
    if let Some(address) = raw.address.as_deref().filter(|address| !address.is_empty() && !is_address(address)) {
        problems.add(&place.key("address"), format_args!("{address:?} is not written HOST:PORT"));
    }
    raw.check(place, problems);
    let heartbeat = raw.worker_heartbeat().0;
    let is_short = !heartbeat.is_zero() && heartbeat < Duration::from_secs(1);
    let problem = "it must be from 1s to 1m, or 0s for never";
    problems.refuse_if(is_short, &place.key("worker-heartbeat"), problem);
    let compression = match raw.compression() {
        RawCompression::None => Compression::None,
        RawCompression::Gzip => Compression::Gzip,
    };
    ConnectionSettings {
        address: raw.address,
        namespace: raw.namespace,
        profile: raw.profile,
        config_file: raw.config_file,
        api_key_file: raw.api_key_file,
        identity: raw.identity,
        deployment: raw.deployment,
        worker_heartbeat: Some(heartbeat).filter(|heartbeat| !heartbeat.is_zero()),
        compression,
    }
}

/// Whether a Temporal client can make something of this: host and port, or a URL, whose scheme has a port.
fn is_address(address: &str) -> bool {
    let is_url = address.contains("://");
    let url = if is_url { Url::parse(address) } else { Url::parse(&format!("http://{address}")) };
    let has_port = || address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    url.is_ok_and(|url| url.has_host() && url.port() != Some(0)) && (is_url || has_port())
}

fn engine(raw: &RawEngine, tenants: &[TenantSettings], place: &Place, problems: &mut Problems) -> EngineSettings {
    raw.check(place, problems);
    let mut places: BTreeMap<_, Vec<&TenantSettings>> = BTreeMap::new();
    for tenant in tenants {
        places.entry(tenant.cell()).or_default().push(tenant);
    }
    let attempts = |there: &Vec<&TenantSettings>| attempts(there, raw.memory_budget().0);
    let here = places.get(&None).map(attempts).unwrap_or_default();
    let settings = EngineSettings {
        guest_threads: raw.guest_threads().as_usize(),
        io_threads: raw.io_threads().as_usize(),
        tick: raw.tick().0,
        slots: raw.slots.map_or(defaults::SLOTS.max(here), Count::as_u32),
        cell_slots: raw.slots.map_or(defaults::SLOTS, Count::as_u32),
        cache: raw.cache.clone().or_else(defaults::cache).unwrap_or_default(),
        cache_size: raw.cache_size().0,
        compile_memory: raw.compile_memory().0,
        compiler_walls: match raw.confine_compiler() {
            true => Walls { landlock: raw.landlock(), ..Walls::ALL },
            false => Walls::NONE,
        },
        landlock: raw.landlock(),
        cell_idle: raw.cell_idle().0,
        cgroup: raw.cgroup(),
        cell_overhead: raw.cell_overhead().0,
        cells_start_with_load: raw.cell_start() == RawCellStart::Load,
        memory_budget: raw.memory_budget().0,
        nameservers: http::nameservers(&raw.nameservers, &place.key("nameservers"), problems),
        http_proxy: raw.http_proxy.as_ref().and_then(|text| http::proxy(text, &place.key("http-proxy"), problems)),
    };
    let needed = places.values().map(attempts).max().unwrap_or_default();
    let too_few = format_args!("{} are too few for the {needed} attempts that all workers may run", settings.slots);
    problems.refuse_if(raw.slots.is_some() && settings.slots < needed, &place.key("slots"), too_few);
    let nowhere = settings.cache.as_os_str().is_empty();
    problems.refuse_if(nowhere, &place.key("cache"), "there is no home directory to put it in; name a directory");
    settings
}

/// `isolation` is that of tenants that name none.
fn tenants(
    raw: Vec<RawTenant>,
    isolation: &Isolation,
    written: Written,
    problems: &mut Problems,
) -> Vec<TenantSettings> {
    let is_nothing = raw.is_empty() && written != Written::InFolder;
    problems.refuse_if(is_nothing, "tenants", "there is none; add [[tenants]] with a worker and a component");
    let tenant = |(index, tenant): (usize, RawTenant)| {
        let name = tenant.name.clone().unwrap_or_default();
        let shown = shown::name(&name);
        let key = if name.is_empty() { format!("tenants[{index}]") } else { format!("tenant {shown}") };
        problems.refuse_if(name.is_empty(), &format!("{key}.name"), "every tenant needs a name");
        well_named(&name, &format!("{key}.name"), problems);
        let problem = "it begins or ends with a space, by which nobody can tell it from another; leave that out";
        problems.refuse_if(name.trim() != name, &format!("{key}.name"), problem);
        problems.refuse_if(tenant.workers.is_empty(), &format!("{key}.workers"), "there is none");
        tenant.check(&written.table(key.clone(), "--"), problems);
        let weight = tenant.weight().as_u32();
        let workers = tenant.workers.into_iter().enumerate();
        let workers =
            workers.map(|(index, raw)| worker(raw, &written.table(format!("{key}, workers[{index}]"), "--"), problems));
        let mut workers: Vec<WorkerSettings> = workers.collect();
        for component in workers.iter_mut().flat_map(|worker| &mut worker.components) {
            Arc::make_mut(&mut component.policy).tenant = tenant_limits::shared(&tenant.limits);
        }
        let isolation = tenant.isolation.unwrap_or_else(|| isolation.clone());
        let (limits, metric_series) = tenant_limits::validate(&tenant.limits, weight, &key, problems);
        let cpu_percent = tenant_limits::cpu_percent(&tenant.limits, &isolation, &key, problems);
        TenantSettings { name, isolation, weight, limits, cpu_percent, metric_series, workers }
    };
    raw.into_iter().enumerate().map(tenant).collect()
}

/// Has all components of registries asked for as `registry` says, and trusts whom the operator trusts, and their tenants.
fn ask_as(registry: &::registry::Settings, operator: &[Rule], trusted: Vec<Vec<Rule>>, tenants: &mut [TenantSettings]) {
    for (tenant, rules) in tenants.iter_mut().zip(trusted) {
        let policy = trust::Policy { operator: operator.to_vec(), tenant: rules };
        let sources = Sources { registry: Arc::new(registry.clone()), trust: Arc::new(policy) };
        for component in tenant.workers.iter_mut().flat_map(|worker| &mut worker.components) {
            component.sources = sources.clone();
            let candidate = component.release.as_mut().and_then(|release| release.artifact.as_mut());
            for artifact in component.artifact.iter_mut().chain(candidate) {
                *artifact = sources.artifact(artifact.reference.clone());
            }
        }
    }
}

/// A name that the server takes, and that logs and metrics show as it is: they tell tenants apart by it.
fn well_named(name: &str, key: &str, problems: &mut Problems) {
    let length = name.len();
    let too_long = format_args!("it has {length} bytes; Temporal takes names of at most {LONGEST_NAME}");
    problems.refuse_if(length > LONGEST_NAME, key, too_long);
    let harmful = name.chars().find(|each| shown::is_harmful(*each));
    if let Some(harmful) = harmful {
        let code = u32::from(harmful);
        problems.add(key, format_args!("it contains U+{code:04X}, which can't be seen in a log; leave that out"));
    }
}

fn worker(raw: RawWorker, place: &Place, problems: &mut Problems) -> WorkerSettings {
    raw.check(place, problems);
    let (max_concurrent, encode_failure_attributes) =
        (raw.max_concurrent().as_usize(), raw.encode_failure_attributes());
    let (shutdown_grace, cancel_check) = (raw.shutdown_grace().0, raw.cancel_check().0);
    let max_heartbeat_throttle = raw.max_heartbeat_throttle().0;
    let task_queue = raw.task_queue.unwrap_or_default();
    problems.refuse_if(task_queue.is_empty(), &place.key("task-queue"), "every worker needs a task queue");
    well_named(&task_queue, &place.key("task-queue"), problems);
    problems.refuse_if(raw.namespace.as_deref() == Some(""), &place.key("namespace"), "it is empty");
    well_named(raw.namespace.as_deref().unwrap_or_default(), &place.key("namespace"), problems);
    problems.refuse_if(raw.components.is_empty(), &place.key("components"), "there is none");
    let components = raw.components.into_iter().enumerate();
    let components =
        components.map(|(index, raw)| component(raw, &place.part(&format!("components[{index}]")), problems)).collect();
    WorkerSettings {
        namespace: raw.namespace,
        task_queue,
        max_concurrent,
        shutdown_grace,
        cancel_check,
        max_heartbeat_throttle,
        encode_failure_attributes,
        codec: codec::validate(raw.codec, &place.key("codec"), problems),
        components,
    }
}

/// Checks one component; `key` names it in problems.
fn component(mut raw: RawComponent, key: &str, problems: &mut Problems) -> ComponentSettings {
    let path = raw.path.take().unwrap_or_default();
    problems.refuse_if(path.as_os_str().is_empty(), &format!("{key}.path"), "every component needs a file");
    let artifact = registries::artifact(&path, &format!("{key}.path"), problems);
    let environment =
        environment::validate(take(&mut raw.grants.environment), &format!("{key}.grants.environment"), problems);
    let (limits, secrets) = (limits(&raw.limits, key, problems), take(&mut raw.grants.secrets));
    let is_counted = raw.grants.mode() == RawMode::Count;
    let mut grants = grants(raw.grants, key, problems);
    let (held, secrets) = secrets::validate(secrets, &grants.http, &format!("{key}.grants.secrets"), problems);
    grants.secrets = held;
    if is_counted {
        grants.http.extend(HttpGrant::counted());
    }
    let stopping = stopping(&raw.stopping, key, problems);
    let policy = Policy { limits, grants, stopping, ..Policy::default() };
    let release = releases::validate(&raw.release, key, problems);
    ComponentSettings {
        path,
        artifact,
        environment,
        secrets,
        policy: Arc::new(policy),
        release,
        sources: Sources::default(),
    }
}

fn limits(raw: &RawLimits, key: &str, problems: &mut Problems) -> Limits {
    raw.check(&Place::Table(format!("{key}.limits")), problems);
    Limits {
        memory: raw.memory().0,
        table_elements: raw.table_elements().0,
        cpu_time: raw.cpu_time.map(|time| time.0),
        host_buffer: raw.host_buffer().as_usize(),
        resources: raw.resources().as_usize(),
        result: raw.result().as_usize(),
        values: raw.values().as_usize(),
        heartbeat: raw.heartbeat().as_usize(),
        log_line: raw.log_line().as_usize(),
        log_rate: raw.log_rate().as_u32(),
        random: raw.random().0,
        disk: raw.disk().0,
        http: http::limits(raw),
        is_counted: raw.mode() == RawMode::Count,
        retryable: retryable(&raw.retryable, key, problems),
    }
}

fn retryable(raw: &BTreeMap<String, bool>, key: &str, problems: &mut Problems) -> BTreeMap<SandboxFailureKind, bool> {
    let names = SandboxFailureKind::ALL.map(SandboxFailureKind::failure_type);
    let mut retryable = BTreeMap::new();
    for (name, value) in raw {
        match SandboxFailureKind::ALL.into_iter().find(|kind| kind.failure_type() == name) {
            Some(kind) => {
                retryable.insert(kind, *value);
            }
            None => {
                let near = nearest(name, &names).map_or_else(|| names.join(", "), str::to_owned);
                problems.add(&format!("{key}.limits.retryable"), format!("unknown failure {name:?}; there is {near}"));
            }
        }
    }
    retryable
}

fn grants(raw: RawGrants, key: &str, problems: &mut Problems) -> Grants {
    raw.check(&Place::Table(format!("{key}.grants")), problems);
    let (is_measured, is_counted) = (raw.metrics(), raw.mode() == RawMode::Count);
    let scratch = raw.scratch.map(|size| size.0);
    let directories = directories(raw.directories, scratch.is_some(), &format!("{key}.grants.directories"), problems);
    let identity = identity::grant(raw.identity, &format!("{key}.grants.identity"), problems);
    let client = client::validate(raw.client, is_counted, &format!("{key}.grants.client"), problems).map(Arc::new);
    let http = http::grant(raw.http, &format!("{key}.grants.http"), problems);
    let metrics = if is_measured { MetricsGrant::Granted } else { MetricsGrant::Refused };
    Grants { directories, scratch, client, http, identity, metrics, ..Grants::default() }
}

/// Directories at places of their own: of two at one place, a guest would find one, and nobody could say which.
fn directories(raw: Vec<RawDirectory>, has_scratch: bool, key: &str, problems: &mut Problems) -> Vec<DirectoryGrant> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    if has_scratch {
        taken.insert(SCRATCH.to_owned(), "`scratch`".to_owned());
    }
    let mut directories = Vec::new();
    for (index, RawDirectory { host, guest, writable }) in raw.into_iter().enumerate() {
        let (host, guest) = (host.unwrap_or_default(), guest.unwrap_or_default());
        let key = |name| format!("{key}[{index}].{name}");
        problems.refuse_if(host.as_os_str().is_empty(), &key("host"), "it names no directory");
        problems.refuse_if(!guest.starts_with('/'), &key("guest"), "it must begin with /");
        let place = guest.trim_end_matches('/');
        let is_plain = place.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."));
        let problem = "it must be written without empty parts and those of dots, like /data/orders";
        problems.refuse_if(!is_plain, &key("guest"), problem);
        if let Some(first) = taken.insert(place.to_owned(), shown::name(&host.display().to_string()).into_owned()) {
            problems
                .add(&key("guest"), format_args!("{guest} is where {first} is; put it elsewhere, or leave one out"));
        }
        directories.push(DirectoryGrant { host, guest, writable });
    }
    directories
}

fn stopping(raw: &RawStopping, key: &str, problems: &mut Problems) -> Stopping {
    raw.check(&Place::Table(format!("{key}.stopping")), problems);
    Stopping {
        on_cancel: match raw.on_cancel() {
            RawOnCancel::Tell => OnCancel::Tell,
            RawOnCancel::Kill => OnCancel::Kill,
        },
        cancel_grace: raw.cancel_grace().0,
        kill_grace: raw.kill_grace().0,
    }
}

/// No two tenants of one name, no two workers on one task queue.
fn distinct(settings: &Settings, problems: &mut Problems) {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, tenant) in settings.tenants.iter().enumerate().filter(|(_, tenant)| !tenant.name.is_empty()) {
        names.entry(&tenant.name).or_default().push(index);
    }
    for (name, of_this_name) in names.into_iter().filter(|(_, of_this_name)| of_this_name.len() > 1) {
        let (count, name) = (of_this_name.len(), shown::name(name));
        for index in of_this_name {
            let problem = format_args!("{count} tenants are called {name:?}; give each a name of its own");
            problems.add(&format!("tenants[{index}]"), problem);
        }
    }
    let mut queues = BTreeMap::new();
    for tenant in &settings.tenants {
        for (index, worker) in tenant.workers.iter().enumerate() {
            let namespace = worker.namespace.as_ref().or(settings.connection.namespace.as_ref());
            let Some(first) = queues.insert((namespace, &worker.task_queue), &tenant.name) else { continue };
            let cure = match *first == tenant.name {
                true => "put the components of both under one worker",
                false => "a task queue is one tenant's: name another one, or another namespace",
            };
            let (queue, first) = (shown::name(&worker.task_queue), shown::name(first));
            let problem = format_args!("{queue:?} is served already, by tenant {first:?}; {cure}");
            problems.add(&format!("tenant {}, workers[{index}].task-queue", shown::name(&tenant.name)), problem);
        }
    }
}

/// Tokens that are granted must be issued by somebody.
fn identifiable(settings: &Settings, problems: &mut Problems) {
    let mut components = settings.workers().flat_map(|worker| &worker.components);
    let is_granted = components.any(|component| component.policy.grants.identity.is_some());
    let problem = "it is not set, and components are granted identity tokens; set it to an https URL";
    problems.refuse_if(is_granted && settings.identity.is_none(), "identity.issuer", problem);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_port_or_a_scheme_that_has_one() {
        for right in ["localhost:7233", "10.0.0.1:80", "[::1]:7233", "https://acme.example.com", "http://a:7233"] {
            assert!(is_address(right), "{right}");
        }
        for wrong in ["localhost", "10.0.0.1", "[::1]", "::1", ":7233", "a:0", "a:99999", "a:b", "https://", "a b:1"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
