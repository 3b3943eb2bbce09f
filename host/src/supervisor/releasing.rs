//! What is released on request: a candidate is made ready beside what runs, compared with it, and only then served; what is
//! promoted and rolled back changes at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use activity::{ActivityName, Meter, shown};
use admin::{NewRelease, Refusal, ReleaseOf, Released, Reply};
use anyhow::anyhow;
use catalog::{Counts, Observed};
use metrics::{Labels, ReleaseSample, ReleaseSeries};
use tokio::{
    sync::oneshot,
    task::{JoinSet, spawn_blocking},
    time::timeout,
};

use super::{
    Shared, Supervisor,
    status::{QueueKey, ServedComponent},
    versions::conflict,
};
use crate::{
    config::{
        releases::{Terms, WrittenTerms},
        settings::ComponentSettings,
    },
    control::releases::{
        candidates::{self, Known, Named},
        release::{Judged, Phase, Plan, Release, ReleaseKey, SetBy, Source, State, Version},
    },
    exit::{Exit, Problem},
    wiring::{
        cells::Room,
        loading::{Finder, Loaded, Place, find},
        turns::Turn,
    },
};

/// How long an answer waits until what was asked for is served: it is kept in any case, and tried until it is.
const UNTIL_SERVED: Duration = Duration::from_secs(5);

/// How often what was observed is brought to the disk: so much of it is counted anew after a crash.
const WRITTEN: Duration = Duration::from_secs(5);

/// Why something is in its phase that an operator wants so.
const BY_OPERATOR: &str = "by an operator";

/// What is made ready, and answers that wait.
pub(super) struct Releasing {
    /// One at a time: compiling takes memory.
    preparing: JoinSet<Prepared>,
    answers: JoinSet<()>,
    /// What was observed on its way to the disk, and when it was last.
    writing: JoinSet<()>,
    written: Instant,
    /// What is measured, if anybody wants to know.
    series: Option<ReleaseSeries>,
}

/// A candidate that was made ready, or why it can't be.
pub(super) struct Prepared {
    asked: NewRelease,
    terms: Terms,
    target: Target,
    candidate: Result<(Version, Loaded), Problem>,
    answer: Answer,
}

/// Whom to answer.
pub(super) struct Answer {
    pub(super) user: u32,
    pub(super) reply: oneshot::Sender<Reply>,
}

/// What a release is about.
#[derive(Clone)]
struct Target {
    key: ReleaseKey,
    queue: QueueKey,
    /// Which component of the task queue it is.
    at: usize,
    settings: ComponentSettings,
    room: Room,
    place: Place,
    /// All that serves the task queue.
    served: Vec<ServedComponent>,
    /// What was released before.
    known: Option<Arc<Release>>,
}

impl Releasing {
    /// Nothing yet; measured on `meter`.
    pub(super) fn new(meter: Option<Arc<dyn Meter>>) -> Self {
        Self {
            preparing: JoinSet::new(),
            answers: JoinSet::new(),
            writing: JoinSet::new(),
            written: Instant::now(),
            series: meter.map(ReleaseSeries::new),
        }
    }

    /// What is ready next, or can't be.
    pub(super) async fn next(&mut self) -> Prepared {
        loop {
            match self.preparing.join_next().await {
                Some(Ok(prepared)) => return prepared,
                // Whoever waits for its answer hears that there is none.
                Some(Err(error)) => tracing::error!(%error, "a release was lost: this is a bug of the worker"),
                None => pending().await,
            }
        }
    }

    /// Gives up what is under way.
    pub(super) async fn end(&mut self) {
        self.preparing.shutdown().await;
        self.answers.shutdown().await;
        while self.writing.join_next().await.is_some() {}
    }
}

impl Supervisor {
    /// Begins to make a candidate ready.
    pub(super) fn set_release(&mut self, asked: NewRelease, answer: Answer) {
        let (named, terms, target) = match self.understand(&asked) {
            Ok(understood) => understood,
            Err(refusal) => return refuse(answer, refusal),
        };
        let (shared, known) = (Arc::clone(&self.shared), self.known_versions(&target.key.tenant));
        self.releasing.preparing.spawn(async move {
            let asks = matches!(named, Named::Reference(_)) || target.settings.artifact.is_some();
            let turn = shared.loading.of(&target.key.tenant, asks).await;
            let (written, of) = (asked.version.clone(), target.clone());
            let prepared = spawn_blocking(move || of.prepare(&named, &written, &known, (&shared, &turn)));
            let candidate = prepared.await.unwrap_or_else(|error| Err(error.into()));
            Prepared { asked, terms, target, candidate, answer }
        });
    }

    /// Releases what was made ready.
    pub(super) fn release(&mut self, prepared: Prepared) {
        let Prepared { asked, terms, target, candidate, answer } = prepared;
        let (version, loaded) = match candidate {
            Ok(candidate) => candidate,
            Err(problem) => {
                self.shared.releases.give_up_preparing();
                let message = format!("{:#}", problem.error);
                return refuse(answer, Refusal { message, cure: problem.cure });
            }
        };
        let now = self.target(&asked.of).ok().filter(|now| now.is(&target));
        let Some((plan, now)) = now.and_then(|now| Some((now.plan(&asked, terms, version)?, now))) else {
            let message = "the component is served in another version by now".to_owned();
            return refuse(answer, Refusal { message, cure: Some("look at it, and set the release again".to_owned()) });
        };
        let begun = State::begun(plan.since);
        let release = match self.shared.releases.set(Release::new(plan, begun)) {
            Ok(release) => release,
            Err(refusal) => return refuse(answer, refusal),
        };
        *release.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
        release.is_compared.store(true, Ordering::Relaxed);
        release.is_told.store(true, Ordering::Relaxed);
        self.tell_release(&release, "release-set", Some(answer.user));
        self.measure_releases();
        self.kept.released(&now.queue);
        self.answer_once_served(release, (true, None), answer);
    }

    /// Gives a candidate all attempts, or none, as an operator wants it.
    pub(super) fn decide(&mut self, of: &ReleaseOf, phase: Phase, answer: Answer) {
        let release = match self.released(of) {
            Ok(release) => release,
            Err(refusal) => return refuse(answer, refusal),
        };
        let former = release.phase();
        if former == phase {
            let unkept = self.shared.releases.keep_decided().err().map(unkept);
            return self.answer_once_served(release, (false, unkept), answer);
        }
        if phase == Phase::Promoted && former == Phase::RolledBack {
            let version = shown::on_one_line(&release.plan.candidate.written);
            let message = format!("the candidate {version} was rolled back, and is not served");
            return refuse(answer, Refusal { message, cure: Some("set the release again".to_owned()) });
        }
        match self.enter(&release, phase, BY_OPERATOR, Some(answer.user)) {
            Ok(()) => self.answer_once_served(release, (true, None), answer),
            Err(refusal) if release.phase() == phase => {
                self.answer_once_served(release, (true, Some(unkept(refusal))), answer);
            }
            Err(refusal) => refuse(answer, refusal),
        }
    }

    /// A gate has decided.
    pub(super) fn judged(&mut self, judged: Judged) {
        let Judged { release, phase, reason } = judged;
        let is_current = self.shared.releases.find(&release.plan.key).is_some_and(|now| Arc::ptr_eq(&now, &release));
        // Meanwhile an operator may have.
        if !is_current || release.phase() != Phase::Rolling {
            return;
        }
        if let Err(refusal) = self.enter(&release, phase, &reason, None) {
            let Refusal { message, cure } = if release.phase() == phase { unkept(refusal) } else { refusal };
            tracing::error!(cure, "{message}");
        }
    }

    /// Brings a release into a phase, and what is served with it.
    fn enter(&mut self, release: &Release, phase: Phase, reason: &str, user: Option<u32>) -> Result<(), Refusal> {
        let kept = self.shared.releases.decide(release, phase, reason);
        if release.phase() == phase {
            let what = if phase == Phase::Promoted { "release-promoted" } else { "release-rolled-back" };
            self.measure_releases();
            if let Some(series) = &self.releasing.series {
                let by = if user.is_some() { "operator" } else { "gate" };
                series.decided(&self.labels(release), &phase.to_string(), by);
            }
            self.tell_release(release, what, user);
            let key = &release.plan.key;
            self.kept.released(&(key.namespace.clone(), key.task_queue.clone()));
        }
        kept
    }

    /// Forgets releases of components that the configuration names no more.
    pub(super) fn end_other_releases(&self) {
        for release in self.shared.releases.each() {
            if !release.plan.key.is_named(&self.now.settings.tenants) {
                self.shared.releases.forget(&release);
                let reason = Some("the configuration names its component no more".to_owned());
                let told = admin::Release { reason, ..release.told() };
                self.shared.reporter.released("release-over", &told);
                self.shared.records.released("release-over", &told, None);
            }
        }
    }

    /// Looks whether time has decided a release, measures all, and has what was observed written down now and then.
    pub(super) fn look_at_releases(&mut self) {
        let releases = Arc::clone(&self.shared.releases);
        releases.look();
        self.measure_releases();
        while self.releasing.writing.try_join_next().is_some() {}
        let is_time = WRITTEN <= self.releasing.written.elapsed() && self.releasing.writing.is_empty();
        if is_time && releases.is_newer() {
            self.releasing.written = Instant::now();
            self.releasing.writing.spawn_blocking(move || releases.write_down());
        }
    }

    fn measure_releases(&mut self) {
        let Some(mut series) = self.releasing.series.take() else { return };
        for release in self.shared.releases.each() {
            let Observed { stable, candidate } = release.state().observed;
            let counted = |counts: &Counts| (counts.ended(), counts.failed());
            let (percent, stable, candidate) = (release.share.percent(), counted(&stable), counted(&candidate));
            series.record(&self.labels(&release), ReleaseSample { percent, stable, candidate });
        }
        self.releasing.series = Some(series);
    }

    fn labels(&self, release: &Release) -> Labels {
        let ReleaseKey { tenant, namespace, task_queue, component } = release.plan.key.clone();
        Labels {
            tenant,
            namespace: namespace.or_else(|| self.default_namespace()).unwrap_or_default(),
            task_queue,
            component: component.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    fn tell_release(&self, release: &Release, what: &'static str, user: Option<u32>) {
        let told = release.told();
        self.shared.reporter.released(what, &told);
        self.shared.records.released(what, &told, user);
    }

    /// Answers once what is served is as it is wanted, or it takes too long: whether anything has changed, and what of that is
    /// missing.
    fn answer_once_served(
        &mut self,
        release: Arc<Release>,
        (changed, missing): (bool, Option<Refusal>),
        Answer { reply, .. }: Answer,
    ) {
        while self.releasing.answers.try_join_next().is_some() {}
        let is_blocked = self.control.blocks.now().of_tenant(&release.plan.key.tenant).is_some();
        self.releasing.answers.spawn(async move {
            let mut served = release.served.subscribe();
            let phase = release.phase();
            // What is rolled back is when its share is gone.
            let is_done = |served: &Option<Phase>| {
                *served == Some(phase) || (phase == Phase::RolledBack && *served == Some(Phase::Rolling))
            };
            // Of what is blocked nothing runs.
            let missing = match is_blocked || timeout(UNTIL_SERVED, served.wait_for(is_done)).await.is_ok() {
                true => missing,
                false => missing.or_else(|| Some(unserved(&release))),
            };
            // A client that has gone needs no answer.
            let _ = reply.send(Reply::Released(Box::new(Released { changed, release: release.told(), missing })));
        });
    }

    /// All that is told of releases, and of candidates that can't be served.
    pub(super) fn told_releases(&self) -> Vec<admin::Release> {
        let mut refused: BTreeMap<ReleaseKey, (String, ComponentSettings)> = BTreeMap::new();
        for target in self.targets(&ReleaseOf::default(), |_| true) {
            if let Some(problem) = target.stable().and_then(|served| served.refused.clone()) {
                refused.insert(target.key, (format!("{:#}", problem.error), target.settings));
            }
        }
        let mut told = Vec::new();
        for release in self.shared.releases.each() {
            let why = refused.get(&release.plan.key).filter(|_| release.phase() == Phase::Rolling);
            let why = why.map(|(reason, _)| reason.clone());
            told.push(match why {
                Some(reason) => {
                    refused.remove(&release.plan.key);
                    release.told_refused(reason)
                }
                None => release.told(),
            });
        }
        for (key, (reason, settings)) in refused {
            if let Some(wanted) = settings.release {
                told.push(crate::control::releases::told::refused(key, &wanted.candidate, reason));
            }
        }
        told
    }

    /// What is asked for, if it makes sense.
    fn understand(&self, asked: &NewRelease) -> Result<(Named, Terms, Target), Refusal> {
        let written = WrittenTerms {
            percent: asked.percent.into(),
            gate: asked.gate.as_deref(),
            min_attempts: asked.min_attempts,
            attempts: asked.attempts,
            hold: asked.hold_ms.map(Duration::from_millis),
        };
        let terms = Terms::read(&written)
            .map_err(|(key, wrong)| Refusal { message: format!("--{key}: {wrong}"), cure: None })?;
        let named = Named::read(&asked.version)?;
        let target = self.target(&asked.of)?;
        if target.settings.release.is_some() {
            return Err(Refusal {
                message: format!("the configuration says what is released of {}", target.settings.path.display()),
                cure: Some("change `release` of that component there, or remove it".to_owned()),
            });
        }
        if !self.releasing.preparing.is_empty() {
            let message = "another release is being made ready".to_owned();
            return Err(Refusal { message, cure: Some("wait for it, and try again".to_owned()) });
        }
        Ok((named, terms, target))
    }

    /// The release that is meant.
    fn released(&self, of: &ReleaseOf) -> Result<Arc<Release>, Refusal> {
        let none = || Refusal {
            message: format!("nothing is released of activity {:?}", shown::name(&of.activity)),
            cure: Some("`isolet release status` tells what is".to_owned()),
        };
        let target = match self.target(of) {
            Ok(target) => return target.known.ok_or_else(none),
            Err(refusal) => refusal,
        };
        // What is released and not served, such as what is blocked.
        let is_meant = |release: &Arc<Release>| {
            let Plan { key, activity, .. } = &release.plan;
            activity.as_ref() == Some(&of.activity)
                && of.tenant.as_ref().is_none_or(|tenant| *tenant == key.tenant)
                && of.task_queue.as_ref().is_none_or(|task_queue| *task_queue == key.task_queue)
        };
        let mut meant = self.shared.releases.each().into_iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(release), None) => Ok(release),
            _ => Err(target),
        }
    }

    /// The component that is meant.
    fn target(&self, of: &ReleaseOf) -> Result<Target, Refusal> {
        let named = self.targets(of, |served| served.serves(&of.activity));
        let dynamic =
            |served: &ServedComponent| served.activities.iter().any(|exported| exported.name == ActivityName::Dynamic);
        let mut targets = if named.is_empty() { self.targets(of, dynamic) } else { named };
        let activity = shown::name(&of.activity);
        match (targets.pop(), targets.is_empty()) {
            (Some(target), true) => Ok(target),
            (None, _) => Err(Refusal {
                message: format!("no task queue that this worker serves has activity {activity:?}"),
                cure: Some("`isolet status --output json` tells the activities of each".to_owned()),
            }),
            (Some(last), false) => {
                let names: Vec<&str> =
                    targets.iter().chain([&last]).map(|target| target.key.task_queue.as_str()).collect();
                Err(Refusal {
                    message: format!(
                        "several task queues have activity {activity:?}: {}",
                        shown::names(names.into_iter())
                    ),
                    cure: Some("name one with --task-queue, and its --tenant or --namespace if need be".to_owned()),
                })
            }
        }
    }

    /// The components that are served as `of` says, of which a part is wanted.
    fn targets(&self, of: &ReleaseOf, is_wanted: impl Fn(&ServedComponent) -> bool) -> Vec<Target> {
        let default = self.default_namespace();
        let is_named = |named: &Option<String>, own: Option<&str>| named.is_none() || named.as_deref() == own;
        let mut targets = Vec::new();
        for tenant in self.now.settings.tenants.iter().filter(|tenant| is_named(&of.tenant, Some(&tenant.name))) {
            for worker in &tenant.workers {
                let namespace = worker.namespace.as_deref().or(default.as_deref());
                if !is_named(&of.namespace, namespace) || !is_named(&of.task_queue, Some(&worker.task_queue)) {
                    continue;
                }
                let queue = (worker.namespace.clone(), worker.task_queue.clone());
                let (Some(served), Some(room)) = (self.served(worker), self.kept.room(&queue)) else { continue };
                let wanted: BTreeSet<usize> =
                    served.components.iter().filter(|served| is_wanted(served)).map(|served| served.at).collect();
                for at in wanted {
                    let Some(settings) = worker.components.get(at).cloned() else { continue };
                    let key = ReleaseKey {
                        tenant: tenant.name.clone(),
                        namespace: worker.namespace.clone(),
                        task_queue: worker.task_queue.clone(),
                        component: settings.path.clone(),
                    };
                    let known = self.shared.releases.find(&key);
                    let (place, room, served) =
                        (Place::new(&tenant.name, worker), room.clone(), served.components.clone());
                    targets.push(Target { key, queue: queue.clone(), at, settings, room, place, served, known });
                }
            }
        }
        targets
    }

    /// The versions of a tenant's components that this worker knows.
    fn known_versions(&self, tenant: &str) -> Vec<Known> {
        let of = ReleaseOf { tenant: Some(tenant.to_owned()), ..ReleaseOf::default() };
        let configured = self.targets(&of, |_| true).into_iter().filter_map(|target| {
            let digest = match &target.known {
                Some(known) => known.plan.configured.clone(),
                None => target.stable()?.digest.clone(),
            };
            Some(Known::Configured(digest, Box::new(target.settings)))
        });
        let released = self.shared.releases.each().into_iter().filter(|release| release.plan.key.tenant == tenant);
        let released = released.flat_map(|release| release.plan.versions().cloned().collect::<Vec<_>>());
        released.map(Known::Version).chain(configured).collect()
    }
}

impl Target {
    /// What runs all attempts that are no candidate's.
    fn stable(&self) -> Option<&ServedComponent> {
        self.served.iter().find(|served| served.at == self.at)
    }

    /// Whether it is the same, served in the same version.
    fn is(&self, other: &Self) -> bool {
        let digest = |target: &Self| target.stable().map(|stable| stable.digest.clone());
        self.key == other.key
            && self.settings == other.settings
            && self.room.is(&other.room)
            && digest(self) == digest(other)
    }

    /// What the stable version is if it is not what the configuration names, and the digest of what that names.
    fn base(&self) -> Option<(Option<Version>, String)> {
        match &self.known {
            None => {
                let ServedComponent { digest, reference, .. } = self.stable()?;
                // What a tag stands for now it may not stand for later.
                let base = reference.clone().map(|reference| Version {
                    digest: digest.clone(),
                    written: self.settings.path.display().to_string(),
                    source: Source::Registry(reference),
                });
                Some((base, digest.clone()))
            }
            Some(known) => {
                let Plan { base, candidate, configured, .. } = &known.plan;
                let base = if known.phase() == Phase::Promoted { Some(candidate.clone()) } else { base.clone() };
                Some((base, configured.clone()))
            }
        }
    }

    fn plan(&self, asked: &NewRelease, terms: Terms, candidate: Version) -> Option<Plan> {
        let (base, configured) = self.base()?;
        let (key, activity) = (self.key.clone(), Some(asked.of.activity.clone()));
        let (set_by, since) = (SetBy::Command, SystemTime::now());
        Some(Plan { key, activity, configured, base, candidate, terms, set_by, since })
    }

    /// Finds, keeps and loads a candidate, and compares it with what runs. Blocks.
    fn prepare(
        &self,
        named: &Named,
        written: &str,
        known: &[Known],
        (shared, turn): (&Shared, &Turn),
    ) -> Result<(Version, Loaded), Problem> {
        let (begun, releases) = (Instant::now(), &shared.releases);
        let finder = Finder { engine: self.room.engine(), turn: Some(turn) };
        let (Some(stable), Some((base, _))) = (self.stable(), self.base()) else {
            return Err(anyhow!("the component is not served any more").into());
        };
        let version = candidates::keep(named, written, &self.settings, known, (finder, releases))?;
        if version.digest == stable.digest {
            let error = anyhow!("{} has the digest {}, and runs already", shown::on_one_line(written), stable.digest);
            return Err(Problem::new(Exit::Usage, error));
        }
        let of_stable = match &base {
            Some(base) => candidates::settings(base, &self.settings, releases)?,
            None => self.settings.clone(),
        };
        let of_candidate = candidates::settings(&version, &self.settings, releases)?;
        let file = find(finder, &of_candidate)?;
        let loaded = Loaded::load_found(&self.room, &self.place, &of_candidate, file, begun);
        let loaded = loaded.map_err(|problem| Problem {
            error: problem.error.context(format!("failed to release {}", shown::on_one_line(written))),
            ..problem
        })?;
        let activities = &loaded.exports.activities;
        let names = activities.iter().map(|exported| exported.name.clone()).collect();
        let others = self.served.iter().filter(|served| served.at != self.at).flat_map(|served| &served.activities);
        if let Some(problem) = conflict(&names, &others.map(|exported| exported.name.clone()).collect()) {
            return Err(problem);
        }
        let old = candidates::face(finder, &of_stable, &stable.digest, &stable.activities)?;
        let new = candidates::face(finder, &of_candidate, &version.digest, activities)?;
        candidates::compare(&old, &new, &self.settings)?;
        Ok((version, loaded))
    }
}

/// What is told of a release that is kept as it was asked for, while what ran before runs on.
fn unserved(release: &Release) -> Refusal {
    let (phase, component) = (release.phase(), release.plan.key.component.display().to_string());
    let component = shown::on_one_line(&component);
    Refusal {
        message: format!(
            "it is kept that the candidate is {phase}, but what ran before runs on: what is to run of {component} is not \
             loaded after {} seconds",
            UNTIL_SERVED.as_secs()
        ),
        cure: Some("the worker's log says why, if it can't be loaded; it is served as soon as it is loaded".to_owned()),
    }
}

/// What is told of a candidate that is rolled back where that can't be written.
fn unkept(refusal: Refusal) -> Refusal {
    let message = format!(
        "the candidate gets no attempts any more, and would get them again after a restart: {}",
        refusal.message
    );
    Refusal { message, ..refusal }
}

fn refuse(answer: Answer, Refusal { message, cure }: Refusal) {
    tracing::error!(cure, "what is released is as before: {message}");
    // A client that has gone needs no answer.
    let _ = answer.reply.send(Reply::Refused(Refusal { message, cure }));
}
