//! Whether anything may still leave an attempt: requests, and what it changes in files.

use std::{sync::Arc, time::Instant};

use activity::Info;

use crate::Signals;

/// An attempt's leave to act on the world: from its beginning to its deadline, as long as it is the server's.
#[derive(Clone, Debug)]
pub(crate) struct Leave {
    is_attempt: bool,
    signals: Arc<Signals>,
    /// When the attempt's time is over.
    deadline: Option<Instant>,
}

impl Leave {
    /// That of an attempt that starts now.
    pub(crate) fn new(is_attempt: bool, info: &Info, signals: Arc<Signals>) -> Self {
        let time = info.deadline.map(|deadline| deadline.duration_since(info.started_time).unwrap_or_default());
        Self { is_attempt, signals, deadline: time.and_then(|time| Instant::now().checked_add(time)) }
    }

    /// Refuses what would be sent now, if it must not be.
    ///
    /// # Errors
    /// Why, in words for the guest.
    pub(crate) fn to_send(&self) -> Result<(), &'static str> {
        match () {
            () if !self.is_attempt => Err("there is no attempt: only a running activity can send requests"),
            () if self.is_over() => Err("the attempt's time is over: no more requests are sent for it"),
            () => Ok(()),
        }
    }

    /// Whether its time is over, or the server has given it up: then another attempt may be under way.
    pub(crate) fn is_over(&self) -> bool {
        self.signals.is_lost() || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use activity::CancellationDetails;

    use super::*;

    fn leave(is_attempt: bool, time: Duration) -> (Leave, Arc<Signals>) {
        let mut info = Info::default();
        info.deadline = info.started_time.checked_add(time);
        let signals = Arc::new(Signals::new(false));
        (Leave::new(is_attempt, &info, Arc::clone(&signals)), signals)
    }

    fn refusal(leave: &Leave) -> String {
        leave.to_send().map_or_else(str::to_owned, |()| "none".to_owned())
    }

    #[test]
    fn leave_ends_with_the_time() {
        let hour = Duration::from_secs(3600);
        assert_eq!(refusal(&leave(true, hour).0), "none");
        assert!(refusal(&leave(true, Duration::ZERO).0).contains("time is over"));
        assert!(refusal(&leave(false, hour).0).contains("there is no attempt"));
    }

    #[test]
    fn leave_ends_with_the_lease_and_not_with_a_cancellation() {
        let (leave, signals) = leave(true, Duration::from_secs(3600));
        signals.cancel(CancellationDetails::CANCEL_REQUESTED);
        assert_eq!(refusal(&leave), "none");
        signals.cancel(CancellationDetails::NOT_FOUND);
        assert!(refusal(&leave).contains("time is over"));
    }
}
