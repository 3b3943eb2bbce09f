//! What counts the attempts of both versions of what is released.

use std::sync::{Arc, atomic::Ordering};

use activity::{
    About, ComponentId, FailureCategory, Observation, Observer, Report, Reported, SandboxFailureKind, Usage,
};

use super::{
    Releases,
    release::{Phase, Release, Sample},
};

/// The failure of an attempt that a worker's shutdown has ended.
const WORKER_SHUTDOWN: &str = "WorkerShutdown";

/// Counts attempts, and passes on what it hears.
pub(super) struct Counting {
    pub(super) releases: Arc<Releases>,
    pub(super) next: Arc<dyn Observer>,
}

impl Observer for Counting {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        if let (Observation::Finished { reported, stopped, usage, .. }, Some(component)) =
            (&observation, about.component)
            && let Some(sample) = sample(reported, *stopped, *usage)
        {
            self.releases.note(component, sample);
        }
        self.next.observe(about, observation);
    }
}

impl Releases {
    /// An attempt of a component has ended.
    fn note(&self, component: &ComponentId, sample: Sample) {
        let is_of = |release: &&Arc<Release>| {
            let key = &release.plan.key;
            key.task_queue == component.task_queue
                && key.namespace == component.namespace
                && key.tenant == component.tenant
                && release.phase() == Phase::Rolling
        };
        let of_queue: Vec<_> = self.all().values().filter(is_of).cloned().collect();
        for release in of_queue {
            let Some(is_time) = release.note(&component.digest, sample) else { continue };
            self.is_newer.store(true, Ordering::Relaxed);
            if is_time {
                self.judge(&release);
            }
        }
    }
}

/// What an attempt says of its version; nothing if it was ended by others.
fn sample(reported: &Reported<'_>, stopped: Option<SandboxFailureKind>, usage: Usage) -> Option<Sample> {
    if stopped == Some(SandboxFailureKind::Blocked) {
        return None;
    }
    let has_failed = match reported {
        Reported::Completed | Reported::WillCompleteAsync => false,
        Reported::TimedOut => true,
        Reported::Failed(failure) => {
            let fields = failure.as_application();
            let is_shutdown = fields.is_some_and(|fields| fields.failure_type == WORKER_SHUTDOWN);
            if is_shutdown || Report::unhandled_cancellation(failure).is_some() {
                return None;
            }
            // One that is expected is no failure.
            fields.is_none_or(|fields| fields.category != FailureCategory::Benign)
        }
        Reported::Cancelled | Reported::Abandoned | Reported::Unreported { .. } => return None,
    };
    Some(Sample { has_failed, time: Some(usage.wall).filter(|wall| !wall.is_zero()) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use activity::{ApplicationFailure, Failure, FailureKind};

    use super::*;

    #[test]
    fn what_others_have_ended_says_nothing_of_a_version() {
        let usage = Usage { wall: Duration::from_millis(5), ..Usage::default() };
        let failed = |reported: Reported<'_>| sample(&reported, None, usage).map(|sample| sample.has_failed);
        let [odd, shutdown] = ["Odd", "WorkerShutdown"].map(|name| Failure::application(name, "no"));
        assert_eq!(failed(Reported::Completed), Some(false));
        assert_eq!(failed(Reported::WillCompleteAsync), Some(false));
        assert_eq!(failed(Reported::TimedOut), Some(true));
        assert_eq!(failed(Reported::Failed(&odd)), Some(true));
        assert_eq!(failed(Reported::Failed(&shutdown)), None);
        let message = "Unhandled activity cancel error produced by activity pause";
        let paused = Failure::application("ActivityPause", message);
        assert_eq!(failed(Reported::Failed(&paused)), None);
        let fields = ApplicationFailure { category: FailureCategory::Benign, ..ApplicationFailure::default() };
        let benign = Failure::new("as always", FailureKind::Application(fields));
        assert_eq!(failed(Reported::Failed(&benign)), Some(false));
        for reported in [Reported::Cancelled, Reported::Abandoned, Reported::Unreported { refusal: None }] {
            assert_eq!(failed(reported), None);
        }
        assert_eq!(sample(&Reported::Failed(&odd), Some(SandboxFailureKind::Blocked), usage), None);
        let never_ran = sample(&Reported::Failed(&odd), None, Usage::default());
        assert_eq!(never_ran, Some(Sample { has_failed: true, time: None }));
    }
}
