//! Takes clients and answers them: a few at a time, and each in its time.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{task::JoinSet, time::sleep};

use crate::{Listen, Patience, listen::Caller};

/// What one connection may buffer of what a client sends, and of an answer that it does not take.
const BUFFER: usize = 16 << 10;

/// How long nothing is accepted once that has failed.
const PAUSE: Duration = Duration::from_secs(2);

/// What clients may take of a worker.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What they reach, for the log.
    pub what: &'static str,
    /// How many are served at once; more wait to be accepted. Those of one address get half of the places.
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
    let router = router.layer(DefaultBodyLimit::max(limits.body));
    let mut clients = JoinSet::new();
    let mut sources = Sources { of: HashMap::new(), most: limits.clients.div_ceil(2) };
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < limits.clients => match accepted {
                Ok((stream, peer)) => {
                    let Some(place) = sources.place(L::source(&peer)) else { continue };
                    let served = client(stream, peer, limits, router.clone());
                    clients.spawn(async move {
                        served.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // For want of descriptors, which will be there again.
                    tracing::warn!("failed to accept a client of {}: {error}", limits.what);
                    sleep(PAUSE).await;
                }
            },
            Some(_) = clients.join_next() => {}
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

/// From where clients come that are served.
struct Sources {
    of: HashMap<IpAddr, Arc<()>>,
    most: usize,
}

impl Sources {
    /// A place for one of `source`, as long as it is held; none if that has as many as it may have.
    fn place(&mut self, source: Option<IpAddr>) -> Option<Arc<()>> {
        let Some(source) = source else { return Some(Arc::default()) };
        self.of.retain(|_, places| 1 < Arc::strong_count(places));
        let places = self.of.entry(source).or_default();
        (Arc::strong_count(places) <= self.most).then(|| Arc::clone(places))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{Extension, routing::get};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
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
        let (address, _tasks) = server(Router::new().route("/", axum::routing::post(take))).await;
        let said = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n123456789";
        assert!(ask(address, said).await.starts_with("HTTP/1.1 413 "));
        assert_eq!(taken.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn one_address_leaves_room_for_others() {
        let mut sources = Sources { of: HashMap::new(), most: 2 };
        let [one, other] = ["10.0.0.1", "10.0.0.2"].map(|address| Some(address.parse().unwrap()));
        let held = [sources.place(one), sources.place(one)];
        assert!(held.iter().all(Option::is_some) && sources.place(one).is_none());
        assert!(sources.place(other).is_some() && sources.place(None).is_some());
        drop(held);
        assert!(sources.place(one).is_some());
    }
}
