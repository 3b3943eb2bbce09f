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

/// What an attempt can make of a page: each is reset for the next one, however many there are. Between any two pages that
/// are touched lies one that is not, so that there are more regions than one scan of the system tells of; and there are
/// more bytes of them than are kept for a slot.
#[tokio::test]
async fn every_kind_of_page_begins_afresh() {
    /// Pages of 64 KiB: 16 MiB, of which every second 4 KiB are touched.
    const PAGES: u32 = 256;
    let engine = Engine::new(EngineSettings { pool_slots: 1, ..settings() }).unwrap();
    let each_other_page = |body: &str| {
        format!(
            "(local $at i32) (drop (memory.grow (i32.const {PAGES}))) (local.set $at (i32.const 65536))
            (loop $more
              {body}
              (local.set $at (i32.add (local.get $at) (i32.const 8192)))
              (br_if $more (i32.lt_u (local.get $at) (i32.const {}))))",
            PAGES * 65_536
        )
    };
    let kinds = [
        ("written", each_other_page("(i32.store (local.get $at) (i32.const -1))")),
        (
            "read, then written",
            each_other_page("(i32.store (local.get $at) (i32.sub (i32.load (local.get $at)) (i32.const 1)))"),
        ),
        (
            "read as zero, the one behind it written",
            each_other_page("(drop (i32.load (local.get $at))) (i32.store offset=4096 (local.get $at) (i32.const -1))"),
        ),
        ("filled", each_other_page("(memory.fill (local.get $at) (i32.const 255) (i32.const 4000))")),
        ("copied from the image", each_other_page("(memory.copy (local.get $at) (i32.const 256) (i32.const 64))")),
        ("of the image", "(i32.store8 (i32.const 302) (i32.const 0))".to_owned()),
        ("of the table", "(table.set $t (i32.const 9_000) (ref.func $f))".to_owned()),
    ];
    let items = "(table $t 10000 funcref) (func $f) (elem declare func $f)";
    let reads = each_other_page(
        "(if (i32.or (i32.load (local.get $at)) (i32.load offset=4096 (local.get $at))) (then unreachable))",
    );
    let reads = format!(
        "{reads} (if (i32.ne (i32.load8_u (i32.const 302)) (i32.const 110)) (then unreachable))
        (if (i32.eqz (ref.is_null (table.get $t (i32.const 9_000)))) (then unreachable)) i32.const 0"
    );
    let reader = load(&engine, items, &reads, Limits::default());
    for (kind, writes) in kinds {
        let writer = load(&engine, items, &format!("{writes} i32.const 0"), Limits::default());
        for component in [&writer, &reader, &writer, &writer, &reader] {
            assert_eq!(line(&run(&engine, component).await), "completed", "{kind}");
        }
    }
}
