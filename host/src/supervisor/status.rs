//! How it is with a task queue, and why.

use std::{fmt, sync::Arc};

use activity::{ActivityName, Block};
use catalog::Exported;
use worker::SlotsView;

use super::versions::Versions;
use crate::{
    exit::{Exit, Problem},
    output::reporter::{QueueStatus, ReadyWorker},
};

/// Names a task queue: its namespace as it is configured, and its name.
pub(super) type QueueKey = (Option<String>, String);

/// How it is with a task queue.
#[derive(Clone, Debug)]
pub(super) enum Status {
    /// What it is to be served with is being made ready, for the first time or again.
    Loading,
    /// The same, for this reason longer than anybody else is to wait.
    Late(Arc<Problem>),
    /// It is polled.
    Serving(Box<Served>),
    /// It is polled no more, and its attempts come to their ends.
    Draining,
    /// It is served no more, as the configuration wants it.
    Removed,
    /// It is not polled, because all of its tenant is blocked.
    Blocked(Arc<Block>),
    /// It can't be served, for this reason; it is tried again.
    Refused(Arc<Problem>),
    /// Its server can't be reached; it is tried again.
    Unreachable(Arc<Problem>),
}

/// How it is served.
#[derive(Clone, Debug)]
pub(super) struct Served {
    /// The worker's: another one that takes over has another.
    pub(super) number: u64,
    /// What is polled for.
    pub(super) worker: ReadyWorker,
    /// The right to run attempts.
    pub(super) slots: SlotsView,
    /// What runs them.
    pub(super) components: Vec<ServedComponent>,
}

/// What runs attempts.
#[derive(Clone, Debug)]
pub(super) struct ServedComponent {
    /// Its file, or how a registry calls it.
    pub(super) path: String,
    /// The digest of its bytes.
    pub(super) digest: String,
    /// How a registry has these very bytes, if they are from one.
    pub(super) reference: Option<String>,
    /// What one attempt takes of the memory budget, in bytes.
    pub(super) slot_memory: u64,
    /// Its activities.
    pub(super) activities: Vec<Exported>,
    /// Which component of the configuration it serves, or a part of that.
    pub(super) at: usize,
    /// Why another version of that is not served.
    pub(super) refused: Option<Arc<Problem>>,
}

impl ServedComponent {
    /// What serves the component of the configuration at this place.
    pub(super) fn of(at: usize, versions: &Versions) -> impl Iterator<Item = Self> {
        versions.each().map(move |loaded| Self {
            path: loaded.path().display().to_string(),
            digest: loaded.digest.clone(),
            reference: loaded.reference.clone(),
            slot_memory: loaded.slot_memory,
            activities: loaded.exports.activities.clone(),
            at,
            refused: versions.refused.clone(),
        })
    }

    /// Whether it has an activity of this type.
    pub(super) fn serves(&self, activity: &str) -> bool {
        self.activities.iter().any(|exported| matches!(&exported.name, ActivityName::Named(name) if name == activity))
    }
}

/// What a keeper tells of its task queue.
#[derive(Debug)]
pub(super) struct Report {
    /// The keeper's.
    pub(super) number: u64,
    pub(super) queue: QueueKey,
    pub(super) tenant: String,
    pub(super) status: Status,
}

impl Status {
    /// That of a queue with this problem.
    pub(super) fn of(problem: Arc<Problem>) -> Self {
        match problem.exit {
            Exit::NoServer => Self::Unreachable(problem),
            _ => Self::Refused(problem),
        }
    }

    /// Whether it was tried and is known how that went.
    pub(super) fn is_settled(&self) -> bool {
        !matches!(self, Self::Loading | Self::Late(_))
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<&Arc<Problem>> {
        match self {
            Self::Late(problem) | Self::Refused(problem) | Self::Unreachable(problem) => Some(problem),
            Self::Loading | Self::Serving(_) | Self::Draining | Self::Removed | Self::Blocked(_) => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loading | Self::Late(_) => "loading",
            Self::Serving(_) => "serving",
            Self::Draining => "draining",
            Self::Removed => "removed",
            Self::Blocked(_) => "blocked",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
        })
    }
}

impl Report {
    /// As it is told; `default` is the namespace of the connection, where that is known.
    pub(super) fn told(&self, default: Option<&str>) -> QueueStatus {
        let problem = self.status.problem();
        let reason = match &self.status {
            Status::Blocked(block) => Some(block.reason.clone()),
            _ => problem.map(|problem| format!("{:#}", problem.error)),
        };
        QueueStatus {
            tenant: self.tenant.clone(),
            namespace: self.queue.0.as_deref().or(default).map(str::to_owned),
            task_queue: self.queue.1.clone(),
            status: self.status.to_string(),
            reason,
            cure: problem.and_then(|problem| problem.cure.clone()),
        }
    }
}
