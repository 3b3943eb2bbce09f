//! Attacks of activities that are served.

use std::path::PathBuf;

use serde_json::json;

use super::{Attack, NOTHING, TIMES_OUT, attack};
use crate::hostile::{Guests, LIES};

/// Guests that no compiler would make, but for those that lie.
pub(super) fn written(guests: &Guests) -> Vec<PathBuf> {
    let realloc = guests.changed("realloc_without_end", "(local $at i32)", "(local $at i32) (loop $ever (br $ever))");
    let bomb = "(loop $more (br_if $more (i32.ne (i32.const -1)
        (table.grow $bomb (ref.null func) (i32.const 1000))))) unreachable";
    let table = guests.activity("table_bomb", "(table $bomb 1 funcref)", bomb);
    let pollables = r#"(import "isolet:activity/cancellation-pollable@0.1.0" "subscribe"
        (func $subscribe (param i32) (result i32)))
      (import "wasi:io/poll@0.2.6" "[resource-drop]pollable" (func $drop (param i32)))"#;
    let twice = "(local $it i32) (local.set $it (call $subscribe (i32.const 1)))
        (call $drop (local.get $it)) (call $drop (local.get $it)) i32.const 0";
    let never_had = "(call $drop (i32.const 7)) i32.const 0";
    vec![
        realloc,
        table,
        guests.activity("handle_given_back_twice", pollables, twice),
        guests.activity("handle_of_nobody", pollables, never_had),
        guests.activity("division_by_zero", "", "(i32.div_u (i32.const 1) (i32.const 0))"),
        guests.activity("read_beyond_memory", "", "(i32.load (i32.const 0x7fff0000))"),
    ]
}

/// All of them.
pub(super) fn attacks() -> Vec<Attack> {
    [use_up(), flood(), lie(), reach_for_files(), reach_out()].into_iter().flatten().collect()
}

fn use_up() -> Vec<Attack> {
    vec![
        attack("processor", "a loop without end", "spin", NOTHING(), TIMES_OUT),
        attack("processor", "a future that is always ready to be asked", "busy_polling", NOTHING(), TIMES_OUT),
        attack("processor", "a loop in the allocator", "realloc_without_end", json!(["x"]), TIMES_OUT),
        attack("a thread", "a future that nobody wakes", "never_woken", NOTHING(), "failed: NeverWoken"),
        attack("a thread", "sleep for a century in one call", "sleep_for_ever", NOTHING(), TIMES_OUT),
        attack("memory", "memory until there is none", "memory_bomb", NOTHING(), "failed: SandboxMemoryLimit"),
        attack("memory", "tables until there is none", "table_bomb", NOTHING(), "failed: SandboxMemoryLimit"),
        attack(
            "memory",
            "resources of the host without end",
            "resource_flood",
            NOTHING(),
            "failed: SandboxOutputLimit",
        ),
        attack("the stack", "recursion without end", "deep_recursion", NOTHING(), "failed: SandboxStackOverflow"),
        attack(
            "the stack",
            "recursion on the guest's own stack",
            "shadow_stack_overflow",
            NOTHING(),
            "failed: SandboxStackOverflow",
        ),
        attack("the process", "exit", "exit", NOTHING(), "failed: SandboxTrap: the guest exited with code 1"),
        attack("the process", "an instruction that traps", "unreachable", NOTHING(), "failed: SandboxTrap"),
        attack("the process", "division by zero", "division_by_zero", NOTHING(), "failed: SandboxTrap"),
        attack("the process", "read beyond the memory", "read_beyond_memory", NOTHING(), "failed: SandboxTrap"),
        attack("the process", "start a thread", "start_thread", NOTHING(), "completed: \"Not supported"),
        attack("the process", "start a program", "start_program", NOTHING(), "completed: \"operation not supported"),
        attack("others' memory", "leave marks in memory", "leave_marks", json!([32]), "completed: 33554432"),
        attack("others' memory", "look for marks of an attempt before", "look_for_marks", json!([32]), "completed: 0"),
        attack("host calls", "a result of 16 MiB", "huge_result", json!([16]), "failed: SandboxOutputLimit"),
        attack("host calls", "a failure of 16 MiB", "huge_failure", json!([16]), "failed: SandboxOutputLimit"),
        attack("host calls", "a heartbeat of 16 MiB", "huge_heartbeat", json!([16]), "failed: SandboxOutputLimit"),
        attack("host calls", "a log line of 8 MiB", "huge_log_line", json!([8]), "completed: null"),
        attack("host calls", "16 MiB of output without a line's end", "endless_line", json!([16]), "completed: null"),
        attack("host calls", "100,000 heartbeats", "heartbeat_flood", json!([100_000]), "completed: 100000"),
        attack("host calls", "20,000 lines of output", "stdout_flood", json!([20_000]), "completed: 20000"),
        attack("metrics", "series without end", "metric_flood", NOTHING(), TIMES_OUT),
        attack("metrics", "instruments without end", "endless_instruments", NOTHING(), "failed: MetricError"),
        attack("input", "read what others write to the worker", "read_input", NOTHING(), "completed: 0"),
    ]
}

/// Each says the same for a while, as often as it can.
fn flood() -> Vec<Attack> {
    let floods = [
        ("lines of log", "lines"),
        ("lines of characters to escape", "control"),
        ("lines with thousands of fields", "fields"),
        ("heartbeats of 2 MB", "heartbeats"),
        ("heartbeats of empty payloads", "empty-payloads"),
        ("heartbeats that fail", "failed-heartbeats"),
        ("measurements", "metrics"),
        ("calls of Temporal with 2 MB", "client-calls"),
        ("questions for the time", "clock"),
        ("questions whether it is cancelled", "cancelled"),
        ("questions who it is", "info"),
    ];
    floods.map(|(what, name)| attack("a flood", what, "flood", json!([name, 500]), "completed")).into()
}

fn lie() -> Vec<Attack> {
    let whats = [
        "an outcome outside of its memory",
        "an outcome at an odd address",
        "an outcome of a kind that there is not",
        "a message that is no text",
        "a result that goes beyond its memory",
        "a result of 4 GiB",
        "an allocator that answers outside of its memory",
        "an allocator that answers at an odd address",
    ];
    let lies = whats.into_iter().zip(LIES);
    let lies = lies.map(|(what, name)| {
        let arguments = if name.starts_with("realloc") { json!(["x"]) } else { NOTHING() };
        attack("the contract", what, name, arguments, "failed: SandboxTrap: the guest broke the contract")
    });
    let handles = [
        ("give a handle back twice", "handle_given_back_twice"),
        ("give a handle back that it never had", "handle_of_nobody"),
    ];
    let handles = handles.map(|(what, name)| attack("the contract", what, name, NOTHING(), "failed: SandboxTrap"));
    lies.chain(handles).collect()
}

fn reach_for_files() -> Vec<Attack> {
    let (denied, absent) = ("Operation not permitted", "No such file or directory");
    let files = [
        ("read a file of the host", "read", "/etc/passwd", absent),
        ("read a file beside the granted folder", "read", "/data/../secret", denied),
        ("read it by a longer way", "read", "/data/./own/../../secret", "Not a directory"),
        ("follow a link to it", "read", "/data/to-secret", denied),
        ("follow a link upwards", "list", "/data/up", denied),
        ("follow a link to a device", "read", "/data/to-device", denied),
        ("open a FIFO", "read", "/data/fifo", denied),
        ("list the host's root", "list", "/", absent),
        ("write a file of the host", "write", "/etc/isolet-was-here", absent),
        ("make a link to a file beside", "link", "../secret", denied),
        ("make a link to a file of the host", "link", "/etc/passwd", denied),
        ("make a second name of a file beside", "hard-link", "/data/../secret", denied),
        ("open a file without end", "handles", "/data/own", "failed: SandboxOutputLimit"),
        ("make a file of a terabyte", "hole", "/data/hole", "No space left on device"),
        ("write a byte a terabyte away", "far", "/data/far", "completed: \"I/O error"),
        ("write until the disk is full", "fill", "/data/full", "MiB, then No space left on device"),
    ];
    let files = files.map(|(what, how, path, told)| attack("files", what, "touch", json!([how, path]), told));
    let scratch = [
        ("fill its scratch directory", "fill", "bytes, then I/O error"),
        ("make files there without end", "entries", "No space left on device"),
        ("open files there without end", "handles", "failed: SandboxOutputLimit"),
        ("leave it by a path", "/tmp/../etc/passwd", denied),
        ("leave it by a link", "symbolic link", denied),
    ];
    let scratch = scratch.map(|(what, how, told)| attack("files", what, "scratch", json!([how]), told));
    let others =
        [attack("files", "read what the host's environment holds", "variables", NOTHING(), "completed: [\"MINE\"]")];
    files.into_iter().chain(scratch).chain(others).collect()
}

fn reach_out() -> Vec<Attack> {
    let denied = "Permission denied";
    let sockets = [
        ("connect to this machine by a socket", "connect", denied),
        ("connect to a cloud's metadata by a socket", "connect-metadata", denied),
        ("listen", "listen", denied),
        ("send a datagram", "send", denied),
        ("look a name up", "look-up", "failed to lookup address information"),
    ];
    let sockets = sockets.map(|(what, name, told)| attack("network", what, "socket", json!([name]), told));
    let calls = [
        ("signal a workflow that is not granted", "signal", "theirs", None, "NotGranted"),
        ("signal one of another namespace", "signal", "mine-1", Some("temporal-system"), "NotGranted"),
        ("terminate a workflow", "terminate", "mine-1", None, "NotGranted"),
        ("look at a workflow", "describe", "mine-1", None, "NotGranted"),
        ("send 16 MiB", "huge", "mine-1", None, "SandboxOutputLimit"),
        ("delete the namespace", "delete-namespace", "", None, "NotGranted"),
    ];
    let calls = calls.map(|(what, how, id, namespace, told)| {
        attack("Temporal", what, "ask_temporal", json!([how, id, namespace]), told)
    });
    sockets.into_iter().chain(calls).collect()
}
