//! Guests that share threads, and what each of them costs.

use std::time::Duration;

use activity::{Executor as _, KillReason, Limits};
use engine::{Engine, EngineSettings};

use crate::support::{ENDLESS, PARKED, WAIT, ending, engine, killed, line, load, settings, short_task, task};

#[tokio::test]
async fn good_attempts_go_on_beside_spinning_ones() {
    let engine = Engine::new(EngineSettings { guest_threads: 1, ..settings() }).unwrap();
    let spin = load(&engine, "", ENDLESS, Limits::default());
    let good = load(&engine, "", "i32.const 0", Limits::default());
    let spinning = [(); 3].map(|()| engine.start(task(&spin)));
    for _ in 0..20 {
        let ending = ending(engine.start(task(&good))).await;
        assert_eq!(line(&ending.end), "completed");
    }
    drop(spinning);
}

/// The limits of a guest that ends by itself once it has had this much of a processor.
fn processor_time(milliseconds: u64) -> Limits {
    Limits { cpu_time: Some(Duration::from_millis(milliseconds)), ..Limits::default() }
}

#[tokio::test]
async fn spinning_guests_share_a_thread_evenly() {
    let engine = Engine::new(EngineSettings { guest_threads: 1, ..settings() }).unwrap();
    let spin = load(&engine, "", ENDLESS, processor_time(300));
    let attempts = [(); 2].map(|()| engine.start(task(&spin)));
    let mut walls = Vec::new();
    for attempt in attempts {
        walls.push(ending(attempt).await.usage.wall.as_secs_f64());
    }
    walls.sort_by(f64::total_cmp);
    // One after the other, the first would have taken half as long.
    assert!(0.75 * walls[1] < walls[0], "{walls:?}");
}

#[tokio::test]
async fn processor_time_is_what_the_guest_used() {
    let engine = engine();
    let spin = load(&engine, "", ENDLESS, processor_time(50));
    let park = load(&engine, WAIT, PARKED, Limits::default());
    let spun = ending(engine.start(task(&spin))).await;
    assert!(line(&spun.end).starts_with("SandboxCpuLimit: "), "{spun:?}");
    assert!(Duration::from_millis(50) <= spun.usage.cpu && spun.usage.cpu <= spun.usage.wall, "{spun:?}");
    let parked = ending(engine.start(short_task(&park, 300))).await.usage;
    assert!(parked.cpu < Duration::from_millis(50), "{parked:?}");
    assert_eq!((spun.usage.peak_memory, parked.peak_memory), (65_536, 65_536));
    assert!(parked.sandbox_start < parked.wall);
}

#[tokio::test]
async fn an_attempt_runs_on_the_callers_thread_as_well() {
    let engine = engine();
    let good = load(&engine, "", "i32.const 0", Limits::default());
    let spin = load(&engine, "", ENDLESS, Limits::default());
    assert_eq!(line(&engine.run_inline(task(&good)).await.end), "completed");
    assert!(killed(&engine.run_inline(short_task(&spin, 50)).await, KillReason::Deadline));
}
