//! The attempts that run, and what was refused to those before: what is told to whoever asks.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Instant,
};

use activity::{About, Block, ComponentId, Info, Observation, Observer, WorkflowExecution};
use admin::{Attempt, Refused};
use bytes::Bytes;

/// How many attempts are told.
const MOST_TOLD: usize = 1_000;

/// What HTTP requests are called that were not sent.
const HTTP: &str = "http";

/// The attempts of all task queues, and what was refused to them.
#[derive(Debug, Default)]
pub(crate) struct Running {
    queues: Mutex<Vec<Weak<OfQueue>>>,
    /// By tenant, component and what it came to: the configuration says how many there are.
    refused: Mutex<Counts>,
    /// Likewise what was only counted.
    would_refuse: Mutex<Counts>,
}

type Counts = BTreeMap<(String, String, &'static str), u64>;

/// The attempts of a worker.
#[derive(Debug, Default)]
struct OfQueue(Mutex<HashMap<Bytes, Seen>>);

/// An attempt as it was seen to start.
#[derive(Debug)]
struct Seen {
    begun: Instant,
    info: Identity,
    component: ComponentId,
}

/// What is told of what an attempt is.
#[derive(Debug)]
struct Identity {
    namespace: String,
    activity_type: String,
    activity_id: String,
    workflow_id: Option<String>,
    run_id: Option<String>,
    attempt: u32,
}

/// Sees attempts come and go, and passes on what it hears.
struct Watching {
    all: Arc<Running>,
    queue: Arc<OfQueue>,
    next: Arc<dyn Observer>,
}

impl Running {
    /// `next`, and before it what sees the attempts of one worker.
    pub(crate) fn observer(self: &Arc<Self>, next: Arc<dyn Observer>) -> Arc<dyn Observer> {
        let queue = Arc::<OfQueue>::default();
        let mut queues = self.queues();
        queues.retain(|queue| queue.strong_count() != 0);
        queues.push(Arc::downgrade(&queue));
        Arc::new(Watching { all: Arc::clone(self), queue, next })
    }

    /// Those that run, the oldest first, and how many more there are.
    pub(crate) fn attempts(&self) -> (Vec<Attempt>, u64) {
        let now = Instant::now();
        let mut attempts = Vec::new();
        self.each(|seen| attempts.push(seen.told(now)));
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.age_ms));
        let left_out = attempts.len().saturating_sub(MOST_TOLD);
        attempts.truncate(MOST_TOLD);
        (attempts, left_out as u64)
    }

    /// How many run, by tenant and by what their task queue is called.
    pub(crate) fn counts(&self) -> HashMap<(String, String, String), u64> {
        let mut counts = HashMap::new();
        self.each(|seen| {
            let ComponentId { tenant, task_queue, .. } = &seen.component;
            *counts.entry((tenant.clone(), seen.info.namespace.clone(), task_queue.clone())).or_default() += 1;
        });
        counts
    }

    /// How many of those that run are blocked by this.
    pub(crate) fn blocked(&self, block: &Block) -> u64 {
        let mut count = 0;
        self.each(|seen| count += u64::from(block.holds(&seen.info.activity_type, &seen.component)));
        count
    }

    /// What was refused.
    pub(crate) fn refused(&self) -> Vec<Refused> {
        told(&self.refused)
    }

    /// What would have been, if it were not only counted.
    pub(crate) fn would_refuse(&self) -> Vec<Refused> {
        told(&self.would_refuse)
    }

    fn refuse(&self, component: &ComponentId, what: &'static str, count: u64) {
        add(&self.refused, component, what, count);
    }

    fn each(&self, mut see: impl FnMut(&Seen)) {
        let queues: Vec<_> = self.queues().iter().filter_map(Weak::upgrade).collect();
        queues.iter().for_each(|queue| queue.seen().values().for_each(&mut see));
    }

    fn queues(&self) -> MutexGuard<'_, Vec<Weak<OfQueue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(counts: &Mutex<Counts>) -> Vec<Refused> {
    let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let told = |((tenant, component, what), count): (&(String, String, &'static str), &u64)| Refused {
        tenant: tenant.clone(),
        component: component.clone(),
        what: (*what).to_owned(),
        count: *count,
    };
    counts.iter().map(told).collect()
}

fn add(counts: &Mutex<Counts>, component: &ComponentId, what: &'static str, count: u64) {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    *counts.entry((component.tenant.clone(), component.name.clone(), what)).or_default() += count;
}

impl OfQueue {
    fn seen(&self) -> MutexGuard<'_, HashMap<Bytes, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watching {
    fn observe(&self, about: About<'_>, observation: Observation<'_>) {
        match (&observation, about.component) {
            (Observation::Started, Some(component)) => {
                let seen = Seen { begun: Instant::now(), info: about.info.into(), component: component.clone() };
                self.queue.seen().insert(about.info.task_token.clone(), seen);
            }
            (Observation::Finished { stopped, usage, .. }, Some(component)) => {
                self.queue.seen().remove(&about.info.task_token);
                if let Some(kind) = stopped {
                    self.all.refuse(component, kind.failure_type(), 1);
                }
                if usage.http.refused != 0 {
                    self.all.refuse(component, HTTP, usage.http.refused);
                }
                for (excess, count) in usage.excesses.iter().filter(|(excess, _)| !excess.is_of_tenant()) {
                    add(&self.all.would_refuse, component, excess.name(), count);
                }
            }
            _ => {}
        }
        self.next.observe(about, observation);
    }
}

impl From<&Info> for Identity {
    fn from(info: &Info) -> Self {
        let run_id = |workflow: &WorkflowExecution| workflow.run_id.clone();
        Self {
            namespace: info.namespace.clone(),
            activity_type: info.activity_type.clone(),
            activity_id: info.activity_id.clone(),
            workflow_id: info.workflow.as_ref().map(|workflow| workflow.workflow_id.clone()),
            run_id: info.workflow.as_ref().map(run_id).or_else(|| info.activity_run_id.clone()),
            attempt: info.attempt,
        }
    }
}

impl Seen {
    fn told(&self, now: Instant) -> Attempt {
        let Self { begun, info, component } = self;
        Attempt {
            tenant: component.tenant.clone(),
            namespace: info.namespace.clone(),
            task_queue: component.task_queue.clone(),
            activity_type: info.activity_type.clone(),
            activity_id: info.activity_id.clone(),
            workflow_id: info.workflow_id.clone(),
            run_id: info.run_id.clone(),
            attempt: info.attempt,
            component: component.name.clone(),
            digest: component.digest.clone(),
            age_ms: u64::try_from(now.saturating_duration_since(*begun).as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use activity::{Reported, SandboxFailureKind, Usage};

    use super::*;

    struct Nobody;

    impl Observer for Nobody {
        fn observe(&self, _: About<'_>, _: Observation<'_>) {}
    }

    #[test]
    fn attempts_are_seen_as_long_as_they_run_and_what_was_refused_for_good() {
        let running = Arc::<Running>::default();
        let observer = running.observer(Arc::new(Nobody));
        let component = ComponentId {
            tenant: "acme".to_owned(),
            task_queue: "orders".to_owned(),
            ..ComponentId::new("ship", "0123456789abcdef")
        };
        let info = |token: &'static [u8]| Info {
            activity_type: "ship".to_owned(),
            namespace: "default".to_owned(),
            task_token: Bytes::from_static(token),
            ..Info::default()
        };
        let see = |token, observation| {
            observer.observe(About { info: &info(token), component: Some(&component) }, observation);
        };
        see(b"one", Observation::Started);
        see(b"two", Observation::Started);
        let block = |activity: &str| Block {
            activity: Some(activity.to_owned()),
            digest: None,
            tenant: None,
            reason: String::new(),
            since: std::time::SystemTime::UNIX_EPOCH,
            at_once: false,
        };
        assert_eq!([running.blocked(&block("ship")), running.blocked(&block("bill"))], [2, 0]);
        let stopped = Some(SandboxFailureKind::Denied);
        let mut usage = Usage::default();
        usage.http.refused = 3;
        usage.excesses.add(activity::Excess::LogRate, 5);
        see(b"one", Observation::Finished { reported: Reported::Cancelled, killed: None, stopped, usage });
        let (attempts, left_out) = running.attempts();
        assert_eq!((attempts.len(), left_out), (1, 0));
        assert_eq!((attempts[0].tenant.as_str(), attempts[0].task_queue.as_str()), ("acme", "orders"));
        let key = ("acme".to_owned(), "default".to_owned(), "orders".to_owned());
        assert_eq!(running.counts().get(&key), Some(&1));
        let refused: Vec<_> = running.refused().into_iter().map(|refused| (refused.what, refused.count)).collect();
        assert_eq!(refused, [("SandboxDenied".to_owned(), 1), ("http".to_owned(), 3)]);
        let counted: Vec<_> = running.would_refuse().into_iter().map(|refused| (refused.what, refused.count)).collect();
        assert_eq!(counted, [("limits.log-rate".to_owned(), 5)]);
        drop(observer);
        assert_eq!(running.attempts().0, []);
    }
}
