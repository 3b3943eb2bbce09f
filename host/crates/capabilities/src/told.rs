//! What is told of a component now and then, however often it happens.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use activity::Excess;

/// How often each kind is told at most.
const PERIOD: Duration = Duration::from_secs(60);

/// When each kind was told last.
#[derive(Debug, Default)]
pub struct Told(Mutex<[Option<Instant>; Excess::ALL.len()]>);

impl Told {
    /// Whether it is time to tell this; then it is told.
    pub(crate) fn is_due(&self, excess: Excess) -> bool {
        let now = Instant::now();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = told.get_mut(excess as usize) else { return false };
        let is_due = last.is_none_or(|last| now.duration_since(last) >= PERIOD);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}
