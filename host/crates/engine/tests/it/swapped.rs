//! What the system has swapped out of one attempt, the next does not find either.
//!
//! Needs root: the test makes swap and a control group, and runs again in it. Where it may not, it says so and passes;
//! with [`REQUIRED`] set it fails.

use std::{
    env, fs,
    io::{self, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use activity::{Command as Tell, Event, Executor as _, KillReason, Limits};
use engine::{Engine, EngineSettings};

use crate::support::{WAIT, ending, killed, line, load, run, settings, task};

/// Makes it a failure when the machine does not allow the test.
const REQUIRED: &str = "ISOLET_REQUIRE_SWAP";

/// Where the inner run finds what limits its memory, and what it writes there to lift the limit.
const LIMIT_FILE: &str = "LIMIT_FILE";
const NO_LIMIT: &str = "NO_LIMIT";

/// What the inner run is pressed to, in bytes: less than the guest has written.
const PRESSED: &str = "8388608";

/// KiB that must have been swapped out for the test to mean something: half of what the guest has written.
const SWAPPED: u64 = 20 << 10;

/// What the inner run says when the system leaves the guest's memory where it is.
const LITTLE: &str = "the system swaps too little out";

/// How `pressed.sh` ends where the machine does not allow it.
const NOT_ALLOWED: i32 = 77;

#[tokio::test]
async fn swapped_memory_begins_afresh() {
    match env::var_os(LIMIT_FILE) {
        Some(limit) => under_pressure(Path::new(&limit)).await,
        None => again_under_pressure("swapped::swapped_memory_begins_afresh"),
    }
}

/// Runs this test in a process of its own, with swap and little memory.
fn again_under_pressure(test: &str) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/swapped/pressed.sh");
    let mut command = Command::new("sh");
    command.arg(script).arg(folder.path()).arg(env::current_exe().unwrap()).args(["--exact", test]);
    // It cleans up when the other end is closed, be it because this process was killed.
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let open = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(open);
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let is_impossible = output.status.code() == Some(NOT_ALLOWED) || said.contains(LITTLE);
    match output.status.code() {
        Some(0) => {}
        _ if is_impossible && env::var_os(REQUIRED).is_none() => {
            // Not by `eprintln`, which tests that pass keep to themselves.
            let _ = writeln!(io::stderr(), "{test}: NOT tested: {}", said.trim());
        }
        _ => panic!("{}: {said}", output.status),
    }
}

async fn under_pressure(limit: &Path) {
    let engine = Engine::new(EngineSettings { pool_slots: 1, ..settings() }).unwrap();
    let heartbeat = r#"(import "isolet:activity/heartbeat@0.1.0" "record" (func $record (param i32 i32)))"#;
    let items = format!("{WAIT} {heartbeat}");
    let writes = "(drop (memory.grow (i32.const 640)))
        (memory.fill (i32.const 65536) (i32.const 0xaa) (i32.const 41943040))
        (call $record (i32.const 0) (i32.const 0))
        (drop (call $wait (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0))) i32.const 0";
    let reads = "(local $at i32) (drop (memory.grow (i32.const 640))) (local.set $at (i32.const 65536))
        (loop $more
          (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $more (i32.lt_u (local.get $at) (i32.const 42008576)))) i32.const 0";
    let [writer, reader] = [writes, reads].map(|body| load(&engine, &items, body, Limits::default()));

    let mut attempt = engine.start(task(&writer));
    assert!(matches!(attempt.next().await, Event::Heartbeat(_)));
    // This returns when the system has tried; a limit that it could not reach is an error in the first version of groups.
    let _ = fs::write(limit, PRESSED);
    let swapped = swapped();
    fs::write(limit, env::var(NO_LIMIT).unwrap()).unwrap();
    assert!(SWAPPED <= swapped, "{LITTLE}: {swapped} KiB");
    attempt.send(Tell::Kill(KillReason::Cancelled));
    assert!(killed(&ending(attempt).await, KillReason::Cancelled));
    assert_eq!(line(&run(&engine, &reader).await), "completed");
}

/// KiB of this process that are swapped out.
fn swapped() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSwap:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
