//! What clients connect to.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

/// What clients connect to.
pub trait Listen: Send + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// Who is at its other end: handlers have it as the extension [`Caller`].
    type Peer: Clone + Send + Sync + 'static;

    /// The next client. Cancel safe.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, Self::Peer)>> + Send;

    /// From which address it comes. Who comes from one makes way for others; who comes from none does not, and others wait.
    fn source(peer: &Self::Peer) -> Option<IpAddr>;
}

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
pub struct Caller<P>(pub P);

impl Listen for TcpListener {
    type Stream = TcpStream;
    type Peer = SocketAddr;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        Self::accept(self).await
    }

    fn source(peer: &SocketAddr) -> Option<IpAddr> {
        Some(peer.ip())
    }
}
