//! HTTP requests of guests in cells, which have no network: what they are granted is connected to by a process for that.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::cells;
use crate::support::{
    DevServer, Isolet, Worker, call::unique, component, http_server::HttpServer, tls::Authority, worker::is_about,
};

/// A worker whose tenants are in cells, each with a task queue of its own name and these grants.
struct Tenants {
    worker: Worker,
    names: Vec<String>,
    _folder: TempDir,
}

impl Tenants {
    async fn start<const N: usize>(authority: &Authority, grants: [&[String]; N]) -> Self {
        Self::granted(authority, grants.map(|grants| format!("grants.http = {grants:?}"))).await
    }

    async fn granted<const N: usize>(authority: &Authority, grants: [String; N]) -> Self {
        Self::configured(authority, "", grants).await
    }

    async fn configured<const N: usize>(authority: &Authority, whole: &str, grants: [String; N]) -> Self {
        let folder = TempDir::new().unwrap();
        let (file, roots) = (folder.path().join("isolet.toml"), folder.path().join("roots.pem"));
        fs::write(&roots, authority.pem()).unwrap();
        let mut config = format!("connection.address = {:?}\n{whole}\n", DevServer::start().await.address());
        let names: Vec<_> = (0..N).map(|number| unique(&format!("tenant-{number}"))).collect();
        for (name, grants) in names.iter().zip(grants) {
            let path = component("fetcher");
            config += &format!(
                "[[tenants]]\nname = {name:?}\nisolation = \"tenant\"\n[[tenants.workers]]\ntask-queue = {name:?}\n\
                 [[tenants.workers.components]]\npath = {path:?}\n{grants}\n"
            );
        }
        fs::write(&file, config).unwrap();
        let isolet = Isolet::with(["worker", "--output", "json", "--config"]).arg(file.display());
        let worker = Worker::start(isolet.env("SSL_CERT_FILE", roots.display()), &names[0]).await;
        Self { worker, names, _folder: folder }
    }

    async fn fetch(&self, tenant: usize, url: String) -> String {
        self.send(tenant, json!({"url": url})).await
    }

    async fn send(&self, tenant: usize, request: Value) -> String {
        let call = self.worker.standalone_on(&self.names[tenant], "fetch").arg(request).attempts(1);
        let outcome = call.run().await.to_string();
        let is_answer = serde_json::from_str::<Value>(outcome.trim_start_matches("completed: "));
        is_answer.map(|answer| format!("{} {}", answer["status"], answer["body"])).unwrap_or(outcome)
    }

    /// The process that connects for them.
    fn egress(&self) -> Option<Pid> {
        let parent = |pid: Pid| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
            stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<i32>().ok()
        };
        let worker = self.names.iter().flat_map(|name| cells(name)).find_map(parent)?;
        let is_egress = |folder: &Path| {
            let arguments = fs::read(folder.join("cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).nth(1) == Some(b"__egress")
        };
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
        let found = processes.filter(|folder| is_egress(folder));
        let mut found = found.filter_map(|folder| Pid::from_raw(folder.file_name()?.to_str()?.parse().ok()?));
        found.find(|pid| parent(*pid) == Some(worker))
    }
}

#[tokio::test]
async fn guests_reach_what_their_tenant_is_granted() {
    let authority = Authority::new();
    let (ours, theirs) = (HttpServer::start(), HttpServer::start());
    let secure = HttpServer::start_tls(&authority, "localhost");
    let grants = [ours.origin("localhost"), secure.origin("localhost")];
    let tenants = Tenants::start(&authority, [&grants, &[theirs.origin("localhost")], &[]]).await;
    let [ours_url, secure_url, theirs_url] =
        [&ours, &secure, &theirs].map(|server| format!("{}/hello", server.origin("localhost")));
    assert_eq!(tenants.fetch(0, ours_url.clone()).await, "200 \"hello\"");
    assert_eq!(tenants.fetch(0, secure_url).await, "200 \"hello\"");
    assert_eq!(tenants.fetch(1, theirs_url.clone()).await, "200 \"hello\"");
    for (tenant, url, told) in
        [(0, theirs_url, "does not cover"), (1, ours_url.clone(), "does not cover"), (2, ours_url, "has no grant")]
    {
        let outcome = tenants.fetch(tenant, url).await;
        assert!(outcome.contains(told), "{outcome}");
    }
    assert_eq!((ours.seen().len(), theirs.seen().len(), secure.seen().len()), (1, 1, 1));
    let egress = tenants.egress().unwrap();
    // It has nothing open but its lines and what it polls with, no environment, and nobody's secrets.
    let status = fs::read_to_string(format!("/proc/{}/status", egress.as_raw_nonzero())).unwrap();
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "Threads:\t1"] {
        assert!(status.lines().any(|told| told == line), "{line} is not in\n{status}");
    }
    tenants.worker.stop().await;
    let ended = async {
        // What is left of it until its end was taken note of has none.
        let arguments = format!("/proc/{}/cmdline", egress.as_raw_nonzero());
        while !fs::read(&arguments).unwrap_or_default().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it stays");
}

#[tokio::test]
async fn grants_that_say_little_hold_in_cells() {
    let authority = Authority::new();
    let (server, folder) = (HttpServer::start(), TempDir::new().unwrap());
    let (origin, file) = (server.origin("localhost"), folder.path().join("secret"));
    fs::write(&file, "hunter2").unwrap();
    let entry = format!("{{ url = \"{origin}/echo\", methods = [\"GET\"], idempotency-header = \"Idem\" }}");
    let secret = format!("{{ key = {{ file = {file:?}, servers = [{origin:?}] }} }}");
    let grants = format!("grants.http = [{entry}]\ngrants.secrets = {secret}");
    let tenants = Tenants::granted(&authority, [grants, format!("grants.http = [{origin:?}]")]).await;
    let request = |path: &str| json!({"url": format!("{origin}{path}"), "headers": [["k", "{{secret:key}}"]]});
    let told = tenants.send(0, request("/echo")).await;
    assert!(told.contains("k: hunter2, ") && told.contains("idem: "), "{told}");
    for (tenant, path, refused) in [
        (0, "/hello", "does not cover GET"),
        (0, "/echo/%2e%2e/hello", "does not cover GET"),
        (0, "/echo/..%2fhello", "servers read differently"),
        // Another tenant's secret is none of its own.
        (1, "/echo", "has no secret"),
    ] {
        let told = tenants.send(tenant, request(path)).await;
        assert!(told.contains(refused) && !told.contains("hunter2"), "{told}");
    }
    assert_eq!(server.seen(), ["GET /echo"]);
    tenants.worker.stop().await;
}

/// A server that answers one request with nothing, and tells its head.
fn one_request() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let head = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8(head).unwrap()
    });
    (origin, head)
}

/// An attempt is told apart by a token that its worker has signed; its cell and its guest have no key, and no say in it.
#[tokio::test]
async fn an_identity_token_tells_who_the_attempt_is() {
    let authority = Authority::new();
    let folder = TempDir::new().unwrap();
    let (origin, head) = one_request();
    let whole = format!("admin.state = {:?}\nidentity.issuer = \"https://worker.example\"", folder.path());
    let granted = format!("grants.http = [{origin:?}]\ngrants.identity = {{ audiences = [\"vault\"], ttl = \"5m\" }}");
    let tenants = Tenants::configured(&authority, &whole, [granted, format!("grants.http = [{origin:?}]")]).await;
    let request =
        |audience: &str| json!({"url": origin, "headers": [["x-token", format!("{{{{identity:{audience}}}}}")]]});
    for (tenant, audience) in [(0, "bank"), (1, "vault")] {
        let told = tenants.send(tenant, request(audience)).await;
        assert!(told.contains("the component has no identity for"), "{told}");
    }
    assert_eq!(tenants.send(0, request("vault")).await, "200 \"\"");
    let head = head.join().unwrap();
    let token = head.lines().find_map(|line| line.strip_prefix("x-token: ")).unwrap();
    let claims = claims(token);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("https://worker.example"), &json!("vault")));
    let name = &tenants.names[0];
    assert_eq!(
        (&claims["tenant"], &claims["task_queue"], &claims["activity_type"]),
        (&json!(name), &json!(name), &json!("fetch"))
    );
    assert_eq!((&claims["attempt"], &claims["namespace"]), (&json!(1), &json!("default")));
    assert!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap() <= 300);
    let mode = fs::metadata(folder.path().join("identity.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    tenants.worker.stop().await;
}

/// What a token says, whoever has signed it: the crate `identity` tries that.
fn claims(token: &str) -> Value {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap()
}

#[tokio::test]
async fn what_connects_may_die() {
    let authority = Authority::new();
    let server = HttpServer::start();
    let tenants = Tenants::start(&authority, [&[server.origin("localhost")]]).await;
    let url = |path: &str| format!("{}{path}", server.origin("localhost"));
    assert_eq!(tenants.fetch(0, url("/hello")).await, "200 \"hello\"");
    for asked in [2, 4] {
        let patience = json!({"url": url("/drip"), "timeout_ms": 2_000});
        let standing = tenants.worker.standalone_on(&tenants.names[0], "fetch").arg(patience).attempts(1).start().await;
        // Its connection was handed over by then.
        server.asked(asked).await;
        kill_process(tenants.egress().unwrap(), Signal::KILL).unwrap();
        assert_eq!(tenants.fetch(0, url("/hello")).await, "200 \"hello\"");
        // What stood still stands, as long as its guest has patience.
        let outcome = standing.outcome().await.to_string();
        assert!(outcome.contains("ConnectionReadTimeout"), "{outcome}");
        server.connections(0).await;
    }
    tenants.worker.stop().await;
}

/// An attempt that ends takes its requests along, whoever made their connections.
#[tokio::test]
async fn a_lost_cell_takes_its_connections_along() {
    let authority = Authority::new();
    let server = HttpServer::start();
    let tenants = Tenants::start(&authority, [&[server.origin("localhost")]]).await;
    let silent = json!({"url": format!("{}/silent", server.origin("localhost"))});
    let call = tenants.worker.standalone_on(&tenants.names[0], "fetch").arg(silent).attempts(1).start().await;
    server.connections(1).await;
    let [cell] = cells(&tenants.names[0])[..] else { panic!("no cell") };
    kill_process(cell, Signal::KILL).unwrap();
    server.connections(0).await;
    let is_end = |event: &Value| is_about(event, "attempt-finished", call.id());
    let end = tenants.worker.event("its end", is_end).await;
    assert_eq!(end["failure_type"], "SandboxLost", "{end}");
    let hello = format!("{}/hello", server.origin("localhost"));
    let again = tokio::time::timeout(Duration::from_secs(60), tenants.fetch(0, hello)).await.unwrap();
    assert_eq!(again, "200 \"hello\"");
    tenants.worker.stop().await;
}
