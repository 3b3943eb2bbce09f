//! HTTP requests of Go components, by plain `net/http`.

use serde_json::{Value, json};

use crate::support::{Isolet, component, http_server::HttpServer, isolet::Run};

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
}
