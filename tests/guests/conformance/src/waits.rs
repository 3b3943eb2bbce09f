//! Waiting for events: for a while, for ever, and as an event loop does.

use std::time::{Duration, Instant};

use isolet_sdk::bindings::isolet::activity::{cancellation, cancellation_pollable};
use isolet_sdk::{ActivityContext, activity};

/// How often an activity that waits tells that it is alive.
pub(crate) const BEAT: Duration = Duration::from_millis(100);

/// Waits for the cancellation and for the shutdown, which do not come: not at all, and 50 ms each. Returns what the
/// waits told, and how many milliseconds they took.
#[activity]
pub(crate) fn wait_with_timeouts(context: &ActivityContext) -> (Vec<bool>, u128) {
    let began = Instant::now();
    let mut told = Vec::new();
    for timeout in [Duration::ZERO, Duration::from_millis(50)] {
        told.push(context.wait_for_cancelled(Some(timeout)));
        told.push(context.wait_for_worker_shutdown(Some(timeout)));
    }
    (told, began.elapsed().as_millis())
}

/// Waits for the cancellation in the language's asynchronous way: here, on the pollable that an executor would use.
#[activity]
pub(crate) fn wait_cancel_async(context: &ActivityContext) -> bool {
    context.heartbeat("waiting");
    cancellation_pollable::subscribe(cancellation::Event::CANCELLED).block();
    context.is_cancelled()
}

/// Waits for the worker's shutdown in the language's asynchronous way.
#[activity]
pub(crate) fn stay_until_shutdown_async(context: &ActivityContext) -> String {
    cancellation_pollable::subscribe(cancellation::Event::WORKER_SHUTDOWN).block();
    format!("shutdown: {}, cancelled: {}", context.is_worker_shutdown(), context.is_cancelled())
}

/// Waits for the worker's shutdown, and tells whether it was cancelled by then.
#[activity]
pub(crate) fn stay_until_shutdown(context: &ActivityContext) -> String {
    while !context.wait_for_worker_shutdown(Some(BEAT)) {
        context.heartbeat("waiting");
    }
    format!("shutdown: {}, cancelled: {}", context.is_worker_shutdown(), context.is_cancelled())
}

/// Waits for nothing, for ever: only a kill ends it.
#[activity]
pub(crate) fn park() {
    loop {
        cancellation::wait(cancellation::Event::empty(), None);
    }
}

/// Returns once the attempt is cancelled, with heartbeats until then.
pub(crate) fn beat_until_cancelled(context: &ActivityContext) {
    while !context.wait_for_cancelled(Some(BEAT)) {
        context.heartbeat("waiting");
    }
}
