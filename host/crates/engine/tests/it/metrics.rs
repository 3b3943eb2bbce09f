//! Guests that measure: no value is lost, and none of them waits longer than it may.

use activity::{End, Event, Executor as _, KillReason, Limits, MeasuredValue, Outcome};

use crate::support::{ending, engine, killed, load, short_task, task, until};

/// Imports and memory for guests that measure with the counter `rows`, whose handle is at address 700 once made.
const COUNTER: &str = r#"
    (import "isolet:activity/metrics@0.1.0" "[static]counter.create"
      (func $create (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "isolet:activity/metrics@0.1.0" "[method]counter.add" (func $add (param i32 i64 i32 i32)))
    (global $count (mut i64) (i64.const 0))"#;

/// Makes the counter; its name is written by hand because data comes after the imports.
const CREATE: &str = r#"
    (i32.store (i32.const 600) (i32.const 0x73776f72))
    (call $create (i32.const 600) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 700))"#;

/// Adds 1, 2, 3 and so on, `times` times; for ever with 0.
fn adding(times: u32) -> String {
    format!(
        "{CREATE}
        (loop $more
          (global.set $count (i64.add (global.get $count) (i64.const 1)))
          (call $add (i32.load (i32.const 704)) (global.get $count) (i32.const 0) (i32.const 0))
          (br_if $more (i64.ne (global.get $count) (i64.const {times}))))
        i32.const 0"
    )
}

#[tokio::test]
async fn a_guest_that_is_faster_than_the_worker_waits_and_loses_nothing() {
    let engine = engine();
    let component = load(&engine, COUNTER, &adding(5_000), Limits::default());
    let mut attempt = engine.start(task(&component));
    let mut seen = Vec::new();
    let end = loop {
        match attempt.next().await {
            Event::Measured(measurements) => {
                assert!(measurements.iter().all(|each| each.instrument.name == "rows" && each.attributes.is_empty()));
                seen.extend(measurements.into_iter().map(|each| each.value));
            }
            Event::Ended(ending) => break ending.end,
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(end, End::Returned(Outcome::Completed(None)));
    assert!(seen.iter().copied().eq((1..=5_000).map(MeasuredValue::Integer)), "{} values", seen.len());
}

#[tokio::test]
async fn a_guest_that_waits_for_room_is_killed_in_time() {
    let engine = engine();
    let component = load(&engine, COUNTER, &adding(0), Limits::default());
    // Nobody takes what it says until it has been killed.
    let attempt = engine.start(short_task(&component, 50));
    let good = load(&engine, "", "i32.const 0", Limits::default());
    assert_eq!(ending(engine.start(task(&good))).await.end, End::Returned(Outcome::Completed(None)));
    until(|| engine.stats().sandboxes == 0).await;
    let ending = ending(attempt).await;
    assert!(killed(&ending, KillReason::Deadline), "{ending:?}");
    assert!(ending.usage.kill_delay.is_some(), "{ending:?}");
    assert_eq!(engine.stats().memory, 0);
}
