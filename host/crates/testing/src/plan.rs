//! What happens to an attempt, and when. Pure: events and time go in, commands come out.

use std::time::Duration;

use activity::{CancellationDetails, Command, Event, Failure, KillReason, Stopping, deadline::after};
use tokio::time::Instant;

use crate::{
    Transcript,
    when::{Trigger, When},
};

/// Something that happens to an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    /// It is cancelled.
    Cancel(CancellationDetails),
    /// Its worker begins to shut down.
    WorkerShutdown,
    /// It is killed.
    Kill(KillReason),
}

/// What an attempt has said, and what is to happen to it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) said: Transcript,
    /// Why a heartbeat could not be encoded, the first time.
    pub(crate) heartbeat_failure: Option<Failure>,
    /// Every reason to stop that there has been.
    pub(crate) reasons: CancellationDetails,
    rules: Rules,
    /// What waits for the attempt to say something.
    conditional: Vec<(When, Happening)>,
    /// What waits for its time.
    timed: Vec<(Instant, Happening)>,
}

/// How an attempt is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) stopping: Stopping,
    /// How long after the beginning of its worker's shutdown it is cancelled; `None` for never.
    pub(crate) shutdown_grace: Option<Duration>,
}

impl Plan {
    /// The plan of an attempt that starts at `begun`.
    pub(crate) fn new(rules: Rules, arranged: Vec<(When, Happening)>, begun: Instant) -> Self {
        let mut plan = Self {
            said: Transcript::default(),
            heartbeat_failure: None,
            reasons: CancellationDetails::default(),
            rules,
            conditional: Vec::new(),
            timed: Vec::new(),
        };
        for (when, happening) in arranged {
            match when.0 {
                Trigger::After(time) => plan.timed.push((after(begun, time), happening)),
                Trigger::Once(_) => plan.conditional.push((when, happening)),
            }
        }
        plan
    }

    /// The attempt said something.
    pub(crate) fn take(&mut self, event: &Event) -> Vec<Command> {
        if let Event::HeartbeatFailed(failure) = event {
            self.heartbeat_failure.get_or_insert_with(|| failure.clone());
        }
        self.said.push(event);
        self.ask()
    }

    /// What happens because of what was said so far.
    pub(crate) fn ask(&mut self) -> Vec<Command> {
        let said = &self.said;
        let holds = |(when, _): &mut (When, Happening)| match &mut when.0 {
            Trigger::Once(condition) => condition(said),
            Trigger::After(_) => false,
        };
        let happenings: Vec<Happening> =
            self.conditional.extract_if(.., holds).map(|(_, happening)| happening).collect();
        happenings.into_iter().map(|happening| self.happen(happening)).collect()
    }

    /// When to call [`Plan::advance`] next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.timed.iter().map(|(at, _)| *at).min()
    }

    /// What is due at `now`.
    pub(crate) fn advance(&mut self, now: Instant) -> Vec<Command> {
        let mut due: Vec<(Instant, Happening)> = self.timed.extract_if(.., |(at, _)| *at <= now).collect();
        due.sort_by_key(|(at, _)| *at);
        due.into_iter().map(|(_, happening)| self.happen(happening)).collect()
    }

    /// Something happens, with what follows from it.
    pub(crate) fn happen(&mut self, happening: Happening) -> Command {
        match happening {
            Happening::Cancel(details) => {
                self.reasons = self.reasons.union(details);
                self.timed.extend(
                    self.rules
                        .stopping
                        .kill_after(details)
                        .map(|(grace, why)| (after(Instant::now(), grace), Happening::Kill(why))),
                );
                Command::Cancel(details)
            }
            Happening::WorkerShutdown => {
                let details = CancellationDetails::WORKER_SHUTDOWN;
                let cancel = |grace| (after(Instant::now(), grace), Happening::Cancel(details));
                self.timed.extend(self.rules.shutdown_grace.map(cancel));
                Command::WorkerShutdown
            }
            Happening::Kill(reason) => Command::Kill(reason),
        }
    }
}
