//! Instants that may be far away, or never come.

use std::{future::pending, time::Duration};

use tokio::time::{self, Instant};

/// The longest time that is told from "for ever": about thirty years.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// `at` + `time`, or about thirty years later when that is beyond what a clock holds: timeouts and graces may be absurdly
/// long.
pub fn after(at: Instant, time: Duration) -> Instant {
    at + time.min(FAR)
}

/// Waits until `due`; for ever without it.
pub async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => time::sleep_until(due).await,
        None => pending().await,
    }
}
