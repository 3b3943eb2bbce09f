//! How long a client is served.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// How long a client is served: handlers have it as an extension, for the few answers that take longer than others.
#[derive(Clone, Debug)]
pub struct Patience(Arc<Mutex<Instant>>);

impl Patience {
    /// For so long from now on.
    pub fn new(time: Duration) -> Self {
        Self(Arc::new(Mutex::new(Instant::now() + time)))
    }

    /// For so long from now on at least.
    pub fn extend(&self, time: Duration) {
        let mut end = self.end();
        *end = (*end).max(Instant::now() + time);
    }

    /// Ends when it does.
    pub(crate) async fn over(self) {
        loop {
            let end = *self.end();
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }

    fn end(&self) -> MutexGuard<'_, Instant> {
        // Each change is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
