//! Values of well-known crates, as they travel.

use std::fs;

use expect_test::expect;
use serde_json::json;

use crate::support::{
    DevServer, Isolet,
    payload::{encoded, encoding, json as plain},
    repository,
};

#[tokio::test]
async fn each_travels_as_the_documentation_says() {
    let worker = Isolet::worker(DevServer::start().await).component("converter").start().await;
    let calls = [
        ("a_day_later", plain("2024-02-28T12:00:00.5Z")),
        ("moments", plain(json!({"at": "2024-02-28T23:30:00+01:00"}))),
        ("ids", plain("67e55044-10b1-426f-9247-bb680e5fe0c8")),
        ("patient", plain(json!({"patience": 1.5, "in_go": 2_000_000_000}))),
        ("reversed", encoded("binary/plain", *b"abc")),
        ("restock", encoded("binary/protobuf", *b"\x0a\x05chair\x10\x02")),
        ("restock", encoded("json/protobuf", *b"{}")),
        ("restock_json", encoded("json/protobuf", *br#"{"itemName":"chair","count":2}"#)),
        ("restock_json", encoded("binary/protobuf", *b"\x0a\x05chair\x10\x02")),
        ("restock_json", encoded("binary/protobuf", *b"\x0a\x7f")),
    ];
    let mut told = String::new();
    for (activity, argument) in calls {
        let outcome = worker.standalone(activity).payload(argument).run().await;
        told += &format!("> {activity}\n{outcome}\n");
        if outcome.to_string().starts_with("completed") && encoding(outcome.payload()) != "json/plain" {
            told += &format!("  {:?}\n", String::from_utf8_lossy(&outcome.payload().data));
        }
    }
    expect![[r#"
        > a_day_later
        completed: "2024-02-29T12:00:00.500Z"
        > moments
        completed: {"at":"2024-02-29T00:30:00+01:00"}
        > ids
        completed: ["67e55044-10b1-426f-9247-bb680e5fe0c8",true]
        > patient
        completed: {"in_go":4000000000,"patience":3.0}
        > reversed
        completed: <binary/plain, 3 bytes>
          "cba"
        > restock
        completed: <binary/protobuf, 9 bytes>
          "\n\u{5}chair\u{10}\u{c}"
        > restock
        failed: : Failed decoding arguments
        caused by failed: RuntimeError: a json/protobuf payload can only be taken as ProtoJson or RawValue
        not tried again: MaximumAttemptsReached
        > restock_json
        completed: <json/protobuf, 31 bytes>
          "{\"itemName\":\"chair\",\"count\":12}"
        > restock_json
        completed: <json/protobuf, 31 bytes>
          "{\"itemName\":\"chair\",\"count\":12}"
        > restock_json
        failed: : Failed decoding arguments
        caused by failed: RuntimeError: failed to decode Protobuf message: Stock.item_name: buffer underflow
        not tried again: MaximumAttemptsReached
    "#]]
    .assert_eq(&told);
    worker.stop().await;
}

#[test]
fn the_documentation_names_every_feature() {
    let manifest = fs::read_to_string(repository("guest-sdk/rust/Cargo.toml")).unwrap();
    let readme = fs::read_to_string(repository("guest-sdk/rust/README.md")).unwrap();
    let (_, features) = manifest.split_once("[features]\n").unwrap();
    let features = features.split("\n[").next().unwrap().lines().filter_map(|line| line.split_once(" = "));
    for (feature, _) in features.filter(|(name, _)| *name != "default" && !name.starts_with('#')) {
        assert!(readme.contains(&format!("`{feature}`")), "guest-sdk/rust/README.md does not tell of `{feature}`");
    }
}
