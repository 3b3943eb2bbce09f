//! HTTP requests of guests: to whom they may go, what becomes of them, and what ends them.

use std::{
    fs,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
    thread,
};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::{
    metrics,
    support::{
        DevServer, Isolet, Worker,
        call::unique,
        component,
        http_server::HttpServer,
        isolet::{Run, repository},
        tls::Authority,
    },
};

/// One attempt of the guest, without a server of Temporal's.
fn run(activity: &str, arguments: &[Value], flags: &[&str]) -> Isolet {
    let arguments = arguments.iter().map(Value::to_string);
    let all = ["run".to_owned(), component("fetcher").display().to_string(), activity.to_owned()];
    let flags = flags.iter().map(|flag| (*flag).to_owned());
    Isolet::with(all.into_iter().chain(arguments).chain(flags))
}

/// Fetches one URL. Returns the answer's status and the beginning of its body, or why there is none.
async fn fetch(request: Value, flags: &[&str]) -> String {
    told(&run("fetch", &[request], flags).run().await)
}

fn told(run: &Run) -> String {
    if run.code == Some(0) {
        let answer: Value = serde_json::from_str(&run.stdout).unwrap();
        return format!("{} {} ({} bytes)", answer["status"], answer["body"].as_str().unwrap(), answer["size"]);
    }
    let failure = run.stderr.lines().find_map(|line| line.strip_prefix("failure: "));
    failure.unwrap_or(&run.stderr).trim_end_matches(" (type Failed)").to_owned()
}

fn to(server: &HttpServer, path: &str) -> Value {
    json!({"url": format!("{}{path}", server.origin("localhost"))})
}

/// With more fields.
fn with(mut request: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("no fields") };
    request.as_object_mut().unwrap().extend(more);
    request
}

#[tokio::test]
async fn a_granted_server_is_reached() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let flags = ["--http", grant.as_str()];
    assert_eq!(fetch(to(&server, "/hello"), &flags).await, "200 hello (5 bytes)");
    // Nothing is added but what the protocol needs, and bodies go both ways in pieces.
    let post =
        with(to(&server, "/echo/%7e?a=b"), json!({"method": "POST", "padding": 100_000, "headers": [["x-a", "1"]]}));
    let host = grant.trim_start_matches("http://");
    let echoed = format!("POST /echo/%7e?a=b | x-a: 1, accept: */*, host: {host}, transfer-encoding: chunked | 100000");
    assert_eq!(fetch(post, &flags).await, format!("200 {} ({} bytes)", &echoed[..100.min(echoed.len())], echoed.len()));
    assert_eq!(fetch(to(&server, "/chunks/3000"), &flags).await, format!("200 {} (3000000 bytes)", ".".repeat(100)));
    // Where else to look is for the guest to decide, and for the grant.
    assert_eq!(fetch(to(&server, "/redirect"), &flags).await, "302  (0 bytes)");
    let custom = with(to(&server, "/hello"), json!({"method": "PURGE"}));
    assert_eq!(fetch(custom, &flags).await, "200 hello (5 bytes)");
    let seen = server.seen();
    assert_eq!(seen, ["GET /hello", "POST /echo/%7e?a=b", "GET /chunks/3000", "GET /redirect", "PURGE /hello"]);
}

#[tokio::test]
async fn what_is_not_granted_is_refused_and_named() {
    let server = HttpServer::start();
    let (here, port) = (server.origin("localhost"), server.origin("").rsplit_once(':').unwrap().1.to_owned());
    let hidden = |text: String| text.replace(&port, "PORT");
    let refused = async |url: &str, grant: &[&str]| {
        let url = url.replace("PORT", &port);
        let flags: Vec<_> = grant.iter().flat_map(|origin| ["--http", origin]).collect();
        hidden(fetch(json!({"url": url}), &flags).await)
    };
    let nothing = refused("http://localhost:PORT/hello", &[]).await;
    assert_eq!(nothing, "the component has no grant `http`: its grants need `http = [\"http://localhost:PORT\"]`");
    let elsewhere = async |url: &str, origin: &str| {
        let text = format!("the component's grant `http` does not cover {origin}: add \"{origin}\" to it");
        assert_eq!(refused(url, &[&here, "https://*.example.org"]).await, text);
    };
    elsewhere("https://localhost:PORT/", "https://localhost:PORT").await;
    elsewhere("http://localhost:1/", "http://localhost:1").await;
    elsewhere("http://127.0.0.1:PORT/", "http://127.0.0.1:PORT").await;
    elsewhere("http://0x7f.1:PORT/", "http://127.0.0.1:PORT").await;
    elsewhere("http://[::ffff:127.0.0.1]:PORT/", "http://127.0.0.1:PORT").await;
    elsewhere("http://localhost.:PORT/", "http://localhost.:PORT").await;
    elsewhere("https://example.org/", "https://example.org").await;
    elsewhere("https://api.example.org:444/", "https://api.example.org:444").await;
    elsewhere("http://169.254.169.254/latest", "http://169.254.169.254").await;
    assert_eq!(
        refused("http://me:word@localhost:PORT/", &[&here]).await,
        "the URL names a user: use the header `authorization`"
    );
    assert_eq!(refused("ftp://localhost:PORT/", &[&here]).await, "ErrorCode::HttpProtocolError");
    let traced = with(to(&server, "/hello"), json!({"method": "TRACE"}));
    assert_eq!(fetch(traced, &["--http", &here]).await, "ErrorCode::HttpRequestMethodInvalid");
    assert_eq!(server.seen(), <[String; 0]>::default());
}

#[tokio::test]
async fn a_grant_of_a_part_is_no_grant_of_the_rest() {
    let server = HttpServer::start();
    let origin = server.origin("localhost");
    let entry = format!("{{ url = \"{origin}/echo/v1/\", methods = [\"GET\"] }}");
    let flags = ["--http", entry.as_str(), "--http", "https://*.example.org"];
    assert!(fetch(to(&server, "/echo/v1/a?b=../.."), &flags).await.starts_with("200 GET /echo/v1/a?b=../.."));
    for (path, sent) in [("/echo/v10", "/echo/v10"), ("/echo/v1/../v2", "/echo/v2"), ("/echo/v1/%2E%2e/v2", "/echo/v2")]
    {
        let needed = format!("{{ url = \"{origin}{sent}\", methods = [\"GET\"] }}");
        let text = format!("the component's grant `http` does not cover GET {origin}{sent}: add {needed} to it");
        assert_eq!(fetch(to(&server, path), &flags).await, text);
    }
    for path in
        ["/echo/v1/..%2fv2", "/echo/v1/..;/v2", "/echo/v1//v2", "/echo/v1/%252e%252e/v2", "/echo/v1/x%5c..%5cv2"]
    {
        let told = fetch(to(&server, path), &flags).await;
        assert!(told.contains("servers read differently"), "{path}: {told}");
    }
    let post = with(to(&server, "/echo/v1/a"), json!({"method": "POST"}));
    assert!(fetch(post, &flags).await.contains("does not cover POST"));
    let hidden = with(to(&server, "/echo/v1/a"), json!({"headers": [["X-HTTP-Method-Override", "DELETE"]]}));
    assert!(fetch(hidden, &flags).await.contains("the header `x-http-method-override`"));
    assert_eq!(server.seen(), ["GET /echo/v1/a?b=../.."]);
    // All public servers are not this machine, by whatever name.
    let public = ["--http", "public"];
    for url in ["http://localhost/", "http://127.1/", "http://[::1]/", "http://169.254.169.254/", "http://10.0.0.1/"] {
        assert!(fetch(json!({"url": url}), &public).await.contains("does not cover"), "{url}");
    }
}

#[tokio::test]
async fn a_secret_goes_to_its_servers_alone_and_the_guest_never_sees_it() {
    let (server, other) = (HttpServer::start(), HttpServer::start());
    let (ours, theirs) = (server.origin("localhost"), other.origin("localhost"));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "hunter2\n").unwrap();
    let key = format!("key={{ file = {file:?}, servers = [{ours:?}] }}");
    let made = format!("made={{ command = [\"echo\", \"of a program\"], servers = [{ours:?}] }}");
    let flags = ["--http", &ours, "--http", &theirs, "--secret", &key, "--secret", &made];
    let send = async |server: &HttpServer, path: &str, value: &str| {
        fetch(with(to(server, path), json!({"headers": [["x-key", value]]})), &flags).await
    };
    assert!(send(&server, "/echo", "a {{secret:key}}").await.contains("x-key: a hunter2, "));
    assert!(send(&server, "/echo", "{{secret:made}}").await.contains("x-key: of a program, "));
    let refused = [
        (
            &other,
            "/echo",
            "{{secret:key}}",
            format!("the secret \"key\" is not for {theirs}: add \"{theirs}\" to its `servers`"),
        ),
        (
            &server,
            "/echo",
            "{{secret:none}}",
            "the component has no secret \"none\": add it to its grant `secrets`".to_owned(),
        ),
        (&server, "/echo", "{{secret:key", "a header has {{secret: without }}".to_owned()),
        (
            &server,
            "/echo?{{secret:key}}",
            "a",
            "the URL has {{secret:…}}: placeholders are for headers alone".to_owned(),
        ),
    ];
    for (server, path, value, told) in refused {
        assert_eq!(send(server, path, value).await, told);
    }
    assert_eq!((server.seen().len(), other.seen().len()), (2, 0));
    // What is wrong with a secret is told without it.
    fs::write(&file, "hunter2\nhunter3\n").unwrap();
    let run = run("fetch", &[to(&server, "/echo")], &flags).run().await;
    assert!(run.stderr.contains("failed to read `grants.secrets.key`"), "{}", run.stderr);
    assert!(run.stderr.contains("several lines") && !run.stderr.contains("hunter"), "{}", run.stderr);
}

#[tokio::test]
async fn attempts_of_an_activity_have_one_idempotency_key() {
    let server = HttpServer::start();
    let entry = format!("{{ url = {:?}, idempotency-header = \"Idem\" }}", server.origin("localhost"));
    let key = async |flags: &[&str], more: Value| {
        let flags: Vec<_> = ["--http", &entry].into_iter().chain(flags.iter().copied()).collect();
        let told = fetch(with(to(&server, "/echo"), more), &flags).await;
        told.split_once("idem: ").unwrap().1.split(',').next().unwrap().to_owned()
    };
    let first = key(&["--workflow-id", "order-1", "--attempt", "1"], json!({})).await;
    assert_eq!(first.len(), 64);
    assert_eq!(key(&["--workflow-id", "order-1", "--attempt", "2"], json!({})).await, first);
    assert_ne!(key(&["--workflow-id", "order-2"], json!({})).await, first);
    assert_ne!(key(&["--workflow-id", "order-1", "--activity-id", "other"], json!({})).await, first);
    // A guest that sends several requests tells them apart.
    let own = json!({"headers": [["idem", "{{idempotency-key}}/2"]]});
    assert_eq!(key(&["--workflow-id", "order-1"], own).await, format!("{first}/2"));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    let server = HttpServer::start();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let grants = [server.origin("*.localhost"), server.origin(&host.to_lowercase())];
    for name in ["inside.localhost", &host] {
        let request = json!({"url": format!("{}/hello", server.origin(name))});
        let told = fetch(request, &["--http", &grants[0], "--http", &grants[1]]).await;
        // Whether the names are known depends on the machine.
        let inside = "the name stands for no public address: others must be granted as addresses, as `localhost`, or with `private = true`";
        assert!(told == inside || told.starts_with("ErrorCode::DnsError"), "{name}: {told}");
    }
    assert_eq!(server.seen(), <[String; 0]>::default());
}

#[tokio::test]
async fn headers_that_are_the_hosts_can_not_be_set() {
    for header in ["Host", "connection", "transfer-encoding", "proxy-authorization", "upgrade"] {
        let run = run("forge", &[json!(header)], &[]).run().await;
        assert_eq!(run.stdout.trim(), "\"HeaderError::Forbidden\"", "{header}: {}", run.stderr);
    }
    assert_eq!(run("forge", &[json!("x-mine")], &[]).run().await.stdout.trim(), "\"taken\"");
}

#[tokio::test]
async fn tls_needs_a_certificate_that_the_system_trusts() {
    let authority = Authority::new();
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    let good = HttpServer::start_tls(&authority, "localhost");
    let other = HttpServer::start_tls(&authority, "example.com");
    let grants = [good.origin("localhost"), other.origin("localhost")];
    let flags = ["--http", &grants[0], "--http", &grants[1]];
    let trusting = async |server: &HttpServer| {
        told(&run("fetch", &[to(server, "/hello")], &flags).env("SSL_CERT_FILE", roots.display()).run().await)
    };
    assert_eq!(trusting(&good).await, "200 hello (5 bytes)");
    assert_eq!(trusting(&other).await, "ErrorCode::TlsCertificateError");
    assert_eq!(fetch(to(&good, "/hello"), &flags).await, "ErrorCode::TlsCertificateError");
}

#[tokio::test]
async fn a_request_has_limits() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let limited = async |request: Value, limit: &str| fetch(request, &["--http", &grant, "--limit", limit]).await;
    assert_eq!(limited(to(&server, "/size/10"), "http-response-body=10B").await, "200 .......... (10 bytes)");
    let too_long = "the response's body has more than 10 bytes, the component's limit `http-response-body`";
    assert_eq!(limited(to(&server, "/size/11"), "http-response-body=10B").await, too_long);
    assert_eq!(limited(to(&server, "/chunks/1"), "http-response-body=10B").await, too_long);
    let post = |padding: usize| with(to(&server, "/hello"), json!({"method": "POST", "padding": padding}));
    assert_eq!(limited(post(10), "http-request-body=10B").await, "200 hello (5 bytes)");
    let too_long = "the request's body has more than 10 bytes, the component's limit `http-request-body`";
    assert_eq!(limited(post(11), "http-request-body=10B").await, too_long);
    assert_eq!(limited(post(1_000_000), "http-request-body=10B").await, too_long);
    let too_long = "the response's headers have more than 1000 bytes, the component's limit `http-headers`";
    assert_eq!(limited(to(&server, "/headers/1000"), "http-headers=1000B").await, too_long);
    assert_eq!(limited(to(&server, "/silent"), "http-response-timeout=100ms").await, "ErrorCode::HttpResponseTimeout");
    assert_eq!(limited(to(&server, "/drip"), "http-read-timeout=100ms").await, "ErrorCode::ConnectionReadTimeout");
    // A guest may be more impatient than its limits, and not less.
    let patient = |path: &str, timeout_ms: u64| with(to(&server, path), json!({"timeout_ms": timeout_ms}));
    let longer = limited(patient("/silent", 60_000), "http-response-timeout=100ms").await;
    assert_eq!(longer, "ErrorCode::HttpResponseTimeout");
    assert_eq!(limited(patient("/drip", 100), "http-read-timeout=1h").await, "ErrorCode::ConnectionReadTimeout");
    // A server that never begins with TLS was not connected to.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let tls = format!("https://{}", silent.local_addr().unwrap());
    let flags = ["--http", &tls, "--limit", "http-connect-timeout=100ms"];
    assert_eq!(fetch(json!({"url": tls}), &flags).await, "ErrorCode::ConnectionTimeout");
    server.connections(0).await;
}

#[tokio::test]
async fn an_attempt_has_limits() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let flags = ["--http", &grant, "--limit", "http-requests=2"];
    let all = async |requests: &[Value]| -> Value {
        let run = run("fetch_all", &[json!(requests)], &flags).run().await;
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
    };
    // Others wait for their turn, as long as they may take to connect.
    let turns = all(&vec![to(&server, "/hello"); 5]).await;
    assert!(turns.as_array().unwrap().iter().all(|turn| turn["Ok"]["status"] == 200), "{turns}");
    let silent = with(to(&server, "/silent"), json!({"timeout_ms": 2_000}));
    let hello = with(to(&server, "/hello"), json!({"timeout_ms": 100}));
    let full = all(&[silent.clone(), silent, hello]).await;
    let text = "2 requests are in flight, the component's limit `http-requests`: end one first";
    assert_eq!(full[2]["Err"], text, "{full}");
    assert_eq!(full[1]["Err"], "ErrorCode::HttpResponseTimeout", "{full}");
    // What is given up makes room for another.
    let one = ["--http", &grant, "--limit", "http-requests=1"];
    let given_up = run("give_up", &[to(&server, "/silent"), to(&server, "/hello")], &one).run().await;
    assert_eq!(given_up.stdout.trim(), "200", "{}", given_up.stderr);
    let bomb = run("header_bomb", &[], &["--output", "json"]).run().await;
    assert!(
        bomb.stdout.contains("SandboxOutputLimit") && bomb.stdout.contains("limits.http-headers"),
        "{}",
        bomb.stdout
    );
}

/// The host holds what a guest sets of a request, sent or not.
#[tokio::test]
async fn what_is_set_of_a_request_has_limits() {
    let taken = async |length: usize| run("taken_parts", &[json!(length)], &[]).run().await.stdout;
    expect![[r#"["method","path","authority"]"#]].assert_eq(taken(200).await.trim());
    expect![[r#"["path","authority"]"#]].assert_eq(taken(300).await.trim());
    expect![[r#"["path"]"#]].assert_eq(taken(2_000).await.trim());
    expect!["[]"].assert_eq(taken(16 << 10).await.trim());
    expect!["[]"].assert_eq(taken(10 << 20).await.trim());
}

#[tokio::test]
async fn a_bad_server_is_told_by_its_code() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let told = async |path: &str| fetch(to(&server, path), &["--http", &grant]).await;
    assert_eq!(told("/close").await, "ErrorCode::HttpResponseIncomplete");
    assert_eq!(told("/cut").await, "ErrorCode::HttpResponseIncomplete");
    assert_eq!(told("/garbage").await, "ErrorCode::HttpProtocolError");
    let nobody = "http://127.0.0.1:1";
    assert_eq!(fetch(json!({"url": nobody}), &["--http", nobody]).await, "ErrorCode::ConnectionRefused");
}

#[tokio::test]
async fn no_request_is_sent_after_the_deadline() {
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let flags = ["--http", &grant, "--timeout", "300ms", "--kill-grace", "30s"];
    let late = run("fetch_at_the_end", &[to(&server, "/hello")], &flags).run().await;
    assert!(late.stderr.contains("the attempt's time is over: no more requests are sent for it"), "{}", late.stderr);
    // A cancellation alone takes nothing away.
    let flags = ["--http", &grant, "--cancel-after", "1ms"];
    let cancelled = run("fetch_at_the_end", &[to(&server, "/hello")], &flags).run().await;
    assert!(cancelled.stderr.contains("status 200"), "{}", cancelled.stderr);
    assert_eq!(server.seen(), ["GET /hello"]);
}

#[tokio::test]
async fn a_kill_ends_a_request_that_waits_and_frees_its_slot() {
    let temporal = DevServer::start().await;
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let worker = Isolet::worker(temporal).component("fetcher").option("--http", &grant);
    let worker = worker.max_concurrent(1).kill_grace("0s").start().await;
    for path in ["/silent", "/drip"] {
        let hanging = worker.standalone("fetch").arg(to(&server, path)).start_to_close("2s").start().await;
        server.connections(1).await;
        expect![[r#"
            timed out: StartToClose: activity StartToClose timeout
            not tried again: MaximumAttemptsReached"#]]
        .assert_eq(&hanging.outcome().await.to_string());
        // Nothing is left of it, while the worker goes on.
        server.connections(0).await;
        let answer: Value = worker.standalone("fetch").arg(to(&server, "/hello")).run().await.json();
        assert_eq!(answer["body"], "hello");
    }
    worker.stop().await;
}

#[tokio::test]
async fn the_example_of_the_documentation_works() {
    let page = fs::read_to_string(repository("docs/http.md")).unwrap();
    let example = fs::read_to_string(repository("tests/guests/fetcher/src/example.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(page.contains(code.replace("pub(crate) ", "").trim()), "docs/http.md has another example");
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let url = format!("{grant}/size/70000");
    let downloaded = run("download", &[json!(url)], &["--http", &grant]).run().await;
    assert_eq!(downloaded.stdout.trim(), "70000", "{}", downloaded.stderr);
}

#[tokio::test]
async fn requests_are_counted_by_what_became_of_them() {
    let temporal = DevServer::start().await;
    let server = HttpServer::start();
    let grant = server.origin("localhost");
    let worker = Isolet::worker(temporal).component("fetcher").option("--http", &grant);
    let worker = worker.option("--metrics-address", "127.0.0.1:0").start().await;
    let elsewhere = json!({"url": "http://elsewhere/"});
    let requests = [to(&server, "/hello"), to(&server, "/close"), elsewhere, to(&server, "/hello")];
    let call = worker.standalone("fetch_all").arg(json!(requests)).start().await;
    call.outcome().await;
    worker.finished(call.id(), 1).await;
    let seen = metrics::lines(&metrics::scrape(&worker).await, "isolet_http_requests{");
    for (outcome, count) in [("answered", 2), ("failed", 1), ("refused", 1)] {
        let is_it =
            |line: &str| line.contains(&format!("outcome=\"{outcome}\"")) && line.ends_with(&format!(" {count}"));
        assert!(seen.lines().any(is_it), "{outcome}: {seen}");
    }
    worker.stop().await;
}

/// A server of names that says of each name that there is none, but of those below `silent` nothing. Tells of each
/// question about one of these.
fn name_server() -> (SocketAddr, mpsc::UnboundedReceiver<()>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let (asked, questions) = mpsc::unbounded_channel();
    thread::spawn(move || {
        let mut message = [0; 512];
        while let Ok((size, from)) = socket.recv_from(&mut message) {
            if message[..size].windows(7).any(|label| label == b"\x06silent") {
                let _ = asked.send(());
                continue;
            }
            // An answer, with the code for a name that does not exist.
            message[2] |= 0x80;
            message[3] = 0x83;
            let _ = socket.send_to(&message[..size], from);
        }
    });
    (address, questions)
}

/// A configuration of two tenants that may send requests there, on these task queues.
fn two_tenants(folder: &TempDir, server: &DevServer, settings: &str, queues: [&str; 2], grant: &str) -> PathBuf {
    let path = component("fetcher");
    let tenant = |queue: &str| {
        format!(
            "[[tenants]]\nname = {queue:?}\n[[tenants.workers]]\ntask-queue = {queue:?}\n\
             [[tenants.workers.components]]\npath = {path:?}\ngrants.http = [{grant:?}]\n"
        )
    };
    let file = folder.path().join("isolet.toml");
    let settings = format!("connection.address = {:?}\n{settings}", server.address());
    fs::write(&file, settings + &queues.map(tenant).concat()).unwrap();
    file
}

#[tokio::test]
async fn a_response_whose_head_never_ends_costs_its_own_tenant_alone() {
    let (server, http) = (DevServer::start().await, HttpServer::start());
    let (good, evil, folder) = (unique("good"), unique("evil"), TempDir::new().unwrap());
    let file = two_tenants(&folder, server, "", [&good, &evil], &http.origin("localhost"));
    let isolet = Isolet::with(["worker", "--output", "json", "--config"]).arg(file.display());
    let isolet = isolet.arg("--shutdown-grace=1s").arg("--kill-grace=1s");
    let worker = Worker::start(isolet, &good).await;
    let fetch = |queue: &str, path: &str| worker.standalone_on(queue, "fetch").arg(to(&http, path));
    for _ in 0..4 {
        drop(fetch(&evil, "/hints").start_to_close("60s").start().await);
    }
    http.connections(4).await;
    for _ in 0..10 {
        let answer = fetch(&good, "/hello").start_to_close("30s").run().await.to_string();
        assert!(answer.contains("hello"), "{answer}");
    }
    let ended = worker.events_named("attempt-finished");
    assert!(ended.iter().all(|event| event["task_queue"] == good), "the others still wait: {ended:?}");
    worker.stop().await;
}

#[tokio::test]
async fn a_silent_server_of_names_delays_the_tenant_that_asks_it_alone() {
    const WAITING: usize = 20;
    let server = DevServer::start().await;
    let (names, mut questions) = name_server();
    let (good, evil, folder) = (unique("good"), unique("evil"), TempDir::new().unwrap());
    let settings = format!("engine.nameservers = [\"{names}\"]\n");
    let file = two_tenants(&folder, server, &settings, [&good, &evil], "http://*.example.org");
    let isolet = Isolet::with(["worker", "--output", "json", "--config"]).arg(file.display());
    let worker = Worker::start(isolet, &good).await;
    let fetch = |queue: &str, name: &str| {
        worker.standalone_on(queue, "fetch").arg(json!({"url": format!("http://{name}.example.org/")}))
    };
    let mut waiting = Vec::new();
    for number in 0..WAITING {
        let call = fetch(&evil, &format!("{number}.silent")).start().await;
        worker.started(call.id()).await;
        waiting.push(call);
    }
    questions.recv().await.unwrap();
    let call = fetch(&good, "none").start().await;
    let known = call.outcome().await.to_string();
    assert!(known.contains("DnsError"), "{known}");
    worker.finished(call.id(), 1).await;
    let ended = worker.events_named("attempt-finished").len();
    assert_eq!(ended, 1, "those that wait for the silent server still do");
    for call in waiting {
        let unknown = call.outcome().await.to_string();
        assert!(unknown.contains("Dns") || unknown.contains("ConnectionTimeout"), "{unknown}");
    }
    worker.stop().await;
}
