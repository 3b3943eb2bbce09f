//! Why an attempt is cancelled.

bitflags::bitflags! {
    /// Why an attempt is cancelled. Set once and never changed afterwards.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct CancellationDetails: u8 {
        /// The server does not know the attempt any more.
        const NOT_FOUND = 1 << 0;
        /// The workflow or a client asked for it.
        const CANCEL_REQUESTED = 1 << 1;
        /// The activity was paused.
        const PAUSED = 1 << 2;
        /// The activity was reset.
        const RESET = 1 << 3;
        /// A timeout of the attempt has passed.
        const TIMED_OUT = 1 << 4;
        /// The worker is shutting down and its grace has passed.
        const WORKER_SHUTDOWN = 1 << 5;
    }
}

impl CancellationDetails {
    /// Those that are set of these.
    pub fn from_flags(flags: impl IntoIterator<Item = (bool, Self)>) -> Self {
        flags.into_iter().filter_map(|(is_set, flag)| is_set.then_some(flag)).collect()
    }
}
