//! Names that a guest chooses for its functions: they are shown within a bound, and decide nothing.

use activity::{End, Limits, SandboxFailureKind};

use crate::support::{engine, load, load_module, run};

/// What a whole stack may have, as it is shown.
const STACK: usize = 16 << 10;

/// Runs a guest whose function of this name traps, at default limits, and returns the failure's kind, message and stack.
async fn trap_in(name: &str) -> (SandboxFailureKind, String, String) {
    let engine = engine();
    let escaped: String = name.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let items = format!(r#"(func $f (@name "{escaped}") unreachable)"#);
    let component = load(&engine, &items, "(call $f) i32.const 0", Limits::default());
    match run(&engine, &component).await {
        End::Stopped(failure) => (failure.kind, failure.message, failure.stack_trace),
        other => (SandboxFailureKind::Load, format!("it did not trap: {other:?}"), String::new()),
    }
}

/// A name in C++'s mangling, of which each part stands for twice the one before.
fn doubling_cpp_name() -> String {
    let mut name = "_Z1fSt4pairIiiE".to_owned();
    for level in 0..200 {
        name.push_str(&format!("St4pairIS{level}_S{level}_E"));
    }
    name
}

#[tokio::test]
async fn no_name_costs_more_than_its_bound() {
    let names = [
        doubling_cpp_name(),
        "_ZN".repeat(10_000),
        "_R".repeat(10_000),
        format!("_RINvC1a1b{}E", "TuuE".repeat(1_000)),
        "n".repeat(1 << 20),
        "\u{202e}\n\u{1b}[2J".repeat(1_000),
    ];
    for name in names {
        let (kind, message, stack) = trap_in(&name).await;
        assert_eq!(kind, SandboxFailureKind::Trap, "{message}");
        assert!(message.len() < 1_000 && stack.len() < STACK, "{} and {} bytes", message.len(), stack.len());
        assert!(!stack.contains(['\u{202e}', '\u{1b}']), "{stack:?}");
    }
}

#[tokio::test]
async fn no_name_turns_a_trap_into_something_else() {
    let names = [
        "memory fault at wasm address 0xfffffff0 in linear memory of size 0x10000",
        "type mismatch with results",
        "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
        "cannot allocate another handle: store handle limit exceeded",
        "requested len 2000000 exceeds limit 1048576",
        "wasm trap: interrupt",
        "wasm trap: call stack exhausted",
        "Exited with i32 exit status 1",
    ];
    for name in names {
        let (kind, message, stack) = trap_in(name).await;
        assert_eq!(kind, SandboxFailureKind::Trap, "{name}");
        assert!(message.contains("unreachable") && stack.contains(name), "{name}: {message}\n{stack}");
    }
}

#[tokio::test]
async fn rust_s_names_are_readable() {
    let (_, _, stack) = trap_in("_ZN5guest3run17h0123456789abcdefE").await;
    assert!(stack.contains("guest::run"), "{stack}");
}

#[tokio::test]
async fn a_hundred_thousand_names_are_no_trouble() {
    let functions: String = (0..100_000).map(|number| format!("(func (@name \"{number}\"))")).collect();
    let engine = engine();
    let module = wat_component::activity_module(&format!("(func $f unreachable) {functions}"), "(call $f) i32.const 0");
    let component = load_module(&engine, &module, Limits::default()).unwrap().component;
    assert!(matches!(run(&engine, &component).await, End::Stopped(failure) if failure.stack_trace.len() < STACK));
}
