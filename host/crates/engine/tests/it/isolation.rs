//! What one attempt leaves, the next does not find.

use activity::Limits;
use engine::{Engine, EngineSettings};

use crate::support::{engine, line, load, run, settings};

#[tokio::test]
async fn memory_and_globals_begin_afresh() {
    // The only slot is used again by each attempt.
    let engine = Engine::new(EngineSettings { pool_slots: 1, ..settings() }).unwrap();
    let writes = "(drop (memory.grow (i32.const 3)))
        (memory.fill (i32.const 4096) (i32.const 0xaa) (i32.const 250000)) (global.set $seen (i32.const 1)) i32.const 0";
    let reads = "(local $at i32) (drop (memory.grow (i32.const 3))) (if (global.get $seen) (then unreachable))
        (local.set $at (i32.const 4096))
        (loop $more
          (if (i32.load8_u (local.get $at)) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $more (i32.lt_u (local.get $at) (i32.const 254000)))) i32.const 0";
    let seen = "(global $seen (mut i32) (i32.const 0))";
    let writer = load(&engine, seen, writes, Limits::default());
    let reader = load(&engine, seen, reads, Limits::default());
    for component in [&writer, &reader, &writer, &writer, &reader] {
        assert_eq!(line(&run(&engine, component).await), "completed");
    }
}

#[tokio::test]
async fn a_thousand_attempts_use_a_slot_after_each_other() {
    let engine = engine();
    let component = load(&engine, "", "i32.const 0", Limits::default());
    for _ in 0..1_000 {
        assert_eq!(line(&run(&engine, &component).await), "completed");
    }
}
