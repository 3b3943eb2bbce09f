//! How long to wait before what did not work is tried again.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The longest: an operator who has mended something elsewhere does not wait longer than that.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double.
#[derive(Debug)]
pub(super) struct Pauses {
    next: Duration,
}

impl Pauses {
    /// The next wait, the first if nothing went wrong lately.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(LONGEST);
        pause
    }

    /// What was tried has worked, or something is different now.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Default for Pauses {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_double_up_to_a_minute() {
        let mut pauses = Pauses::default();
        let seconds: Vec<u64> = (0..8).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        pauses.reset();
        assert_eq!(pauses.next().as_secs(), 1);
    }
}
