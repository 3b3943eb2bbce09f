//! How fast a line may ask.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Asks in a second, on and on. A cell that asks for more waits, and so do its guests.
const RATE: u32 = 1_000;

/// Asks at once after a pause.
const BURST: u32 = 1_000;

/// Lets so many pass in a time.
#[derive(Debug)]
pub(super) struct Pace {
    /// When the next one would be due if there were no burst.
    next: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { next: Instant::now() }
    }

    /// Waits until the next one may pass.
    pub(super) async fn ready(&self) {
        let ahead = (Duration::from_secs(1) / RATE) * BURST;
        if let Some(at) = self.next.checked_sub(ahead) {
            sleep_until(at).await;
        }
    }

    /// One has passed.
    pub(super) fn pass(&mut self) {
        self.next = self.next.max(Instant::now()) + Duration::from_secs(1) / RATE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_at_once_and_the_rest_in_its_time() {
        let (mut pace, begun) = (Pace::new(), Instant::now());
        let mut pass = async |count: u32| {
            for _ in 0..count {
                pace.ready().await;
                pace.pass();
            }
            begun.elapsed()
        };
        assert_eq!(pass(BURST).await, Duration::ZERO);
        let later = pass(2 * RATE).await;
        assert!((1_900..=2_100).contains(&later.as_millis()), "{later:?}");
    }
}
