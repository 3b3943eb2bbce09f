//! HTTP requests of Go components, by plain `net/http`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, component, http_server::HttpServer, isolet::Run};

async fn run(activity: &str, argument: Value, grant: Option<&str>) -> Run {
    let file = component("http-go").display().to_string();
    let run = Isolet::with(["run", &file, activity, &argument.to_string()]);
    grant.into_iter().fold(run, |run, grant| run.arg("--http").arg(grant)).run().await
}

#[tokio::test]
async fn requests_are_sent_and_answered() {
    let server = HttpServer::start();
    let origin = server.origin("localhost");
    let got = run("fetch", json!({"url": format!("{origin}/echo"), "body": "tea"}), Some(&origin)).await;
    assert_eq!(got.code, Some(0), "{}", got.stderr);
    let answer: Value = serde_json::from_str(&got.stdout).unwrap();
    assert_eq!(answer["status"], 200, "{answer}");
    let body = answer["body"].as_str().unwrap();
    assert!(body.starts_with("POST /echo | ") && body.ends_with(" | 3"), "{body}");
    let many = run("fetch", json!({"url": format!("{origin}/chunks/200")}), Some(&origin)).await;
    let answer: Value = serde_json::from_str(&many.stdout).unwrap();
    assert_eq!(answer["size"], 200_000, "{answer}");
}

#[tokio::test]
async fn requests_wait_beside_each_other_and_time_out() {
    let server = HttpServer::start();
    let origin = server.origin("localhost");
    let silent = json!({"url": format!("{origin}/silent"), "timeout_ms": 300});
    let hello = json!({"url": format!("{origin}/hello")});
    let told = run("fetchAll", json!([silent, hello, silent, hello]), Some(&origin)).await;
    let told: Vec<String> = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((told[1].as_str(), told[3].as_str()), ("200 5", "200 5"));
    assert!(told[0].contains("Client.Timeout exceeded while awaiting headers"), "{}", told[0]);
}

#[tokio::test]
async fn what_is_not_granted_is_told_with_the_grant() {
    let told = run("fetch", json!({"url": "http://example.com/"}), None).await;
    assert!(told.stderr.contains("the component has no grant `http`"), "{}", told.stderr);
}

#[tokio::test]
async fn a_cancellation_ends_a_request() {
    let server = HttpServer::start();
    let origin = server.origin("localhost");
    let worker = Isolet::worker(DevServer::start().await).component("http-go").cancel_check("300ms");
    let worker = worker.option("--http", &origin).start().await;
    let call = worker.standalone("fetchUntilCancelled").arg(json!({"url": format!("{origin}/silent")})).start().await;
    worker.started(call.id()).await;
    server.connections(1).await;
    call.cancel().await;
    expect![[r#"completed: "cancelled in the middle""#]].assert_eq(&call.outcome().await.to_string());
    worker.stop().await;
}
