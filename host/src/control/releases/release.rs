//! One release: two versions of a component, the share of the newer one, and how it does.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use activity::shown;
use catalog::{Observed, Share, Verdict};
use tokio::sync::watch;

use crate::{
    config::{releases::Terms, settings::TenantSettings},
    wiring::loading::Loaded,
};

/// So many attempts of a candidate are each looked at; of more, one in a hundred.
const LOOKED_AT: u64 = 1_000;

/// Which component it is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReleaseKey {
    pub tenant: String,
    /// As it is configured; that of the connection is never named.
    pub namespace: Option<String>,
    pub task_queue: String,
    /// As the configuration names it.
    pub component: PathBuf,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The candidate runs its share.
    Rolling,
    /// It runs all attempts.
    Promoted,
    /// It runs none.
    RolledBack,
}

/// Where it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetBy {
    Command,
    Configuration,
}

/// A version of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The digest of its bytes.
    pub digest: String,
    /// As it was named.
    pub written: String,
    /// Where it is.
    pub source: Source,
}

/// Where a version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Where the configuration says, which names the candidate.
    Configuration,
    /// In the state folder: in this folder of versions, under this name.
    Kept { folder: String, name: String },
    /// In a registry, by this reference with a digest.
    Registry(String),
}

/// What is released, and how: what nobody changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub key: ReleaseKey,
    /// The activity that it was named by, if it was.
    pub activity: Option<String>,
    /// The digest of what the configuration names. The release is over when that is another one.
    pub configured: String,
    /// The stable version, if it is not what the configuration names: a candidate that was promoted.
    pub base: Option<Version>,
    pub candidate: Version,
    pub terms: Terms,
    pub set_by: SetBy,
    pub since: SystemTime,
}

/// A release.
#[derive(Debug)]
pub(crate) struct Release {
    pub plan: Plan,
    /// Which attempts are the candidate's.
    pub share: Arc<Share>,
    /// The candidate, until whoever serves it takes it from whoever has loaded it.
    pub loaded: Mutex<Option<Loaded>>,
    /// Whether the candidate was compared with the stable version in this process.
    pub is_compared: AtomicBool,
    /// Whether it was told that it began.
    pub is_told: AtomicBool,
    /// For which phase it is served.
    pub served: watch::Sender<Option<Phase>>,
    state: Mutex<State>,
}

/// What changes of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub phase: Phase,
    pub changed: SystemTime,
    pub reason: Option<String>,
    pub observed: Observed,
    /// The gate has decided, and that is on its way.
    pub is_judged: bool,
}

/// What a gate has decided.
#[derive(Debug)]
pub(crate) struct Judged {
    pub release: Arc<Release>,
    pub phase: Phase,
    pub reason: String,
}

/// What an attempt that has ended says of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub has_failed: bool,
    /// How long it ran, if it did.
    pub time: Option<Duration>,
}

impl ReleaseKey {
    /// Whether a configuration with these tenants names the component.
    pub(crate) fn is_named(&self, tenants: &[TenantSettings]) -> bool {
        let Self { tenant, namespace, task_queue, component } = self;
        let mut workers = tenants.iter().filter(|other| other.name == *tenant).flat_map(|tenant| &tenant.workers);
        workers.any(|worker| {
            let is_queue = worker.namespace == *namespace && worker.task_queue == *task_queue;
            is_queue && worker.components.iter().any(|other| other.path == *component)
        })
    }
}

impl State {
    /// That of a release which begins at this time.
    pub(crate) fn begun(at: SystemTime) -> Self {
        let observed = Observed::default();
        Self { phase: Phase::Rolling, changed: at, reason: None, observed, is_judged: false }
    }
}

impl Plan {
    /// The digest of the version that is stable.
    pub(crate) fn stable(&self) -> &str {
        self.base.as_ref().map_or(&self.configured, |base| &base.digest)
    }

    /// The folders of versions that it needs.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.versions().filter_map(|version| match &version.source {
            Source::Kept { folder, .. } => Some(folder.as_str()),
            Source::Configuration | Source::Registry(_) => None,
        })
    }

    /// All versions that are none of the configuration's.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.base.iter().chain([&self.candidate])
    }
}

impl Release {
    /// One that is in this state.
    pub(crate) fn new(plan: Plan, state: State) -> Self {
        let percent = match state.phase {
            Phase::Rolling => plan.terms.percent,
            Phase::Promoted => 100,
            Phase::RolledBack => 0,
        };
        Self {
            plan,
            share: Arc::new(Share::new(percent)),
            loaded: Mutex::default(),
            is_compared: false.into(),
            is_told: false.into(),
            served: watch::Sender::new(None),
            state: Mutex::new(state),
        }
    }

    /// How far it is.
    pub(crate) fn phase(&self) -> Phase {
        self.lock().phase
    }

    /// All that changes of it, as it is now.
    pub(crate) fn state(&self) -> State {
        self.lock().clone()
    }

    /// Gives all attempts that begin from now on to the stable version.
    pub(super) fn give_up(&self) {
        self.share.set(0);
    }

    /// Enters a phase. Returns the state before.
    pub(super) fn enter(&self, phase: Phase, reason: &str) -> State {
        let mut state = self.lock();
        let former = state.clone();
        let (reason, changed) = (Some(reason.to_owned()), SystemTime::now());
        *state = State { phase, changed, reason, is_judged: false, observed: former.observed.clone() };
        former
    }

    /// Is in this state again.
    pub(super) fn restore(&self, former: State) {
        *self.lock() = State { is_judged: false, ..former };
    }

    /// Notes an attempt of a version that has ended, if it is one of the two. Returns whether it is, and whether it is time
    /// to judge.
    pub(super) fn note(&self, digest: &str, sample: Sample) -> Option<bool> {
        let mut state = self.lock();
        if state.phase != Phase::Rolling {
            return None;
        }
        let is_candidate = digest == self.plan.candidate.digest;
        let counts = match is_candidate {
            true => &mut state.observed.candidate,
            false if digest == self.plan.stable() => &mut state.observed.stable,
            false => return None,
        };
        counts.add(sample.has_failed, sample.time);
        let ended = counts.ended();
        Some(is_candidate && (ended < LOOKED_AT || ended.is_multiple_of(LOOKED_AT / 10)))
    }

    /// What its gate says now, if it has one.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        let state = self.lock();
        Some(self.plan.terms.gate?.judge(&state.observed, self.plan.terms.min_attempts))
    }

    /// What its gate decides, once: a candidate that is rolled back gets no more attempts from now on.
    pub(super) fn judge(&self) -> Option<(Phase, String)> {
        let terms = &self.plan.terms;
        let gate = terms.gate?;
        let mut state = self.lock();
        if state.phase != Phase::Rolling || state.is_judged {
            return None;
        }
        let decided = match gate.judge(&state.observed, terms.min_attempts) {
            Verdict::Broken(why) => {
                self.give_up();
                (Phase::RolledBack, why)
            }
            Verdict::Holds(why) if self.has_waited(&state) => (Phase::Promoted, why),
            Verdict::Holds(_) | Verdict::Open(_) => return None,
        };
        state.is_judged = true;
        Some(decided)
    }

    /// Whether the gate has held for as long as it must.
    fn has_waited(&self, state: &State) -> bool {
        let age = SystemTime::now().duration_since(self.plan.since).unwrap_or_default();
        self.plan.terms.attempts <= state.observed.candidate.ended() && self.plan.terms.hold <= age
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rolling => "rolling",
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled-back",
        })
    }
}

impl fmt::Display for SetBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "command",
            Self::Configuration => "configuration",
        })
    }
}

/// What it is about, as part of a sentence.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: usize = 16;
        let Plan { key, candidate, terms, .. } = &self.plan;
        let (component, task_queue) = (key.component.display().to_string(), shown::name(&key.task_queue));
        let digest = candidate.digest.get(..DIGITS).unwrap_or(&candidate.digest);
        let (component, written) = (shown::on_one_line(&component), shown::on_one_line(&candidate.written));
        write!(f, "{written} ({digest}) in place of {component} on task queue {task_queue}")?;
        match self.phase() {
            Phase::Rolling => write!(f, ", {} %", terms.percent),
            phase => write!(f, ", {phase}"),
        }
    }
}
