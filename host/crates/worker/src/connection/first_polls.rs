//! When task queues begin to poll. A poll that brings nothing comes back after a minute and is made again, so those that begin
//! together come back together, each minute: a small server that is asked a thousand things at once does not answer for seconds,
//! and loses tasks.

use std::sync::{Mutex, PoisonError};

use activity::{Rate, deadline::sleep_until};
use tokio::time::Instant;

/// Task queues that begin in a second, of one server: a thousand in ten seconds, and a hundred at once.
const PER_SECOND: f64 = 100.0;

/// The turns of the task queues that poll one server.
#[derive(Debug, Default)]
pub(super) struct FirstPolls(Mutex<Rate>);

impl FirstPolls {
    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        while let Err(due) = self.take() {
            sleep_until(Some(due)).await;
        }
    }

    fn take(&self) -> Result<(), Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take_one(PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_thousand_begin_one_after_another() {
        let (polls, start) = (FirstPolls::default(), Instant::now());
        let begun = join_all((0..1_000).map(|_| async {
            polls.turn().await;
            start.elapsed()
        }));
        let begun = begun.await;
        let in_second = |second: u64| {
            let is_in = |at: &&Duration| at.as_secs() == second;
            begun.iter().filter(is_in).count()
        };
        let seconds: Vec<usize> = (0..10).map(in_second).collect();
        assert_eq!(seconds.iter().sum::<usize>(), 1_000, "{seconds:?}");
        assert!(seconds[0] <= 200 && seconds[1..].iter().all(|count| *count <= 101), "{seconds:?}");
    }
}
