//! One task queue, kept as it is wanted: made ready, served, changed, tried again, and at last brought to its end. What goes
//! wrong with it stays with it.

use std::{
    collections::BTreeSet,
    future::ready,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use activity::Block;
use metrics::{Labels, VersionSeries};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use worker::{Shutdown, Summary};

use super::{
    OnTrouble, Shared,
    link::Link,
    pause::Pauses,
    ready::{Anew, Ready, make_ready},
    serving::{Serving, Stops},
    status::{QueueKey, Report, Status},
    versions::Versions,
};
use crate::{
    config::settings::WorkerSettings,
    control::releases::release::{Phase, Release},
    exit::{Exit, Problem, failed_to},
    wiring::{cells::Room, connecting, loading::Loaded, tenants::TenantShares},
};

/// When a component that can't be loaded is tried again although its file is the same: it may be for want of memory, and
/// compiling in vain is work for nothing.
const LOADED_AGAIN: Duration = Duration::from_secs(600);

/// What a task queue is to be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// For whom it is served.
    pub(super) tenant: String,
    /// What its task queues share.
    pub(super) shares: Arc<TenantShares>,
    /// How it is served, and by what.
    pub(super) settings: WorkerSettings,
    /// Where its guests run.
    pub(super) room: Room,
    /// What keeps it from being served.
    pub(super) block: Option<Arc<Block>>,
    /// Counts up whenever its files may be others.
    pub(super) looks: u64,
    /// Counts up whenever other versions are released.
    pub(super) releases: u64,
}

/// Something that goes wrong with a task queue.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) problem: Problem,
    /// The component that it is about.
    pub(super) component: Option<PathBuf>,
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self { problem, component: None }
    }
}

impl From<worker::Error> for Trouble {
    fn from(error: worker::Error) -> Self {
        connecting::problem(error).into()
    }
}

/// How a task queue has ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) summary: Summary,
    pub(super) problem: Option<Problem>,
}

/// What a worker has come to.
type WorkerEnded = (u64, Result<Summary, worker::Error>);

/// Keeps a task queue.
pub(super) struct Keeper {
    queue: QueueKey,
    /// Tells one keeper of a task queue from those before.
    number: u64,
    shared: Arc<Shared>,
    /// What it is to be. When nobody can say that any more, it is to be no more.
    wanted: watch::Receiver<Wanted>,
    link: watch::Receiver<Link>,
    shutdown: Shutdown,
    reports: mpsc::UnboundedSender<Report>,
    /// What it serves with, if it does.
    now: Option<Serving>,
    /// For which looks and settings it serves: as long as these are the same, no file and no tag stands for anything else.
    seen: Option<(u64, WorkerSettings)>,
    /// What is loaded, and where.
    loaded: (Room, Vec<Loaded>),
    /// All workers that have not ended, those too whose places others have taken.
    workers: JoinSet<WorkerEnded>,
    stops: Stops,
    /// What was told last of what goes wrong.
    told: Option<String>,
    /// What was told last of candidates that are not served.
    refused: Vec<String>,
    /// Which versions it serves, where that is measured.
    versions: Option<VersionSeries>,
    /// What was told last of what blocks it.
    blocked: Option<Arc<Block>>,
    pauses: Pauses,
    ended: Ended,
}

/// Whom a keeper listens to, and whom it tells.
pub(super) struct Lines {
    pub(super) wanted: watch::Receiver<Wanted>,
    pub(super) link: watch::Receiver<Link>,
    pub(super) shutdown: Shutdown,
    pub(super) reports: mpsc::UnboundedSender<Report>,
}

impl Keeper {
    /// The keeper with this number of a task queue.
    pub(super) fn new(queue: QueueKey, number: u64, shared: Arc<Shared>, lines: Lines) -> Self {
        let Lines { wanted, link, shutdown, reports } = lines;
        let loaded = (wanted.borrow().room.clone(), Vec::new());
        Self {
            queue,
            number,
            shared,
            wanted,
            link,
            shutdown,
            reports,
            now: None,
            seen: None,
            loaded,
            workers: JoinSet::new(),
            stops: Stops::default(),
            told: None,
            refused: Vec::new(),
            versions: None,
            blocked: None,
            pauses: Pauses::default(),
            ended: Ended::default(),
        }
    }

    /// Keeps the task queue until the shutdown, or until it is wanted no more.
    pub(super) async fn run(mut self) -> Ended {
        let is_removed = self.keep().await;
        if is_removed && !self.workers.is_empty() {
            self.report(Status::Draining);
        }
        self.drain(is_removed).await;
        if is_removed {
            self.report(Status::Removed);
        }
        self.ended
    }

    /// Returns whether it is wanted no more.
    async fn keep(&mut self) -> bool {
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            self.link.mark_unchanged();
            let block = wanted.block.clone();
            if self.now.is_none() && self.told.is_none() && block.is_none() {
                self.report(Status::Loading);
            }
            if self.blocked != block {
                self.blocked.clone_from(&block);
                block.into_iter().for_each(|block| self.rest(block));
            }
            let (anew, late) = (self.anew(&wanted), self.late(&wanted));
            let reached = tokio::select! {
                biased;
                () = self.shutdown.begun() => return false,
                changed = self.wanted.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return true,
                },
                // Then the next change is waited for.
                () = ready(()), if wanted.block.is_some() => Ok(()),
                ready = make_ready(&self.shared, self.link.clone(), &wanted, (&self.loaded, anew), late) => match ready {
                    Ok(ready) => self.serve(&wanted, ready).await,
                    Err(trouble) => Err(trouble),
                },
            };
            let mut again = match reached {
                // As with a component that can't be loaded.
                Ok(()) => (!self.refused.is_empty()).then(|| Instant::now() + LOADED_AGAIN),
                Err(trouble) => self.note(trouble),
            };
            if self.ended.problem.is_some() {
                return false;
            }
            loop {
                tokio::select! {
                    biased;
                    () = self.shutdown.begun() => return false,
                    changed = self.wanted.changed() => match changed {
                        Ok(()) => {
                            self.pauses.reset();
                            break;
                        }
                        Err(_) => return true,
                    },
                    Ok(()) = self.link.changed() => break,
                    () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => break,
                    Some(ended) = self.workers.join_next() => {
                        match self.worker_ended(ended) {
                            Some(trouble) => again = self.note(trouble),
                            // There is room for another one.
                            None if self.now.is_none() && self.blocked.is_none() => again = Some(Instant::now()),
                            None => {}
                        }
                        if self.ended.problem.is_some() {
                            return false;
                        }
                    }
                }
            }
        }
    }

    /// Tells that it is not known yet when it can be served, and why, if nobody serves it meanwhile.
    fn late(&self, wanted: &Wanted) -> impl Fn(Problem) + use<> {
        let is_waited_for = self.now.is_none() && self.told.is_none();
        let (number, queue, tenant) = (self.number, self.queue.clone(), wanted.tenant.clone());
        let reports = self.reports.clone();
        move |problem| {
            if is_waited_for {
                let (queue, tenant, status) = (queue.clone(), tenant.clone(), Status::Late(Arc::new(problem)));
                let _ = reports.send(Report { number, queue, tenant, status });
            }
        }
    }

    /// What may be something else than what it serves with.
    fn anew(&self, wanted: &Wanted) -> Anew {
        let is_fresh = self.seen.as_ref().is_none_or(|seen| *seen != (wanted.looks, wanted.settings.clone()));
        match (is_fresh, self.refused.is_empty()) {
            (true, _) => Anew::All,
            (false, false) => Anew::Candidates,
            (false, true) => Anew::Nothing,
        }
    }

    /// Takes no more tasks, as long as it is blocked. What runs was told of that already.
    fn rest(&mut self, block: Arc<Block>) {
        self.stops.retire(self.now.take());
        self.told = None;
        self.versions.iter_mut().for_each(|versions| versions.record(BTreeSet::new()));
        self.report(Status::Blocked(block));
    }

    /// Serves with what is ready: by the worker that there is, if that can, or else by another one, which takes its place.
    async fn serve(&mut self, wanted: &Wanted, ready: Ready) -> Result<(), Trouble> {
        let (room, served) = (wanted.room.clone(), ready.loads.served.clone());
        let (components, told) = (ready.components().cloned().collect(), ready.loads.changed.clone());
        let over = ready.loads.over.clone();
        // What is not beside another version, but in its place.
        let stable = |loaded: &&Loaded| served.iter().any(|versions| versions.stable.is_same(loaded));
        let changed: Vec<Loaded> = told.iter().filter(stable).cloned().collect();
        match &mut self.now {
            Some(now) if now.can_become(wanted, &ready) => {
                let is_looked_at = now.change(wanted, ready)?;
                if is_looked_at && changed.is_empty() {
                    self.shared.reporter.looked_again(&self.queue.1);
                }
                for component in changed {
                    self.shared.reporter.reloaded(component.path(), &component.activities());
                }
            }
            _ => {
                let claim = self.now.as_ref().and_then(|now| now.claim(&ready.namespace));
                let next = Serving::start(&self.shared, wanted, ready, claim, &mut self.workers).await?;
                // The attempts of the former one come to their ends with what they began with.
                if let Some(former) = self.now.take() {
                    self.stops.hand_over(former, &next);
                }
                self.now = Some(next);
            }
        }
        for component in &told {
            self.shared.records.loaded(&wanted.tenant, &self.queue.1, component);
        }
        self.loaded = (room, components);
        self.seen = Some((wanted.looks, wanted.settings.clone()));
        self.tell_of_releases(&served, &over);
        self.measure(wanted, &served);
        self.told = None;
        self.pauses.reset();
        if let Some(now) = &self.now {
            self.report(Status::Serving(Box::new(now.told())));
        }
        Ok(())
    }

    /// Tells whoever waits that releases are heeded, and once which of the configuration began, which are over, and which
    /// candidates are refused.
    fn tell_of_releases(&mut self, served: &[Versions], over: &[(Arc<Release>, &'static str)]) {
        let Shared { reporter, records, .. } = &*self.shared;
        let tell = |what, told: &admin::Release| {
            reporter.released(what, told);
            records.released(what, told, None);
        };
        for (release, why) in over {
            // Not before: it goes on while what the configuration names can't be loaded.
            self.shared.releases.forget(release);
            tell("release-over", &admin::Release { reason: Some((*why).to_owned()), ..release.told() });
        }
        for (release, phase) in served.iter().filter_map(|versions| versions.release.as_ref()) {
            if *phase == Phase::Rolling && !release.is_told.swap(true, Ordering::Relaxed) {
                tell("release-set", &release.told());
            }
            release.served.send_replace(Some(*phase));
        }
        let refused = served.iter().filter_map(|versions| Some((versions, versions.refused.as_ref()?)));
        let refused: Vec<_> = refused.collect();
        let told =
            refused.iter().map(|(versions, problem)| format!("{} {:#}", versions.configured, problem.error)).collect();
        if self.refused != told {
            self.refused = told;
            for (versions, problem) in refused {
                self.shared.reporter.candidate_refused(&self.queue.1, versions.stable.path(), problem);
            }
        }
    }

    /// Measures which versions are served.
    fn measure(&mut self, wanted: &Wanted, served: &[Versions]) {
        let (Some(meter), Some(now)) = (self.shared.metrics.meter(), &self.now) else { return };
        let series = self.versions.get_or_insert_with(|| {
            let labels = Labels {
                tenant: wanted.tenant.clone(),
                namespace: now.namespace().to_owned(),
                task_queue: self.queue.1.clone(),
                component: String::new(),
            };
            VersionSeries::new(meter, labels)
        });
        series.record(served.iter().flat_map(Versions::measured).collect());
    }

    /// Tells what goes wrong, unless that was told already. Returns when to try again, if not only when something changes.
    fn note(&mut self, trouble: Trouble) -> Option<Instant> {
        let Trouble { problem, component, .. } = trouble;
        let text = format!("{:#}", problem.error);
        let is_new = self.told.as_ref() != Some(&text);
        self.told = Some(text);
        let of_component = problem.exit == Exit::NotLoaded;
        if self.now.is_some() {
            if is_new {
                match component {
                    Some(path) => self.shared.reporter.reload_failed(&path, &problem),
                    None => self.shared.reporter.queue_unchanged(&self.queue.1, &problem),
                }
            }
        } else if self.shared.on_trouble == OnTrouble::End {
            self.ended.problem = Some(problem);
            return None;
        } else if is_new {
            self.report(Status::of(Arc::new(problem)));
        }
        let pause = if of_component { LOADED_AGAIN } else { self.pauses.next() };
        Some(Instant::now() + pause)
    }

    /// A worker has ended. Returns what is wrong if it was not to.
    fn worker_ended(&mut self, ended: Result<WorkerEnded, JoinError>) -> Option<Trouble> {
        let (number, result) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // Which one it was nobody knows, so that another one takes over.
                self.now = None;
                return Some(Problem::from(error).into());
            }
        };
        self.stops.forget(number);
        let is_current = self.now.as_ref().is_some_and(|now| now.number() == number);
        match result {
            Ok(summary) => {
                super::add(&mut self.ended.summary, summary);
                None
            }
            Err(error) if is_current => {
                self.now = None;
                Some(error.into())
            }
            Err(error) => {
                tracing::error!("{:#}", failed_to(error));
                None
            }
        }
    }

    /// Brings all workers to their ends. What goes wrong at the shutdown is told by the program's end.
    async fn drain(&mut self, is_removed: bool) {
        self.stops.retire(self.now.take());
        self.versions.iter_mut().for_each(|versions| versions.record(BTreeSet::new()));
        let mut is_hastened = false;
        while !self.workers.is_empty() {
            tokio::select! {
                () = self.shutdown.hastened(), if !is_hastened => {
                    is_hastened = true;
                    self.stops.hasten();
                }
                Some(ended) = self.workers.join_next() => match ended {
                    Ok((_, Ok(summary))) => super::add(&mut self.ended.summary, summary),
                    Ok((_, Err(error))) if is_removed => tracing::error!("{:#}", failed_to(error)),
                    Ok((_, Err(error))) => {
                        self.ended.problem.get_or_insert(connecting::problem(error));
                    }
                    Err(error) => {
                        self.ended.problem.get_or_insert(error.into());
                    }
                }
            }
        }
    }

    fn report(&self, status: Status) {
        let (queue, tenant) = (self.queue.clone(), self.wanted.borrow().tenant.clone());
        // At the very end nobody hears of it.
        let _ = self.reports.send(Report { number: self.number, queue, tenant, status });
    }
}
