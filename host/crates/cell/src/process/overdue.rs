//! Attempts that have to have ended: a process that runs one for longer has lost its way, and is ended.

use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::Shared;

/// Waits until an attempt is overdue, again and again, until the process is lost. The task is one for all attempts of the
/// process: most end long before, and none of them sets a timer.
pub(super) async fn watch(shared: Arc<Shared>) {
    loop {
        let Some(first) = first(&shared) else { return };
        tokio::select! {
            () = until(first) => {}
            () = shared.due.notified() => continue,
        }
        let now = Instant::now();
        if shared.listeners().attempts.values().any(|listener| listener.overdue.is_some_and(|due| due <= now)) {
            shared.kill("it did not end an attempt that was killed");
            // Its end is told by who waits for it.
            return;
        }
    }
}

/// When the first of them is overdue, if one ever is; nothing once there will be no more of them.
#[expect(clippy::option_option, reason = "there may be nothing to wait for, or nothing to wait with")]
fn first(shared: &Shared) -> Option<Option<Instant>> {
    let mut listeners = shared.listeners();
    if listeners.lost.is_some() {
        return None;
    }
    let first = listeners.attempts.values().filter_map(|listener| listener.overdue).min();
    listeners.watched = first;
    Some(first)
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
