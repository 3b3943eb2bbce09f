//! An attempt from its start to its end, with what happens to it meanwhile.

use std::time::Duration;

use activity::{Attempt, CancellationDetails, Command, Ending, Event, KillReason, OnCancel, Stopping};
use tokio::time::{Instant, sleep_until};

use crate::{
    output::{self, human},
    signals::EndRequests,
};

/// What happens to the attempt, counted from its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// When it is cancelled.
    pub cancel_after: Option<Duration>,
    /// When it is told that its time is up.
    pub deadline: Option<Duration>,
    /// How it is stopped.
    pub stopping: Stopping,
}

/// Starts an attempt and follows it to its end. The first request to end cancels it, the second kills it.
///
/// # Errors
/// When the system does not let us listen to signals.
pub(crate) async fn drive(start: impl FnOnce() -> Attempt, plan: Plan) -> anyhow::Result<Ending> {
    let mut requests = EndRequests::listen()?;
    let mut run = Run { attempt: start(), begun: Instant::now(), plan, cancelled: None };
    loop {
        let (deadline, cancellation, kill) = (run.deadline(), run.cancellation(), run.kill());
        tokio::select! {
            event = run.attempt.next() => match event {
                Event::Logged(record) => output::note(format_args!("{} {}", human::level(record.level), human::log_text(&record))),
                Event::LogLinesDropped(count) => output::note(format_args!("{count} log lines were dropped")),
                Event::Heartbeat(details) => output::note(format_args!("heartbeat {}", human::payloads(&details))),
                Event::HeartbeatFailed(reason) => output::note(format_args!("heartbeat failed: {}", reason.message)),
                Event::Ended(ending) => return Ok(*ending),
            },
            () = at(deadline) => run.cancel(CancellationDetails { timed_out: true, ..CancellationDetails::default() }),
            () = at(cancellation) => run.cancel(requested()),
            () = at(kill) => run.attempt.send(Command::Kill(KillReason::Cancelled)),
            () = requests.next() => match run.cancelled {
                None => run.cancel(requested()),
                Some(_) => run.attempt.send(Command::Kill(KillReason::Cancelled)),
            },
        }
    }
}

struct Run {
    attempt: Attempt,
    begun: Instant,
    plan: Plan,
    /// When it was cancelled.
    cancelled: Option<Instant>,
}

impl Run {
    fn cancel(&mut self, details: CancellationDetails) {
        self.cancelled = Some(Instant::now());
        self.attempt.send(Command::Cancel(details));
    }

    fn deadline(&self) -> Option<Instant> {
        self.plan.deadline.filter(|_| self.cancelled.is_none()).map(|deadline| self.begun + deadline)
    }

    fn cancellation(&self) -> Option<Instant> {
        self.plan.cancel_after.filter(|_| self.cancelled.is_none()).map(|after| self.begun + after)
    }

    fn kill(&self) -> Option<Instant> {
        let kills = self.plan.stopping.on_cancel == OnCancel::Kill;
        self.cancelled.filter(|_| kills).map(|cancelled| cancelled + self.plan.stopping.cancel_grace)
    }
}

fn requested() -> CancellationDetails {
    CancellationDetails { cancel_requested: true, ..CancellationDetails::default() }
}

/// Waits until an instant, or for ever without one.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
