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
    let said = if run.code == Some(0) { run.stdout.trim() } else { run.stderr.trim() };
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
    check("ask_all", &[json!(urls)], &server, expect![]).await;
}

#[tokio::test]
async fn what_is_not_granted_fails_as_denied_and_is_not_tried_again() {
    let server = HttpServer::start();
    let url = json!("http://elsewhere.example.com/");
    check("ask", &[url], &server, expect![]).await;
    let url = json!(format!("{}/missing", server.origin("localhost")));
    check("ask", &[url], &server, expect![]).await;
}

#[tokio::test]
async fn a_request_is_made_as_it_is_told() {
    let server = HttpServer::start();
    let url = json!(format!("{}/echo?c=d", server.origin("localhost")));
    check("send_json", &[url], &server, expect![]).await;
}

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let server = HttpServer::start();
    let echo = json!(format!("{}/echo", server.origin("localhost")));
    check("send_pieces", &[echo.clone(), json!(3000), json!("stream")], &server, expect![]).await;
    check("send_pieces", &[echo.clone(), json!(300), json!("reader")], &server, expect![]).await;
    check("send_pieces", &[echo, json!(1), json!("broken")], &server, expect![]).await;
    let url = json!(format!("{}/chunks/3000", server.origin("localhost")));
    check("read_body", &[url], &server, expect![]).await;
}

#[tokio::test]
async fn a_guest_may_lose_its_patience() {
    let server = HttpServer::start();
    let url = |path: &str| json!(format!("{}{path}", server.origin("localhost")));
    check("lose_patience", &[url("/silent"), json!(100)], &server, expect![]).await;
    check("lose_patience", &[url("/drip"), json!(100)], &server, expect![]).await;
    check("lose_patience", &[url("/hello"), json!(60_000)], &server, expect![]).await;
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
