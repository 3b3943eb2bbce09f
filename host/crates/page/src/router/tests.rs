//! What is answered, and to whom.

use std::time::Duration;

use admin::{Asked, Reply, Status, Tenant, Worker};
use axum::{body::Body, http::Request};
use futures_util::StreamExt as _;
use tokio::{sync::mpsc, task::JoinSet};

use super::*;
use crate::{recent::tests::attempt, sessions::GOOD_FOR};

const TOKEN: &str = "a-token-that-is-long-enough";

/// Asks a router without a server in between.
async fn oneshot(router: &Router, mut request: Request<Body>) -> Response {
    use tower_service::Service as _;
    request.extensions_mut().insert(Patience::new(Duration::from_secs(10)));
    router.clone().call(request).await.unwrap()
}

/// What a worker answers that is ready and has run attempts.
fn answers(has_token: bool) -> (Router, Arc<Recent>, JoinSet<()>) {
    let (sender, mut asked) = mpsc::channel::<Asked>(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(Asked { reply, .. }) = asked.recv().await {
            let worker =
                Worker { state: "ready".to_owned(), address: Some("localhost:7233".to_owned()), ..Worker::default() };
            let tenants = vec![Tenant { name: "acme".to_owned(), ..Tenant::default() }];
            let _ = reply.send(Reply::Status(Box::new(Status { worker, tenants, version: 7, ..Status::default() })));
        }
    });
    let (looker, recent) = (Arc::new(Looker::new(sender, 0)), Arc::<Recent>::default());
    let history = Arc::new(History::new(Arc::clone(&looker)));
    let access = Access::new(Arc::new(|| Ok(TOKEN.to_owned()))).unwrap();
    let page = Page::new(Arc::clone(&looker), access, (Arc::clone(&recent), history), None);
    let answers = Answers { looker, metrics: None, page: has_token.then_some(page) };
    (router(answers), recent, tasks)
}

async fn ask(router: &Router, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, HeaderMap, String) {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = oneshot(router, request.body(Body::from(body.to_owned())).unwrap()).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn health_is_for_everybody_and_the_rest_for_those_with_the_token() {
    let (router, _recent, _tasks) = answers(true);
    let bearer = format!("Bearer {TOKEN}");
    let right = [("authorization", bearer.as_str())];
    let wrong = [("authorization", "Bearer a-token-that-is-not-the-one")];
    for (line, headers, expected) in [
        ("GET /healthz", &[][..], 200),
        ("GET /readyz", &[], 200),
        ("GET /metrics", &[], 404),
        ("GET /status", &[], 401),
        ("GET /status", &wrong, 401),
        ("GET /status", &right, 200),
        ("GET /", &[], 401),
        ("GET /", &wrong, 401),
        ("GET /", &right, 200),
        ("GET /attempts", &[], 401),
        ("GET /attempts?outcome=failed", &right, 200),
        ("GET /attempts/1", &[], 401),
        ("GET /attempts/1", &right, 200),
        ("GET /attempts/one", &right, 400),
        ("GET /live/", &[], 401),
        ("GET /live/attempts", &wrong, 401),
        ("POST /status", &right, 405),
        ("GET /secret", &right, 404),
    ] {
        assert_eq!(ask(&router, line, headers, "").await.0, expected, "{line}");
    }
    let (_, _, body) = ask(&router, "GET /status", &right, "").await;
    assert_eq!(serde_json::from_str::<Status>(&body).unwrap().version, 7);
}

#[tokio::test]
async fn without_a_token_there_is_no_page() {
    let (router, _recent, _tasks) = answers(false);
    let bearer = format!("Bearer {TOKEN}");
    for (line, expected) in [("GET /readyz", 200), ("GET /status", 404), ("GET /", 404), ("POST /login", 404)] {
        assert_eq!(ask(&router, line, &[("authorization", &bearer)], "").await.0, expected, "{line}");
    }
}

#[tokio::test]
async fn a_browser_logs_in_and_out() {
    let (router, _recent, _tasks) = answers(true);
    let (status, _, body) = ask(&router, "GET /attempts?type=a%22b", &[], "").await;
    assert!(status == 401 && body.contains("name=\"to\" value=\"/attempts?type=a%22b\""), "{body}");
    let (status, headers, body) =
        ask(&router, "POST /login", &[], "token=wrong-wrong-wrong-wrong&to=%2Fattempts").await;
    assert!(status == 401 && !headers.contains_key("set-cookie") && body.contains("That is not the token."));
    let form = format!("token={TOKEN}&to=%2Fattempts");
    let other = [("sec-fetch-site", "cross-site")];
    assert_eq!(ask(&router, "POST /login", &other, &form).await.0, 403);
    for (origin, status) in [("http://evil.example", 403), ("null", 403), ("http://a.example:1", 303)] {
        let plain = [("origin", origin), ("host", "a.example:1")];
        assert_eq!(ask(&router, "POST /login", &plain, &form).await.0, status, "{origin}");
    }
    let (status, headers, _) = ask(&router, "POST /login", &[], &form).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (303, "/attempts"));
    let cookie = headers["set-cookie"].to_str().unwrap().split_once(';').unwrap().0.to_owned();
    let browser = [("cookie", cookie.as_str())];
    let (status, headers, body) = ask(&router, "GET /", &browser, "").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0;
    assert!(status == 200 && nonce.len() == 32 && body.contains(&format!("<script nonce=\"{nonce}\">")), "{policy}");
    assert_eq!(ask(&router, "POST /logout", &browser, "").await.0, 303);
    assert_eq!(ask(&router, "GET /", &browser, "").await.0, 401);
}

#[test]
fn a_form_leads_to_no_other_server() {
    for other in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a b", "/\r\nset-cookie: a", "/é"]
    {
        assert_eq!(own_path(other), "/", "{other}");
    }
    assert_eq!(own_path("/attempts?tenant=a%20b"), "/attempts?tenant=a%20b");
}

#[tokio::test]
async fn what_attempts_do_is_shown_and_followed_to_its_end() {
    let (router, recent, _tasks) = answers(true);
    attempt(&recent, "acme", "ship", ("packed", true));
    attempt(&recent, "acme", "bill", ("billed", false));
    let bearer = format!("Bearer {TOKEN}");
    let right = [("authorization", bearer.as_str())];
    let (_, _, body) = ask(&router, "GET /attempts?outcome=running", &right, "").await;
    assert!(body.contains(">ship</a>") && !body.contains(">bill</a>"), "{body}");
    let longer_than_any = format!("GET /attempts?tenant={}", "a".repeat(2_000));
    let (_, _, body) = ask(&router, &longer_than_any, &right, "").await;
    assert!(!body.contains(">ship</a>"), "{body}");
    let (_, _, body) = ask(&router, "GET /attempts/1", &right, "").await;
    assert!(body.contains("<p>billed</p>") && body.contains("Receipt"), "{body}");
    let request = Request::builder().uri("/live/attempts/1").header("authorization", &bearer);
    let request = request.body(Body::empty()).unwrap();
    tokio::time::pause();
    let response = oneshot(&router, request).await;
    let told = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let told = String::from_utf8(told.to_vec()).unwrap();
    assert!(told.starts_with("event: content\ndata: ") && told.ends_with("event: over\ndata: over\n\n"), "{told}");
}

/// The page goes on for a reader only as long as it is logged in: who has logged out, or has a token that is none any more,
/// is told nothing further.
#[tokio::test(start_paused = true)]
async fn a_reader_is_told_nothing_once_its_log_in_has_ended() {
    let (router, recent, _tasks) = answers(true);
    attempt(&recent, "acme", "ship", ("packed", true));
    let form = format!("token={TOKEN}&to=%2F");
    let log_in = async || {
        let (_, headers, _) = ask(&router, "POST /login", &[], &form).await;
        headers["set-cookie"].to_str().unwrap().split_once(';').unwrap().0.to_owned()
    };
    let follow = async |cookie: &str| {
        let request = Request::builder().uri("/live/attempts").header("cookie", cookie);
        let response = oneshot(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status().as_u16(), 200);
        response.into_body().into_data_stream()
    };
    let (leaves, stays) = (log_in().await, log_in().await);
    let (mut left, mut told) = (follow(&leaves).await, follow(&stays).await);
    for reader in [&mut left, &mut told] {
        let first = reader.next().await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&first).contains(">ship</a>"), "{first:?}");
    }
    assert_eq!(ask(&router, "POST /logout", &[("cookie", &leaves)], "").await.0, 303);
    attempt(&recent, "acme", "bill", ("billed", true));
    assert!(left.next().await.is_none());
    let next = told.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&next).contains(">bill</a>"), "{next:?}");
    // Its time is over.
    tokio::time::advance(GOOD_FOR).await;
    assert!(told.next().await.is_none());
}

#[tokio::test]
async fn readers_are_few() {
    let (router, _recent, _tasks) = answers(true);
    let bearer = format!("Bearer {TOKEN}");
    let mut held = Vec::new();
    let mut statuses = Vec::new();
    for _ in 0..17 {
        let request = Request::builder().uri("/live/").header("authorization", &bearer);
        let request = request.body(Body::empty()).unwrap();
        let response = oneshot(&router, request).await;
        statuses.push(response.status().as_u16());
        held.push(response);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 16);
    assert_eq!(statuses.last(), Some(&503));
    drop(held);
    let request = Request::builder().uri("/live/").header("authorization", &bearer);
    let request = request.body(Body::empty()).unwrap();
    assert_eq!(oneshot(&router, request).await.status().as_u16(), 200);
}
