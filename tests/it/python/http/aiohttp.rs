//! Requests with aiohttp, whose transports are asyncio's.

use expect_test::expect;
use serde_json::{Value, json};

use super::{builder, granted, outcome, server::Server};
use crate::support::{Worker, call::transcript};

/// What activities come to with pages of a server, whose port is another one in each run.
async fn said(worker: &Worker, server: &Server, calls: &[(&str, Value)]) -> String {
    let outcome = async |activity: &str, arguments: &Value| outcome(worker, activity, arguments).await;
    let port = server.address().rsplit(':').next().unwrap();
    // How much of an answer is there at once is up to the moment.
    let said = transcript(calls, outcome).await.replace(port, "PORT");
    said.replace(r#"["at once""#, r#"["read""#).replace(r#"["in parts""#, r#"["read""#)
}

#[tokio::test]
async fn pages_are_got_and_posted_to() {
    let server = Server::start();
    let worker = granted(&server).await;
    let page = |path: &str| json!(server.page(path));
    let calls = [
        ("aiohttp_asks", json!(["GET", page("/page")])),
        ("aiohttp_asks", json!(["POST", page("/page"), {"a": ["ä", 1]}])),
        ("aiohttp_asks", json!(["HEAD", page("/page")])),
        ("aiohttp_asks", json!(["DELETE", page("/nothing")])),
        ("aiohttp_asks", json!(["GET", page("/moved")])),
        ("aiohttp_asks", json!(["GET", page("/missing")])),
        ("aiohttp_downloads", json!([page("/gzip")])),
        ("aiohttp_downloads", json!([page("/stream")])),
        ("aiohttp_uploads", json!([page("/page")])),
        ("aiohttp_sends_a_form", json!([page("/nothing")])),
        ("aiohttp_asks_often", json!([page("/stream"), 40])),
    ];
    expect![[r#"
        > aiohttp_asks ["GET","http://127.0.0.1:PORT/page"]
        completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
        > aiohttp_asks ["POST","http://127.0.0.1:PORT/page",{"a":["ä",1]}]
        completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",20,\"{\\\"a\\\": [\\\"\\\\u00e4\\\", 1]}\"]"]
        > aiohttp_asks ["HEAD","http://127.0.0.1:PORT/page"]
        completed: [200,"application/json",""]
        > aiohttp_asks ["DELETE","http://127.0.0.1:PORT/nothing"]
        completed: [204,null,""]
        > aiohttp_asks ["GET","http://127.0.0.1:PORT/moved"]
        completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
        > aiohttp_asks ["GET","http://127.0.0.1:PORT/missing"]
        completed: [404,null,"no such page"]
        > aiohttp_downloads ["http://127.0.0.1:PORT/gzip"]
        completed: ["read",220,"636f6d70726573736564","c03f2713"]
        > aiohttp_downloads ["http://127.0.0.1:PORT/stream"]
        completed: ["read",524288,"41414141414141414141","cac93cbb"]
        > aiohttp_uploads ["http://127.0.0.1:PORT/page"]
        completed: "[\"PUT\",\"/page\",\"application/octet-stream\",500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        > aiohttp_sends_a_form ["http://127.0.0.1:PORT/nothing"]
        completed: ""
        > aiohttp_asks_often ["http://127.0.0.1:PORT/stream",40]
        completed: 40
    "#]].assert_eq(&said(&worker, &server, &calls).await);
    worker.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_the_error_that_it_is_elsewhere() {
    let server = Server::start();
    let worker = builder().await.option("--http", server.address()).option("--http", "http://127.0.0.1:1");
    let worker = worker.option("--http", "http://name.invalid").start().await;
    let calls = [
        ("aiohttp_fails", json!(["http://127.0.0.1:1/"])),
        ("aiohttp_fails", json!(["http://name.invalid/"])),
        ("aiohttp_fails", json!(["http://not-granted.invalid/"])),
        ("aiohttp_fails", json!([server.page("/silent"), 0.1])),
        ("aiohttp_fails", json!([server.page("/stalls"), 0.1])),
        ("aiohttp_fails", json!([server.page("/closes")])),
        ("aiohttp_fails", json!([server.page("/breaks")])),
        ("aiohttp_fails", json!([server.page("/page"), 1, "http://127.0.0.1:1"])),
    ];
    expect![[r#"
        > aiohttp_fails ["http://127.0.0.1:1/"]
        completed: "aiohttp.client_exceptions.ClientConnectorError (OSError): Cannot connect to host 127.0.0.1:1 ssl:default [Connection refused]"
        > aiohttp_fails ["http://name.invalid/"]
        completed: "aiohttp.client_exceptions.ClientConnectorDNSError (OSError): Cannot connect to host name.invalid:80 ssl:default [Name or service not known]"
        > aiohttp_fails ["http://not-granted.invalid/"]
        completed: "aiohttp.client_exceptions.ClientConnectorError (OSError): Cannot connect to host not-granted.invalid:80 ssl:default [the component's grant `http` does not cover http://not-granted.invalid: add \"http://not-granted.invalid\" to it]"
        > aiohttp_fails ["http://127.0.0.1:PORT/silent",0.1]
        completed: "aiohttp.client_exceptions.SocketTimeoutError (TimeoutError, OSError): Timeout on reading data from socket"
        > aiohttp_fails ["http://127.0.0.1:PORT/stalls",0.1]
        completed: "aiohttp.client_exceptions.SocketTimeoutError (TimeoutError, OSError): Timeout on reading data from socket"
        > aiohttp_fails ["http://127.0.0.1:PORT/closes"]
        completed: "aiohttp.client_exceptions.ServerDisconnectedError (): Server disconnected"
        > aiohttp_fails ["http://127.0.0.1:PORT/breaks"]
        completed: "aiohttp.client_exceptions.ClientPayloadError (): Response payload is not completed: <ContentLengthError: 400, message='Not enough data to satisfy content length header (received 5 of 9 bytes).'>"
        > aiohttp_fails ["http://127.0.0.1:PORT/page",1,"http://127.0.0.1:1"]
        completed: "aiohttp.client_exceptions.ClientConnectorError (OSError): Cannot connect to host 127.0.0.1:1 ssl:default [the connections are the host's, which uses no proxy]"
    "#]].assert_eq(&said(&worker, &server, &calls).await);
    worker.stop().await;
}

#[tokio::test]
async fn tls_is_not_weakened() {
    let server = Server::start();
    let worker = granted(&server).await;
    let said: [String; 3] = worker.standalone("aiohttp_weakens_tls").arg(server.page("/page")).run().await.json();
    // What can't be done is refused; the rest changes nothing.
    assert_eq!([said[0].as_str(), said[2].as_str()], ["no error: 200"; 2]);
    assert!(said[1].starts_with("aiohttp.client_exceptions.ClientConnectorSSLError"), "{said:?}");
    assert!(said[1].ends_with("there is no certificate to look at: TLS is the host's]"), "{said:?}");
    worker.stop().await;
}

#[tokio::test]
async fn requests_overlap_and_are_cancelled() {
    let server = Server::start();
    let worker = granted(&server).await;
    // The first is answered once the second has come.
    let pages = json!([server.page("/first"), server.page("/second")]);
    let answers = outcome(&worker, "aiohttp_overlaps", &pages).await;
    expect![[r#"completed: ["first","[\"GET\",\"/second\",null,0,\"\"]"]"#]].assert_eq(&answers);
    for page in ["/silent", "/stalls"] {
        let call = worker.standalone("aiohttp_waits").arg(server.page(page)).start().await;
        server.asked_for(page, 1).await;
        call.cancel().await;
        assert_eq!(call.outcome().await.to_string(), r#"completed: "cancelled""#);
    }
    worker.stop().await;
}
