//! Components that can't be loaded, each for its own reason.

use std::sync::Arc;

use activity::{ActivityName, Executor as _, Limits, Policy};
use engine::{Bytes, Engine, EngineSettings, LoadError, Source};
use expect_test::{Expect, expect};

use crate::support::{PARKED, WAIT, ending, engine, line, load, load_module, settings, task, until};

/// How the core function ends that tells a good activity's name.
const LIST: &str = "(result i32) (i32.const 256))";

fn check(engine: &Engine, component: &[u8], expected: Expect) {
    let refusal = engine.load(&Source::new("guest", component), Arc::default()).unwrap_err();
    expected.assert_eq(&with_cure(&refusal));
}

/// The reason, and below it what to do.
fn with_cure(refusal: &LoadError) -> String {
    let cure = refusal.cure().map(|cure| format!("\ncure: {cure}"));
    format!("{refusal}{}", cure.unwrap_or_default())
}

fn check_module(module: &str, limits: Limits, expected: Expect) {
    expected.assert_eq(&with_cure(&load_module(&engine(), module, limits).unwrap_err()));
}

fn text(component: &str) -> Vec<u8> {
    wat::parse_str(component).unwrap()
}

/// The good activity with a part of its module replaced.
fn changed(from: &str, to: &str) -> String {
    let module = wat_component::activity_module("", "i32.const 0");
    assert!(module.contains(from));
    module.replace(from, to)
}

#[test]
fn no_component() {
    let engine = engine();
    let good = wat_component::activity("", "i32.const 0").unwrap();
    let noise: Vec<u8> = (0..4_096_u32).map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    check(&engine, b"", expect!["it is not a WebAssembly component but an empty file"]);
    check(
        &engine,
        b" (component)",
        expect![[r#"
            it is not a WebAssembly component but WebAssembly in its text form
            cure: make it binary with `wasm-tools parse`"#]],
    );
    check(
        &engine,
        &noise,
        expect!["it is not a WebAssembly component but a file that begins with the bytes 00 37 6e a6 dd 15 4c 84"],
    );
    check(
        &engine,
        &text("(module)"),
        expect![[r#"
            it is a core WebAssembly module, not a component
            cure: build it for the target wasm32-wasip2, or make it a component with `wasm-tools component new`"#]],
    );
    check(
        &engine,
        &good[..good.len() / 2],
        expect![[r#"
            it is not a valid component: unexpected end-of-file (at offset 0x8d8)
            cure: build or copy it again"#]],
    );
    let mut broken = good;
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xff);
    check(
        &engine,
        &broken,
        expect![[r#"
            it is not a valid component: malformed UTF-8 encoding (at offset 0x8e4)
            cure: build or copy it again"#]],
    );
}

#[test]
fn too_large() {
    let compile_limits = engine::CompileLimits { component: 100, ..engine::CompileLimits::default() };
    let engine = Engine::new(EngineSettings { compile_limits, ..settings() }).unwrap();
    check(&engine, &[0; 101], expect!["the component has 101 bytes, and at most 100 bytes are compiled"]);
}

#[test]
fn other_imports_and_exports() {
    let engine = engine();
    check(
        &engine,
        &text("(component)"),
        expect![[r#"
            it exports no activities: there is no isolet:activity/handler@0.1 among its exports (none)
            cure: build it with one of Isolet's SDKs, or let it export a function"#]],
    );
    check(
        &engine,
        &text(r#"(component (import "wasi:http/incoming-handler@0.2.6" (instance)))"#),
        expect![[r#"
            it imports wasi:http/incoming-handler@0.2.6, which is not available
            cure: activities can send HTTP requests, by `wasi:http/outgoing-handler@0.2`, and not answer any"#]],
    );
    check(
        &engine,
        &text(r#"(component (import "isolet:activity/info@0.9.0" (instance)))"#),
        expect![[r#"
            it imports isolet:activity/info@0.9.0, which is not available
            cure: the component was built for another version of Isolet: use that one, or rebuild it"#]],
    );
    check(
        &engine,
        &text(r#"(component (import "acme:shop/orders" (instance)))"#),
        expect![[r#"
            it imports acme:shop/orders, which is not available
            cure: build the component without it, or compose it with a component that exports it"#]],
    );
    let other_import = r#"(component
        (instance $i) (export "isolet:activity/handler@0.1.0" (instance $i))
        (import "isolet:activity/cancellation@0.1.0" (instance (export "is-cancelled" (func (result string))))))"#;
    check(
        &engine,
        &text(other_import),
        expect![[r#"
            it was built against other interfaces than this version's: component imports instance `isolet:activity/cancellation@0.1.0`, but a matching implementation was not found in the linker: instance export `is-cancelled` has the wrong type: type mismatch with results: expected `bool` found `string`
            cure: rebuild it with this version's SDK"#]],
    );
    let handler = r#"(component (instance $i) (export "isolet:activity/handler@0.1.0" (instance $i)))"#;
    check(
        &engine,
        &text(handler),
        expect![[r#"
            its isolet:activity/handler has other types than this version's: instance export `isolet:activity/handler@0.1.0` does not have export `list-activities`
            cure: rebuild it with this version's SDK"#]],
    );
}

#[test]
fn other_types() {
    let component = r#"(component
        (core module $m (func (export "f")))
        (core instance $m (instantiate $m))
        (func $f (canon lift (core func $m "f")))
        (instance $i (export "list-activities" (func $f)) (export "execute" (func $f)))
        (export "isolet:activity/handler@0.1.0" (instance $i)))"#;
    check(
        &engine(),
        &text(component),
        expect![[r#"
            its isolet:activity/handler has other types than this version's: failed to convert function to given type: type mismatch with results: expected 1-tuple, found 0-tuple
            cure: rebuild it with this version's SDK"#]],
    );
}

#[test]
fn beyond_its_limits() {
    let memory = changed(r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 4096)"#);
    check_module(
        &memory,
        Limits::default(),
        expect![
            "it does not tell its activities: the guest asked for more memory than its limit of 64 MiB: raise `limits.memory`"
        ],
    );
    let table = wat_component::activity_module("(table 30000 funcref)", "i32.const 0");
    check_module(
        &table,
        Limits::default(),
        expect![
            "it does not tell its activities: the guest asked for more table elements than its limit of 20000: raise `limits.table-elements`"
        ],
    );
    let good = wat_component::activity_module("", "i32.const 0");
    check_module(
        &good,
        Limits { memory: 8 << 30, ..Limits::default() },
        expect![[r#"
            its `limits.memory` of 8 GiB is beyond the engine's largest of 4 GiB
            cure: lower it"#]],
    );
    let table = wat_component::activity_module("(table 300000 funcref)", "i32.const 0");
    check_module(
        &table,
        Limits::default(),
        expect![
            "it does not fit into a sandbox: table index 0 has a minimum element size of 300000 which exceeds the limit of 100000"
        ],
    );
    let tables = wat_component::activity_module(&"(table 1 funcref)".repeat(9), "i32.const 0");
    check_module(
        &tables,
        Limits::default(),
        expect!["it does not fit into a sandbox: defined tables count of 9 exceeds the per-instance limit of 8"],
    );
    let globals = wat_component::activity_module(&"(global i32 (i32.const 0))".repeat(270_000), "i32.const 0");
    check_module(
        &globals,
        Limits::default(),
        expect![
            "it does not fit into a sandbox: instance allocation for this module requires 4320364 bytes which exceeds the configured maximum of 4194304 bytes"
        ],
    );
}

#[test]
fn start_functions_that_misbehave() {
    let start =
        |body: &str| wat_component::activity_module(&format!("(func $start {body}) (start $start)"), "i32.const 0");
    check_module(
        &start("unreachable"),
        Limits::default(),
        expect!["it does not tell its activities: the guest trapped: wasm `unreachable` instruction executed"],
    );
    check_module(
        &start("(loop $ever (br $ever))"),
        Limits::default(),
        expect!["it does not tell its activities: its start functions and `list-activities` did not end within 5s"],
    );
}

/// What a component says its only activity is called, when the address of the name's address and length is that of the
/// error's text in a result at address 700.
fn named_by_its_error(import: &str, call: &str) -> String {
    let name = "(i32.store (i32.const 276) (i32.load (i32.const 708)))
        (i32.store (i32.const 280) (i32.load (i32.const 712)))";
    let listing = format!("(result i32) {call} {name} (i32.const 256))");
    let module = wat_component::activity_module(import, "i32.const 0").replace(LIST, &listing);
    let loaded = load_module(&engine(), &module, Limits::default()).unwrap();
    match loaded.listing.activities.into_iter().next() {
        Some((ActivityName::Named(name), _)) => name,
        other => format!("{other:?}"),
    }
}

#[test]
fn what_only_an_attempt_can_do_fails_at_once() {
    let zeros = |count| "(i32.const 0)".repeat(count);
    let import = r#"(import "isolet:activity/client@0.1.0" "cancel-workflow"
        (func $cancel (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#;
    let call = format!("(call $cancel {} (i32.const 700))", zeros(10));
    expect!["there is no attempt: only a running activity can ask Temporal"]
        .assert_eq(&named_by_its_error(import, &call));
    let import = r#"(import "isolet:activity/metrics@0.1.0" "[static]gauge.create"
        (func $create (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#;
    let call = format!("(call $create {} (i32.const 700))", zeros(8));
    expect!["there is no attempt: only a running activity can make instruments"]
        .assert_eq(&named_by_its_error(import, &call));
    let waiting = wat_component::activity_module(WAIT, "i32.const 0")
        .replace(LIST, &format!("(result i32) {PARKED} drop (i32.const 256))"));
    check_module(
        &waiting,
        Limits::default(),
        expect![
            "it does not tell its activities: the guest did outside of an activity what only an attempt can do: there is no attempt"
        ],
    );
    let import = r#"(import "isolet:activity/heartbeat@0.1.0" "record" (func $record (param i32 i32)))"#;
    let heartbeating = wat_component::activity_module(import, "i32.const 0")
        .replace(LIST, "(result i32) (call $record (i32.const 0) (i32.const 0)) (i32.const 256))");
    check_module(
        &heartbeating,
        Limits::default(),
        expect![
            "it does not tell its activities: the guest did outside of an activity what only an attempt can do: there is no attempt"
        ],
    );
    // A nap is no wait for something that never comes.
    let napping = waiting.replace("(call $wait (i32.const 0) (i32.const 0)", "(call $wait (i32.const 0) (i32.const 1)");
    assert!(load_module(&engine(), &napping, Limits::default()).is_ok());
}

#[test]
fn odd_lists_of_activities() {
    check_module(
        &changed(LIST, "(result i32) (i32.const -8))"),
        Limits::default(),
        expect!["it does not tell its activities: the guest broke the contract: pointer out of bounds of memory"],
    );
    // The list's length, and the length of the only name in it.
    check_module(
        &changed(r"\10\01\00\00\01", r"\10\01\00\00\00"),
        Limits::default(),
        expect![[r#"
            it has no activities
            cure: mark at least one function as an activity"#]],
    );
    check_module(
        &changed(r"\2c\01\00\00\03", r"\2c\01\00\00\00"),
        Limits::default(),
        expect!["one of its activities has an empty name"],
    );
    let twice = r"\00\00\00\00\2c\01\00\00\03\00\00\00\01\00\00\00";
    let twice = changed(r"\10\01\00\00\01", r"\10\01\00\00\02")
        .replace(twice, &twice.repeat(2))
        .replace("300) \"run", "304) \"run");
    check_module(
        &twice.replace(r"\2c\01", r"\30\01"),
        Limits::default(),
        expect![[r#"
            it has two activities named "run"
            cure: rename one"#]],
    );
}

/// A component whose activities have these names.
fn listing(names: &[String]) -> String {
    let bytes = |number: usize| -> String {
        u32::try_from(number).unwrap().to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect()
    };
    // The definitions from the second page on, the names from the fourth.
    let (mut definitions, mut texts) = (String::new(), String::new());
    for name in names {
        for number in [0, 3 * 65_536 + texts.len(), name.len(), 1] {
            definitions.push_str(&bytes(number));
        }
        texts.push_str(name);
    }
    let list = r#"(data (i32.const 256) "\10\01\00\00\01\00\00\00")"#;
    let other = format!(
        r#"(data (i32.const 256) "\00\00\01\00{}") (data (i32.const 65536) "{definitions}")
        (data (i32.const 196608) "{texts}")"#,
        bytes(names.len())
    );
    changed("(memory (export \"memory\") 1)", "(memory (export \"memory\") 32)").replace(list, &other)
}

#[test]
fn as_many_activities_as_there_may_be_and_names_as_long() {
    let names = |count: usize, length: usize| -> Vec<String> {
        (0..count).map(|number| format!("{number:0length$}")).collect()
    };
    let loaded = load_module(&engine(), &listing(&names(1_000, 1_000)), Limits::default()).unwrap();
    assert_eq!(loaded.listing.activities.len(), 1_000);
    check_module(
        &listing(&names(1_001, 4)),
        Limits::default(),
        expect![[r#"
            it has 1001 activities, and at most 1000 are served
            cure: export fewer, or make it several components"#]],
    );
    let refusal = load_module(&engine(), &listing(&names(1, 1_001)), Limits::default()).unwrap_err().to_string();
    let reason = "the name of one of its activities has 1001 bytes, and Temporal takes at most 1000: ";
    assert_eq!(refusal, format!("{reason}{}…", "0".repeat(200)));
}

#[test]
fn what_a_component_is_can_be_asked_without_loading_it() {
    let engine = engine();
    let component = text(r#"(component (import "wasi:http/incoming-handler@0.2.6" (instance)))"#);
    let inspection = engine.inspect(&Source::new("x", &component), Arc::default()).unwrap();
    assert_eq!(inspection.imports[0].name, "wasi:http/incoming-handler@0.2.6");
    assert!(matches!(inspection.listing, Err(LoadError::Import { .. })));
    assert!(!engine.compile(&Source::new("x", &component)).unwrap());
}

#[test]
fn what_is_kept_is_loaded_without_its_bytes_and_without_being_asked() {
    let dir = tempfile::tempdir().unwrap();
    let settings = || EngineSettings { cache_dir: Some(dir.path().join("store")), ..settings() };
    let module = wat_component::activity_module("(table 10 funcref)", "i32.const 0");
    let component = wat_component::encode(&module).unwrap();
    let source = Source::new("guest", &component);
    let unread = || -> Result<Vec<u8>, _> { Err("nobody may read it".into()) };
    let again = Source { bytes: Bytes::Unread(&unread), ..source.clone() };
    let refusal = Engine::new(settings()).unwrap().load(&again, Arc::default()).unwrap_err();
    assert!(matches!(&refusal, LoadError::Unread(_)), "{refusal}");
    let first = Engine::new(settings()).unwrap().load(&source, Arc::default()).unwrap();
    // Another process.
    let engine = Engine::new(settings()).unwrap();
    let kept = engine.load(&again, Arc::default()).unwrap();
    assert_eq!(kept.listing, first.listing);
    assert_eq!(engine.stats().kept, 1);
    let limits = Limits { table_elements: 1, ..Limits::default() };
    let other = engine.load(&again, Arc::new(Policy { limits, ..Policy::default() }));
    assert!(matches!(other, Err(LoadError::List(_))), "it is asked again under other limits: {other:?}");
}

/// A reload puts another version in the place of one whose task is leased and not started yet.
#[tokio::test]
async fn a_reload_between_lease_and_start_loses_no_attempt() {
    let engine = engine();
    let [old, new] = ["i32.const 0", "unreachable"].map(|body| load(&engine, "", body, Limits::default()));
    assert_eq!(old.id().name, new.id().name);
    let leased = task(&old);
    drop(old);
    assert_eq!(engine.stats().components, 2, "what is leased is kept");
    assert_eq!(line(&ending(engine.start(leased)).await.end), "completed");
    assert!(line(&ending(engine.start(task(&new))).await.end).starts_with("SandboxTrap"));
    until(|| engine.stats().components == 1).await;
}
