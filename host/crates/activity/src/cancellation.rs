//! Why an attempt is cancelled.

/// Why an attempt is cancelled. Set once and never changed afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancellationDetails {
    /// The server does not know the attempt any more.
    pub not_found: bool,
    /// The workflow or a client asked for it.
    pub cancel_requested: bool,
    /// The activity was paused.
    pub paused: bool,
    /// The activity was reset.
    pub reset: bool,
    /// A timeout of the attempt has passed.
    pub timed_out: bool,
    /// The worker is shutting down and its grace has passed.
    pub worker_shutdown: bool,
}

impl CancellationDetails {
    /// The reasons of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            not_found: self.not_found || other.not_found,
            cancel_requested: self.cancel_requested || other.cancel_requested,
            paused: self.paused || other.paused,
            reset: self.reset || other.reset,
            timed_out: self.timed_out || other.timed_out,
            worker_shutdown: self.worker_shutdown || other.worker_shutdown,
        }
    }
}
