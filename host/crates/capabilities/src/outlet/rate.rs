//! How many log lines an attempt may still say.

use tokio::time::Instant;

/// A bucket that holds a second's worth of lines and is refilled evenly.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// When it was last refilled, and the lines it held then. Unknown until the first line, so that attempts that log
    /// nothing read no clock.
    filled: Option<(Instant, f64)>,
}

impl Rate {
    /// Takes one line out of a bucket of `per_second` lines; false when it is empty.
    pub(super) fn take(&mut self, per_second: u32) -> bool {
        let now = Instant::now();
        let capacity = f64::from(per_second);
        let lines = match self.filled {
            None => capacity,
            Some((then, lines)) => (lines + (now - then).as_secs_f64() * capacity).min(capacity),
        };
        let allowed = lines >= 1.0;
        self.filled = Some((now, if allowed { lines - 1.0 } else { lines }));
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_empties_it_and_time_refills_it() {
        let mut rate = Rate::default();
        assert_eq!((0..15).filter(|_| rate.take(10)).count(), 10);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!((0..15).filter(|_| rate.take(10)).count(), 3);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..15).filter(|_| rate.take(10)).count(), 10);
        assert!(!Rate::default().take(0));
    }
}
