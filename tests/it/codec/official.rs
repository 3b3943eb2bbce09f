//! Temporal's own Python SDK on the other side, with the codecs of Temporal's samples: it reads what Isolet writes, and
//! Isolet reads what it writes.

use std::path::Path;

use expect_test::{Expect, expect};
use serde_json::Value;

use super::{SAMPLE, worker};
use crate::support::{DevServer, isolet::target, process::Process, repository};

/// What a client and a workflow of the official SDK see of activities, with these codecs on both sides.
async fn check(codecs: &[&str], expected: Expect) {
    let server = DevServer::start().await;
    let encryption = match codecs.contains(&"encryption") {
        true => format!(", encryption = {{ active = \"sample\", keys = [{SAMPLE}] }}"),
        false => String::new(),
    };
    let settings = format!("encode-failure-attributes = true\ncodec = {{ order = {codecs:?}{encryption} }}");
    let worker = worker(server, &settings).await;
    // Where `cargo xtask guests` installs it.
    let packages = target().join("../.tools/pip/temporalio-1.35.0");
    assert!(packages.is_dir(), "{} is missing: run `cargo xtask guests`", packages.display());
    let script = repository("tests/it/codec/official_client.py").display().to_string();
    let codecs = codecs.iter().copied().map(str::to_owned);
    let arguments = [script, server.address(), worker.queue().to_owned()].into_iter().chain(codecs);
    let environment = [
        ("PYTHONPATH".to_owned(), packages.display().to_string()),
        ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()),
    ];
    let client = Process::start("Temporal's Python client", Path::new("python3"), arguments, &environment);
    let seen = client.find("what it saw", |line| serde_json::from_str::<Value>(line).ok()).await;
    worker.stop().await;
    if seen["missing"].is_string() {
        eprintln!("not run: this Python has no package {}", seen["missing"]);
        return;
    }
    expected.assert_eq(&seen.to_string());
}

#[tokio::test]
async fn what_is_compressed_is_understood_both_ways() {
    let expected = expect![[
        r#"{"resumed":{"attempt":2,"details":3},"standalone":{"details":["detail",42],"message":"failed on purpose","type":"OutOfStock"},"unwrapped":{"zlib":true},"workflow":{"details":["detail",42],"message":"failed on purpose","type":"OutOfStock"}}"#
    ]];
    check(&["zlib"], expected).await;
}

#[tokio::test]
async fn what_is_compressed_and_encrypted_is_understood_both_ways() {
    let expected = expect![[
        r#"{"resumed":{"attempt":2,"details":3},"standalone":{"details":["detail",42],"message":"failed on purpose","type":"OutOfStock"},"unwrapped":{"encryption":true,"zlib":true},"workflow":{"details":["detail",42],"message":"failed on purpose","type":"OutOfStock"}}"#
    ]];
    check(&["zlib", "encryption"], expected).await;
}
