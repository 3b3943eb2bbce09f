//! What happens to the attempt while it runs.

use activity::CancellationDetails;
use clap::{Args, ValueEnum};
use testing::ActivityTest;

use super::moment::Moment;
use crate::config::quantity::Span;

/// What happens to the attempt while it runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "What happens meanwhile (MOMENT: 2s, heartbeats=3, or log=TEXT)")]
pub(super) struct HappensFlags {
    /// The start-to-close timeout. The attempt is told when it has passed, and killed after the kill grace.
    #[arg(long, value_name = "DURATION")]
    timeout: Option<Span>,
    /// Cancels the attempt at this moment.
    #[arg(long, value_name = "MOMENT")]
    cancel_after: Option<Moment>,
    /// Why `--cancel-after` cancels it [default: requested].
    #[arg(long, value_enum, requires = "cancel_after")]
    cancel_reason: Option<Reason>,
    /// Pauses the activity at this moment.
    #[arg(long, value_name = "MOMENT")]
    pause: Option<Moment>,
    /// Begins to shut down the worker at this moment: the attempt is told.
    #[arg(long, value_name = "MOMENT")]
    worker_shutdown_after: Option<Moment>,
    /// How long after the beginning of the shutdown the attempt is cancelled [default: 10s].
    #[arg(long, value_name = "DURATION", requires = "worker_shutdown_after")]
    shutdown_grace: Option<Span>,
}

/// Why an attempt is cancelled.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Reason {
    /// The workflow or a client asked for it.
    #[default]
    Requested,
    /// The activity was paused.
    Paused,
    /// The activity was reset.
    Reset,
    /// A timeout has passed.
    TimedOut,
    /// The server does not know the attempt any more.
    NotFound,
    /// The worker shuts down and its grace has passed.
    WorkerShutdown,
}

impl HappensFlags {
    /// Its timeout, unless it has one.
    pub(super) fn end_after(&mut self, timeout: Span) {
        self.timeout.get_or_insert(timeout);
    }

    /// Arranges it.
    pub(super) fn arrange(&self, mut test: ActivityTest) -> ActivityTest {
        if let Some(timeout) = self.timeout {
            test = test.timeout(timeout.0);
        }
        if let Some(moment) = &self.cancel_after {
            test = test.cancel(moment.when(), self.cancel_reason.unwrap_or_default().details());
        }
        if let Some(moment) = &self.pause {
            test = test.cancel(moment.when(), Reason::Paused.details());
        }
        if let Some(moment) = &self.worker_shutdown_after {
            let grace = self.shutdown_grace.map_or(crate::config::SHUTDOWN_GRACE, |grace| grace.0);
            test = test.worker_shutdown(moment.when()).shutdown_grace(grace);
        }
        test
    }
}

impl Reason {
    fn details(self) -> CancellationDetails {
        match self {
            Self::Requested => CancellationDetails::CANCEL_REQUESTED,
            Self::Paused => CancellationDetails::PAUSED,
            Self::Reset => CancellationDetails::RESET,
            Self::TimedOut => CancellationDetails::TIMED_OUT,
            Self::NotFound => CancellationDetails::NOT_FOUND,
            Self::WorkerShutdown => CancellationDetails::WORKER_SHUTDOWN,
        }
    }
}
