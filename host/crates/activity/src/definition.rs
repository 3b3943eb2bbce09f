//! Which component runs which activity, and how it is stopped.

use std::{sync::Arc, time::Duration};

use crate::{CancellationDetails, ComponentHandle, Info, KillReason, Policy};

/// Which tasks an activity takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActivityName {
    /// Those of one activity type.
    Named(String),
    /// Those that no named activity of the task queue takes.
    Dynamic,
}

/// How to run an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Which tasks it takes.
    pub name: ActivityName,
    /// Whether a cancellation may interrupt it.
    pub interruptible: bool,
    /// The component that runs it, which stays loaded as long as this definition is held.
    pub component: ComponentHandle,
    /// What its attempts may do, and how they are stopped.
    pub policy: Arc<Policy>,
}

/// What happens to a guest that goes on after it should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// What a cancellation, pause or reset does.
    pub on_cancel: OnCancel,
    /// With [`OnCancel::Kill`], how long a cancelled guest may go on.
    pub cancel_grace: Duration,
    /// How long a guest may go on after a deadline, a lost lease or a shutdown.
    pub kill_grace: Duration,
}

impl Stopping {
    /// When a guest that is told of these reasons and goes on is killed, and as what; `None` when it may go on.
    pub fn kill_after(&self, details: CancellationDetails) -> Option<(Duration, KillReason)> {
        let ends = [
            (CancellationDetails::TIMED_OUT, KillReason::Deadline),
            (CancellationDetails::NOT_FOUND, KillReason::LeaseLost),
            (CancellationDetails::WORKER_SHUTDOWN, KillReason::WorkerShutdown),
        ];
        let end = ends.into_iter().find(|(reason, _)| details.contains(*reason));
        let end = end.map(|(_, kill)| (self.kill_grace, kill));
        end.or_else(|| (self.on_cancel == OnCancel::Kill).then_some((self.cancel_grace, KillReason::Cancelled)))
    }
}

impl Default for Stopping {
    fn default() -> Self {
        Self { on_cancel: OnCancel::Tell, cancel_grace: Duration::from_secs(5), kill_grace: Duration::from_secs(5) }
    }
}

/// What a cancellation request does to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCancel {
    /// The guest is told and may finish, as everywhere in Temporal.
    Tell,
    /// The guest is told, and killed after the cancel grace.
    Kill,
}

/// Finds the activity for a task. One per task queue; it may change while the worker runs.
pub trait Directory: Send + Sync + 'static {
    /// What runs an attempt: the named activity of its type, else the dynamic one, in the version that its ids lead to.
    fn find(&self, info: &Info) -> Option<Arc<Definition>>;

    /// All that may run such an attempt, whichever version its ids lead to.
    fn versions(&self, info: &Info) -> Vec<Arc<Definition>> {
        self.find(info).into_iter().collect()
    }

    /// The names of all named activities, sorted.
    fn names(&self) -> Vec<String>;
}
