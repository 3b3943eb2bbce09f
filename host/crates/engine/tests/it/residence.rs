//! What a slot keeps of an attempt is there for the next one.

use std::fs;

use activity::{ComponentHandle, KillReason, Limits, Payload, Task};
use engine::Engine;

use crate::support::{engine, killed, line, load_module, short_task, task};

/// The guest's memory is of 16 MiB, with an image nearly as large.
const MEMORY: &str = r#"(memory (export "memory") 256) (data (i32.const 15000000) "image")"#;

/// Writes to every 16th page of the last 8 MiB: 128 pages in as many regions, more than one scan of the system tells of,
/// with more pages in front of them that nobody touches than a slot keeps.
const BODY: &str = "
    (local $at i32)
    (local.set $at (i32.const 8388608))
    (loop $more
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 65536)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 16777216))))
    i32.const 0";

/// Writes to every 16th page of the MiB number 8 without input, number 12 with one payload, and number 4 with two, which
/// never returns.
const BODY_BY_INPUT: &str = "
    (local $at i32) (local $end i32)
    (local.set $at (i32.const 0x800000))
    (if (i32.eq (local.get $input_len) (i32.const 1)) (then (local.set $at (i32.const 0xc00000))))
    (if (i32.eq (local.get $input_len) (i32.const 2)) (then (local.set $at (i32.const 0x400000))))
    (local.set $end (i32.add (local.get $at) (i32.const 0x100000)))
    (loop $more
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 65536)))
      (br_if $more (i32.lt_u (local.get $at) (local.get $end))))
    (loop $ever (br_if $ever (i32.eq (local.get $input_len) (i32.const 2))))
    i32.const 0";

/// Page faults that this thread has taken.
fn faults() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(7).unwrap().parse().unwrap()
}

fn load(engine: &Engine, body: &str) -> ComponentHandle {
    let module = wat_component::activity_module("", body).replace(r#"(memory (export "memory") 1)"#, MEMORY);
    load_module(engine, &module, Limits::default()).unwrap().component
}

fn with_payloads(component: &ComponentHandle, payloads: usize) -> Task {
    Task { input: vec![Payload::json("1"); payloads], ..task(component) }
}

async fn faults_of_an_attempt(engine: &Engine, task: Task) -> u64 {
    let before = faults();
    assert_eq!(line(&engine.run_inline(task).await.end), "completed");
    faults() - before
}

/// The fewest of some attempts: the host's own memory may take some.
async fn fewest_faults(engine: &Engine, component: &ComponentHandle, payloads: usize) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..5 {
        fewest = fewest.min(faults_of_an_attempt(engine, with_payloads(component, payloads)).await);
    }
    fewest
}

#[tokio::test]
async fn an_attempt_takes_no_page_faults_for_what_the_one_before_has_written() {
    let engine = engine();
    let component = load(&engine, BODY);
    let first = faults_of_an_attempt(&engine, task(&component)).await;
    assert!(first > 128, "the first one writes to pages that are not there: {first}");
    let fewest = fewest_faults(&engine, &component, 1).await;
    assert!(fewest < 16, "{fewest}");
}

/// 16 pages are written to in each part of the memory.
#[tokio::test]
async fn what_a_later_attempt_touches_is_there_for_the_next_one_too() {
    let engine = engine();
    let component = load(&engine, BODY_BY_INPUT);
    for payloads in [0, 1, 0, 1] {
        // The first one in each part finds nothing there.
        faults_of_an_attempt(&engine, with_payloads(&component, payloads)).await;
        let fewest = fewest_faults(&engine, &component, payloads).await;
        assert!(fewest < 8, "{payloads} payloads: {fewest}");
    }
}

#[tokio::test]
async fn what_a_killed_attempt_has_touched_is_there_for_the_next_one() {
    let engine = engine();
    let component = load(&engine, BODY_BY_INPUT);
    let endless = || Task { input: with_payloads(&component, 2).input, ..short_task(&component, 1) };
    assert!(killed(&engine.run_inline(endless()).await, KillReason::Deadline));
    let before = faults();
    assert!(killed(&engine.run_inline(endless()).await, KillReason::Deadline));
    assert!(faults() - before < 16);
}
