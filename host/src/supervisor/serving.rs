//! A worker that serves a task queue, and what of it can change while it does.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use activity::{Directory as _, Executor, Observer};
use anyhow::anyhow;
use catalog::TaskQueueDirectory;
use identity::Identified;
use metrics::Labels;
use tokio::task::JoinSet;
use worker::{CurrentCoding, Ports, ShutdownHandle, Slots, Summary, Worker};

use super::{
    Shared,
    keeper::{Trouble, Wanted},
    ready::Ready,
    status::{Served, ServedComponent},
    versions::Versions,
};
use crate::{
    config::settings::WorkerSettings,
    exit::{Exit, Problem, failed_to},
    output::reporter::ReadyWorker,
    wiring::{sampling::Sampled, versions},
};

/// A worker and what it serves with.
pub(super) struct Serving {
    number: u64,
    stop: ShutdownHandle,
    /// What it was started for; of its components and its codec, what holds now.
    wanted: Wanted,
    namespace: String,
    line: u64,
    /// As which version of what it serves it is known to Temporal.
    build_id: String,
    /// The deployment that it is a version of.
    deployment: Option<String>,
    is_dynamic: bool,
    components: Vec<ServedComponent>,
    directory: Arc<TaskQueueDirectory>,
    slots: Slots,
    ports: Ports,
    claim: Arc<Claim>,
}

impl Serving {
    /// Starts a worker among `workers`.
    pub(super) async fn start(
        shared: &Shared,
        wanted: &Wanted,
        ready: Ready,
        claim: Option<Arc<Claim>>,
        workers: &mut JoinSet<(u64, Result<Summary, worker::Error>)>,
    ) -> Result<Self, Trouble> {
        let directory = TaskQueueDirectory::new(&ready.exports()).map_err(conflict)?;
        let directory = Arc::new(directory);
        let claim = match claim {
            Some(claim) => claim,
            None => shared.claims.claim(&ready.namespace, &wanted.settings.task_queue)?,
        };
        let settings = worker_settings(shared, &wanted.settings, &ready);
        let (build_id, deployment) = (settings.build_id.clone(), settings.deployment.clone());
        let worker = Worker::start(&ready.line.connection, settings, &wanted.shares.tenant).await?;
        let slots = worker.slots();
        let ports = Ports {
            directory: Arc::clone(&directory) as _,
            executor: executor(shared, wanted, &directory),
            observer: observer(shared, wanted, &ready.namespace),
            coding: CurrentCoding::new(ready.coding),
            tenant: Arc::clone(&wanted.shares.tenant),
            tracer: shared.tracers.of_tenant(&wanted.tenant),
            blocks: shared.blocks.clone(),
        };
        let (stop, shutdown) = worker::shutdown();
        let number = next_number();
        let sampled = sampled(shared, wanted, &ready.namespace, &slots);
        let run = worker.run(ports.clone(), shutdown);
        workers.spawn(async move {
            let ended = run.await;
            drop(sampled);
            (number, ended)
        });
        Ok(Self {
            number,
            stop,
            wanted: wanted.clone(),
            namespace: ready.namespace,
            line: ready.line.number,
            build_id,
            deployment,
            is_dynamic: is_dynamic(&ready.loads.served),
            components: served(&ready.loads.served),
            directory,
            slots,
            ports,
            claim,
        })
    }

    /// Whether it can serve what is wanted now. If not, another one has to.
    pub(super) fn can_become(&self, wanted: &Wanted, ready: &Ready) -> bool {
        let own = |settings: &WorkerSettings| WorkerSettings {
            components: Vec::new(),
            codec: self.wanted.settings.codec.clone(),
            encode_failure_attributes: false,
            ..settings.clone()
        };
        // A version of a deployment is what the server sends it tasks for.
        let is_same_version = self.deployment.is_none() || self.build_id == build_id(ready);
        is_same_version
            && self.line == ready.line.number
            && self.wanted.tenant == wanted.tenant
            && self.wanted.room.is(&wanted.room)
            && own(&self.wanted.settings) == own(&wanted.settings)
    }

    /// Serves what is wanted from now on. Attempts that run are not touched. Returns whether a new look was wanted.
    pub(super) fn change(&mut self, wanted: &Wanted, ready: Ready) -> Result<bool, Trouble> {
        let memory = ready.slot_memory().unwrap_or_default();
        // Before any task of theirs is leased. What is refused below leaves the slots larger, which costs no more than that.
        self.slots.enlarge(memory)?;
        self.directory.replace(&ready.exports()).map_err(conflict)?;
        self.ports.coding.replace(ready.coding);
        let is_looked_at = self.wanted.looks != wanted.looks;
        self.wanted = wanted.clone();
        self.is_dynamic = is_dynamic(&ready.loads.served);
        self.components = served(&ready.loads.served);
        Ok(is_looked_at)
    }

    /// Its namespace.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Its claim on its task queue, if that is in this namespace.
    pub(super) fn claim(&self, namespace: &str) -> Option<Arc<Claim>> {
        (self.namespace == namespace).then(|| Arc::clone(&self.claim))
    }

    /// As it is told.
    pub(super) fn told(&self) -> Served {
        let worker = ReadyWorker {
            namespace: self.namespace.clone(),
            task_queue: self.wanted.settings.task_queue.clone(),
            activities: self.directory.names(),
            is_dynamic: self.is_dynamic,
        };
        Served { number: self.number, worker, slots: self.slots.view(), components: self.components.clone() }
    }
}

/// What stops workers that are to end.
#[derive(Debug, Default)]
pub(super) struct Stops(Vec<Former>);

/// A worker that is to end.
#[derive(Debug)]
struct Former {
    number: u64,
    stop: ShutdownHandle,
    namespace: String,
    build_id: String,
}

impl Former {
    /// What its last polls bring is run with, where `heir` has taken its place: as the configuration is now, but for tasks
    /// of another namespace, and those that the server has sent to its version.
    fn ports(&self, heir: &Serving) -> Option<Ports> {
        let is_same_version = heir.deployment.is_none() || self.build_id == heir.build_id;
        (is_same_version && self.namespace == heir.namespace).then(|| heir.ports.clone())
    }
}

impl From<Serving> for Former {
    fn from(serving: Serving) -> Self {
        let Serving { number, stop, namespace, build_id, .. } = serving;
        Self { number, stop, namespace, build_id }
    }
}

impl Stops {
    /// Another one has taken a worker's place: it lets that and those before it poll no more. Attempts are not touched.
    pub(super) fn hand_over(&mut self, former: Serving, heir: &Serving) {
        self.0.push(former.into());
        self.0.iter().for_each(|former| former.stop.hand_over(former.ports(heir)));
    }

    /// Lets a worker and those before it take no more tasks, and bring their attempts to their ends.
    pub(super) fn retire(&mut self, serving: Option<Serving>) {
        self.0.extend(serving.map(Former::from));
        self.0.iter().for_each(|former| former.stop.begin());
    }

    /// A worker has ended.
    pub(super) fn forget(&mut self, number: u64) {
        self.0.retain(|former| former.number != number);
    }

    /// Ends all graces.
    pub(super) fn hasten(&self) {
        self.0.iter().for_each(|former| former.stop.hasten());
    }
}

/// The task queues that this process serves: each has one keeper.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims(Arc<Mutex<BTreeSet<(String, String)>>>);

/// The right to serve a task queue, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    claims: Claims,
    queue: (String, String),
}

impl Claims {
    /// # Errors
    /// When it is claimed already: the configuration may name the connection's namespace, or leave it out.
    fn claim(&self, namespace: &str, task_queue: &str) -> Result<Arc<Claim>, Problem> {
        let queue = (namespace.to_owned(), task_queue.to_owned());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.clone()) {
            return Ok(Arc::new(Claim { claims: self.clone(), queue }));
        }
        let error = anyhow!(
            "failed to serve task queue {task_queue:?} of namespace {namespace:?}: another worker of this process does"
        );
        Err(Problem::new(Exit::Usage, error).cure("put what serves it under one worker of the configuration"))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.queue);
    }
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn worker_settings(shared: &Shared, settings: &WorkerSettings, ready: &Ready) -> worker::WorkerSettings {
    let memory = ready.slot_memory();
    let defaults = worker::WorkerSettings::new(&ready.namespace, &settings.task_queue);
    worker::WorkerSettings {
        slots: settings.max_concurrent,
        slot_memory: memory.unwrap_or(defaults.slot_memory),
        shutdown_grace: settings.shutdown_grace,
        cancel_check_interval: settings.cancel_check,
        max_heartbeat_throttle: settings.max_heartbeat_throttle,
        result_metadata: shared.result_metadata,
        build_id: build_id(ready),
        worker_heartbeat: shared.known_as.heartbeat,
        deployment: shared.known_as.deployment.clone(),
        ..defaults
    }
}

fn build_id(ready: &Ready) -> String {
    // Not those of candidates: what is released within a version of a deployment needs no other one.
    versions::build_id(ready.loads.served.iter().map(|versions| versions.configured.as_str()))
}

/// What runs the worker's attempts.
fn executor(shared: &Shared, wanted: &Wanted, directory: &Arc<TaskQueueDirectory>) -> Arc<dyn Executor> {
    let executor = wanted.room.executor();
    match &shared.issuer {
        Some(issuer) => Arc::new(Identified::new(Arc::clone(issuer), Arc::clone(directory) as _, executor)),
        None => executor,
    }
}

/// Whom the worker tells about its attempts.
fn observer(shared: &Shared, wanted: &Wanted, namespace: &str) -> Arc<dyn Observer> {
    let labels = Labels {
        tenant: wanted.tenant.clone(),
        namespace: namespace.to_owned(),
        task_queue: wanted.settings.task_queue.clone(),
        component: String::new(),
    };
    let recorded = shared.records.observer(shared.reporter.observer(&wanted.tenant));
    let measured = shared.metrics.observer(labels, Arc::clone(&wanted.shares.series), recorded);
    let measured = shared.releases.observer(measured);
    let seen = match &shared.running {
        Some(running) => running.observer(measured),
        None => measured,
    };
    match &shared.recent {
        Some(recent) => recent.observer(&wanted.tenant, seen),
        None => seen,
    }
}

/// Lets the sampler look at the worker's slots.
fn sampled(shared: &Shared, wanted: &Wanted, namespace: &str, slots: &Slots) -> Option<Sampled> {
    let task_queue = wanted.settings.task_queue.as_str();
    let attributes = [("tenant", wanted.tenant.as_str()), ("namespace", namespace), ("task_queue", task_queue)];
    shared.sampler.as_ref().map(|sampler| sampler.add(&attributes, slots.clone()))
}

fn is_dynamic(served: &[Versions]) -> bool {
    served.iter().any(|versions| versions.stable.is_dynamic())
}

fn served(served: &[Versions]) -> Vec<ServedComponent> {
    served.iter().enumerate().flat_map(|(at, versions)| ServedComponent::of(at, versions)).collect()
}

fn conflict(error: catalog::ConflictError) -> Trouble {
    let problem = Problem::new(Exit::NotLoaded, failed_to(error));
    Trouble::from(problem.cure("serve one of them on a task queue of its own, or build it without that activity"))
}
