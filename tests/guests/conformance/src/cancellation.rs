//! Being told to stop.

use std::time::Duration;

use isolet_sdk::bindings::isolet::activity::cancellation::{Event, wait};
use isolet_sdk::{ActivityContext, ActivityError, CancellationDetails, activity};

/// How often an activity that waits tells that it is alive.
const BEAT: Duration = Duration::from_millis(100);

/// Obeys in its own way: returns why it was cancelled.
#[activity]
pub(crate) fn wait_cancel_caught(context: &ActivityContext) -> String {
    beat_until_cancelled(context);
    format!("caught: {}", reasons(context.cancellation_details()))
}

/// Goes on after the cancellation and completes.
#[activity(interruptible = false)]
pub(crate) fn wait_cancel_ignored(context: &ActivityContext) -> Result<String, ActivityError> {
    beat_until_cancelled(context);
    context.sleep(BEAT)?;
    Ok("ignored".to_owned())
}

/// Lets the cancellation end it.
#[activity]
pub(crate) fn wait_cancel_uncaught(context: &ActivityContext) -> Result<(), ActivityError> {
    loop {
        context.heartbeat("waiting");
        context.sleep(BEAT)?;
    }
}

/// Waits for the cancellation without a heartbeat.
#[activity]
pub(crate) fn wait_cancel_silent(context: &ActivityContext) -> String {
    context.wait_for_cancelled(None);
    format!("caught: {}", reasons(context.cancellation_details()))
}

/// Waits for the worker's shutdown, and tells whether it was cancelled by then.
#[activity]
pub(crate) fn stay_until_shutdown(context: &ActivityContext) -> String {
    while !context.wait_for_worker_shutdown(Some(BEAT)) {
        context.heartbeat("waiting");
    }
    format!("shutdown: cancelled {}", context.is_cancelled())
}

/// Waits for nothing, for ever: only a kill ends it.
#[activity]
pub(crate) fn park() {
    loop {
        wait(Event::empty(), None);
    }
}

fn beat_until_cancelled(context: &ActivityContext) {
    while !context.wait_for_cancelled(Some(BEAT)) {
        context.heartbeat("waiting");
    }
}

/// The names of the reasons, in the order of the contract.
fn reasons(details: Option<CancellationDetails>) -> String {
    let Some(details) = details else { return "unknown".to_owned() };
    let all = [
        ("not_found", details.not_found),
        ("cancel_requested", details.cancel_requested),
        ("paused", details.paused),
        ("reset", details.reset),
        ("timed_out", details.timed_out),
        ("worker_shutdown", details.worker_shutdown),
    ];
    all.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect::<Vec<_>>().join(",")
}
