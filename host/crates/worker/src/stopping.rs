//! When an attempt is told to stop, and when it is killed. Pure: time goes in, commands come out.

use std::time::Duration;

use activity::{CancellationDetails, Command, KillReason, Stopping, deadline::after};
use tokio::time::Instant;

/// The longest time that core holds a heartbeat back, unless configured: that of Temporal's SDKs.
pub(crate) const MAX_HEARTBEAT_THROTTLE: Duration = Duration::from_secs(60);

/// What must happen to one attempt, and when.
#[derive(Debug)]
pub(crate) struct StopPlan {
    rules: Stopping,
    /// The longest time that core holds a heartbeat back.
    max_throttle: Duration,
    /// Whether the guest was told of a cancellation; it is told of the first only.
    told: bool,
    /// Whether its sandbox was told that the attempt's time is over, so that nothing more is sent for it.
    told_lost: bool,
    told_shutdown: bool,
    reasons: CancellationDetails,
    close_due: Option<Instant>,
    heartbeats: Heartbeats,
    /// When a shutdown's grace is over.
    shutdown_due: Option<Instant>,
    kill_due: Option<(Instant, KillReason)>,
    killed: bool,
}

/// Who heartbeats.
#[derive(Debug)]
enum Heartbeats {
    /// The guest must. `due` follows core, which holds heartbeats back: a held heartbeat reaches the server later than
    /// the guest recorded it, and the server counts from there.
    Guest { timeout: Duration, due: Instant, next_send: Instant, held: bool },
    /// There is no heartbeat timeout, so the worker does, to learn of a cancellation.
    Worker { interval: Duration, due: Instant },
    /// Nobody: the server has nothing more to say, or must not hear more.
    Nobody,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Tell the attempt.
    Tell(Command),
    /// Heartbeat for it, with its last details.
    CheckCancellation,
}

/// What falls due.
enum Due {
    Kill(KillReason),
    Close,
    Shutdown,
    Heartbeat,
    Check,
}

impl StopPlan {
    /// A plan by `rules` for an attempt that was received at `opened` and must end within `time_to_close`. Without a
    /// `heartbeat_timeout` cancellation is asked for every `check_interval`.
    pub(crate) fn new(
        rules: Stopping,
        opened: Instant,
        time_to_close: Option<Duration>,
        heartbeat_timeout: Option<Duration>,
        check_interval: Duration,
    ) -> Self {
        let heartbeats = match heartbeat_timeout {
            Some(timeout) => Heartbeats::Guest { timeout, due: after(opened, timeout), next_send: opened, held: false },
            None => Heartbeats::Worker { interval: check_interval, due: after(opened, check_interval) },
        };
        Self {
            rules,
            max_throttle: MAX_HEARTBEAT_THROTTLE,
            told: false,
            told_lost: false,
            told_shutdown: false,
            reasons: CancellationDetails::default(),
            close_due: time_to_close.map(|time| after(opened, time)),
            heartbeats,
            shutdown_due: None,
            kill_due: None,
            killed: false,
        }
    }

    /// With heartbeats held back at most so long.
    pub(crate) fn max_throttle(self, max_throttle: Duration) -> Self {
        Self { max_throttle, ..self }
    }

    /// Every reason to stop that there has been.
    pub(crate) fn reasons(&self) -> CancellationDetails {
        self.reasons
    }

    /// Whether anything of the attempt may still leave it: not from its deadline on, nor once the server has given it
    /// up. A heartbeat could bring an attempt back to life that is being stopped, and a result could overtake the
    /// server's own timeout.
    pub(crate) fn may_speak(&self, now: Instant) -> bool {
        self.holds() && self.close_due.is_none_or(|due| now < due)
    }

    fn holds(&self) -> bool {
        !self.reasons.intersects(CancellationDetails::TIMED_OUT | CancellationDetails::NOT_FOUND)
    }

    /// When the server times the attempt out, unless it hears of it before.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let heartbeat_due = match self.heartbeats {
            Heartbeats::Guest { due, .. } => Some(due),
            Heartbeats::Worker { .. } | Heartbeats::Nobody => None,
        };
        [self.close_due, heartbeat_due].into_iter().flatten().min()
    }

    /// The attempt has ended: with a timeout, if its time was over by then.
    pub(crate) fn end(&mut self, now: Instant) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.reasons |= CancellationDetails::TIMED_OUT;
        }
    }

    /// Whether the worker heartbeats for the guest.
    pub(crate) fn heartbeats_for_guest(&self) -> bool {
        matches!(self.heartbeats, Heartbeats::Worker { .. })
    }

    /// When to call [`StopPlan::advance`] next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        if self.killed {
            return None;
        }
        let heartbeats = match self.heartbeats {
            Heartbeats::Guest { due, .. } | Heartbeats::Worker { due, .. } => Some(due),
            Heartbeats::Nobody => None,
        };
        [self.kill_due.map(|(at, _)| at), self.close_due, self.shutdown_due, heartbeats].into_iter().flatten().min()
    }

    /// The next step that is due at `now`; to be called until there is none.
    ///
    /// While more events of the attempt wait (`has_mail`), a missing heartbeat is not held against it.
    pub(crate) fn advance(&mut self, now: Instant, has_mail: bool) -> Option<Step> {
        while let Some(due) = self.what_is_due(now, has_mail) {
            let command = match due {
                Due::Kill(reason) => {
                    self.killed = true;
                    Some(Command::Kill(reason))
                }
                Due::Close => {
                    self.close_due = None;
                    self.cancel(now, CancellationDetails::TIMED_OUT)
                }
                Due::Heartbeat => self.cancel(now, CancellationDetails::TIMED_OUT),
                Due::Shutdown => {
                    self.shutdown_due = None;
                    self.cancel(now, CancellationDetails::WORKER_SHUTDOWN)
                }
                Due::Check => {
                    if let Heartbeats::Worker { interval, due } = &mut self.heartbeats {
                        *due = after(now, *interval);
                    }
                    return Some(Step::CheckCancellation);
                }
            };
            if let Some(command) = command {
                return Some(Step::Tell(command));
            }
        }
        None
    }

    fn what_is_due(&self, now: Instant, has_mail: bool) -> Option<Due> {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.killed {
            return None;
        }
        if let Some((at, reason)) = self.kill_due
            && at <= now
        {
            return Some(Due::Kill(reason));
        }
        if is_due(self.close_due) {
            return Some(Due::Close);
        }
        if is_due(self.shutdown_due) {
            return Some(Due::Shutdown);
        }
        match self.heartbeats {
            Heartbeats::Guest { due, .. } if due <= now && !has_mail => Some(Due::Heartbeat),
            Heartbeats::Worker { due, .. } if due <= now => Some(Due::Check),
            _ => None,
        }
    }

    /// The attempt is cancelled, by the server or by one of its deadlines.
    pub(crate) fn cancel(&mut self, now: Instant, details: CancellationDetails) -> Option<Command> {
        self.reasons = self.reasons.union(details);
        if let Some((grace, reason)) = self.rules.kill_after(details) {
            let at = after(now, grace);
            if self.kill_due.is_none_or(|(earlier, _)| at < earlier) {
                self.kill_due = Some((at, reason));
            }
        }
        // Core cancels a task once, so there is nothing left to ask for; and what has timed out is not asked for.
        if !self.holds() || (!details.contains(CancellationDetails::WORKER_SHUTDOWN) && self.heartbeats_for_guest()) {
            self.heartbeats = Heartbeats::Nobody;
        }
        let first = !std::mem::replace(&mut self.told, true);
        let lost = !self.holds() && !std::mem::replace(&mut self.told_lost, true);
        (first || lost).then_some(Command::Cancel(details))
    }

    /// The worker has begun to shut down and cancels its attempts at `cancel_at`.
    pub(crate) fn shut_down(&mut self, cancel_at: Instant) -> Option<Command> {
        self.shutdown_due = Some(cancel_at);
        (!std::mem::replace(&mut self.told_shutdown, true)).then_some(Command::WorkerShutdown)
    }

    /// It is blocked: the guest is told, and killed after the kill grace, if it gets any.
    pub(crate) fn block(&mut self, now: Instant, at_once: bool) -> Option<Command> {
        let grace = if at_once { Duration::ZERO } else { self.rules.kill_grace };
        let at = after(now, grace);
        if self.kill_due.is_none_or(|(earlier, _)| at < earlier) {
            self.kill_due = Some((at, KillReason::Cancelled));
        }
        let first = !std::mem::replace(&mut self.told, true);
        first.then_some(Command::Cancel(CancellationDetails::default()))
    }

    /// All graces are over.
    pub(crate) fn hasten(&mut self, now: Instant) -> Option<Command> {
        self.rules.cancel_grace = Duration::ZERO;
        self.rules.kill_grace = Duration::ZERO;
        if let Some((at, _)) = &mut self.kill_due {
            *at = now.min(*at);
        }
        self.shut_down(now)
    }

    /// The guest recorded a heartbeat.
    pub(crate) fn heartbeat(&mut self, now: Instant) {
        match &mut self.heartbeats {
            Heartbeats::Guest { timeout, due, next_send, held } => {
                let throttle = timeout.mul_f64(0.8).min(self.max_throttle);
                if *held && *next_send <= now {
                    *next_send = after(*next_send, throttle);
                    *held = false;
                }
                if *next_send <= now {
                    *next_send = after(now, throttle);
                    *due = after(now, *timeout);
                } else {
                    *held = true;
                    *due = after(*next_send, *timeout);
                }
            }
            // The guest's own heartbeat asks for a cancellation, too.
            Heartbeats::Worker { interval, due } => *due = after(now, *interval),
            Heartbeats::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests;
