//! A way to a server on which messages can be held up, either way, and on which what passes is seen.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

use super::process::GUARD;

/// Passes connections on to a server. Works as long as the test's runtime.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    address: String,
    /// What the client sends.
    pub(crate) requests: Gate,
    /// What the server sends.
    pub(crate) answers: Gate,
    seen: Arc<watch::Sender<Seen>>,
}

/// What has passed.
#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    /// What clients have sent.
    sent: Vec<u8>,
}

/// One direction.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<watch::Sender<bool>>);

impl Proxy {
    /// A way to the server at this address.
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let gate = || Gate(Arc::new(watch::Sender::new(true)));
        let proxy = Self { address, requests: gate(), answers: gate(), seen: Arc::default() };
        let Self { requests, answers, seen, .. } = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                seen.send_modify(|seen| seen.connections += 1);
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(pass(from_client, to_server, requests.0.subscribe(), Some(Arc::clone(&seen))));
                tokio::spawn(pass(from_server, to_client, answers.0.subscribe(), None));
            }
        });
        proxy
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// How many clients have connected so far.
    pub(crate) fn connections(&self) -> usize {
        self.seen.borrow().connections
    }

    /// Waits until so many have.
    pub(crate) async fn connected(&self, connections: usize) {
        self.saw(|seen| connections <= seen.connections).await;
    }

    /// Waits until a client has sent these bytes.
    pub(crate) async fn passed(&self, bytes: &[u8]) {
        self.saw(|seen| seen.sent.windows(bytes.len()).any(|window| window == bytes)).await;
    }

    async fn saw(&self, is_it: impl FnMut(&Seen) -> bool) {
        let mut seen = self.seen.subscribe();
        let saw = tokio::time::timeout(GUARD, seen.wait_for(is_it)).await;
        assert!(saw.is_ok(), "it did not pass in {GUARD:?}");
    }
}

impl Gate {
    /// Keeps back what comes from now on.
    pub(crate) fn shut(&self) {
        self.0.send_replace(false);
    }

    /// Lets it through.
    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }
}

/// Passes on until either side goes away.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut is_open: watch::Receiver<bool>,
    seen: Option<Arc<watch::Sender<Seen>>>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(size @ 1..) = from.read(&mut buffer).await {
        if let Some(seen) = &seen {
            seen.send_modify(|seen| seen.sent.extend(&buffer[..size]));
        }
        if is_open.wait_for(|is_open| *is_open).await.is_err() || to.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}
