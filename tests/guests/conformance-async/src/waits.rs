//! Waiting for events: for a while, for ever, and side by side.

use std::time::{Duration, Instant};

use isolet_sdk::bindings::isolet::activity::cancellation;
use isolet_sdk::{ActivityContext, ActivityError, activity, sleep, timeout};

/// How often an activity that waits tells that it is alive.
pub(crate) const BEAT: Duration = Duration::from_millis(100);

/// Waits for the cancellation and for the shutdown, which do not come: not at all, and 50 ms each. Returns what the
/// waits told, and how many milliseconds they took.
#[activity]
pub(crate) async fn wait_with_timeouts(context: &ActivityContext) -> (Vec<bool>, u128) {
    let began = Instant::now();
    let mut told = Vec::new();
    for limit in [Duration::ZERO, Duration::from_millis(50)] {
        told.push(timeout(limit, context.cancelled()).await.is_ok());
        told.push(timeout(limit, context.worker_shutdown()).await.is_ok());
    }
    (told, began.elapsed().as_millis())
}

/// Waits for the cancellation.
#[activity]
pub(crate) async fn wait_cancel_async(context: &ActivityContext) -> bool {
    context.heartbeat("waiting");
    context.cancelled().await;
    context.is_cancelled()
}

/// Waits for the worker's shutdown.
#[activity]
pub(crate) async fn stay_until_shutdown_async(context: &ActivityContext) -> String {
    context.worker_shutdown().await;
    format!("shutdown: {}, cancelled: {}", context.is_worker_shutdown(), context.is_cancelled())
}

/// Waits for the worker's shutdown, and tells whether it was cancelled by then.
#[activity]
pub(crate) async fn stay_until_shutdown(context: &ActivityContext) -> String {
    while timeout(BEAT, context.worker_shutdown()).await.is_err() {
        context.heartbeat("waiting");
    }
    format!("shutdown: {}, cancelled: {}", context.is_worker_shutdown(), context.is_cancelled())
}

/// Waits for nothing, for ever: only a kill ends it.
#[activity]
#[expect(clippy::unused_async, reason = "as every activity here")]
pub(crate) async fn park() {
    loop {
        cancellation::wait(cancellation::Event::empty(), None);
    }
}

/// Sleeps; a cancellation ends it.
#[activity]
pub(crate) async fn sleep_ms(ms: u64) -> Result<u64, ActivityError> {
    sleep(Duration::from_millis(ms)).await?;
    Ok(ms)
}

/// Returns once the attempt is cancelled, with heartbeats until then.
pub(crate) async fn beat_until_cancelled(context: &ActivityContext) {
    while timeout(BEAT, context.cancelled()).await.is_err() {
        context.heartbeat("waiting");
    }
}
