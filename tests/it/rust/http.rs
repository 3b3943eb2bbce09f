//! The SDK's HTTP client, on the host's side of `wasi:http` and against servers that do well or badly.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, component, http_server::HttpServer, isolet::Run};

/// One attempt of the guest, without a server of Temporal's.
async fn run(activity: &str, arguments: &[Value], flags: &[&str]) -> Run {
    let arguments = arguments.iter().map(Value::to_string);
    let all = ["run".to_owned(), component("fetcher").display().to_string(), activity.to_owned()];
    let flags = flags.iter().map(|flag| (*flag).to_owned());
    Isolet::with(all.into_iter().chain(arguments).chain(flags)).run().await
}

/// What the run returned, or the failure that it ended with. The server's port differs from run to run.
fn told(run: &Run, server: &HttpServer) -> String {
    let port = server.origin("").rsplit_once(':').unwrap().1.to_owned();
    let failure = run.stderr.lines().find(|line| line.starts_with("failure: "));
    let said = if run.code == Some(0) { run.stdout.trim() } else { failure.unwrap_or(&run.stderr) };
    said.replace(&port, "PORT")
}

async fn check(activity: &str, arguments: &[Value], server: &HttpServer, expected: Expect) {
    let grant = server.origin("localhost");
    expected.assert_eq(&told(&run(activity, arguments, &["--http", &grant]).await, server));
}

#[tokio::test]
async fn requests_run_side_by_side_and_each_tells_what_became_of_it() {
    let server = HttpServer::start();
    let here = server.origin("localhost");
    let urls = ["/hello", "/redirect", "/close", "/garbage"].map(|path| format!("{here}{path}"));
    let elsewhere = ["http://elsewhere/a?secret=1", "ftp://localhost/", "localhost", "http://me:word@localhost/"];
    let urls: Vec<String> = urls.into_iter().chain(elsewhere.map(str::to_owned)).collect();
    check("ask_all", &[json!(urls)], &server, expect![[r#"["200 OK: hello","302 Found: ","GET http://localhost:PORT/close: the connection ended too early (HTTP-response-incomplete)","GET http://localhost:PORT/garbage: the answer can't be taken (HTTP-protocol-error)","GET http://elsewhere/a: the component's grant `http` does not cover http://elsewhere: add \"http://elsewhere\" to it","\"ftp://localhost/\" is no URL: it begins with http:// or https://","\"localhost\" is no URL: it begins with http:// or https://","the URL names a user: use `bearer_auth`, or the header `authorization`"]"#]]).await;
}

#[tokio::test]
async fn what_is_not_granted_fails_as_denied_and_is_not_tried_again() {
    let server = HttpServer::start();
    let url = json!("http://elsewhere.example.com/");
    check("ask", &[url], &server, expect![[r#"failure: GET http://elsewhere.example.com/: the component's grant `http` does not cover http://elsewhere.example.com: add "http://elsewhere.example.com" to it (type SandboxDenied, not retried)"#]]).await;
    let url = json!(format!("{}/missing", server.origin("localhost")));
    check(
        "ask",
        &[url],
        &server,
        expect![
            "failure: GET http://localhost:PORT/missing: the server answered with status 404 Not Found (type HttpError)"
        ],
    )
    .await;
}

#[tokio::test]
async fn a_request_is_made_as_it_is_told() {
    let server = HttpServer::start();
    let url = json!(format!("{}/echo/x?c=d", server.origin("localhost")));
    check("send_json", &[url], &server, expect![[r#""POST /echo/x?c=d&a+b=%C3%A4 | content-length: 5, x-a: 1, authorization: Bearer token, content-type: application/json, accept: */*, host: localhost:PORT | 5""#]]).await;
}

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let server = HttpServer::start();
    let echo = json!(format!("{}/echo", server.origin("localhost")));
    check(
        "send_pieces",
        &[echo.clone(), json!(3000), json!("stream")],
        &server,
        expect![[r#""POST /echo | accept: */*, host: localhost:PORT, transfer-encoding: chunked | 3000000""#]],
    )
    .await;
    check(
        "send_pieces",
        &[echo.clone(), json!(300), json!("reader")],
        &server,
        expect![[r#""POST /echo | accept: */*, host: localhost:PORT, transfer-encoding: chunked | 300000""#]],
    )
    .await;
    check(
        "send_pieces",
        &[echo, json!(1), json!("broken")],
        &server,
        expect![
            "failure: POST http://localhost:PORT/echo: the request's body failed: the source is dry (type HttpError)"
        ],
    )
    .await;
    let url = json!(format!("{}/chunks/3000", server.origin("localhost")));
    check("read_body", &[url], &server, expect!["3000000"]).await;
}

#[tokio::test]
async fn a_guest_may_lose_its_patience() {
    let server = HttpServer::start();
    let url = |path: &str| json!(format!("{}{path}", server.origin("localhost")));
    check(
        "lose_patience",
        &[url("/silent"), json!(100)],
        &server,
        expect![[r#""GET http://localhost:PORT/silent: it took too long (the request's timeout), timeout: true""#]],
    )
    .await;
    check(
        "lose_patience",
        &[url("/drip"), json!(100)],
        &server,
        expect![[r#""GET http://localhost:PORT/drip: it took too long (the request's timeout), timeout: true""#]],
    )
    .await;
    check("lose_patience", &[url("/hello"), json!(60_000)], &server, expect![[r#""hello""#]]).await;
}

#[tokio::test]
async fn a_cancellation_ends_all_that_waits_and_leaves_a_shield_alone() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let silent: Vec<String> = (0..3).map(|_| format!("{grant}/silent")).collect();
    let arguments = [json!(silent), json!(format!("{grant}/hello"))];
    let run = run("ask_in_vain", &arguments, &["--http", &grant, "--cancel-after", "300ms"]).await;
    assert!(run.stderr.contains("3 requests cancelled, sleep cancelled: true"), "{}", run.stderr);
    assert!(run.stderr.contains("cancelled"), "{}", run.stderr);
    assert_eq!(server.seen().last().map(String::as_str), Some("GET /hello"));
    server.connections(0).await;
}

#[tokio::test]
async fn a_killed_attempt_takes_its_requests_along() {
    let temporal = DevServer::start().await;
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let worker = Isolet::worker(temporal).component("fetcher").option("--http", &grant);
    let worker = worker.max_concurrent(1).kill_grace("0s").start().await;
    let silent: Vec<String> = (0..3).map(|_| format!("{grant}/silent")).collect();
    let hanging = worker.standalone("ask_all").arg(json!(silent)).start_to_close("2s").start().await;
    server.connections(3).await;
    expect![[r#"
        timed out: StartToClose: activity StartToClose timeout
        not tried again: MaximumAttemptsReached"#]]
    .assert_eq(&hanging.outcome().await.to_string());
    server.connections(0).await;
    worker.stop().await;
}
