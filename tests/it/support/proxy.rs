//! A way to a server on which messages can be held up, either way.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Passes connections on to a server. Works as long as the test's runtime.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    address: String,
    /// What the client sends.
    pub(crate) requests: Gate,
    /// What the server sends.
    pub(crate) answers: Gate,
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
        let proxy = Self { address, requests: gate(), answers: gate() };
        let Self { requests, answers, .. } = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(pass(from_client, to_server, requests.0.subscribe()));
                tokio::spawn(pass(from_server, to_client, answers.0.subscribe()));
            }
        });
        proxy
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
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
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut is_open: watch::Receiver<bool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(size @ 1..) = from.read(&mut buffer).await {
        if is_open.wait_for(|is_open| *is_open).await.is_err() || to.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}
