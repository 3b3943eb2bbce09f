//! Components without an SDK: their functions are activities.

use std::sync::Arc;

use activity::{ActivityName, ComponentHandle, Executor as _, Info, Limits, Outcome, Payload, Policy, Task};
use engine::{Engine, LoadError, Loaded, Source};
use expect_test::{Expect, expect};

use crate::support::{ending, engine, line, task};

/// Functions of numbers, a loop and a trap, freestanding and in an interface.
const GOOD: &str = r#"(component
    (core module $m
        (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
        (func (export "spin") (loop $ever (br $ever)))
        (func (export "trap") unreachable))
    (core instance $m (instantiate $m))
    (func $add (param "first" s64) (param "second" s64) (result s64) (canon lift (core func $m "add")))
    (func $spin (canon lift (core func $m "spin")))
    (func $trap (canon lift (core func $m "trap")))
    (instance $sums (export "add" (func $add)) (export "spin" (func $spin)))
    (export "acme:math/sums@1.0.0" (instance $sums))
    (export "trap" (func $trap)))"#;

fn load(engine: &Engine, text: &str) -> Result<Loaded, LoadError> {
    let component = wat::parse_str(text).unwrap();
    engine.load(&Source::new("guest", &component), Arc::default())
}

pub(crate) async fn call(engine: &Engine, component: &ComponentHandle, activity_type: &str, input: &[&str]) -> String {
    let info = Info { activity_type: activity_type.to_owned(), attempt: 1, ..Info::default() };
    let input = input.iter().map(|json| Payload::json((*json).to_owned())).collect();
    let end = ending(engine.start(Task { info: Arc::new(info), input, ..task(component) })).await.end;
    match &end {
        activity::End::Returned(Outcome::Completed(Some(payload))) => {
            String::from_utf8_lossy(&payload.data).into_owned()
        }
        activity::End::Returned(Outcome::Failed(failure)) => {
            format!("{}: {}", failure.as_application().unwrap().failure_type, failure.message)
        }
        end => line(end),
    }
}

#[tokio::test]
async fn functions_are_activities_by_each_name_of_their_own() {
    let engine = engine();
    let loaded = load(&engine, GOOD).unwrap();
    let names: Vec<_> = loaded.listing.activities.iter().map(|(name, _)| name.clone()).collect();
    let expected = [
        "acme:math/sums#add",
        "acme:math/sums#spin",
        "acme:math/sums@1.0.0#add",
        "acme:math/sums@1.0.0#spin",
        "add",
        "spin",
        "trap",
    ];
    assert_eq!(names, expected.map(|name| ActivityName::Named(name.to_owned())));
    let component = &loaded.component;
    for name in ["add", "acme:math/sums#add", "acme:math/sums@1.0.0#add"] {
        assert_eq!(
            call(&engine, component, name, &["2", "\"-9223372036854775807\""]).await,
            "\"-9223372036854775805\""
        );
    }
    let sum = async |input: &[&str]| call(&engine, component, "add", input).await;
    assert_eq!(sum(&["2", "3"]).await, "5");
    assert_eq!(
        sum(&["2"]).await,
        "InvalidArguments: failed to decode the arguments: acme:math/sums@1.0.0#add takes 2 arguments (first, second), \
         and got 1"
    );
    assert_eq!(
        sum(&["2", "true"]).await,
        "InvalidArguments: failed to decode the arguments: second: expected s64 (a whole number from \
         -9223372036854775808 to 9223372036854775807, or its digits as a text), got true"
    );
    assert_eq!(
        call(&engine, component, "trap", &[]).await,
        "SandboxTrap: the guest trapped: wasm `unreachable` instruction executed"
    );
}

#[tokio::test]
async fn limits_hold_for_functions() {
    let engine = engine();
    let limits = Limits { cpu_time: Some(std::time::Duration::from_millis(50)), ..Limits::default() };
    let component = wat::parse_str(GOOD).unwrap();
    let policy = Arc::new(Policy { limits, ..Policy::default() });
    let loaded = engine.load(&Source::new("guest", &component), policy).unwrap();
    let spun = call(&engine, &loaded.component, "spin", &[]).await;
    assert!(spun.starts_with("SandboxCpuLimit: "), "{spun}");
    assert_eq!(loaded.listing.values, 0, "no function returns a list");
}

fn refused(text: &str, expected: Expect) {
    let error = load(&engine(), text).unwrap_err();
    expected.assert_eq(&format!("{error}\ncure: {}", error.cure().unwrap_or_default()));
}

#[test]
fn functions_that_take_no_values_are_no_activities() {
    refused(
        r#"(component
            (import "wasi:io/poll@0.2.0" (instance $poll
                (export "pollable" (type (sub resource)))
                (export "[method]pollable.block" (func (param "self" (borrow 0))))))
            (alias export $poll "pollable" (type $pollable))
            (core module $m (func (export "f") (param i32)))
            (core instance $m (instantiate $m))
            (func $f (param "what" (borrow $pollable)) (canon lift (core func $m "f")))
            (export "wait-for" (func $f)))"#,
        expect![[r#"
            it exports no activities: none of its functions can be one: wait-for (its parameter `what` has a borrow<…>: a handle of a resource, which is no value)
            cure: export a function that takes and returns values, and no resources or streams"#]],
    );
    refused(
        r#"(component (core module $m) (export "acme:code/module" (core module $m)))"#,
        expect![[r#"
            it exports no activities: there is no function among its exports
            cure: export a function that takes and returns values, and no resources or streams"#]],
    );
    refused(
        r#"(component (import "acme:shop/stock" (instance)) (import "acme:shop/orders" (instance)))"#,
        expect![[r#"
            it imports acme:shop/stock, acme:shop/orders, which are not available
            cure: build the component without it, or compose it with a component that exports it"#]],
    );
}

/// A component that a workflow is in, beside an activity that calls what only workflows have.
const WORKFLOW: &str = r#"(component
    (import "temporal:workflow-runtime/workflow-host@0.1.0" (instance $host
        (export "context" (type (sub resource)))
        (export "now" (func (result u64)))))
    (core func $now (canon lower (func $host "now")))
    (core module $m
        (import "host" "now" (func $now (result i64)))
        (func (export "now") (result i64) (call $now))
        (func (export "seven") (result i32) (i32.const 7)))
    (core instance $m (instantiate $m (with "host" (instance (export "now" (func $now))))))
    (func $now (result u64) (canon lift (core func $m "now")))
    (func $seven (result u32) (canon lift (core func $m "seven")))
    (instance $guest (export "list-workflows" (func $seven)))
    (export "temporal:workflow-runtime/workflow-guest@0.1.0" (instance $guest))
    (export "now" (func $now))
    (export "seven" (func $seven)))"#;

#[tokio::test]
async fn a_workflow_in_a_component_is_left_alone() {
    let engine = engine();
    let loaded = load(&engine, WORKFLOW).unwrap();
    let names: Vec<_> = loaded.listing.activities.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["now", "seven"].map(|name| ActivityName::Named(name.to_owned())));
    assert_eq!(call(&engine, &loaded.component, "seven", &[]).await, "7");
    assert_eq!(
        call(&engine, &loaded.component, "now", &[]).await,
        "SandboxTrap: the guest called what only the code of a workflow may: there is no workflow in an activity"
    );
}

/// A component whose types are of an interface that has nothing but types.
const USES_TYPES: &str = r#"(component
    (import "acme:shop/types" (instance $types
        (type $fields (record (field "id" u32)))
        (export "order" (type (eq $fields)))))
    (alias export $types "order" (type $order))
    (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $m))
    (func $f (param "it" $order) (result u32) (canon lift (core func $m "f")))
    (export "id-of" (func $f)))"#;

#[tokio::test]
async fn interfaces_of_types_alone_are_not_missing() {
    let engine = engine();
    let loaded = load(&engine, USES_TYPES).unwrap();
    assert_eq!(call(&engine, &loaded.component, "id-of", &[r#"{"id": 7}"#]).await, "7");
    let wrong = call(&engine, &loaded.component, "id-of", &["7"]).await;
    assert!(wrong.ends_with("it: expected order (an object), got a number"), "{wrong}");
}

/// A program: called by two words it exits, by three it exits with an error, and by more it returns one.
const PROGRAM: &str = r#"(component
    (import "wasi:cli/exit@0.2.3" (instance $exit (export "exit" (func (param "status" (result))))))
    (import "wasi:cli/environment@0.2.3" (instance $environment
        (export "get-arguments" (func (result (list string))))))
    (core module $libc
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $exit (canon lower (func $exit "exit")))
    (core func $arguments (canon lower (func $environment "get-arguments") (memory $memory) (realloc $realloc)))
    (core module $m
        (import "host" "memory" (memory 1))
        (import "host" "exit" (func $exit (param i32)))
        (import "host" "arguments" (func $arguments (param i32)))
        (func (export "run") (result i32) (local $count i32)
            (call $arguments (i32.const 8))
            (local.set $count (i32.load (i32.const 12)))
            (if (i32.eq (local.get $count) (i32.const 2)) (then (call $exit (i32.const 0))))
            (if (i32.eq (local.get $count) (i32.const 3)) (then (call $exit (i32.const 1))))
            (i32.gt_u (local.get $count) (i32.const 3))))
    (core instance $m (instantiate $m (with "host" (instance
        (export "memory" (memory $memory)) (export "exit" (func $exit)) (export "arguments" (func $arguments))))))
    (func $run (result (result)) (canon lift (core func $m "run")))
    (instance $run (export "run" (func $run)))
    (export "wasi:cli/run@0.2.3" (instance $run)))"#;

#[tokio::test]
async fn programs_are_activities_of_words() {
    let engine = engine();
    let loaded = load(&engine, PROGRAM).unwrap();
    let run = async |words: &[&str]| call(&engine, &loaded.component, "run", words).await;
    assert_eq!(run(&[]).await, "completed");
    assert_eq!(run(&["\"word\""]).await, "completed");
    assert_eq!(run(&["\"two\"", "\"words\""]).await, "SandboxTrap: the guest exited with code 1");
    assert_eq!(run(&["\"\"", "\"of\"", "\"three\""]).await, "ApplicationError: run returned an error");
    assert_eq!(
        run(&["\"word\"", "7"]).await,
        "InvalidArguments: failed to decode the arguments: argument 2: expected string (a text), got a number"
    );
}

/// Two components in one, of which one passes a text to the other: what tools that compose components make.
const COMPOSED: &str = r#"(component
    (component $greeter
        (core module $m
            (memory (export "memory") 1)
            (data (i32.const 16) "hello")
            (func (export "greet") (result i32)
                (i32.store (i32.const 8) (i32.const 16))
                (i32.store (i32.const 12) (i32.const 5))
                i32.const 8))
        (core instance $m (instantiate $m))
        (alias core export $m "memory" (core memory $memory))
        (func (export "greet") (result string) (canon lift (core func $m "greet") (memory $memory))))
    (component $speaker
        (import "greet" (func $greet (result string)))
        (core module $libc
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64))
        (core instance $libc (instantiate $libc))
        (alias core export $libc "memory" (core memory $memory))
        (alias core export $libc "realloc" (core func $realloc))
        (core func $greet (canon lower (func $greet) (memory $memory) (realloc $realloc)))
        (core module $m
            (import "host" "greet" (func $greet (param i32)))
            (func (export "speak") (result i32) (call $greet (i32.const 8)) (i32.const 8)))
        (core instance $m (instantiate $m (with "host" (instance (export "greet" (func $greet))))))
        (func (export "speak") (result string) (canon lift (core func $m "speak") (memory $memory))))
    (instance $greeter (instantiate $greeter))
    (instance $speaker (instantiate $speaker (with "greet" (func $greeter "greet"))))
    (export "speak" (func $speaker "speak")))"#;

#[tokio::test]
async fn components_that_are_composed_of_others_are_activities() {
    let engine = engine();
    let loaded = load(&engine, COMPOSED).unwrap();
    assert_eq!(call(&engine, &loaded.component, "speak", &[]).await, "\"hello\"");
}

#[test]
fn what_else_a_component_of_an_sdk_exports_is_ignored() {
    let engine = engine();
    let wit =
        "package test:guest; world guest { include isolet:activity/activity@0.1.0; export other: func() -> u32; }";
    let module = wat_component::activity_module("", "i32.const 0");
    let whole = module.trim_end().strip_suffix(')').unwrap();
    let module = format!(r#"{whole}(func (export "other") (result i32) (i32.const 1)))"#);
    let component = wat_component::encode_for(wit, &module).unwrap();
    let loaded = engine.load(&Source::new("guest", &component), Arc::default()).unwrap();
    assert_eq!(loaded.listing.activities, [(ActivityName::Named("run".to_owned()), true)]);
    assert_eq!(loaded.listing.values, 0);
}
