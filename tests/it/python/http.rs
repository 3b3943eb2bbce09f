//! Requests over HTTP from Python's own libraries and from popular ones: `tests/guests-python/http`.

mod aiohttp;
mod server;

use std::{fs, net::TcpListener};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::server::Server;
use crate::support::{DevServer, Isolet, Worker, http_server::HttpServer, tls::Authority, worker::WorkerBuilder};

/// The libraries of synchronous activities.
const CLIENTS: [&str; 5] = ["urllib", "http.client", "requests", "httpx", "httpx2"];

/// Those of asynchronous ones.
const ASYNCHRONOUS: [&str; 2] = ["httpx", "httpx2"];

async fn builder() -> WorkerBuilder<'static> {
    Isolet::worker(DevServer::start().await).component("http-python").limit("memory=256MiB")
}

/// A worker that may ask this server.
async fn granted(server: &Server) -> Worker {
    builder().await.option("--http", server.address()).cancel_check("300ms").start().await
}

/// What an activity comes to.
async fn outcome(worker: &Worker, activity: &str, arguments: &Value) -> String {
    worker.standalone(activity).args(arguments).attempts(1).run().await.to_string()
}

/// What an activity comes to with each library, synchronous and asynchronous. The port of the server
/// at `address` is another one in each run.
async fn check(worker: &Worker, activities: [&str; 2], address: &str, arguments: Value, expected: Expect) {
    let [synchronous, asynchronous] = activities;
    let mut said = String::new();
    let clients = CLIENTS.map(|client| (client, "", synchronous)).into_iter();
    for (client, kind, activity) in clients.chain(ASYNCHRONOUS.map(|client| (client, " AsyncClient", asynchronous))) {
        let mut arguments = arguments.clone();
        arguments.as_array_mut().unwrap().insert(0, json!(client));
        said += &format!("{client}{kind}: {}\n", outcome(worker, activity, &arguments).await);
    }
    let port = address.rsplit(':').next().unwrap();
    expected.assert_eq(&said.replace(port, "PORT"));
}

#[tokio::test]
async fn pages_are_got_and_posted_to() {
    let server = Server::start();
    let worker = granted(&server).await;
    let asks = async |method: &str, path: &str, value: Value, expected: Expect| {
        let arguments = json!([method, server.page(path), value]);
        check(&worker, ["asks", "asks_async"], server.address(), arguments, expected).await;
    };
    asks(
        "GET",
        "/page",
        json!(null),
        expect![[r#"
            urllib: completed: [200,"application/json","[\"GET\",\"/page\",\"application/json\",0,\"\"]"]
            http.client: completed: [200,"application/json","[\"GET\",\"/page\",\"application/json\",0,\"\"]"]
            requests: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx2: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx AsyncClient: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx2 AsyncClient: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
        "#]],
    )
    .await;
    asks("POST", "/page", json!({"a": ["ä", 1]}), expect![[r#"
        urllib: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",20,\"{\\\"a\\\": [\\\"\\\\u00e4\\\", 1]}\"]"]
        http.client: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",20,\"{\\\"a\\\": [\\\"\\\\u00e4\\\", 1]}\"]"]
        requests: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",20,\"{\\\"a\\\": [\\\"\\\\u00e4\\\", 1]}\"]"]
        httpx: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",14,\"{\\\"a\\\":[\\\"ä\\\",1]}\"]"]
        httpx2: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",14,\"{\\\"a\\\":[\\\"ä\\\",1]}\"]"]
        httpx AsyncClient: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",14,\"{\\\"a\\\":[\\\"ä\\\",1]}\"]"]
        httpx2 AsyncClient: completed: [200,"application/json","[\"POST\",\"/page\",\"application/json\",14,\"{\\\"a\\\":[\\\"ä\\\",1]}\"]"]
    "#]]).await;
    asks(
        "HEAD",
        "/page",
        json!(null),
        expect![[r#"
            urllib: completed: [200,"application/json",""]
            http.client: completed: [200,"application/json",""]
            requests: completed: [200,"application/json",""]
            httpx: completed: [200,"application/json",""]
            httpx2: completed: [200,"application/json",""]
            httpx AsyncClient: completed: [200,"application/json",""]
            httpx2 AsyncClient: completed: [200,"application/json",""]
        "#]],
    )
    .await;
    worker.stop().await;
}

#[tokio::test]
async fn a_response_may_have_no_content() {
    let server = Server::start();
    let worker = granted(&server).await;
    let arguments = json!(["DELETE", server.page("/nothing"), null]);
    let expected = expect![[r#"
            urllib: completed: [204,null,""]
            http.client: completed: [204,null,""]
            requests: completed: [204,null,""]
            httpx: completed: [204,null,""]
            httpx2: completed: [204,null,""]
            httpx AsyncClient: completed: [204,null,""]
            httpx2 AsyncClient: completed: [204,null,""]
        "#]];
    check(&worker, ["asks", "asks_async"], server.address(), arguments, expected).await;
    worker.stop().await;
}

#[tokio::test]
async fn redirects_errors_and_compression_are_the_library_s() {
    let server = Server::start();
    let worker = granted(&server).await;
    let asks = async |path: &str, expected: Expect| {
        let arguments = json!(["GET", server.page(path)]);
        check(&worker, ["asks", "asks_async"], server.address(), arguments, expected).await;
    };
    asks(
        "/moved",
        expect![[r#"
            urllib: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            http.client: completed: [302,null,""]
            requests: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx2: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx AsyncClient: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
            httpx2 AsyncClient: completed: [200,"application/json","[\"GET\",\"/page\",null,0,\"\"]"]
        "#]],
    )
    .await;
    asks(
        "/missing",
        expect![[r#"
            urllib: failed: HTTPError: HTTP Error 404: Not Found
            not tried again: MaximumAttemptsReached
            http.client: completed: [404,null,"no such page"]
            requests: completed: [404,null,"no such page"]
            httpx: completed: [404,null,"no such page"]
            httpx2: completed: [404,null,"no such page"]
            httpx AsyncClient: completed: [404,null,"no such page"]
            httpx2 AsyncClient: completed: [404,null,"no such page"]
        "#]],
    )
    .await;
    check(
        &worker,
        ["downloads", "downloads_async"],
        "nowhere",
        json!([server.page("/gzip")]),
        expect![[r#"
            urllib: completed: ["at once",34,"1f8b0800000000000203","4af21746"]
            http.client: completed: ["at once",34,"1f8b0800000000000203","4af21746"]
            requests: completed: ["at once",220,"636f6d70726573736564","c03f2713"]
            httpx: completed: ["at once",220,"636f6d70726573736564","c03f2713"]
            httpx2: completed: ["at once",220,"636f6d70726573736564","c03f2713"]
            httpx AsyncClient: completed: ["at once",220,"636f6d70726573736564","c03f2713"]
            httpx2 AsyncClient: completed: ["at once",220,"636f6d70726573736564","c03f2713"]
        "#]],
    )
    .await;
    worker.stop().await;
}

#[tokio::test]
async fn bodies_are_streamed() {
    let server = Server::start();
    let worker = granted(&server).await;
    let page = json!([server.page("/stream")]);
    check(
        &worker,
        ["downloads", "downloads_async"],
        "nowhere",
        page,
        expect![[r#"
            urllib: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
            http.client: completed: ["at once",524288,"41414141414141414141","cac93cbb"]
            requests: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
            httpx: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
            httpx2: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
            httpx AsyncClient: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
            httpx2 AsyncClient: completed: ["in parts",524288,"41414141414141414141","cac93cbb"]
        "#]],
    )
    .await;
    let page = json!([server.page("/page")]);
    check(&worker, ["uploads", "uploads_async"], "nowhere", page, expect![[r#"
        urllib: completed: "[\"PUT\",\"/page\",\"application/x-www-form-urlencoded\",500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        http.client: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        requests: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        httpx: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        httpx2: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        httpx AsyncClient: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
        httpx2 AsyncClient: completed: "[\"PUT\",\"/page\",null,500000,\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]"
    "#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_the_error_that_it_is_elsewhere() {
    let server = Server::start();
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let worker = builder().await.option("--http", server.address()).option("--http", &nobody);
    let worker = worker.option("--http", "http://name.invalid").start().await;
    let fails = ["fails", "fails_async"];
    check(&worker, fails, &nobody, json!([nobody]), expect![[r#"
        urllib: completed: "urllib.error.URLError (OSError): <urlopen error [Errno 14] Connection refused>"
        http.client: completed: "builtins.ConnectionRefusedError (ConnectionError, OSError): [Errno 14] Connection refused"
        requests: completed: "requests.exceptions.ConnectionError (OSError): HTTPConnectionPool(host='127.0.0.1', port=PORT): Max retries exceeded with url: / (Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', port=PORT): Failed to establish a new connection: [Errno 14] Connection refused\"))"
        httpx: completed: "httpx.ConnectError (): [Errno 14] Connection refused"
        httpx2: completed: "httpx2.ConnectError (): [Errno 14] Connection refused"
        httpx AsyncClient: completed: "httpx.ConnectError (): [Errno 14] Connection refused"
        httpx2 AsyncClient: completed: "httpx2.ConnectError (): [Errno 14] Connection refused"
    "#]]).await;
    check(&worker, fails, "nowhere", json!(["http://name.invalid/"]), expect![[r#"
        urllib: completed: "urllib.error.URLError (OSError): <urlopen error [Errno -2] Name or service not known>"
        http.client: completed: "socket.gaierror (OSError): [Errno -2] Name or service not known"
        requests: completed: "requests.exceptions.ConnectionError (OSError): HTTPConnectionPool(host='name.invalid', port=80): Max retries exceeded with url: / (Caused by NameResolutionError(\"HTTPConnection(host='name.invalid', port=80): Failed to resolve 'name.invalid' ([Errno -2] Name or service not known)\"))"
        httpx: completed: "httpx.ConnectError (): [Errno -2] Name or service not known"
        httpx2: completed: "httpx2.ConnectError (): [Errno -2] Name or service not known"
        httpx AsyncClient: completed: "httpx.ConnectError (): [Errno -2] Name or service not known"
        httpx2 AsyncClient: completed: "httpx2.ConnectError (): [Errno -2] Name or service not known"
    "#]]).await;
    check(&worker, fails, server.address(), json!([server.page("/silent"), 0.1]), expect![[r#"
        urllib: completed: "builtins.TimeoutError (OSError): timed out"
        http.client: completed: "builtins.TimeoutError (OSError): timed out"
        requests: completed: "requests.exceptions.ReadTimeout (OSError): HTTPConnectionPool(host='127.0.0.1', port=PORT): Read timed out. (read timeout=0.1)"
        httpx: completed: "httpx.ReadTimeout (): timed out"
        httpx2: completed: "httpx2.ReadTimeout (): timed out"
        httpx AsyncClient: completed: "httpx.ReadTimeout (): timed out"
        httpx2 AsyncClient: completed: "httpx2.ReadTimeout (): timed out"
    "#]]).await;
    check(&worker, fails, server.address(), json!([server.page("/stalls"), 0.1]), expect![[r#"
        urllib: completed: "builtins.TimeoutError (OSError): timed out"
        http.client: completed: "builtins.TimeoutError (OSError): timed out"
        requests: completed: "requests.exceptions.ConnectionError (OSError): HTTPConnectionPool(host='127.0.0.1', port=PORT): Read timed out."
        httpx: completed: "httpx.ReadTimeout (): timed out"
        httpx2: completed: "httpx2.ReadTimeout (): timed out"
        httpx AsyncClient: completed: "httpx.ReadTimeout (): timed out"
        httpx2 AsyncClient: completed: "httpx2.ReadTimeout (): timed out"
    "#]]).await;
    check(&worker, fails, server.address(), json!([server.page("/closes")]), expect![[r#"
        urllib: completed: "http.client.RemoteDisconnected (ConnectionResetError, ConnectionError, OSError): Remote end closed connection without response"
        http.client: completed: "http.client.RemoteDisconnected (ConnectionResetError, ConnectionError, OSError): Remote end closed connection without response"
        requests: completed: "requests.exceptions.ConnectionError (OSError): ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))"
        httpx: completed: "httpx.RemoteProtocolError (): Server disconnected without sending a response."
        httpx2: completed: "httpx2.RemoteProtocolError (): Server disconnected without sending a response."
        httpx AsyncClient: completed: "httpx.RemoteProtocolError (): Server disconnected without sending a response."
        httpx2 AsyncClient: completed: "httpx2.RemoteProtocolError (): Server disconnected without sending a response."
    "#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let server = Server::start();
    let worker = granted(&server).await;
    let fails = ["fails", "fails_async"];
    check(&worker, fails, server.address(), json!([server.page("/breaks")]), expect![[r#"
        urllib: completed: "http.client.IncompleteRead (): IncompleteRead(5 bytes read, 4 more expected)"
        http.client: completed: "http.client.IncompleteRead (): IncompleteRead(5 bytes read, 4 more expected)"
        requests: completed: "requests.exceptions.ChunkedEncodingError (OSError): ('Connection broken: IncompleteRead(5 bytes read, 4 more expected)', IncompleteRead(5 bytes read, 4 more expected))"
        httpx: completed: "httpx.RemoteProtocolError (): peer closed connection without sending complete message body (received 5 bytes, expected 9)"
        httpx2: completed: "httpx2.RemoteProtocolError (): peer closed connection without sending complete message body (received 5 bytes, expected 9)"
        httpx AsyncClient: completed: "httpx.RemoteProtocolError (): peer closed connection without sending complete message body (received 5 bytes, expected 9)"
        httpx2 AsyncClient: completed: "httpx2.RemoteProtocolError (): peer closed connection without sending complete message body (received 5 bytes, expected 9)"
    "#]]).await;
    worker.stop().await;
}

#[tokio::test]
async fn without_a_grant_the_error_names_it() {
    let worker = builder().await.start().await;
    let page = json!(["http://127.0.0.1:81/page"]);
    check(&worker, ["fails", "fails_async"], "nowhere", page, expect![[r#"
        urllib: completed: "urllib.error.URLError (OSError): <urlopen error the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`>"
        http.client: completed: "builtins.PermissionError (OSError): the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`"
        requests: completed: "requests.exceptions.ConnectionError (OSError): HTTPConnectionPool(host='127.0.0.1', port=81): Max retries exceeded with url: /page (Caused by NewConnectionError('HTTPConnection(host=\\'127.0.0.1\\', port=81): Failed to establish a new connection: the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`'))"
        httpx: completed: "httpx.ConnectError (): the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`"
        httpx2: completed: "httpx2.ConnectError (): the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`"
        httpx AsyncClient: completed: "httpx.ConnectError (): the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`"
        httpx2 AsyncClient: completed: "httpx2.ConnectError (): the component has no grant `http`: its grants need `http = [\"http://127.0.0.1:81\"]`"
    "#]]).await;
    expect![[r#"
        failed: ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=81): Max retries exceeded with url: /page (Caused by NewConnectionError('HTTPConnection(host=\'127.0.0.1\', port=81): Failed to establish a new connection: the component has no grant `http`: its grants need `http = ["http://127.0.0.1:81"]`'))
        not tried again: MaximumAttemptsReached"#]].assert_eq(&outcome(&worker, "raises", &json!(["requests", "http://127.0.0.1:81/page"])).await);
    worker.stop().await;
}

#[tokio::test]
async fn a_cancellation_ends_a_request_in_a_synchronous_activity() {
    let server = Server::start();
    let worker = granted(&server).await;
    // Before the response, and within it.
    for page in ["/silent", "/stalls"] {
        for (times, client) in (1..).zip(CLIENTS) {
            let call = worker.standalone("waits").args(&json!([client, server.page(page)])).start().await;
            server.asked_for(page, times).await;
            call.cancel().await;
            assert_eq!(call.outcome().await.to_string(), r#"completed: "interrupted""#, "{client}");
        }
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_shield_keeps_a_cancellation_from_a_request() {
    let server = Server::start();
    let worker = granted(&server).await;
    let call = worker.standalone("waits_shielded").args(&json!(["requests", server.page("/page")])).start().await;
    server.asked_for("/page", 1).await;
    call.cancel().await;
    assert_eq!(call.outcome().await.json::<Value>(), json!([200, "interrupted"]));
    worker.stop().await;
}

#[tokio::test]
async fn a_cancellation_ends_a_request_in_an_asynchronous_activity() {
    let server = Server::start();
    let worker = granted(&server).await;
    let call = worker.standalone("waits_async").arg(server.page("/silent")).start().await;
    server.asked_for("/silent", 1).await;
    call.cancel().await;
    assert_eq!(call.outcome().await.to_string(), r#"completed: "cancelled""#);
    worker.stop().await;
}

#[tokio::test]
async fn requests_of_one_loop_overlap() {
    let server = Server::start();
    let worker = granted(&server).await;
    // The first is answered once the second has come.
    let pages = json!([server.page("/first"), server.page("/second")]);
    let answers = worker.standalone("overlaps").args(&pages).run().await;
    expect![[r#"completed: ["first","[\"GET\",\"/second\",null,0,\"\"]"]"#]].assert_eq(&answers.to_string());
    assert_eq!(worker.standalone("times_out").arg(server.page("/silent")).run().await.json::<String>(), "timed out");
    let inside = worker.standalone("answers_in_a_loop_of_its_own").arg(server.page("/moved")).run().await;
    assert_eq!(inside.json::<Value>()[0], 200);
    worker.stop().await;
}

#[tokio::test]
async fn a_connection_of_the_host_s_can_be_used_often() {
    let server = Server::start();
    let worker = granted(&server).await;
    // More than may be under way at once: each has given back what it had.
    let page = json!([server.page("/page"), 40]);
    check(
        &worker,
        ["asks_often", "asks_often_async"],
        "nowhere",
        page,
        expect![[r#"
            urllib: completed: 40
            http.client: completed: 40
            requests: completed: 40
            httpx: completed: 40
            httpx2: completed: 40
            httpx AsyncClient: completed: 40
            httpx2 AsyncClient: completed: 40
        "#]],
    )
    .await;
    worker.stop().await;
}

#[tokio::test]
async fn a_connection_has_a_timeout_of_its_own() {
    let server = Server::start();
    let worker = granted(&server).await;
    let said = worker.standalone("fails_impatiently").arg(server.page("/silent")).run().await;
    expect![[r#"completed: ["ReadTimeout","ReadTimeout"]"#]].assert_eq(&said.to_string());
    worker.stop().await;
}

#[tokio::test]
async fn nothing_but_http_reaches_a_server() {
    let worker = builder().await.start().await;
    let said: Vec<String> = worker.standalone("reaches_past_http").arg("http://name.invalid/").run().await.json();
    expect![[r#"
        socket.gaierror (OSError): [Errno -4] a sandbox has no sockets: only HTTP requests reach a server
        builtins.PermissionError (OSError): [Errno 2] Permission denied
        builtins.PermissionError (OSError): [Errno 2] Permission denied
        urllib.error.URLError (OSError): <urlopen error [Errno -4] a sandbox has no sockets: only HTTP requests reach a server>
        requests.exceptions.ConnectionError (OSError): HTTPConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: http://name.invalid/ (Caused by NewConnectionError("HTTPConnection(host='127.0.0.1', port=1): Failed to establish a new connection: proxies are not supported: the host makes the connections"))
        httpx.ConnectError (): proxies are not supported: the host makes the connections"#]].assert_eq(&said.join("\n"));
    worker.stop().await;
}

#[tokio::test]
async fn tls_is_the_host_s() {
    let authority = Authority::new();
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    let server = HttpServer::start_tls(&authority, "localhost");
    let origin = server.origin("localhost");
    let page = format!("{origin}/hello");
    let queue = "python-http-over-tls";
    let worker = builder().await.queue(queue).option("--http", &origin);
    let trusting = Worker::start(worker.isolet().env("SSL_CERT_FILE", roots.display()), queue).await;
    check(
        &trusting,
        ["asks", "asks_async"],
        &origin,
        json!(["GET", page]),
        expect![[r#"
            urllib: completed: [200,null,"hello"]
            http.client: completed: [200,null,"hello"]
            requests: completed: [200,null,"hello"]
            httpx: completed: [200,null,"hello"]
            httpx2: completed: [200,null,"hello"]
            httpx AsyncClient: completed: [200,null,"hello"]
            httpx2 AsyncClient: completed: [200,null,"hello"]
        "#]],
    )
    .await;
    trusting.stop().await;
    let doubting = builder().await.option("--http", &origin).start().await;
    check(&doubting, ["fails", "fails_async"], &origin, json!([page]), expect![[r#"
        urllib: completed: "urllib.error.URLError (OSError): <urlopen error [Errno 1] certificate verify failed, by the host>"
        http.client: completed: "ssl.SSLCertVerificationError (OSError, ValueError): [Errno 1] certificate verify failed, by the host"
        requests: completed: "requests.exceptions.SSLError (OSError): HTTPSConnectionPool(host='localhost', port=PORT): Max retries exceeded with url: /hello (Caused by SSLError(SSLCertVerificationError(1, 'certificate verify failed, by the host')))"
        httpx: completed: "httpx.ConnectError (): [Errno 1] certificate verify failed, by the host"
        httpx2: completed: "httpx2.ConnectError (): [Errno 1] certificate verify failed, by the host"
        httpx AsyncClient: completed: "httpx.ConnectError (): [Errno 1] certificate verify failed, by the host"
        httpx2 AsyncClient: completed: "httpx2.ConnectError (): [Errno 1] certificate verify failed, by the host"
    "#]]).await;
    doubting.stop().await;
}

#[tokio::test]
async fn tls_is_not_weakened() {
    let worker = builder().await.start().await;
    expect![[r#"completed: ["verifies: True, True","certificates of one's own can't be loaded: TLS is the host's, which verifies with its own certificates","client certificates can't be loaded: TLS is the host's, which verifies with its own certificates","'made'"]"#]].assert_eq(&outcome(&worker, "refuses_to_weaken_tls", &json!([])).await);
    worker.stop().await;
}
