//! What a slot keeps of an attempt is there for the next one.

use std::fs;

use activity::{ComponentHandle, Limits};
use engine::Engine;

use crate::support::{engine, line, load_module, task};

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

/// Page faults that this thread has taken.
fn faults() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(7).unwrap().parse().unwrap()
}

async fn faults_of_an_attempt(engine: &Engine, component: &ComponentHandle) -> u64 {
    let before = faults();
    assert_eq!(line(&engine.run_inline(task(component)).await.end), "completed");
    faults() - before
}

#[tokio::test]
async fn an_attempt_takes_no_page_faults_for_what_the_one_before_has_written() {
    let engine = engine();
    let module = wat_component::activity_module("", BODY).replace(r#"(memory (export "memory") 1)"#, MEMORY);
    let component = load_module(&engine, &module, Limits::default()).unwrap().component;
    let first = faults_of_an_attempt(&engine, &component).await;
    assert!(first > 128, "the first one writes to pages that are not there: {first}");
    let mut later = Vec::new();
    for _ in 0..5 {
        later.push(faults_of_an_attempt(&engine, &component).await);
    }
    // The host's own memory may take some.
    let fewest = later.iter().min().unwrap();
    assert!(*fewest < 16, "{later:?}");
}
