//! A stand-in for Temporal's frontend that hands out identical tasks as fast as a worker asks and counts what comes
//! back: the server out of the way. It knows what an activity worker calls, and no more.
//!
//! # Layout
//! - [`replay`], [`queue`]: the tasks, handed out and taken back.
//! - [`service`]: the calls, by name.

mod queue;
mod replay;
mod service;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::transport::server::{Server, TcpIncoming};

pub(crate) use self::{queue::Burst, replay::Replay};

/// A server that listens until this is dropped.
#[derive(Debug)]
pub(crate) struct Frontend {
    /// The tasks that it hands out.
    pub(crate) replay: Arc<Replay>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Frontend {
    /// Listens on a free port of the loopback interface.
    ///
    /// # Errors
    /// When no port is free.
    pub(crate) async fn start(replay: Replay) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("failed to listen on 127.0.0.1")?;
        let address = listener.local_addr()?;
        let replay = Arc::new(replay);
        let service = service::Service::new(Arc::clone(&replay));
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving = tokio::spawn(async move {
            // A server that ends shows as workers that get no tasks, which is noticed and named.
            let _ = Server::builder().serve_with_incoming(service, incoming).await;
        });
        Ok(Self { replay, address, serving })
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Frontend {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
