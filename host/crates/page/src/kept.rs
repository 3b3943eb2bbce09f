//! The attempts of one tenant: those that run, and the newest of those that have ended.

use std::{
    collections::{HashMap, VecDeque},
    time::SystemTime,
};

use activity::{
    About, Info, KillReason, Observation, Reported, SandboxFailureKind, Usage, WorkflowExecution, shown::cut,
};
use bytes::Bytes;

use crate::tail::Tail;

/// The longest name that is kept whole.
const LONGEST_NAME: usize = 300;

/// The longest message of a failure.
const LONGEST_MESSAGE: usize = 2_000;

/// What may be kept of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Attempts that have ended.
    pub ended: usize,
    /// Bytes of what attempts have logged.
    pub logged: usize,
}

/// An attempt that runs or has ended.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Its number, by which it is asked for.
    pub id: u64,
    pub begun: SystemTime,
    pub tenant: String,
    pub namespace: String,
    pub task_queue: String,
    pub activity_type: String,
    pub activity_id: String,
    pub workflow_id: Option<String>,
    pub workflow_type: Option<String>,
    /// That of the workflow, or of a standalone activity.
    pub run_id: Option<String>,
    /// Which attempt of its activity it is.
    pub attempt: u32,
    pub component: String,
    pub digest: String,
    pub heartbeats: u64,
    /// Lines that were too many at once.
    pub lines_dropped: u64,
    /// How it has ended.
    pub ended: Option<Ended>,
}

/// How an attempt has ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub at: SystemTime,
    /// In a word.
    pub outcome: &'static str,
    pub failure_type: Option<String>,
    pub message: Option<String>,
    /// The limit that it has hit, or why it was killed.
    pub limit: Option<&'static str>,
    pub usage: Usage,
}

/// The attempts of one tenant.
#[derive(Debug)]
pub(crate) struct Kept {
    tenant: String,
    quota: Quota,
    all: HashMap<u64, (Attempt, Tail)>,
    /// Those that run, by their tasks' tokens.
    running: HashMap<Bytes, u64>,
    /// Those that have ended, the oldest first.
    ended: VecDeque<u64>,
    /// Those of them that have lines left.
    logged: VecDeque<u64>,
    /// What all lines take.
    bytes: usize,
}

impl Kept {
    /// None of `tenant` yet.
    pub(crate) fn new(tenant: &str, quota: Quota) -> Self {
        Self {
            tenant: tenant.to_owned(),
            quota,
            all: HashMap::new(),
            running: HashMap::new(),
            ended: VecDeque::new(),
            logged: VecDeque::new(),
            bytes: 0,
        }
    }

    /// So much may be kept from now on.
    pub(crate) fn limit(&mut self, quota: Quota) {
        self.quota = quota;
        self.tidy(None);
    }

    /// Takes note of what happened; an attempt that begins has the number `id`.
    pub(crate) fn note(&mut self, about: About<'_>, observation: &Observation<'_>, id: impl FnOnce() -> u64) {
        let token = &about.info.task_token;
        match observation {
            Observation::Started => return self.begin(id(), about),
            // One that no component serves ends before it begins.
            Observation::Finished { .. } if !self.running.contains_key(token) => self.begin(id(), about),
            _ => {}
        }
        let Some(id) = self.running.get(token).copied() else { return };
        let Some((attempt, tail)) = self.all.get_mut(&id) else { return };
        match observation {
            Observation::Logged(line) => {
                self.bytes -= tail.bytes();
                tail.push(line);
                self.bytes += tail.bytes();
                self.tidy(Some(id));
            }
            Observation::LogLinesDropped(count) => attempt.lines_dropped += count,
            Observation::Heartbeat(_) => attempt.heartbeats += 1,
            Observation::Finished { reported, killed, stopped, usage } => {
                attempt.ended = Some(ended(reported, (*stopped, *killed), *usage));
                if tail.bytes() != 0 {
                    self.logged.push_back(id);
                }
                self.running.remove(token);
                self.ended.push_back(id);
                self.tidy(None);
            }
            Observation::Started | Observation::Measured(_) | Observation::HeartbeatFailed(_) => {}
        }
    }

    fn begin(&mut self, id: u64, about: About<'_>) {
        self.running.insert(about.info.task_token.clone(), id);
        self.all.insert(id, (begun(id, &self.tenant, about), Tail::default()));
    }

    /// Each of them.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Attempt> {
        self.all.values().map(|(attempt, _)| attempt)
    }

    /// One of them, and what it has logged.
    pub(crate) fn find(&self, id: u64) -> Option<&(Attempt, Tail)> {
        self.all.get(&id)
    }

    /// Lets go of what is too much: the oldest that have ended, and of lines those that ended attempts have logged before
    /// those of the attempt that logs.
    fn tidy(&mut self, logs: Option<u64>) {
        while self.quota.ended < self.ended.len() {
            let Some((_, tail)) = self.ended.pop_front().and_then(|oldest| self.all.remove(&oldest)) else { continue };
            self.bytes -= tail.bytes();
        }
        while self.quota.logged < self.bytes {
            let oldest = self.logged.pop_front();
            let tail = oldest.or(logs).and_then(|id| self.all.get_mut(&id)).map(|(_, tail)| tail);
            match (oldest, tail) {
                (Some(_), Some(tail)) => {
                    self.bytes -= tail.bytes();
                    tail.clear();
                }
                // It has ended, and has made room already.
                (Some(_), None) => {}
                (None, Some(tail)) => {
                    let before = tail.bytes();
                    let is_any = tail.drop_oldest();
                    self.bytes -= before - tail.bytes();
                    if !is_any {
                        return;
                    }
                }
                (None, None) => return,
            }
        }
    }
}

fn begun(id: u64, tenant: &str, About { info, component }: About<'_>) -> Attempt {
    let name = |name: &str| cut(name, LONGEST_NAME).into_owned();
    let Info { namespace, task_queue, activity_type, activity_id, attempt, workflow, activity_run_id, .. } = info;
    let run_id = workflow.as_ref().map(|workflow| &workflow.run_id).or(activity_run_id.as_ref());
    let of_workflow = |text: fn(&WorkflowExecution) -> &String| workflow.as_ref().map(|workflow| name(text(workflow)));
    Attempt {
        id,
        begun: SystemTime::now(),
        tenant: tenant.to_owned(),
        namespace: name(namespace),
        task_queue: name(task_queue),
        activity_type: name(activity_type),
        activity_id: name(activity_id),
        workflow_id: of_workflow(|workflow| &workflow.workflow_id),
        workflow_type: of_workflow(|workflow| &workflow.workflow_type),
        run_id: run_id.map(|run_id| name(run_id)),
        attempt: *attempt,
        component: component.map(|component| name(&component.name)).unwrap_or_default(),
        digest: component.map(|component| component.digest.clone()).unwrap_or_default(),
        heartbeats: 0,
        lines_dropped: 0,
        ended: None,
    }
}

fn ended(
    reported: &Reported<'_>,
    (stopped, killed): (Option<SandboxFailureKind>, Option<KillReason>),
    usage: Usage,
) -> Ended {
    let (failure_type, message) = match reported {
        Reported::Failed(failure) => {
            let failure_type = failure.as_application().map(|fields| cut(&fields.failure_type, LONGEST_NAME));
            (failure_type, Some(cut(&failure.message, LONGEST_MESSAGE)))
        }
        Reported::Unreported { refusal: Some(refusal) } => (None, Some(cut(refusal, LONGEST_MESSAGE))),
        _ => (None, None),
    };
    Ended {
        at: SystemTime::now(),
        outcome: logging::outcome(reported),
        failure_type: failure_type.map(std::borrow::Cow::into_owned),
        message: message.map(std::borrow::Cow::into_owned),
        limit: logging::limit(stopped, killed),
        usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(kept: &mut Kept, number: u64, observation: &Observation<'_>) {
        let info = Info { task_token: Bytes::from(number.to_string()), ..Info::default() };
        kept.note(About { info: &info, component: None }, observation, || number);
    }

    fn finished() -> Observation<'static> {
        let usage = Usage::default();
        Observation::Finished { reported: Reported::Completed, killed: None, stopped: None, usage }
    }

    #[test]
    fn the_oldest_that_have_ended_are_forgotten_and_none_that_run() {
        let mut kept = Kept::new("acme", Quota { ended: 2, logged: 1 << 20 });
        for number in 0..10 {
            note(&mut kept, number, &Observation::Started);
        }
        for number in 1..5 {
            note(&mut kept, number, &Observation::Logged("line"));
            note(&mut kept, number, &finished());
        }
        let mut ids: Vec<u64> = kept.each().map(|attempt| attempt.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, [0, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(kept.bytes, kept.find(3).unwrap().1.bytes() + kept.find(4).unwrap().1.bytes());
        assert_eq!(kept.running.len(), 6);
    }

    #[test]
    fn lines_of_those_that_have_ended_give_way_first() {
        let mut kept = Kept::new("acme", Quota { ended: 10, logged: 500 });
        for number in 0..2 {
            note(&mut kept, number, &Observation::Started);
            note(&mut kept, number, &Observation::Logged("something"));
        }
        note(&mut kept, 0, &finished());
        for _ in 0..100 {
            note(&mut kept, 1, &Observation::Logged("more"));
        }
        assert!(kept.bytes <= 500, "{}", kept.bytes);
        assert_eq!(kept.find(0).unwrap().1.lines().count(), 0);
        let (_, tail) = kept.find(1).unwrap();
        assert!(5 < tail.lines().count() && tail.lines().last() == Some("more"), "{tail:?}");
        kept.limit(Quota { ended: 0, logged: 0 });
        note(&mut kept, 1, &finished());
        assert_eq!((kept.all.len(), kept.bytes), (0, 0));
    }

    #[test]
    fn one_that_nobody_serves_is_kept_too() {
        let mut kept = Kept::new("acme", Quota { ended: 10, logged: 500 });
        note(&mut kept, 7, &finished());
        let (attempt, _) = kept.find(7).unwrap();
        assert_eq!((attempt.tenant.as_str(), attempt.ended.is_some(), kept.running.len()), ("acme", true, 0));
    }
}
