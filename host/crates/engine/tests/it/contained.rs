//! Guests that try to harm. Each ends with its own failure, and a good attempt afterwards finds nothing changed.

use std::time::Duration;

use activity::Limits;
use expect_test::{Expect, expect};

use crate::support::{ENDLESS, engine, line, load, load_module, run};

fn limits() -> Limits {
    Limits {
        memory: 1 << 20,
        table_elements: 1_000,
        // Touching all of a stack takes some 20 ms, and more where other tests run.
        cpu_time: Some(Duration::from_secs(1)),
        host_buffer: 1 << 16,
        result: 1_024,
        heartbeat: 1_024,
        resources: 10,
        random: 1_000,
        ..Limits::default()
    }
}

async fn check(items: &str, body: &str, expected: Expect) {
    check_module(&wat_component::activity_module(items, body), expected).await;
}

async fn check_module(module: &str, expected: Expect) {
    let engine = engine();
    let hostile = load_module(&engine, module, limits()).unwrap().component;
    expected.assert_eq(&line(&run(&engine, &hostile).await));
    let good = load(&engine, "", "i32.const 0", limits());
    assert_eq!(line(&run(&engine, &good).await), "completed");
}

/// An outcome at address 0: completed with a payload of `length` bytes at `pointer`.
fn completed_with(pointer: &str, length: &str) -> String {
    format!(
        "(i32.store (i32.const 4) (i32.const 1)) (i32.store (i32.const 16) {pointer})
         (i32.store (i32.const 20) {length}) (i32.const 0)"
    )
}

#[tokio::test]
async fn endless_loop() {
    check(
        "",
        ENDLESS,
        expect!["SandboxCpuLimit: the guest used more processor time than its limit of 1s: raise `limits.cpu-time`"],
    )
    .await;
}

#[tokio::test]
async fn endless_loop_in_realloc() {
    let module = wat_component::activity_module("", "i32.const 0");
    let module = module.replace("(local $at i32)", "(local $at i32) (loop $ever (br $ever))");
    check_module(
        &module,
        expect!["SandboxCpuLimit: the guest used more processor time than its limit of 1s: raise `limits.cpu-time`"],
    )
    .await;
}

#[tokio::test]
async fn memory_bomb() {
    let bomb = "(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) unreachable";
    check(
        "",
        bomb,
        expect!["SandboxMemoryLimit: the guest asked for more memory than its limit of 1 MiB: raise `limits.memory`"],
    )
    .await;
}

#[tokio::test]
async fn refused_memory_that_a_guest_gets_over() {
    let guest = "(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) i32.const 0";
    check("", guest, expect!["completed"]).await;
}

#[tokio::test]
async fn table_bomb() {
    let bomb = "(loop $more (br_if $more (i32.ne (i32.const -1)
        (table.grow $bomb (ref.null func) (i32.const 100))))) unreachable";
    check("(table $bomb 1 funcref)", bomb, expect!["SandboxMemoryLimit: the guest asked for more table elements than its limit of 1000: raise `limits.table-elements`"]).await;
}

#[tokio::test]
async fn recursion() {
    check("(func $deeper (call $deeper))", "(call $deeper) unreachable", expect!["SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack"]).await;
}

#[tokio::test]
async fn recursion_that_uses_up_the_stack_in_memory() {
    let at_once = "(func $deeper (param $stack i32)
        (memory.fill (local.tee $stack (i32.sub (local.get $stack) (i32.const 512))) (i32.const 0) (i32.const 512))
        (call $deeper (local.get $stack)))";
    let one_by_one =
        at_once.replace("(memory.fill", "(i64.store").replace("(i32.const 0) (i32.const 512))", "(i64.const 0))");
    for items in [at_once, &one_by_one] {
        check(items, "(call $deeper (i32.const 65536)) unreachable", expect!["SandboxStackOverflow: the guest's stack is used up: recurse less deeply, or build the guest with a larger stack"]).await;
    }
}

#[tokio::test]
async fn an_access_out_of_bounds_is_no_used_up_stack() {
    check(
        "",
        "(i32.store (i32.const 0x7fff0000) (i32.const 1)) unreachable",
        expect!["SandboxTrap: the guest trapped: out of bounds memory access"],
    )
    .await;
}

#[tokio::test]
async fn unreachable() {
    check("", "unreachable", expect!["SandboxTrap: the guest trapped: wasm `unreachable` instruction executed"]).await;
}

#[tokio::test]
async fn malformed_outcomes() {
    check("", "i32.const -16", expect!["SandboxTrap: the guest broke the contract: pointer out of bounds of memory"])
        .await;
    check("", "i32.const 2", expect!["SandboxTrap: the guest broke the contract: return pointer not aligned"]).await;
    check(
        "",
        "(i32.store8 (i32.const 0) (i32.const 9)) (i32.const 0)",
        expect!["SandboxTrap: the guest broke the contract: unexpected discriminant: 9"],
    )
    .await;
    check(
        "",
        &completed_with("(i32.const 65530)", "(i32.const 100)"),
        expect!["SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory"],
    )
    .await;
    check(
        "",
        &completed_with("(i32.const 0)", "(i32.const -1)"),
        expect!["SandboxTrap: the guest broke the contract: list pointer/length out of bounds of memory"],
    )
    .await;
}

#[tokio::test]
async fn malformed_answers_of_realloc() {
    let module = wat_component::activity_module("", "i32.const 0");
    check_module(
        &module.replace("(local.get $at))", "(i32.const -8))"),
        expect!["SandboxTrap: the guest broke the contract: realloc return: beyond end of memory"],
    )
    .await;
    check_module(
        &module.replace("(local.get $at))", "(i32.const 3))"),
        expect!["SandboxTrap: the guest broke the contract: realloc return: result not aligned"],
    )
    .await;
}

#[tokio::test]
async fn huge_results() {
    let grown = "(drop (memory.grow (i32.const 10)))";
    check("", &completed_with("(i32.const 0)", "(i32.const 1025)"), expect!["SandboxOutputLimit: the result has 1025 bytes and its limit is 1 KiB: return less, or raise `limits.result`"]).await;
    let beyond_buffer = completed_with("(i32.const 0)", "(i32.const 131072)");
    check("", &format!("{grown} {beyond_buffer}"), expect!["SandboxOutputLimit: the guest passed more data to the host at once than its limit of 64 KiB: pass less, or raise `limits.host-buffer`"]).await;
}

#[tokio::test]
async fn huge_heartbeat() {
    let import = r#"(import "isolet:activity/heartbeat@0.1.0" "record" (func $record (param i32 i32)))"#;
    let heartbeat = "(i32.store (i32.const 2056) (i32.const 0)) (i32.store (i32.const 2060) (i32.const 2000))
        (call $record (i32.const 2048) (i32.const 1)) i32.const 0";
    check(import, heartbeat, expect!["SandboxOutputLimit: the details of a heartbeat have 2000 bytes and their limit is 1 KiB: record less, or raise `limits.heartbeat`"]).await;
}

#[tokio::test]
async fn too_many_resources() {
    let import = r#"(import "isolet:activity/cancellation-pollable@0.1.0" "subscribe"
        (func $subscribe (param i32) (result i32)))"#;
    check(import, "(loop $more (drop (call $subscribe (i32.const 1))) (br $more)) unreachable", expect!["SandboxOutputLimit: the guest holds more resources than its limit of 10: drop some, or raise `limits.resources`"]).await;
}
