//! Takes clients and answers them: a few at a time, and each in its time.

use std::time::Duration;

use axum::{Router, extract::DefaultBodyLimit, middleware::map_response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::time::sleep;

use crate::{Listen, Patience, answer::finished, listen::Caller, places::Places};

/// What one connection may buffer of what a client sends, and of an answer that it does not take.
const BUFFER: usize = 16 << 10;

/// How long nothing is accepted once that has failed.
const PAUSE: Duration = Duration::from_secs(2);

/// What clients may take of a worker.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What they reach, for the log.
    pub what: &'static str,
    /// How many are served at once. Of those who come from addresses one makes way for another one, others wait.
    pub clients: usize,
    /// How long a client may take, from its connection to the last byte of the answer, unless a handler has more
    /// [`Patience`].
    pub time: Duration,
    /// How long its request's head may take.
    pub head_time: Duration,
    /// The longest body of a request.
    pub body: usize,
}

/// Serves clients of `listener` by `router`. Never ends by itself; dropped, it drops its clients.
pub async fn serve<L: Listen>(mut listener: L, limits: Limits, router: Router) {
    let router =
        router.layer(DefaultBodyLimit::max(limits.body)).layer(map_response(async |response| finished(response)));
    let mut places = Places::new(limits.clients);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let from = L::source(&peer);
                    places.serve(from, client(stream, peer, limits, router.clone())).await;
                }
                Err(error) => {
                    // For want of descriptors, which will be there again.
                    tracing::warn!("failed to accept a client of {}: {error}", limits.what);
                    sleep(PAUSE).await;
                }
            },
            () = places.gone(), if !places.is_empty() => {}
        }
    }
}

/// One request of one client.
async fn client<P, S>(stream: S, peer: P, limits: Limits, router: Router)
where
    P: Clone + Send + Sync + 'static,
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let patience = Patience::new(limits.time);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(Caller(peer.clone()));
        request.extensions_mut().insert(patience.clone());
        hyper::service::Service::call(&router, request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // Whatever is wrong with a client, it is the client's own trouble.
        _ = connection => {}
        () = patience.clone().over() => {}
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use axum::{
        Extension,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket, TcpStream},
        task::JoinSet,
    };

    use super::*;

    const LIMITS: Limits = Limits {
        what: "a test",
        clients: 4,
        time: Duration::from_secs(10),
        head_time: Duration::from_secs(2),
        body: 8,
    };

    async fn server(router: Router) -> (std::net::SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, LIMITS, router));
        (address, tasks)
    }

    async fn ask(address: std::net::SocketAddr, said: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn mute_clients_keep_nobody_waiting_for_long() {
        let (address, _tasks) = server(Router::new().route("/", get(async || "here"))).await;
        let mut mute = Vec::new();
        for _ in 0..3 * LIMITS.clients {
            mute.push(TcpStream::connect(address).await.unwrap());
        }
        for stream in &mut mute {
            // With an error, or without.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        assert!(ask(address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.ends_with("here"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_takes_longer_only_where_its_handler_has_patience() {
        let long = async |Extension(patience): Extension<Patience>| {
            patience.extend(4 * LIMITS.time);
            sleep(3 * LIMITS.time).await;
            "at last"
        };
        let never = async || {
            sleep(3 * LIMITS.time).await;
            "too late"
        };
        let (address, _tasks) = server(Router::new().route("/long", get(long)).route("/never", get(never))).await;
        assert!(ask(address, "GET /long HTTP/1.1\r\nhost: a\r\n\r\n").await.ends_with("at last"));
        assert_eq!(ask(address, "GET /never HTTP/1.1\r\nhost: a\r\n\r\n").await, "");
    }

    #[tokio::test]
    async fn a_long_body_is_refused_before_it_is_read() {
        let taken = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&taken);
        let take = async move |body: bytes::Bytes| {
            seen.fetch_add(body.len(), Ordering::Relaxed);
        };
        let (address, _tasks) = server(Router::new().route("/", post(take))).await;
        let said = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n123456789";
        assert!(ask(address, said).await.starts_with("HTTP/1.1 413 "));
        assert_eq!(taken.load(Ordering::Relaxed), 0);
    }

    /// A client of this address that has said so much.
    async fn holding(from: &str, address: std::net::SocketAddr, said: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        stream
    }

    #[tokio::test]
    async fn slow_clients_cost_nobody_else_a_place() {
        let never = async || pending::<()>().await;
        let router = Router::new().route("/never", get(never)).route("/healthz", get(async || "here"));
        let (address, _tasks) = server(router).await;
        let health = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
        let mut held = Vec::new();
        for from in ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"] {
            for said in ["", "GET /never HTTP/1.1\r\n", "POST /never HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n"]
            {
                for _ in 0..2 * LIMITS.clients {
                    held.push(holding(from, address, said).await);
                }
                // Whoever had a place would have it for longer than this test takes.
                assert!(ask(address, health).await.ends_with("here"), "{from}: {said}");
            }
        }
    }

    #[tokio::test]
    async fn answers_that_no_handler_has_made_are_like_others() {
        let router = Router::new()
            .route("/", post(async |_: bytes::Bytes| "made"))
            .route("/kept", get(async || ([("cache-control", "max-age=60")], "kept")));
        let (address, _tasks) = server(router).await;
        let long = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n123456789";
        for (said, status) in [
            ("GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n", "404"),
            ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "405"),
            (long, "413"),
            ("GET /kept HTTP/1.1\r\nhost: a\r\n\r\n", "200"),
        ] {
            let answer = ask(address, said).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            let cached = if status == "200" { "cache-control: max-age=60" } else { "cache-control: no-store" };
            for header in [
                cached,
                "content-security-policy: default-src 'none'; frame-ancestors 'none'",
                "referrer-policy: same-origin",
                "x-content-type-options: nosniff",
                "x-frame-options: DENY",
            ] {
                assert_eq!(answer.matches(&format!("\r\n{header}\r\n")).count(), 1, "{header}: {answer}");
            }
        }
    }
}
