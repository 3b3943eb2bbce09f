//! Progress over attempts.

use std::collections::BTreeMap;
use std::time::Duration;

use isolet_sdk::{ActivityContext, ActivityError, RawValue, activity, sleep};
use serde::Serialize;
use serde_json::Value;

/// What a later attempt knows of the one before.
#[derive(Serialize)]
pub(crate) struct Resumed {
    attempt: u32,
    details: Option<u64>,
}

/// The first attempt sends the heartbeats 1 to `count`, with a pause after each if one is given, and fails; the next
/// returns what it was told.
#[activity]
pub(crate) async fn heartbeat_then_fail(
    context: &ActivityContext,
    count: u64,
    pause_ms: Option<u64>,
) -> Result<Resumed, ActivityError> {
    if context.info().attempt > 1 {
        return resumed(context);
    }
    for number in 1..=count {
        context.heartbeat(number);
        sleep(Duration::from_millis(pause_ms.unwrap_or_default())).await?;
    }
    Err("first attempt".into())
}

/// The first attempt sends the heartbeats 1 to `count` and then never another; the next returns what it was told.
#[activity]
#[expect(clippy::unused_async, reason = "as every activity here")]
pub(crate) async fn heartbeat_then_hang(context: &ActivityContext, count: u64) -> Result<Resumed, ActivityError> {
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

/// The first attempt sends one heartbeat and fails; the next returns all its details. `kind` says which: `none` for no
/// details, `several` for null, 1 and "a", `unreadable` for one that nobody can decode.
#[activity]
#[expect(clippy::unused_async, reason = "as every activity here")]
pub(crate) async fn heartbeat_details(context: &ActivityContext, kind: String) -> Result<Vec<Value>, ActivityError> {
    if context.info().attempt > 1 {
        let decoded = (0..context.info().heartbeat_details.len()).map(|index| context.heartbeat_detail(index));
        return Ok(decoded.collect::<Result<Vec<Option<Value>>, _>>()?.into_iter().flatten().collect());
    }
    match kind.as_str() {
        "several" => context.heartbeat_each(&[&(), &1, &"a"]),
        "unreadable" => context.heartbeat(RawValue::new("nobody/knows", *b"?")),
        _ => context.heartbeat_each(&[]),
    }
    Err("first attempt".into())
}

/// A heartbeat without an encoding, after which the activity obeys the cancellation that follows from it.
#[activity]
pub(crate) async fn heartbeat_unencodable(context: &ActivityContext) -> Result<(), ActivityError> {
    heartbeat_without_encoding(context);
    Ok(sleep(Duration::from_secs(60)).await?)
}

/// A heartbeat without an encoding, and a result at once.
#[activity]
#[expect(clippy::unused_async, reason = "as every activity here")]
pub(crate) async fn heartbeat_unencodable_returned(context: &ActivityContext) -> &'static str {
    heartbeat_without_encoding(context);
    "returned"
}

/// A heartbeat without an encoding, whose cancellation is caught: tells what it looks like.
#[activity]
pub(crate) async fn heartbeat_unencodable_caught(context: &ActivityContext) -> String {
    heartbeat_without_encoding(context);
    let interrupted = sleep(Duration::from_secs(60)).await.is_err();
    let details = if context.cancellation_details().is_some() { "some" } else { "none" };
    format!("interrupted: {interrupted}, cancelled: {}, details: {details}", context.is_cancelled())
}

/// Sleeps `total_ms` in steps of `every_ms` with a heartbeat each, and returns how many it sent.
#[activity]
pub(crate) async fn sleep_with_heartbeats(
    context: &ActivityContext,
    total_ms: u64,
    every_ms: u64,
) -> Result<u64, ActivityError> {
    let steps = total_ms / every_ms.max(1);
    for step in 1..=steps {
        sleep(Duration::from_millis(every_ms)).await?;
        context.heartbeat(step);
    }
    Ok(steps)
}

fn heartbeat_without_encoding(context: &ActivityContext) {
    context.heartbeat(BTreeMap::from([((1, 2), 3)]));
}

fn resumed(context: &ActivityContext) -> Result<Resumed, ActivityError> {
    Ok(Resumed { attempt: context.info().attempt, details: context.heartbeat_details()? })
}
