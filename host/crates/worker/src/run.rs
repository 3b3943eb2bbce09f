//! The loop that polls for tasks and runs each as an attempt.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use activity::{CancellationDetails, Info, Report, deadline::after};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::Instant,
};

use crate::{
    Error, Ports, Shutdown, WorkerSettings,
    attempt::{self, Closed, ReportedAs, Shared},
    lease::Lease,
    reporting,
    shutdown::Stop,
    source::{Completion, LeaseSource, Leased, Polled},
};

/// How long after every grace an attempt's end and its report may take: its last heartbeats and its report are encoded in
/// 10 s each at most, reports are retried for 10 s, and one call takes 30 s at most.
const PATIENCE: Duration = Duration::from_secs(75);

/// How long the last polls are waited for when another worker takes over: servers hold a poll for a minute.
const LAST_POLLS: Duration = Duration::from_secs(90);

/// How many attempts ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// With a result.
    pub completed: u64,
    /// With a failure.
    pub failed: u64,
    /// As cancelled.
    pub cancelled: u64,
    /// To be completed from elsewhere.
    pub will_complete_async: u64,
    /// Unreported, because their time was over before they ended.
    pub timed_out: u64,
    /// Unreported, because the server had given them up.
    pub abandoned: u64,
    /// Unreported, because the server could not be reached while their time lasted.
    pub unreported: u64,
}

impl Summary {
    fn count(&mut self, reported_as: ReportedAs) {
        let counter = match reported_as {
            ReportedAs::Completed => &mut self.completed,
            ReportedAs::Failed => &mut self.failed,
            ReportedAs::Cancelled => &mut self.cancelled,
            ReportedAs::WillCompleteAsync => &mut self.will_complete_async,
            ReportedAs::TimedOut => &mut self.timed_out,
            ReportedAs::Abandoned => &mut self.abandoned,
            ReportedAs::Unreported => &mut self.unreported,
        };
        *counter += 1;
    }
}

/// Polls and runs tasks until `shutdown`, or until the server refuses polls for good.
pub(crate) async fn run<S: LeaseSource>(
    source: S,
    ports: Ports,
    settings: WorkerSettings,
    mut shutdown: Shutdown,
) -> Result<Summary, Error> {
    let source = Arc::new(source);
    let (stop, stopping) = watch::channel(Stop::Running);
    let (lost, mut lost_leases) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared { ports, settings, stop: stopping });
    let mut service = Service::new(Arc::clone(&source), shared, stop, lost);
    serve(&mut service, &source, &mut lost_leases, &mut shutdown).await;
    service.end(source).await
}

/// Serves until everything has ended, or until it is time to give up.
async fn serve<S: LeaseSource>(
    service: &mut Service<S>,
    source: &S,
    lost_leases: &mut mpsc::UnboundedReceiver<Arc<Info>>,
    shutdown: &mut Shutdown,
) {
    // A poll is not given up half-way: the stream keeps it between two turns of the loop.
    let mut polls = pin!(stream::unfold((), |()| async { Some((source.poll().await, ())) }));
    let (mut hurry, mut handover) = (shutdown.clone(), shutdown.clone());
    let mut blocks = service.shared.ports.blocks.clone();
    while !service.is_done() {
        let give_up_at = service.give_up_at;
        tokio::select! {
            biased;
            () = hurry.hastened(), if !service.is_hastened => service.hasten(),
            () = shutdown.begun(), if !service.is_stopping() => service.stop(),
            heir = handover.handed_over(), if !service.is_stopping() => service.hand_over(heir),
            () = polls_over(source, service.last_polls_until), if service.last_polls_until.is_some() => service.end_polls(),
            Some(info) = lost_leases.recv() => service.give_back(info),
            // Without a sender nothing is blocked any more than it is.
            Ok(()) = blocks.changed() => service.stop.send_modify(|_| {}),
            Some(joined) = service.attempts.join_next(), if !service.attempts.is_empty() => service.joined(joined),
            Some(polled) = polls.next(), if !service.polls_ended => service.take(polled),
            () = tokio::time::sleep_until(give_up_at.unwrap_or_else(Instant::now)), if give_up_at.is_some() => return,
        }
    }
}

/// Waits until no poll is under way any more, or until they have had their time.
async fn polls_over(source: &impl LeaseSource, until: Option<Instant>) {
    // Those that have not come back then are given up.
    let _ = tokio::time::timeout_at(until.unwrap_or_else(Instant::now), source.polls_over()).await;
}

/// The state of the loop.
struct Service<S: LeaseSource> {
    source: Arc<S>,
    shared: Arc<Shared>,
    stop: watch::Sender<Stop>,
    lost: mpsc::UnboundedSender<Arc<Info>>,
    attempts: JoinSet<Closed>,
    /// Where the cancellation of each open lease goes.
    open: HashMap<Bytes, oneshot::Sender<CancellationDetails>>,
    summary: Summary,
    refused: Option<Error>,
    polls_ended: bool,
    is_hastened: bool,
    /// The longest kill grace of all attempts so far: what a shutdown must wait for.
    longest_kill_grace: Duration,
    give_up_at: Option<Instant>,
    /// While another worker takes over: until when the last polls may take.
    last_polls_until: Option<Instant>,
    is_handed_over: bool,
}

impl<S: LeaseSource> Service<S> {
    fn new(
        source: Arc<S>,
        shared: Arc<Shared>,
        stop: watch::Sender<Stop>,
        lost: mpsc::UnboundedSender<Arc<Info>>,
    ) -> Self {
        Self {
            source,
            shared,
            stop,
            lost,
            attempts: JoinSet::new(),
            open: HashMap::new(),
            summary: Summary::default(),
            refused: None,
            polls_ended: false,
            is_hastened: false,
            longest_kill_grace: Duration::ZERO,
            give_up_at: None,
            last_polls_until: None,
            is_handed_over: false,
        }
    }

    fn is_stopping(&self) -> bool {
        self.give_up_at.is_some()
    }

    fn is_done(&self) -> bool {
        self.polls_ended && self.attempts.is_empty()
    }

    /// Takes what a poll returned.
    fn take(&mut self, polled: Polled) {
        match polled {
            Polled::Leased(leased) => self.open(*leased),
            Polled::Cancelled { task_token, details } => {
                // An attempt that has just ended needs no cancellation.
                if let Some(cancellation) = self.open.remove(&task_token) {
                    let _ = cancellation.send(details);
                }
            }
            Polled::Refused(error) => {
                let cure = error.cure();
                tracing::error!(error = %error, cure, "the worker stops: it failed to {error}");
                self.refused.get_or_insert(error);
                self.stop();
            }
            Polled::ShutDown => {
                self.polls_ended = true;
                self.stop();
            }
        }
    }

    /// Opens the lease on a task and lets it run.
    fn open(&mut self, leased: Leased) {
        let Leased { mut info, input } = leased;
        info.trace = self.shared.ports.tracer.as_ref().and_then(|tracer| tracer.begin(&info));
        let definition = self.shared.ports.directory.find(&info);
        if let Some(definition) = &definition {
            self.longest_kill_grace = self.longest_kill_grace.max(definition.policy.stopping.kill_grace);
        }
        let (cancel, cancellation) = oneshot::channel();
        self.open.insert(info.task_token.clone(), cancel);
        let lease = Lease::open(Arc::clone(&self.source), Arc::new(info), cancellation, self.lost.clone());
        self.attempts.spawn(attempt::run(lease, definition, input, Arc::clone(&self.shared)));
    }

    /// An attempt's task has ended.
    fn joined(&mut self, joined: Result<Closed, tokio::task::JoinError>) {
        match joined {
            Ok(closed) => {
                self.open.remove(&closed.task_token);
                self.summary.count(closed.reported_as);
            }
            // Its lease is on its way back.
            Err(error) => tracing::error!(%error, "an attempt's task was lost: this is a bug of the worker"),
        }
    }

    /// Closes a lease that a bug has lost, so that its slot is free again and the server need not wait for a timeout.
    fn give_back(&mut self, info: Arc<Info>) {
        let (source, stop) = (Arc::clone(&self.source), self.shared.stop.clone());
        self.attempts.spawn(async move {
            let task_token = info.task_token.clone();
            let completion = Completion { info, report: Report::lost(), digest: None, last_heartbeat: None };
            source.complete(completion, reporting::given_up(None, stop)).await;
            Closed { task_token, reported_as: ReportedAs::Failed }
        });
    }

    /// Another worker takes over. Tasks that the last polls bring are run as it would run them.
    fn hand_over(&mut self, heir: Option<Ports>) {
        if let Some(ports) = heir {
            let (settings, stop) = (self.shared.settings.clone(), self.shared.stop.clone());
            self.shared = Arc::new(Shared { ports, settings, stop });
        }
        if !self.is_handed_over {
            self.is_handed_over = true;
            self.source.end_polls();
            self.last_polls_until = Some(Instant::now() + LAST_POLLS);
        }
    }

    /// Nothing is to come from polls any more.
    fn end_polls(&mut self) {
        self.last_polls_until = None;
        self.source.initiate_shutdown();
    }

    /// Begins the shutdown.
    fn stop(&mut self) {
        if self.is_stopping() {
            return;
        }
        self.last_polls_until = None;
        self.source.initiate_shutdown();
        let cancel_at = after(Instant::now(), self.shared.settings.shutdown_grace);
        self.give_up_at = Some(after(after(cancel_at, self.longest_kill_grace), PATIENCE));
        self.stop.send_replace(Stop::CancelAt(cancel_at));
    }

    /// Ends all graces.
    fn hasten(&mut self) {
        self.stop();
        self.is_hastened = true;
        self.give_up_at = Some(Instant::now() + PATIENCE);
        self.stop.send_replace(Stop::Now);
    }

    /// Joins everything and says how it went.
    async fn end(mut self, source: Arc<S>) -> Result<Summary, Error> {
        let abandoned = self.attempts.len();
        // Leases that are open still say so as they are dropped.
        self.attempts.shutdown().await;
        let is_clean = self.polls_ended;
        let (summary, refused) = (self.summary, self.refused.take());
        let task_queue = self.shared.settings.task_queue.clone();
        tracing::info!(task_queue, ?summary, abandoned, "the worker has stopped");
        drop(self);
        if is_clean && let Some(source) = Arc::into_inner(source) {
            source.close().await;
        }
        match refused {
            Some(error) => Err(error),
            None if abandoned != 0 || !is_clean => Err(Error::Abandoned { task_queue, abandoned }),
            None => Ok(summary),
        }
    }
}

#[cfg(test)]
mod tests;
