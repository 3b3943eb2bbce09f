//! Whether an attempt may still send requests.

use std::{sync::Arc, time::Instant};

use activity::Info;
use wasmtime_wasi_http::Error;

use super::in_words;
use crate::Signals;

/// An attempt's leave to send requests: from its beginning to its deadline.
#[derive(Clone, Debug)]
pub(super) struct Leave {
    is_attempt: bool,
    signals: Arc<Signals>,
    /// When the attempt's time is over.
    deadline: Option<Instant>,
}

impl Leave {
    /// That of an attempt that starts now.
    pub(super) fn new(is_attempt: bool, info: &Info, signals: Arc<Signals>) -> Self {
        let time = info.deadline.map(|deadline| deadline.duration_since(info.started_time).unwrap_or_default());
        Self { is_attempt, signals, deadline: time.and_then(|time| Instant::now().checked_add(time)) }
    }

    /// Refuses what would be sent now, if it must not be.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !self.is_attempt {
            return Err(in_words("there is no attempt: only a running activity can send requests".to_owned()));
        }
        if self.signals.is_lost() || self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(in_words("the attempt's time is over: no more requests are sent for it".to_owned()));
        }
        Ok(())
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
        leave.check().map_or_else(|error| error.to_string(), |()| "none".to_owned())
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
