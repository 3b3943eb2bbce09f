//! What one attempt leaves, the next does not find.

use activity::{ComponentHandle, Executor as _, Info, Limits, Task};
use engine::{Engine, EngineSettings};

use crate::support::{ending, engine, line, load, settings, task};

#[tokio::test]
async fn a_thousand_attempts_use_a_slot_after_each_other() {
    let engine = engine();
    let component = load(&engine, "", "i32.const 0", Limits::default());
    for _ in 0..1_000 {
        assert_eq!(line(&ending(engine.start(task(&component))).await.end), "completed");
    }
}

/// What the guests below have, apart from memory: a slot must give all of it back as it was.
const ITEMS: &str = r#"
    (global $seen (mut i32) (i32.const 7))
    (table $t 10000 50000 funcref)
    (func $f) (func $g)
    (elem (table $t) (i32.const 0) func $f)
    (elem $more func $f $g)
    (elem declare func $f $g)
    (data (i32.const 8192) "image")
    (data (i32.const 12288) "more of it")
    (data $passive "passive")"#;

/// Pages of 64 KiB that the guests add to the first: 16 MiB, more than is kept for a slot.
const GROWN: u32 = 256;

/// Does `body` with `$at` at every second page of 4 KiB of the memory that has grown. Between any two pages that are
/// touched so lies one that is not, so there are more regions than one scan of the system tells of.
fn at_every_other_page(body: &str) -> String {
    format!(
        "(local.set $at (i32.const 65536))
        (loop $more
          {body}
          (local.set $at (i32.add (local.get $at) (i32.const 8192)))
          (br_if $more (i32.lt_u (local.get $at) (i32.const {}))))",
        (GROWN + 1) * 65_536
    )
}

/// Grows the memory, which must have the size that it began with.
const GROW_FIRST: &str = "
    (if (i32.ne (memory.size) (i32.const 1)) (then unreachable))
    (drop (memory.grow (i32.const 256)))";

/// Traps unless all is as an instance begins, in a memory that has grown.
fn reads() -> String {
    let grown = at_every_other_page(
        "(if (i32.or (i32.load (local.get $at)) (i32.load offset=4096 (local.get $at))) (then unreachable))",
    );
    format!(
        r#"
        ;; The memory is empty behind its image.
        {grown}
        (if (i64.ne (i64.load (i32.const 20480)) (i64.const 0)) (then unreachable))
        (if (i64.ne (i64.load (i32.const 61440)) (i64.const 0)) (then unreachable))
        ;; "imag" and "more".
        (if (i32.ne (i32.load (i32.const 8192)) (i32.const 0x67616d69)) (then unreachable))
        (if (i32.ne (i32.load (i32.const 12288)) (i32.const 0x65726f6d)) (then unreachable))
        (if (i32.ne (global.get $seen) (i32.const 7)) (then unreachable))
        ;; The table, too: one function, and nothing behind it.
        (if (i32.ne (table.size $t) (i32.const 10000)) (then unreachable))
        (if (ref.is_null (table.get $t (i32.const 0))) (then unreachable))
        (local.set $at (i32.const 1))
        (loop $more
          (if (i32.eqz (ref.is_null (table.get $t (local.get $at)))) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $more (i32.lt_u (local.get $at) (i32.const 10000))))
        (if (i32.ne (table.grow $t (ref.null func) (i32.const 5000)) (i32.const 10000)) (then unreachable))
        (loop $more
          (if (i32.eqz (ref.is_null (table.get $t (local.get $at)))) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $more (i32.lt_u (local.get $at) (i32.const 15000))))
        ;; Segments that were dropped are there again: these trap if not. "pass".
        (memory.init $passive (i32.const 40960) (i32.const 0) (i32.const 7))
        (if (i32.ne (i32.load (i32.const 40960)) (i32.const 0x73736170)) (then unreachable))
        (table.init $t $more (i32.const 5) (i32.const 0) (i32.const 2))"#
    )
}

/// Every way in which a guest changes something, with the instructions for it.
fn writes() -> Vec<(&'static str, String)> {
    let grow = format!("(drop (memory.grow (i32.const {GROWN})))");
    let grown = |body: &str| format!("{grow} {}", at_every_other_page(body));
    vec![
        ("written", grown("(i32.store (local.get $at) (i32.const -1))")),
        ("read, then written", grown("(i32.store (local.get $at) (i32.sub (i32.load (local.get $at)) (i32.const 1)))")),
        (
            "read as zero, the one behind it written",
            grown("(drop (i32.load (local.get $at))) (i32.store offset=4096 (local.get $at) (i32.const -1))"),
        ),
        ("read as zero only", grown("(drop (i32.load (local.get $at)))")),
        ("written all over", format!("{grow} (memory.fill (i32.const 65536) (i32.const 170) (i32.const 16777216))")),
        ("filled", grown("(memory.fill (local.get $at) (i32.const 255) (i32.const 4000))")),
        ("copied from the image", grown("(memory.copy (local.get $at) (i32.const 8192) (i32.const 5))")),
        ("copied from a segment", grown("(memory.init $passive (local.get $at) (i32.const 0) (i32.const 7))")),
        ("grown", grow.clone()),
        ("zero in the first memory, written", "(i64.store (i32.const 20480) (i64.const -1))".to_owned()),
        (
            "zero in the first memory, read and then written",
            "(i64.store (i32.const 61440) (i64.sub (i64.load (i32.const 61440)) (i64.const 1)))".to_owned(),
        ),
        ("of the image, written", "(i32.store (i32.const 8192) (i32.const -1))".to_owned()),
        (
            "of the image, read and then written",
            "(i32.store (i32.const 12288) (i32.sub (i32.load (i32.const 12288)) (i32.const 1)))".to_owned(),
        ),
        ("of the image, emptied", "(memory.fill (i32.const 8192) (i32.const 0) (i32.const 8192))".to_owned()),
        ("a segment of data, dropped", "(data.drop $passive)".to_owned()),
        ("a global", "(global.set $seen (i32.const 8))".to_owned()),
        ("table.set", "(table.set $t (i32.const 9000) (ref.func $g))".to_owned()),
        ("table.set to nothing", "(table.set $t (i32.const 0) (ref.null func))".to_owned()),
        ("table.fill", "(table.fill $t (i32.const 1) (ref.func $g) (i32.const 9999))".to_owned()),
        ("table.copy", "(table.copy $t $t (i32.const 5000) (i32.const 0) (i32.const 1))".to_owned()),
        ("table.init", "(table.init $t $more (i32.const 700) (i32.const 0) (i32.const 2))".to_owned()),
        ("table.grow", "(drop (table.grow $t (ref.func $g) (i32.const 5000)))".to_owned()),
        ("a segment of elements, dropped", "(elem.drop $more)".to_owned()),
    ]
}

/// One component, which writes or reads as it is asked to.
fn component(engine: &Engine, writes: &str) -> ComponentHandle {
    let body = format!(
        "(local $at i32)
        (if (i32.eq (i32.load8_u (local.get $type)) (i32.const {}))
          (then {writes})
          (else {GROW_FIRST} {}))
        i32.const 0",
        b'w',
        reads()
    );
    load(engine, ITEMS, &body, Limits::default())
}

fn asked_to(what: &str, component: &ComponentHandle) -> Task {
    let task = task(component);
    let info = Info { activity_type: what.to_owned(), ..task.info.as_ref().clone() };
    Task { info: info.into(), ..task }
}

#[tokio::test]
async fn every_kind_of_state_begins_afresh() {
    let engine = Engine::new(EngineSettings { pool_slots: 2, ..settings() }).unwrap();
    for (kind, writes) in writes() {
        let component = component(&engine, &writes);
        // Both slots are used, by two at a time and by one after the other.
        for what in ["write", "read", "write", "write", "read", "read"] {
            let [one, other] = [(); 2].map(|()| engine.start(asked_to(what, &component)));
            for attempt in [one, other] {
                assert_eq!(line(&ending(attempt).await.end), "completed", "{kind}: {what}");
            }
        }
    }
}

/// The test above would notice: what one kind of write leaves, a read in the same attempt finds.
#[tokio::test]
async fn what_is_left_would_be_found() {
    let engine = engine();
    for (kind, writes) in writes() {
        // Nothing but zeros are left by these, in memory that only a new attempt would find too large.
        if ["read as zero only", "grown"].contains(&kind) {
            continue;
        }
        let grow = if writes.contains("memory.grow") { "" } else { GROW_FIRST };
        let both = format!("(local $at i32) {writes} {grow} {} i32.const 0", reads());
        let component = load(&engine, ITEMS, &both, Limits::default());
        let line = line(&ending(engine.start(task(&component))).await.end);
        assert!(line.starts_with("SandboxTrap"), "{kind}: {line}");
    }
}
