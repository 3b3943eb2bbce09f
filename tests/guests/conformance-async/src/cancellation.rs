//! Being told to stop, and the ways to answer.

use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, CancellationDetails, Level, activity, sleep};

use crate::waits::{BEAT, beat_until_cancelled};

/// Catches the cancellation: logs and returns why it was cancelled.
#[activity]
pub(crate) async fn wait_cancel_caught(context: &ActivityContext) -> String {
    while sleep(BEAT).await.is_ok() {
        context.heartbeat("waiting");
    }
    caught(context)
}

/// Cannot be interrupted: goes on after the cancellation, through safe points, and completes.
#[activity(interruptible = false)]
pub(crate) async fn wait_cancel_ignored(context: &ActivityContext) -> Result<String, ActivityError> {
    beat_until_cancelled(context).await;
    sleep(BEAT).await?;
    context.check_cancelled()?;
    context.until_cancelled(async {}).await?;
    context.shield_async(async {}).await?;
    Ok(format!("ignored: {}", context.is_cancelled()))
}

/// Lets the cancellation end it.
#[activity]
pub(crate) async fn wait_cancel_uncaught(context: &ActivityContext) -> Result<(), ActivityError> {
    loop {
        context.heartbeat("waiting");
        sleep(BEAT).await?;
    }
}

/// Lets the cancellation end its first attempt; a later attempt returns its number and its start-to-close timeout in
/// seconds.
#[activity]
pub(crate) async fn wait_cancel_first_attempt(context: &ActivityContext) -> Result<(u32, Option<u64>), ActivityError> {
    let info = context.info();
    if info.attempt > 1 {
        return Ok((info.attempt, info.start_to_close_timeout.map(|timeout| timeout.as_secs())));
    }
    loop {
        context.heartbeat("waiting");
        sleep(BEAT).await?;
    }
}

/// Catches the cancellation as an error, forgets it, works on and completes.
#[activity]
pub(crate) async fn wait_cancel_swallowed(context: &ActivityContext) -> String {
    while sleep(BEAT).await.is_ok() {
        context.heartbeat("waiting");
    }
    context.heartbeat("working on");
    // The cancellation stands: only in a shield does a sleep last.
    let _ = context.shield_async(sleep(BEAT)).await;
    format!("swallowed: {}", context.is_cancelled())
}

/// Fails for a reason of its own when it is cancelled.
#[activity]
pub(crate) async fn wait_cancel_then_fail(context: &ActivityContext) -> Result<(), ApplicationFailure> {
    beat_until_cancelled(context).await;
    Err(ApplicationFailure::new("stopped halfway").with_type("Halfway"))
}

/// Polls a safe point instead of sleeping, and lets the cancellation end it there.
#[activity]
pub(crate) async fn wait_cancel_polling(context: &ActivityContext) -> Result<(), ActivityError> {
    loop {
        context.heartbeat("polling");
        context.until_cancelled(async {}).await?;
    }
}

/// Waits for the cancellation without a heartbeat.
#[activity]
pub(crate) async fn wait_cancel_silent(context: &ActivityContext) -> String {
    context.cancelled().await;
    caught(context)
}

/// Is cancelled, waits for the worker's shutdown to cancel it again, and returns the reasons that it saw before, then
/// and in the end.
#[activity]
pub(crate) async fn wait_cancel_twice(context: &ActivityContext) -> Vec<String> {
    let before = reasons(context.cancellation_details());
    beat_until_cancelled(context).await;
    let first = reasons(context.cancellation_details());
    context.log(Level::Info, "cancelled once");
    context.worker_shutdown().await;
    // The second cancellation comes with the shutdown, which has no grace.
    let _ = context.shield_async(sleep(BEAT)).await;
    vec![before, first, reasons(context.cancellation_details())]
}

/// Steps through two shields, one in the other, of which the cancellation reaches the inner one; returns them.
#[activity]
pub(crate) async fn wait_cancel_shielded(context: &ActivityContext) -> Vec<&'static str> {
    let mut steps = Vec::new();
    let end = context.shield_async(async {
        let inner = context.shield_async(async {
            beat_until_cancelled(context).await;
            steps.push(if sleep(BEAT).await.is_ok() { "slept on" } else { "cut short" });
        });
        let inner = inner.await;
        steps.push(if inner.is_ok() { "inner end passed" } else { "cut short at the inner end" });
        steps.push(if sleep(BEAT).await.is_ok() { "slept on" } else { "cut short" });
    });
    let end = end.await;
    steps.push(if end.is_err() { "cancelled after cleanup" } else { "never cancelled" });
    steps
}

/// Never leaves its shield.
#[activity]
pub(crate) async fn shield_forever(context: &ActivityContext) -> Result<(), ActivityError> {
    Ok(context.shield_async(async { while sleep(BEAT).await.is_ok() {} }).await?)
}

/// Ends as cancelled without having been.
#[activity]
#[expect(clippy::unused_async, reason = "as every activity here")]
pub(crate) async fn fail_cancelled() -> Result<(), ActivityError> {
    Err(ActivityError::cancelled())
}

fn caught(context: &ActivityContext) -> String {
    let caught = format!("caught: {}", reasons(context.cancellation_details()));
    context.log(Level::Info, caught.clone());
    caught
}

/// The names of the reasons, in the order of the contract.
fn reasons(details: Option<CancellationDetails>) -> String {
    let Some(details) = details else { return "none".to_owned() };
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
