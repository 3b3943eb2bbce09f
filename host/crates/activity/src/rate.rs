//! How much of something there may be in a second.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket that holds a second's worth of something and is refilled evenly. What is taken out of it may be more than it
/// holds: it is less than empty then, and is refilled before anything else is taken.
#[derive(Debug, Default)]
pub struct Rate {
    /// When it was last refilled, and what it held then. Unknown until something is taken, so that who takes nothing
    /// reads no clock.
    filled: Option<(Instant, f64)>,
}

impl Rate {
    /// Takes `amount` out of a bucket of `per_second`; false when it does not hold one.
    pub fn take(&mut self, per_second: f64, amount: f64) -> bool {
        let allowed = self.refill(per_second) >= 1.0;
        if allowed {
            self.charge(amount);
        }
        allowed
    }

    /// Takes one out of a bucket of `per_second`, or tells when that may be.
    ///
    /// # Errors
    /// With the time, when it does not hold one.
    pub fn take_one(&mut self, per_second: f64) -> Result<(), Instant> {
        self.due(per_second).map_or(Ok(()), Err)?;
        self.charge(1.0);
        Ok(())
    }

    /// Takes `amount` out of a bucket of `per_second`, however little it holds: what waits for it did so before.
    pub fn spend(&mut self, per_second: f64, amount: f64) {
        self.refill(per_second);
        self.charge(amount);
    }

    /// Takes out what belongs to what was taken, however little it holds.
    pub fn charge(&mut self, amount: f64) {
        if let Some((_, held)) = &mut self.filled {
            *held -= amount;
        }
    }

    /// When something may be taken out of a bucket of `per_second`; `None` for now.
    pub fn due(&mut self, per_second: f64) -> Option<Instant> {
        const LONGEST: f64 = 3_600.0;
        let missing = 1.0 - self.refill(per_second);
        // A clock's steps are finer than what is lost here.
        let wait = Duration::from_secs_f64((missing / per_second.max(f64::MIN_POSITIVE)).clamp(0.0, LONGEST));
        (missing > 0.0).then(|| Instant::now() + wait + Duration::from_nanos(1))
    }

    fn refill(&mut self, per_second: f64) -> f64 {
        let now = Instant::now();
        let held = match self.filled {
            None => per_second,
            Some((then, held)) => (held + (now - then).as_secs_f64() * per_second).min(per_second),
        };
        self.filled = Some((now, held));
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_empties_it_and_time_refills_it() {
        let mut rate = Rate::default();
        assert_eq!((0..15).filter(|_| rate.take(10.0, 1.0)).count(), 10);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!((0..15).filter(|_| rate.take(10.0, 1.0)).count(), 3);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!((0..15).filter(|_| rate.take(10.0, 1.0)).count(), 10);
        assert!(!Rate::default().take(0.0, 1.0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_large_is_taken_in_the_end() {
        let mut rate = Rate::default();
        assert_eq!((0..15).filter(|_| rate.take(10.0, 4.0)).count(), 3);
        let mut rate = Rate::default();
        assert!(rate.take(2.0, 64.0), "one is always allowed");
        rate.charge(8.0);
        tokio::time::advance(Duration::from_secs(35)).await;
        rate.spend(2.0, 2.0);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!rate.take(2.0, 1.0));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(rate.take(2.0, 1.0));
    }

    #[tokio::test(start_paused = true)]
    async fn it_says_when_something_may_be_taken() {
        let mut rate = Rate::default();
        assert_eq!(rate.due(2.0), None);
        assert!(rate.take(2.0, 5.0));
        let due = rate.due(2.0).unwrap();
        assert_eq!(rate.take_one(2.0), Err(due));
        tokio::time::advance(due - Instant::now()).await;
        assert_eq!(rate.due(2.0), None);
        assert_eq!(rate.take_one(2.0), Ok(()));
        assert!(rate.take_one(2.0).is_err());
    }
}
