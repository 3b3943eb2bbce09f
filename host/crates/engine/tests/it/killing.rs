//! Guests that are stopped from outside.

use std::time::{Duration, Instant};

use activity::{CancellationDetails, Command, End, Executor as _, KillReason, Limits, Outcome};
use engine::{Engine, EngineSettings};

use crate::support::{ENDLESS, PARKED, WAIT, ending, engine, killed, line, load, settings, short_task, task, until};

/// A tick that never comes: what ends now was ended without it.
const NEVER: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_deadline_ends_a_spinning_and_a_parked_guest() {
    let engine = engine();
    for (items, body) in [("", ENDLESS), (WAIT, PARKED)] {
        let component = load(&engine, items, body, Limits::default());
        let ending = ending(engine.start(short_task(&component, 50))).await;
        assert!(killed(&ending, KillReason::Deadline), "{ending:?}");
        let wall = ending.usage.wall;
        assert!(Duration::from_millis(50) <= wall && wall < Duration::from_secs(5), "{wall:?}");
    }
}

#[tokio::test]
async fn a_parked_guest_is_killed_without_a_tick() {
    let engine = Engine::new(EngineSettings { tick: NEVER, ..settings() }).unwrap();
    let component = load(&engine, WAIT, PARKED, Limits::default());
    let attempt = engine.start(task(&component));
    attempt.send(Command::Kill(KillReason::LeaseLost));
    assert!(killed(&ending(attempt).await, KillReason::LeaseLost));
}

#[tokio::test]
async fn guests_that_wait_for_their_turn_are_killed_at_once() {
    // One spins and is not interrupted before the others have been killed, so that these never get a turn.
    let tick = Duration::from_secs(4);
    let engine = Engine::new(EngineSettings { tick, guest_threads: 1, ..settings() }).unwrap();
    let component = load(&engine, "", ENDLESS, Limits::default());
    let spinning = engine.start(task(&component));
    let waiting = [(); 3].map(|()| engine.start(task(&component)));
    let mut ended = 0;
    for attempt in waiting {
        attempt.send(Command::Kill(KillReason::Cancelled));
        // Whichever of the four has the thread can't be ended without a tick.
        let patience = tokio::time::timeout(Duration::from_secs(1), ending(attempt)).await;
        ended += usize::from(patience.is_ok_and(|ending| killed(&ending, KillReason::Cancelled)));
    }
    assert!(2 <= ended, "{ended} of 3");
    drop(spinning);
}

#[tokio::test]
async fn a_cancelled_guest_hears_of_it_where_it_waits() {
    let engine = engine();
    let wait = "(drop (call $wait (i32.const 1) (i32.const 0) (i64.const 0) (i32.const 0))) i32.const 0";
    let component = load(&engine, WAIT, wait, Limits::default());
    let attempt = engine.start(task(&component));
    attempt.send(Command::WorkerShutdown);
    attempt.send(Command::Cancel(CancellationDetails::default()));
    assert_eq!(ending(attempt).await.end, End::Returned(Outcome::Completed(None)));
}

#[tokio::test]
async fn an_attempt_that_nobody_waits_for_gives_its_slot_back() {
    let engine = Engine::new(EngineSettings { pool_slots: 1, ..settings() }).unwrap();
    let parked = load(&engine, WAIT, PARKED, Limits::default());
    let good = load(&engine, "", "i32.const 0", Limits::default());
    let attempt = engine.start(task(&parked));
    // It has the slot once it has memory.
    until(|| engine.stats().memory != 0).await;
    let full = line(&ending(engine.start(task(&good))).await.end);
    assert!(full.starts_with("SandboxLoad: every sandbox of the worker is in use"), "{full}");
    drop(attempt);
    // It is taken down on a thread of its own.
    until(|| engine.stats().sandboxes == 0).await;
    assert_eq!(line(&ending(engine.start(task(&good))).await.end), "completed");
}

#[tokio::test]
async fn dropping_the_engine_ends_everything() {
    let engine = engine();
    let spinning = load(&engine, "", ENDLESS, Limits::default());
    let parked = load(&engine, WAIT, PARKED, Limits::default());
    let attempts = [&spinning, &spinning, &spinning, &parked].map(|component| engine.start(task(component)));
    drop(engine);
    let began = Instant::now();
    for attempt in attempts {
        let ending = ending(attempt).await;
        assert!(killed(&ending, KillReason::WorkerShutdown), "{ending:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_component_of_another_engine_is_not_started() {
    let engine = engine();
    let component = load(&engine, "", "i32.const 0", Limits::default());
    let other = self::engine();
    let end = ending(other.start(task(&component))).await.end;
    assert_eq!(line(&end), "SandboxLoad: the activity's component is not loaded");
}
