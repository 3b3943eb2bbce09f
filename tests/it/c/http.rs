//! HTTP requests in C and C++, by the SDK's client, against servers that do well or badly.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::support::{Isolet, component, http_server::HttpServer, isolet::Run};

/// One attempt of a guest, without a server of Temporal's.
async fn run(guest: &str, activity: &str, arguments: &[Value], flags: &[&str]) -> Run {
    let file = component(guest).display().to_string();
    let run = Isolet::with(["run", &file, activity]);
    let run = arguments.iter().fold(run, |run, argument| run.arg(argument.to_string()));
    flags.iter().fold(run, |run, flag| run.arg(*flag)).run().await
}

/// What the run returned, or the failure that it ended with. The server's port differs from run to run.
fn told(run: &Run, server: &HttpServer) -> String {
    let port = server.origin("").rsplit_once(':').unwrap().1.to_owned();
    let failure = run.stderr.lines().find(|line| line.starts_with("failure: "));
    let said = if run.code == Some(0) { run.stdout.trim() } else { failure.unwrap_or(&run.stderr) };
    said.replace(&port, "PORT")
}

async fn check(guest: &str, activity: &str, arguments: &[Value], server: &HttpServer, expected: Expect) {
    let grant = server.origin("localhost");
    expected.assert_eq(&told(&run(guest, activity, arguments, &["--http", &grant]).await, server));
}

#[tokio::test]
async fn each_request_tells_what_became_of_it() {
    let server = HttpServer::start();
    let here = server.origin("localhost");
    let paths = ["/hello", "/redirect", "/close", "/garbage", "/cut", "/size/1001", "?a=b#c"];
    let urls = paths.map(|path| format!("{here}{path}"));
    let others =
        ["http://elsewhere/a?secret=1", "ftp://localhost/", "localhost", "http://me:word@localhost/", "http://"];
    let invalid = [format!("{here}/a b"), format!("{here}/\u{e4}")];
    let urls: Vec<String> = urls.into_iter().chain(others.map(str::to_owned)).chain(invalid).collect();
    check("http-c", "ask_all", &[json!(urls)], &server, expect![[r#"["200 hello","302 ","GET http://localhost:PORT/close: the connection ended too early (HTTP-response-incomplete) (7)","GET http://localhost:PORT/garbage: the answer can't be taken (HTTP-protocol-error) (8)","GET http://localhost:PORT/cut: the connection ended too early (HTTP-response-incomplete) (7)","GET http://localhost:PORT/size/1001: the answer's body has more than 1000 bytes (10)","GET http://localhost:PORT: the connection ended too early (HTTP-response-incomplete) (7)","GET http://elsewhere/a: the component's grant `http` does not cover http://elsewhere: add \"http://elsewhere\" to it (2)","GET ftp://localhost/: the URL does not begin with http:// or https:// (1)","GET localhost: the URL does not begin with http:// or https:// (1)","GET http://me:word@localhost/: the URL names a user: use the header `authorization` (1)","GET http://: the URL has no host (1)","GET http://localhost:PORT/a b: the URL's path is invalid: spaces and other letters are written as %20 and so on (1)","GET http://localhost:PORT/ä: the connection ended too early (HTTP-response-incomplete) (7)"]"#]]).await;
}

#[tokio::test]
async fn what_is_not_granted_fails_as_denied_and_a_status_as_told() {
    let server = HttpServer::start();
    let url = json!("http://elsewhere.example.com/");
    check("http-c", "ask", &[url], &server, expect![[r#"failure: GET http://elsewhere.example.com/: the component's grant `http` does not cover http://elsewhere.example.com: add "http://elsewhere.example.com" to it (type SandboxDenied, not retried)"#]]).await;
    let url = json!(format!("{}/missing", server.origin("localhost")));
    check(
        "http-c",
        "ask",
        &[url],
        &server,
        expect!["failure: GET http://localhost:PORT/missing: the server answered with status 404 (type HttpError)"],
    )
    .await;
    let url = json!(format!("{}/give/<a>", server.origin("localhost")));
    check("http-c", "ask", &[url], &server, expect!["failure: GET http://localhost:PORT/give/<a>: the URL's path is invalid: spaces and other letters are written as %20 and so on (type HttpError)"]).await;
}

#[tokio::test]
async fn bodies_of_any_size_go_both_ways() {
    let server = HttpServer::start();
    let url = |path: &str| json!(format!("{}{path}", server.origin("localhost")));
    for (size, expected) in [
        (
            0,
            expect![[
                r#""PUT /echo | content-length: 0, x-a: 1, content-type: application/octet-stream, accept: */*, host: localhost:PORT | 0""#
            ]],
        ),
        (
            3_000_000,
            expect![[
                r#""PUT /echo | content-length: 3000000, x-a: 1, content-type: application/octet-stream, accept: */*, host: localhost:PORT | 3000000""#
            ]],
        ),
    ] {
        check("http-c", "send_size", &[url("/echo"), json!(size)], &server, expected).await;
    }
    // A server that does not wait for all of it.
    check("http-c", "send_size", &[url("/close"), json!(3_000_000)], &server, expect!["failure: PUT http://localhost:PORT/close: the connection ended too early (HTTP-response-incomplete) (type HttpError)"]).await;
    check("http-c", "read_body", &[url("/chunks/3000")], &server, expect!["3000000"]).await;
    check("http-c", "read_body", &[url("/size/0")], &server, expect!["0"]).await;
    check("http-c", "read_whole", &[url("/chunks/3000"), json!(3_000_000)], &server, expect!["3000000"]).await;
    check("http-c", "read_whole", &[url("/chunks/3000"), json!(2_999_999)], &server, expect!["failure: GET http://localhost:PORT/chunks/3000: the answer's body has more than 2999999 bytes (type HttpError)"]).await;
}

#[tokio::test]
async fn more_requests_than_may_be_in_flight_are_sent_one_after_the_other() {
    let server = HttpServer::start();
    let url = json!(format!("{}/size/100000", server.origin("localhost")));
    check("http-c", "ask_often", &[url, json!(40)], &server, expect!["40"]).await;
}

#[tokio::test]
async fn a_guest_may_lose_its_patience() {
    let server = HttpServer::start();
    let url = |path: &str| json!(format!("{}{path}", server.origin("localhost")));
    check(
        "http-c",
        "lose_patience",
        &[url("/silent"), json!(100)],
        &server,
        expect!["failure: GET http://localhost:PORT/silent: it took too long (the request's timeout) (type HttpError)"],
    )
    .await;
    check(
        "http-c",
        "lose_patience",
        &[url("/drip"), json!(100)],
        &server,
        expect!["failure: GET http://localhost:PORT/drip: it took too long (the request's timeout) (type HttpError)"],
    )
    .await;
    check("http-c", "lose_patience", &[url("/hello"), json!(60_000)], &server, expect![[r#""hello""#]]).await;
}

#[tokio::test]
async fn a_cancellation_ends_a_request_and_leaves_a_shield_alone() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let arguments = [json!(format!("{grant}/silent")), json!(format!("{grant}/hello"))];
    let run = run("http-c", "ask_in_vain", &arguments, &["--http", &grant, "--cancel-after", "300ms"]).await;
    assert!(run.stderr.contains("2, then 200 hello"), "{}", run.stderr);
    assert!(run.stderr.contains("cancelled"), "{}", run.stderr);
    server.connections(0).await;
}

#[tokio::test]
async fn the_same_in_cpp() {
    let server = HttpServer::start();
    let url = |path: &str| json!(format!("{}{path}", server.origin("localhost")));
    check(
        "http-cpp",
        "send",
        &[url("/echo"), json!("tea")],
        &server,
        expect![[r#""POST /echo | content-length: 3, x-a: 1, accept: */*, host: localhost:PORT | 3""#]],
    )
    .await;
    check(
        "http-cpp",
        "send",
        &[url("/missing"), json!("")],
        &server,
        expect!["failure: POST http://localhost:PORT/missing: the server answered with status 404 (type HttpError)"],
    )
    .await;
    check(
        "http-cpp",
        "read_json",
        &[url("/missing")],
        &server,
        expect![[r#"{"error":{"message":"there is no such thing","type":"invalid_request_error"}}"#]],
    )
    .await;
    check(
        "http-cpp",
        "read_json",
        &[url("/hello")],
        &server,
        expect!["failure: the value is no JSON (type TypeError)"],
    )
    .await;
    check("http-cpp", "read_body", &[url("/chunks/3000")], &server, expect!["3000000"]).await;
    check("http-cpp", "header", &[url("/redirect"), json!("location")], &server, expect![[r#""/hello among all""#]])
        .await;
    check("http-cpp", "header", &[url("/redirect"), json!("Location")], &server, expect![[r#""/hello""#]]).await;
    check("http-cpp", "kind", &[json!("https://elsewhere.example.com")], &server, expect![[r#""not granted""#]]).await;
}
