//! HTTP requests of guests by way of the operator's proxy.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    supervisor::Configured,
    support::{Worker, call::unique, component, connections, http_server::HttpServer, tls::Authority},
};

/// A proxy that leads every name to one server, and lets nobody through to names that begin with `forbidden`.
struct Proxy {
    port: u16,
    asked: Arc<watch::Sender<Vec<String>>>,
}

impl Proxy {
    fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<watch::Sender<Vec<String>>>::default();
        let told = Arc::clone(&asked);
        connections::serve(listener, move |stream| {
            let mut reader = BufReader::new(stream.try_clone()?);
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                    break;
                }
                head.push(line.trim_end().to_owned());
            }
            let first = head.first().cloned().unwrap_or_default();
            told.send_modify(|asked| asked.push(first.clone()));
            tunnel(stream, &first, to)
        });
        Self { port, asked }
    }
}

fn tunnel(mut stream: TcpStream, first: &str, to: u16) -> io::Result<()> {
    if first.starts_with("CONNECT forbidden") {
        return stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n");
    }
    let mut server = TcpStream::connect(("127.0.0.1", to))?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n")?;
    let (mut from_server, mut to_guest) = (server.try_clone()?, stream.try_clone()?);
    let answering = thread::spawn(move || {
        let copied = io::copy(&mut from_server, &mut to_guest);
        drop(to_guest.shutdown(Shutdown::Both));
        copied
    });
    io::copy(&mut stream, &mut server)?;
    server.shutdown(Shutdown::Both)?;
    answering.join().unwrap().map(drop)
}

/// A worker whose guests go by the proxy, with its configuration.
async fn proxied(proxy: &Proxy, isolation: &str, grants: &[&str], roots: Option<&Path>) -> (Configured, Worker) {
    let (configured, queue) = (Configured::new().await, unique("proxied"));
    let text = format!(
        "engine = {{ http-proxy = \"http://localhost:{}\", isolation = {isolation:?} }}\n[connection]\n{}\n\
         [[tenants]]\nname = \"acme\"\n[[tenants.workers]]\ntask-queue = {queue:?}\n\
         [[tenants.workers.components]]\npath = {:?}\ngrants.http = {grants:?}\n",
        proxy.port,
        configured.connection,
        component("fetcher"),
    );
    configured.write("isolet.toml", text);
    let isolet = configured.isolet();
    let isolet = match roots {
        Some(roots) => isolet.env("SSL_CERT_FILE", roots.display()),
        None => isolet,
    };
    let worker = Worker::start(isolet, &queue).await;
    (configured, worker)
}

/// What a guest is answered by a server, or how its attempt ends without that.
async fn fetch(worker: &Worker, url: &str) -> String {
    let outcome = worker.standalone("fetch").arg(json!({"url": url})).run().await;
    match outcome.to_string().starts_with("completed") {
        true => outcome.json::<Value>()["body"].as_str().unwrap().to_owned(),
        false => outcome.to_string(),
    }
}

/// Guests in a cell, and in the worker's own process.
#[tokio::test]
async fn public_servers_are_reached_by_the_operator_s_proxy() {
    for isolation in ["tenant", "none"] {
        let http = HttpServer::start();
        let (proxy, near) = (Proxy::start(http.port()), http.origin("localhost"));
        let grants = ["http://*.example.com", "http://api.example.com:8080", "http://93.184.216.34", &near];
        let (_configured, worker) = proxied(&proxy, isolation, &grants, None).await;
        for url in ["http://api.example.com/hello", "http://api.example.com:8080/hello", "http://93.184.216.34/hello"] {
            assert_eq!(fetch(&worker, url).await, "hello", "{url}");
        }
        // What is on this machine is near, and what is not granted is not asked for.
        assert_eq!(fetch(&worker, &format!("{near}/hello")).await, "hello");
        let refused = fetch(&worker, "http://other.example.org/hello").await;
        assert!(refused.contains("does not cover http://other.example.org"), "{refused}");
        let refused = fetch(&worker, "http://forbidden.example.com/hello").await;
        assert!(refused.contains("the operator's proxy does not let requests to the server through"), "{refused}");
        let expected = ["api.example.com:80", "api.example.com:8080", "93.184.216.34:80", "forbidden.example.com:80"]
            .map(|server| format!("CONNECT {server} HTTP/1.1"));
        assert_eq!(*proxy.asked.borrow(), expected);
        worker.stop().await;
    }
}

/// The proxy passes bytes on: whose they are is the server's certificate to say, as without a proxy.
#[tokio::test]
async fn tls_goes_through_the_proxy_to_the_server() {
    let authority = Authority::new();
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    fs::write(&roots, authority.pem()).unwrap();
    for isolation in ["tenant", "none"] {
        let http = HttpServer::start_tls(&authority, "api.example.com");
        let proxy = Proxy::start(http.port());
        let (_configured, worker) = proxied(&proxy, isolation, &["https://*.example.com"], Some(&roots)).await;
        assert_eq!(fetch(&worker, "https://api.example.com/hello").await, "hello");
        let other = fetch(&worker, "https://other.example.com/hello").await;
        assert!(other.contains("TlsCertificateError"), "{other}");
        let expected = ["api", "other"].map(|name| format!("CONNECT {name}.example.com:443 HTTP/1.1"));
        assert_eq!(*proxy.asked.borrow(), expected);
        assert_eq!(http.seen(), ["GET /hello"]);
        worker.stop().await;
    }
}
