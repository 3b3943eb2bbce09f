//! Task queues served from the first poll to the last report.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use activity::{Directory as _, Observer};
use metrics::Labels;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use worker::{Connection, MemoryBudget, Ports, Shutdown, ShutdownHandle, Slots, Summary, Worker, WorkerSettings};

use super::{
    coding::coding,
    connecting::problem,
    loading::{Host, Queue},
    measuring::Metrics,
    reloading::Reloader,
    sampling::Sampler,
    versions,
};
use crate::{
    exit::{Exit, OrExit as _, Problem},
    output::reporter::{Ready, ReadyWorker, Reporter},
    signals::EndRequests,
};

/// How long workers may take to end once something has happened that they can't know of, such as the end of the server.
const MISHAP_PATIENCE: Duration = Duration::from_secs(5);

/// The running workers.
type Workers = JoinSet<Result<Summary, worker::Error>>;

/// What was started: a worker for each task queue, in their order, and what looks at them.
struct Started {
    workers: Workers,
    slots: Vec<Slots>,
    sampler: Option<Sampler>,
}

/// What task queues are served with.
pub(crate) struct Serving<'a> {
    /// The loaded components.
    pub host: Host,
    /// The server.
    pub connection: &'a Connection,
    /// The web user interface, where we know it.
    pub ui: Option<String>,
    /// Where metrics go.
    pub metrics: Metrics,
    /// What reloads components, where that is wanted.
    pub reloader: Option<Reloader>,
    /// Whom to tell.
    pub reporter: Arc<Reporter>,
    /// Who asks for the end.
    pub requests: EndRequests,
}

impl Serving<'_> {
    /// Serves until someone asks for the end, or until `mishap`: then attempts get no grace. Everything that was
    /// started has ended when this returns.
    ///
    /// # Errors
    /// When a worker can't start, the server refuses polls for good, or with the mishap.
    pub(crate) async fn run(mut self, mishap: impl Future<Output = Problem>) -> Result<(), Problem> {
        let (handle, shutdown) = worker::shutdown();
        let Started { workers, slots, sampler } = self.start(&shutdown).await?;
        let sampler = sampler.map(|sampler| tokio::spawn(sampler.run()));
        let reloader = self.reloader.take().map(|reloader| tokio::spawn(reloader.run(slots, shutdown.clone())));
        let (summary, problem) = end(workers, &handle, &mut self.requests, &self.reporter, mishap).await;
        if let Some(reloader) = reloader {
            reloader.await.or_exit(Exit::Other)?;
        }
        if let Some(sampler) = sampler {
            sampler.abort();
            // It never ends by itself.
            let _ = sampler.await;
        }
        self.reporter.stopped(summary);
        problem.map_or(Ok(()), Err)
    }

    /// Starts a worker for each task queue and tells that they are ready.
    async fn start(&self, shutdown: &Shutdown) -> Result<Started, Problem> {
        let budget = MemoryBudget::new(self.host.memory_budget);
        let codings = self.host.queues.iter().map(|queue| coding(&queue.settings, &self.namespace(queue)));
        let codings = codings.collect::<Result<Vec<_>, _>>()?;
        let mut started = Vec::new();
        for (queue, coding) in self.host.queues.iter().zip(codings) {
            let settings = self.worker_settings(queue);
            started.push((Worker::start(self.connection, settings, &budget).await.map_err(problem)?, queue, coding));
        }
        let runs = || (Arc::clone(&self.host.engine), Arc::clone(&self.host.cells));
        let mut sampler = self.metrics.meter().map(|meter| Sampler::new(meter.as_ref(), runs(), &budget));
        let (mut workers, mut slots) = (JoinSet::new(), Vec::new());
        for (worker, queue, coding) in started {
            slots.push(worker.slots());
            self.sample(sampler.as_mut(), queue, &worker);
            let ports = Ports {
                directory: queue.directory.clone(),
                executor: queue.room.executor(),
                observer: self.observer(queue),
                coding,
            };
            workers.spawn(worker.run(ports, shutdown.clone()));
        }
        self.reporter.ready(&self.ready());
        Ok(Started { workers, slots, sampler })
    }

    /// Whom the worker of `queue` tells about its attempts.
    fn observer(&self, queue: &Queue) -> Arc<dyn Observer> {
        let labels = Labels {
            tenant: queue.tenant.clone(),
            namespace: self.namespace(queue),
            task_queue: queue.settings.task_queue.clone(),
            component: String::new(),
        };
        self.metrics.observer(labels, self.reporter.observer(&queue.tenant))
    }

    /// Lets the sampler look at the slots of the worker of `queue`.
    fn sample(&self, sampler: Option<&mut Sampler>, queue: &Queue, worker: &Worker) {
        let (Some(sampler), Some(meter)) = (sampler, self.metrics.meter()) else { return };
        let (namespace, task_queue) = (self.namespace(queue), &queue.settings.task_queue);
        let attributes =
            [("tenant", queue.tenant.as_str()), ("namespace", namespace.as_str()), ("task_queue", task_queue.as_str())];
        sampler.add(meter.as_ref(), &attributes, worker.slots());
    }

    fn worker_settings(&self, queue: &Queue) -> WorkerSettings {
        let settings = &queue.settings;
        let memory = queue.components.iter().map(|component| component.slot_memory).max();
        let defaults = WorkerSettings::new(self.namespace(queue), &settings.task_queue);
        WorkerSettings {
            slots: settings.max_concurrent,
            slot_memory: memory.unwrap_or(defaults.slot_memory),
            shutdown_grace: settings.shutdown_grace,
            cancel_check_interval: settings.cancel_check,
            max_heartbeat_throttle: settings.max_heartbeat_throttle,
            build_id: versions::build_id(queue.components.iter().map(|component| component.digest.as_str())),
            deployment: versions::deployment(),
            ..defaults
        }
    }

    fn namespace(&self, queue: &Queue) -> String {
        queue.settings.namespace.clone().unwrap_or_else(|| self.connection.namespace().to_owned())
    }

    fn ready(&self) -> Ready {
        let worker = |queue: &Queue| ReadyWorker {
            namespace: self.namespace(queue),
            task_queue: queue.settings.task_queue.clone(),
            activities: queue.directory.names(),
            is_dynamic: queue.is_dynamic(),
        };
        Ready {
            address: self.connection.address().to_owned(),
            ui: self.ui.clone(),
            namespace: self.connection.namespace().to_owned(),
            metrics: self.metrics.url(),
            workers: self.host.queues.iter().map(worker).collect(),
        }
    }
}

/// Waits until every worker has ended: after the first request to end gracefully, after the second without graces; after
/// the third, or some time after a mishap, workers are left where they are. Returns what they did, and what went wrong
/// first.
async fn end(
    mut workers: Workers,
    handle: &ShutdownHandle,
    requests: &mut EndRequests,
    reporter: &Reporter,
    mishap: impl Future<Output = Problem>,
) -> (Summary, Option<Problem>) {
    let mut mishap = pin!(mishap);
    let (mut total, mut first_problem, mut requested, mut give_up_at) = (Summary::default(), None, 0, None);
    while !workers.is_empty() {
        tokio::select! {
            () = requests.next() => {
                requested += 1;
                match requested {
                    1 => {
                        reporter.stopping();
                        handle.begin();
                    }
                    2 => handle.hasten(),
                    _ => break,
                }
            }
            what = &mut mishap, if give_up_at.is_none() => {
                first_problem.get_or_insert(what);
                give_up_at = Some(Instant::now() + MISHAP_PATIENCE);
                handle.hasten();
            }
            () = sleep_until(give_up_at.unwrap_or_else(Instant::now)), if give_up_at.is_some() => break,
            Some(ended) = workers.join_next() => {
                match ended.or_exit(Exit::Other).and_then(|ended| ended.map_err(problem)) {
                    Ok(summary) => add(&mut total, summary),
                    Err(problem) => {
                        first_problem.get_or_insert(problem);
                    }
                }
                // One worker less is not what was asked for, so the others end too, with their graces.
                handle.begin();
            }
        }
    }
    workers.shutdown().await;
    // The reloader ends with the shutdown, also when no worker ever asked for it.
    handle.begin();
    (total, first_problem)
}

fn add(total: &mut Summary, summary: Summary) {
    total.completed += summary.completed;
    total.failed += summary.failed;
    total.cancelled += summary.cancelled;
    total.will_complete_async += summary.will_complete_async;
    total.timed_out += summary.timed_out;
    total.abandoned += summary.abandoned;
    total.unreported += summary.unreported;
}
