//! Requests of both to one server, which answers well or badly.

use expect_test::expect;
use serde_json::json;

use super::{TYPESCRIPT, own_modules};
use crate::{
    differential::{Case, Options, Pair, Then, call, compare, differs},
    support::http_server::HttpServer,
};

/// What `requests` does.
const WAYS: &[&str] = &[
    "text",
    "json",
    "bytes",
    "blob",
    "head",
    "missing",
    "no content",
    "not modified",
    "server error",
    "redirected",
    "redirected after a POST",
    "redirected to GET",
    "redirected with its body",
    "redirected for good with its body",
    "redirected with a stream",
    "redirect that is not followed",
    "redirect that must not be",
    "redirect without an end",
    "redirect to nowhere",
    "redirect with secrets",
    "answer in pieces",
    "large answer",
    "answer that is given up",
    "text as body",
    "bytes as body",
    "blob as body",
    "parameters as body",
    "form as body",
    "stream as body",
    "stream as body without duplex",
    "empty body",
    "own type",
    "method in small letters",
    "other method in small letters",
    "request",
    "headers of an answer",
    "answer twice",
    "body that is used",
    "gzip",
    "brotli",
    "unknown encoding",
    "wrong gzip",
    "many at once",
    "cut",
    "garbage",
    "closed",
    "aborted before",
    "aborted before, with a reason",
    "aborted while it waits",
    "aborted while it is read",
    "aborted while it is read, with a reason",
    "out of time",
    "any signal",
    "data URL",
    "no URL",
    "unknown scheme",
    "password in the URL",
    "GET with a body",
    "wrong header",
    "wrong name of a header",
    "wrong method",
    "wrong redirect",
];

fn cases(origin: &str) -> Vec<Case> {
    let cancelled = ["silent", "drip"]
        .map(|path| call("waits_for_an_answer", json!([origin, path])).heartbeat("20s").then(Then::Cancel));
    let let_out = [call("lets_a_request_out", json!([origin, "missing"]))];
    let late = call("waits_for_an_answer", json!([origin, "silent"])).start_to_close("1s");
    let ways = WAYS.iter().map(|way| call("requests", json!([origin, way])));
    cancelled.into_iter().chain(let_out).chain([late]).chain(ways).collect()
}

async fn pair(server: &HttpServer) -> Pair {
    Pair::start(&TYPESCRIPT, Options { http: Some(server.port()), ..own_modules() }).await
}

#[tokio::test]
async fn requests_come_to_the_same() {
    let server = HttpServer::start();
    compare(pair(&server).await, &cases(&server.origin("127.0.0.1"))).await;
}

#[tokio::test]
async fn of_requests() {
    let server = HttpServer::start();
    let (origin, pair) = (server.origin("127.0.0.1"), pair(&server).await);
    let statuses = "`statusText` of an answer";
    differs(
        &pair,
        statuses,
        call("requests", json!([origin, "odd status"])),
        expect![[r#"completed: {"ok":true,"path":"/status/299","redirected":false,"status":299,"statusText":"","text":"299","type":"basic"}"#]],
        expect![[r#"completed: {"ok":true,"path":"/status/299","redirected":false,"status":299,"statusText":"Said So","text":"299","type":"basic"}"#]],
    )
    .await;
    let headers = "headers that `fetch` sends of its own";
    differs(
        &pair,
        headers,
        call("requests", json!([origin, "own headers"])),
        expect![[r#"completed: ["accept","accept-encoding","user-agent"]"#]],
        expect![[
            r#"completed: ["accept","accept-encoding","accept-language","connection","sec-fetch-mode","user-agent"]"#
        ]],
    )
    .await;
    let causes = "the cause of a `fetch` that failed";
    differs(
        &pair,
        causes,
        call("lets_a_request_out", json!([origin, "garbage"])),
        expect![[r#"
            failed: TypeError: fetch failed
            caused by HttpProtocolError (None)
            not tried again: MaximumAttemptsReached"#]],
        expect![[r#"
            failed: TypeError: fetch failed
            caused by Response does not match the HTTP/1.1 protocol (Expected HTTP/) (None)
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
    let engine = "the text of an error that the engine throws";
    differs(
        &pair,
        engine,
        call("lets_a_request_out", json!([origin, "hello"])),
        expect![[r#"
            failed: SyntaxError: unexpected token: 'hello'
            not tried again: MaximumAttemptsReached"#]],
        expect![[r#"
            failed: SyntaxError: Unexpected token 'h', "hello" is not valid JSON
            not tried again: MaximumAttemptsReached"#]],
    )
    .await;
}
