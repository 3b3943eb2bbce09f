//! Payloads that are coded on the way: what the server stores, and what becomes of an attempt whose payloads can't be
//! decoded or encoded.

mod official;

use std::fs;

use expect_test::expect;
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use temporalio_common::protos::temporal::api::{
    common::v1::Payload,
    failure::v1::{Failure, failure::FailureInfo},
};

use crate::support::{
    DevServer, Isolet, Worker,
    call::unique,
    codec_server::{CodecServer, Mood},
    component,
    payload::{self, encoding},
    tls::Authority,
};

/// The key of Temporal's samples, base64 of another, and hexadecimal of a third.
const SAMPLE_KEY: &str = "test-key-test-key-test-key-test!";
const OTHER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A worker with the conformance component whose configuration has these lines on how payloads are coded.
async fn worker(server: &DevServer, settings: &str) -> Worker {
    worker_with(server, settings, None).await
}

/// The same, which trusts the certificates of these authorities alone.
async fn worker_with(server: &DevServer, settings: &str, roots: Option<&str>) -> Worker {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("sample.key"), SAMPLE_KEY).unwrap();
    let queue = unique("codec");
    let (address, component) = (server.address(), component("conformance"));
    let config = format!(
        "[connection]\naddress = {address:?}\n[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\n\
         task-queue = {queue:?}\n{settings}\n[[tenants.workers.components]]\npath = {component:?}\n\
         stopping.kill-grace = \"0s\"\n"
    );
    let file = folder.path().join("isolet.toml");
    fs::write(&file, config).unwrap();
    let isolet = Isolet::with(["worker", "--output", "json", "--config", &file.display().to_string()]);
    let mut isolet = isolet.env("OTHER_KEY", OTHER_KEY).env("CODEC_AUTHORIZATION", "Bearer secret");
    if let Some(roots) = roots {
        let file = folder.path().join("roots.pem");
        fs::write(&file, roots).unwrap();
        isolet = isolet.env("SSL_CERT_FILE", file.display());
    }
    // Keys, certificates and the configuration are read before it is ready.
    Worker::start(isolet, &queue).await
}

fn encryption(active: &str, keys: &str) -> String {
    format!("codec = {{ order = [\"encryption\"], encryption = {{ active = {active:?}, keys = [{keys}] }} }}")
}

const SAMPLE: &str = r#"{ id = "sample", file = "sample.key" }"#;
const OTHER: &str = r#"{ id = "other", env = "OTHER_KEY" }"#;

fn through(codec_server: &CodecServer) -> String {
    let server = format!(
        "endpoint = {:?}, timeout = \"500ms\", authorization-env = \"CODEC_AUTHORIZATION\"",
        codec_server.address()
    );
    format!("codec = {{ order = [\"server\"], server = {{ {server} }} }}")
}

fn metadata(payload: &Payload, key: &str) -> String {
    String::from_utf8(payload.metadata[key].clone()).unwrap()
}

fn details(failure: &Failure) -> Vec<Payload> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => info.details.clone().unwrap_or_default().payloads,
        other => panic!("no application failure: {other:?}"),
    }
}

fn failure_type(failure: &Failure) -> &str {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => &info.r#type,
        other => panic!("no application failure: {other:?}"),
    }
}

#[tokio::test]
async fn the_server_stores_only_what_is_encrypted() {
    let server = DevServer::start().await;
    let worker = worker(server, &encryption("sample", SAMPLE)).await;
    // As a client of Temporal's samples would send it: 7 as JSON, encrypted by Python.
    let data = b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\xf9\x2b\x89\xda\x27\x68\x61\xd2\x65\x73\x95\xa2\xa3\xf7\xf7\xd1\
        \xe8\xa4\x56\x22\x93\x85\x92\xd0\x67\xe5\xb6\x58\x9e\xa4\xd4\xd6\x61\xc8\xe2\xcd\x3d\x64\x5e\xa2\x88\x67\xf2";
    let mut seven = payload::encoded("binary/encrypted", data.to_vec());
    seven.metadata.insert("encryption-key-id".to_owned(), b"sample".to_vec());

    // The failure tells what the guest was given: an argument that is no text.
    let outcome = worker.standalone("greet").payload(seven).run().await.to_string();
    assert!(outcome.contains("integer `7`"), "{outcome}");

    let result = worker.in_workflow("greet").arg("Ada").run().await.payload().clone();
    assert_eq!(
        (encoding(&result).as_str(), metadata(&result, "encryption-key-id").as_str()),
        ("binary/encrypted", "sample")
    );
    assert!(!String::from_utf8_lossy(&result.data).contains("Ada"));

    let call = worker.standalone("fail_application").arg("OutOfStock").arg(true).arg(json!(null));
    let failed = call.run().await;
    assert_eq!(
        (failure_type(failed.failure()), failed.failure().message.as_str()),
        ("OutOfStock", "failed on purpose")
    );
    assert!(details(failed.failure()).iter().all(|detail| encoding(detail) == "binary/encrypted"));

    let call = worker.standalone("heartbeat_then_hang").arg(1).heartbeat("1s").start().await;
    worker.finished(call.id(), 1).await;
    let heartbeat = call.standalone().describe().await.heartbeat_details.unwrap().payloads;
    assert_eq!(heartbeat.iter().map(encoding).collect::<Vec<_>>(), ["binary/encrypted"]);
    worker.stop().await;
}

#[tokio::test]
async fn keys_are_changed_without_losing_what_they_encrypted() {
    let server = DevServer::start().await;
    let before = worker(server, &encryption("sample", SAMPLE)).await;
    let name = before.standalone("echo").arg("Ada").run().await.payload().clone();
    before.stop().await;

    let after = worker(server, &encryption("other", &format!("{SAMPLE}, {OTHER}"))).await;
    // The message of a panic is not encoded, so it tells what the guest was given.
    let outcome = after.standalone("panic").payload(name.clone()).run().await;
    assert!(outcome.failure().message.contains("panicked: Ada"), "{outcome}");
    let renamed = after.standalone("echo").payload(name.clone()).run().await.payload().clone();
    assert_eq!(metadata(&renamed, "encryption-key-id"), "other");
    after.stop().await;

    let without = worker(server, &encryption("other", OTHER)).await;
    let call = without.standalone("greet").payload(name).start().await;
    expect![[r#"
        failed: : Failed decoding arguments
        caused by failed: PayloadCodecError: failed to decrypt a payload: it was encrypted with key "sample", which this worker does not have
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&call.outcome().await.to_string());
    without.finished(call.id(), 1).await;
    assert!(without.events_named("attempt-started").is_empty(), "the guest is not started");
    without.stop().await;
}

#[tokio::test]
async fn what_gets_smaller_is_compressed() {
    let server = DevServer::start().await;
    let worker = worker(server, "codec.order = [\"zlib\"]").await;
    let text = "a".repeat(10_000);
    let compressed = worker.standalone("echo").arg(&text).run().await.payload().clone();
    assert_eq!(encoding(&compressed), "binary/zlib");
    assert!(compressed.data.len() < 200);
    let message = worker.standalone("panic").payload(compressed).run().await.failure().message.clone();
    assert!(message.contains("aaaaaaaaaa"), "{message}");
    expect!["completed: 7"].assert_eq(&worker.standalone("echo").arg(7).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_codec_server_codes_everything() {
    let server = DevServer::start().await;
    let codec_server = CodecServer::start(Mood::Willing);
    let worker = worker(server, &format!("encode-failure-attributes = true\n{}", through(&codec_server))).await;
    let greeting = worker.in_workflow("greet").arg("Ada").run().await.payload().clone();
    assert_eq!(
        (encoding(&greeting).as_str(), greeting.data.as_slice()),
        ("test/wrapped", br#""Hello, Ada!""#.as_slice())
    );
    // What it wrapped, it unwraps.
    let again = worker.standalone("greet").payload(greeting).run().await.payload().clone();
    assert_eq!(again.data, br#""Hello, Hello, Ada!!""#);

    let resumed = worker.standalone("heartbeat_then_fail").arg(3).attempts(2).run().await.payload().clone();
    assert_eq!(
        (encoding(&resumed).as_str(), resumed.data.as_slice()),
        ("test/wrapped", br#"{"attempt":2,"details":3}"#.as_slice())
    );

    let outcome = worker.standalone("fail_with_cause").run().await;
    let chain = std::iter::successors(Some(outcome.failure()), |failure| failure.cause.as_deref());
    let told = chain.map(|failure| {
        let attributes = failure.encoded_attributes.as_ref().unwrap();
        let message: serde_json::Value = serde_json::from_slice(&attributes.data).unwrap();
        (failure.message.clone(), encoding(attributes), message["message"].as_str().unwrap().to_owned())
    });
    let hidden = |message: &str| ("Encoded failure".to_owned(), "test/wrapped".to_owned(), message.to_owned());
    let expected = ["outer", "inner", "invalid digit found in string"].map(hidden);
    assert_eq!(told.collect::<Vec<_>>(), expected);

    let asked = codec_server.requests();
    assert!(asked.contains(&"/decode default Bearer secret".to_owned()), "{asked:?}");
    assert!(asked.contains(&"/encode default Bearer secret".to_owned()), "{asked:?}");
    worker.stop().await;
}

#[tokio::test]
async fn a_codec_server_behind_tls_is_asked_if_its_certificate_is_trusted() {
    let server = DevServer::start().await;
    let authority = Authority::new();
    let codec_server = CodecServer::start_tls(&authority);
    let trusting = worker_with(server, &through(&codec_server), Some(authority.pem())).await;
    let greeting = trusting.standalone("greet").arg("Ada").run().await.payload().clone();
    assert_eq!(
        (encoding(&greeting).as_str(), greeting.data.as_slice()),
        ("test/wrapped", br#""Hello, Ada!""#.as_slice())
    );
    assert_eq!(codec_server.requests(), ["/decode default Bearer secret", "/encode default Bearer secret"]);
    trusting.stop().await;

    let doubting = worker_with(server, &through(&codec_server), Some(Authority::new().pem())).await;
    expect![[r#"
        failed: : Failed decoding arguments
        caused by failed: PayloadCodecError: failed to use the codec server: it can't be reached
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&doubting.standalone("greet").arg("Ada").run().await.to_string());
    assert_eq!(codec_server.requests().len(), 2, "it was told a payload or the authorization");
    doubting.signal(Signal::TERM);
    let log = doubting.exit().await.stderr;
    assert!(log.contains("invalid peer certificate"), "the log does not tell why: {log}");
}

#[tokio::test]
async fn an_activity_waits_for_a_codec_server_by_its_retries() {
    let server = DevServer::start().await;
    let codec_server = CodecServer::start(Mood::Broken);
    let worker = worker(server, &through(&codec_server)).await;
    expect![[r#"
        failed: : Failed decoding arguments
        caused by failed: PayloadCodecError: failed to use the codec server: it answered 503 Service Unavailable
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&worker.standalone("greet").arg("Ada").run().await.to_string());

    codec_server.set_mood(Mood::Silent);
    expect![[r#"
        failed: : Failed decoding arguments
        caused by failed: PayloadCodecError: failed to use the codec server: it did not answer within 500ms
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&worker.standalone("greet").arg("Ada").run().await.to_string());

    let call = worker.standalone("greet").arg("Ada").attempts(1_000).start().await;
    worker.finished(call.id(), 1).await;
    codec_server.set_mood(Mood::Willing);
    assert_eq!(call.outcome().await.payload().data, br#""Hello, Ada!""#);
    worker.stop().await;
}

#[tokio::test]
async fn references_to_external_storage_are_refused() {
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("conformance").start().await;
    let mut reference = payload::encoded("json/protobuf", r#"{"driverName":"aws.s3driver","claimData":{}}"#);
    let message_type = b"temporal.api.sdk.v1.ExternalStorageReference".to_vec();
    reference.metadata.insert("messageType".to_owned(), message_type);
    expect![[r#"
        failed: : Failed decoding arguments
        caused by failed: ExternalStorageError: failed to read payload 2: it is a reference to external storage (driver "aws.s3driver"), and this worker has none [TMPRL1105]
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&worker.standalone("add").arg(1).payload(reference).run().await.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_without_its_keys_does_not_start() {
    let folder = TempDir::new().unwrap();
    let config = |codec: &str| {
        let component = component("conformance");
        let file = folder.path().join("isolet.toml");
        let config = format!(
            "[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = \"q\"\n{codec}\n\
             [[tenants.workers.components]]\npath = {component:?}\n"
        );
        fs::write(&file, config).unwrap();
        file.display().to_string()
    };
    let server = DevServer::start().await;
    let run = async |codec: &str| {
        let arguments = ["worker", "--address", &server.address(), "--config", &config(codec)];
        Isolet::with(arguments).env("OTHER_KEY", "too short").run().await.refusal()
    };
    expect![[r#"
        exit code 2
        error: failed to use key "other": it is not 32 bytes, as they are or in base64 or hexadecimal
          cure: make one with `openssl rand -base64 32`
    "#]]
    .assert_eq(&run(&encryption("other", OTHER)).await);
    let refusal = run(&encryption("sample", SAMPLE)).await;
    let folder = folder.path().display().to_string();
    expect![[r#"
        exit code 2
        error: failed to read key "sample" in DIR/sample.key
          because: No such file or directory (os error 2)
    "#]]
    .assert_eq(&refusal.replace(&folder, "DIR"));
}
