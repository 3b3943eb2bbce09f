//! Components without an SDK, through the server: functions of every type, their failures, and those that mean no good.

use std::fs;

use expect_test::{expect, expect_file};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, call::transcript, component, payload::encoded};

/// A value of every type, as it is written.
fn everything() -> Value {
    json!({
        "yes": true,
        "tiny": -128,
        "byte": 255,
        "short": -32768,
        "unsigned_short": 65535,
        "int": -2_147_483_648_i64,
        "unsigned_int": 4_294_967_295_u64,
        "long": "-9223372036854775808",
        "unsigned_long": "18446744073709551615",
        "single": 0.1,
        "double": "NaN",
        "letter": "é",
        "text": "größer 👍 \u{0}",
        "bytes": "AP8=",
        "texts": ["", "a"],
        "pair": [7, "b"],
        "color": "dark_blue",
        "access": ["read", "write_all"],
        "shape": {"box_of": [1.5, "-Infinity"]},
        "maybe": null,
        "maybe_maybe": {"some": null},
        "outcome": {"err": "no"},
        "bare": "ok",
        "shapes": [null, "point", {"circle": 2.0}],
    })
}

#[tokio::test]
async fn a_value_of_every_type_comes_back() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("typed").limit("values=96MiB").start().await;
    for name in ["echo", "acme:shop/every-type#echo", "acme:shop/every-type@1.2.0#echo"] {
        let outcome = worker.standalone(name).arg(everything()).run().await;
        assert_eq!(outcome.json::<Value>(), everything());
    }
    let photo: Vec<u8> = (0..2_000_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    let outcome = worker.standalone("echo-bytes").payload(encoded("binary/plain", photo.clone())).run().await;
    assert_eq!(outcome.payload(), &encoded("binary/plain", photo));
    let calls = [
        ("ping", json!(["world"])),
        ("concatenate", json!(["a", "b"])),
        ("concatenate", json!(["a", "b", "c"])),
        ("echo-maybe", json!([])),
        ("echo-maybe", json!([{"some": null}])),
        ("echo-maybe", json!([{"some": 7}])),
        ("nothing", json!([])),
        ("nothing", json!([1])),
        ("echo-bytes", json!(["YWJj"])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        worker.in_workflow(activity).args(arguments).run().await.to_string()
    });
    expect![[r#"
        > ping ["world"]
        completed: "pong world"
        > concatenate ["a","b"]
        completed: "ab"
        > concatenate ["a","b","c"]
        completed: "abc"
        > echo-maybe []
        completed: null
        > echo-maybe [{"some":null}]
        completed: {"some":null}
        > echo-maybe [{"some":7}]
        completed: {"some":7}
        > nothing []
        completed: null
        > nothing [1]
        failed: InvalidArguments: failed to decode the arguments: acme:shop/every-type@1.2.0#nothing takes no arguments, and got 1
        not tried again: MaximumAttemptsReached
        > echo-bytes ["YWJj"]
        completed: <binary/plain, 3 bytes>
    "#]].assert_eq(&outcomes.await);
    worker.stop().await;
}

#[tokio::test]
async fn errors_are_failures() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("typed").start().await;
    let order = |payment: Value, count: u32| {
        let items = json!([{"sku": "tea", "unit-price": 2.5, "count": count}]);
        json!([{"id": 7, "items": items, "payment": payment}])
    };
    let mut misspelt = order(json!("cash"), 1);
    misspelt[0]["items"][0]["unitPrise"] = json!(1);
    let calls = [
        ("ship", order(json!("cash"), 2)),
        ("ship", json!([{"id": 7, "items": [], "payment": "cash"}])),
        ("ship", order(json!({"onAccount": "12"}), 2)),
        ("ship", order(json!({"card": "1234"}), 101)),
        ("ship", order(json!("cheque"), 1)),
        ("ship", misspelt),
        ("refuse-with-text", json!(["no tea today"])),
        ("refuse-with-record", json!(["no tea today"])),
        ("refuse", json!([])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        worker.standalone(activity).args(arguments).run().await.to_string()
    });
    expect![[r#"
        > ship [{"id":7,"items":[{"count":2,"sku":"tea","unit-price":2.5}],"payment":"cash"}]
        completed: {"order":7,"total":5.0}
        > ship [{"id":7,"items":[],"payment":"cash"}]
        failed: empty: empty
          details: ["empty"]
        not tried again: MaximumAttemptsReached
        > ship [{"id":7,"items":[{"count":2,"sku":"tea","unit-price":2.5}],"payment":{"onAccount":"12"}}]
        failed: not-paid: not-paid: account 12 owes already
          details: [{"not_paid":"account 12 owes already"}]
        not tried again: MaximumAttemptsReached
        > ship [{"id":7,"items":[{"count":101,"sku":"tea","unit-price":2.5}],"payment":{"card":"1234"}}]
        failed: out-of-stock: out-of-stock: there are 100 of tea
          details: [{"out_of_stock":{"left":100,"message":"there are 100 of tea","non_retryable":true}}]
          non-retryable
        not tried again: NonRetryableFailure
        > ship [{"id":7,"items":[{"count":1,"sku":"tea","unit-price":2.5}],"payment":"cheque"}]
        failed: InvalidArguments: failed to decode the arguments: order.payment: expected one of cash, card, on_account, got "cheque"
        not tried again: MaximumAttemptsReached
        > ship [{"id":7,"items":[{"count":1,"sku":"tea","unit-price":2.5,"unitPrise":1}],"payment":"cash"}]
        failed: InvalidArguments: failed to decode the arguments: order.items[0]: there is no field "unitPrise": the fields are sku, unit_price, count
        not tried again: MaximumAttemptsReached
        > refuse-with-text ["no tea today"]
        failed: ApplicationError: no tea today
          details: ["no tea today"]
        not tried again: MaximumAttemptsReached
        > refuse-with-record ["no tea today"]
        failed: stock-problem: no tea today
          details: [{"left":0,"message":"no tea today","non_retryable":false}]
        not tried again: MaximumAttemptsReached
        > refuse []
        failed: ApplicationError: refuse returned an error
        not tried again: MaximumAttemptsReached
    "#]].assert_eq(&outcomes.await);
    worker.stop().await;
}

#[tokio::test]
async fn what_means_no_good_is_contained() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("typed").limit("memory=256MiB").limit("cpu-time=2s").start().await;
    // Records of twelve fields for three bytes each, and a list that only begins.
    let wide = format!("[{}{{}}]", "{},".repeat(600_000));
    let calls = [("count-wide", wide), ("count-texts", "[".repeat(1_900_000)), ("count-texts", "[[[[".to_owned())];
    let mut said = String::new();
    for (activity, json) in calls {
        let outcome = worker.standalone(activity).payload(encoded("json/plain", json)).run().await;
        said.push_str(&format!("{activity}: {outcome}\n"));
    }
    let calls = [
        ("many-bytes", json!([699_000])),
        ("many-bytes", json!([700_000])),
        ("many-bytes", json!([100_000_000])),
        ("many-numbers", json!([100_000])),
        ("many-numbers", json!([400_000])),
        ("spin", json!([])),
        ("trap", json!([])),
        ("exhaust", json!([])),
        ("ping", json!(["still here"])),
    ];
    let outcomes = transcript(&calls, async |activity, arguments| {
        let outcome = worker.standalone(activity).args(arguments).run().await.to_string();
        if outcome.len() < 1_000 { outcome } else { format!("{} bytes", outcome.len()) }
    });
    expect![[r#"
        count-wide: failed: InvalidArguments: failed to decode the arguments: all[59866]: the arguments stand for far more than their size, such as many records of which most fields are left out: pass less at once
        not tried again: MaximumAttemptsReached
        count-texts: failed: InvalidArguments: failed to decode the arguments: all[0][0]: expected string (a text), got a list
        not tried again: MaximumAttemptsReached
        count-texts: failed: InvalidArguments: failed to decode the arguments: all[0][0]: expected string (a text), got a list
        not tried again: MaximumAttemptsReached
        > many-bytes [699000]
        completed: <binary/plain, 699000 bytes>
        > many-bytes [700000]
        failed: SandboxOutputLimit: the guest returned values that take more of the host's memory than its limit of 32 MiB, or passed as much to the host at once: return less, or raise `limits.values` and `limits.result`
        not tried again: MaximumAttemptsReached
        > many-bytes [100000000]
        failed: SandboxOutputLimit: the guest returned values that take more of the host's memory than its limit of 32 MiB, or passed as much to the host at once: return less, or raise `limits.values` and `limits.result`
        not tried again: MaximumAttemptsReached
        > many-numbers [100000]
        588902 bytes
        > many-numbers [400000]
        failed: SandboxOutputLimit: what the guest returned has more than its limit of 2 MiB: return less, or raise `limits.result`
        not tried again: MaximumAttemptsReached
        > spin []
        failed: SandboxCpuLimit: the guest used more processor time than its limit of 2s: raise `limits.cpu-time`
          non-retryable
        not tried again: NonRetryableFailure
        > trap []
        failed: SandboxTrap: the guest trapped: wasm `unreachable` instruction executed
        not tried again: MaximumAttemptsReached
        > exhaust []
        failed: SandboxMemoryLimit: the guest asked for more memory than its limit of 256 MiB: raise `limits.memory`
          non-retryable
        not tried again: NonRetryableFailure
        > ping ["still here"]
        completed: "pong still here"
    "#]].assert_eq(&(said + &outcomes.await));
    assert!(worker.peak_memory() < 1 << 30, "{}", worker.peak_memory());
    worker.stop().await;
}

#[tokio::test]
async fn inspect_tells_how_to_call_them() {
    let path = component("typed").display().to_string();
    let run = Isolet::with(["inspect", &path]).run().await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let functions = run.stdout.lines().skip_while(|line| !line.starts_with("functions"));
    let functions = functions.take_while(|line| !line.starts_with("grants")).map(|line| format!("{line}\n"));
    expect_file!["components/inspected.txt"].assert_eq(&functions.collect::<String>().replace(&path, "typed.wasm"));

    let run = Isolet::with(["run", &path, "echo-maybe", r#"{"some": null}"#]).run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "{\"some\":null}"), "{}", run.stderr);

    let run = Isolet::with(["inspect", "--json-schema", &path]).run().await;
    let schemas: Value = serde_json::from_str(&run.stdout).unwrap();
    let ship =
        schemas["activities"].as_array().unwrap().iter().find(|each| each["name"] == "acme:shop/orders@1.2.0#ship");
    let ship = ship.unwrap_or_else(|| panic!("{schemas}"));
    assert_eq!(ship["activity_types"], json!(["acme:shop/orders#ship", "acme:shop/orders@1.2.0#ship", "ship"]));
    assert_eq!(ship["result"]["title"], "receipt");
    assert_eq!(ship["error"]["oneOf"][0], json!({"const": "empty"}));
}

/// A program for WASI's first preview that says hello.
const PROGRAM: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\0a")
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
        (call $exit (i32.const 0))))"#;

#[tokio::test]
async fn programs_become_activities() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("program.wasm"), wat::parse_str(PROGRAM).unwrap()).unwrap();
    let run = Isolet::with(["build", &path("program.wasm"), "-o", &path("hello.wasm")]).run().await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run = Isolet::with(["run", &path("hello.wasm"), "run", "\"--polite\""]).run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "null"), "{}", run.stderr);
    assert!(run.stderr.contains("stdout: hello"), "{}", run.stderr);
}

mod stubs;

mod foreign;
