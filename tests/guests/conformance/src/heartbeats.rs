//! Progress over attempts.

use std::collections::BTreeMap;
use std::time::Duration;

use isolet_sdk::{ActivityContext, ActivityError, activity};
use serde::Serialize;

/// What a later attempt knows of the one before.
#[derive(Serialize)]
pub(crate) struct Resumed {
    attempt: u32,
    details: Option<u64>,
}

/// The first attempt sends the heartbeats 1 to `count` and fails; the next returns what it was told.
#[activity]
pub(crate) fn heartbeat_then_fail(context: &ActivityContext, count: u64) -> Result<Resumed, ActivityError> {
    if context.info().attempt > 1 {
        return resumed(context);
    }
    for number in 1..=count {
        context.heartbeat(number);
    }
    Err("first attempt".into())
}

/// The first attempt sends the heartbeats 1 to `count` and then never another; the next returns what it was told.
#[activity]
pub(crate) fn heartbeat_then_hang(context: &ActivityContext, count: u64) -> Result<Resumed, ActivityError> {
    if context.info().attempt > 1 {
        return resumed(context);
    }
    for number in 1..=count {
        context.heartbeat(number);
    }
    loop {
        std::hint::spin_loop();
    }
}

/// A heartbeat without an encoding, after which the activity obeys the cancellation that follows from it.
#[activity]
pub(crate) fn heartbeat_unencodable(context: &ActivityContext) -> Result<(), ActivityError> {
    context.heartbeat(BTreeMap::from([((1, 2), 3)]));
    Ok(context.sleep(Duration::from_secs(60))?)
}

/// Sleeps `total_ms` in steps of `every_ms` with a heartbeat each, and returns how many it sent.
#[activity]
pub(crate) fn sleep_with_heartbeats(
    context: &ActivityContext,
    total_ms: u64,
    every_ms: u64,
) -> Result<u64, ActivityError> {
    let steps = total_ms / every_ms.max(1);
    for step in 1..=steps {
        context.sleep(Duration::from_millis(every_ms))?;
        context.heartbeat(step);
    }
    Ok(steps)
}

fn resumed(context: &ActivityContext) -> Result<Resumed, ActivityError> {
    Ok(Resumed { attempt: context.info().attempt, details: context.heartbeat_details()? })
}
