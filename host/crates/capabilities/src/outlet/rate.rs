//! How much an attempt may still log.

use tokio::time::Instant;

/// Bytes that count as one line: a long line costs as much to write, to keep and to read as several.
const BYTES_PER_LINE: usize = 1_024;

/// A bucket that holds a second's worth of lines and is refilled evenly. A long line counts as several, and may leave the
/// bucket less than empty.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// When it was last refilled, and the lines it held then. Unknown until the first line, so that attempts that log
    /// nothing read no clock.
    filled: Option<(Instant, f64)>,
}

impl Rate {
    /// Takes a line of `size` bytes out of a bucket of `per_second` lines; false when it is empty.
    pub(super) fn take(&mut self, per_second: u32, size: usize) -> bool {
        let now = Instant::now();
        let capacity = f64::from(per_second);
        let lines = match self.filled {
            None => capacity,
            Some((then, lines)) => (lines + (now - then).as_secs_f64() * capacity).min(capacity),
        };
        let allowed = lines >= 1.0;
        self.filled = Some((now, lines));
        if allowed {
            self.draw(size.div_ceil(BYTES_PER_LINE).max(1));
        }
        allowed
    }

    /// Takes out what `size` bytes beyond those of the last line count.
    pub(super) fn charge(&mut self, size: usize) {
        self.draw(size / BYTES_PER_LINE);
    }

    fn draw(&mut self, count: usize) {
        if let Some((_, lines)) = &mut self.filled {
            *lines -= f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_empties_it_and_time_refills_it() {
        let mut rate = Rate::default();
        assert_eq!((0..15).filter(|_| rate.take(10, 0)).count(), 10);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!((0..15).filter(|_| rate.take(10, BYTES_PER_LINE)).count(), 3);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..15).filter(|_| rate.take(10, 1)).count(), 10);
        assert!(!Rate::default().take(0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn long_lines_count_as_several_and_each_is_said_in_the_end() {
        let mut rate = Rate::default();
        assert_eq!((0..15).filter(|_| rate.take(10, 4 * BYTES_PER_LINE)).count(), 3);
        let mut rate = Rate::default();
        assert!(rate.take(2, 64 * BYTES_PER_LINE), "one is always allowed");
        rate.charge(8 * BYTES_PER_LINE);
        tokio::time::advance(Duration::from_secs(35)).await;
        assert!(!rate.take(2, 0));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(rate.take(2, 0));
    }
}
