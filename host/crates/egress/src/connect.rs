//! The port: a connection to a server, or why there is none.

use std::{fmt, io, time::Duration};

use activity::{HttpHost, HttpScheme, Origin, Reach};
use async_trait::async_trait;
use tokio::net::TcpStream;

/// A server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// How it will be spoken to, which grants tell apart.
    pub scheme: HttpScheme,
    /// Where it is.
    pub host: HttpHost,
    /// Its port.
    pub port: u16,
    /// Where its name may lead to, by what is granted for the request itself: of several components that share a line,
    /// none reaches what only another one is granted.
    pub reach: Reach,
}

/// Connects to servers that are granted.
#[async_trait]
pub trait Connect: fmt::Debug + Send + Sync {
    /// A connection, within this time. It is given up when the future is dropped.
    ///
    /// # Errors
    /// When it is not granted or can't be had.
    async fn connect(&self, to: Destination, within: Duration) -> Result<TcpStream, ConnectError>;
}

/// Why there is no connection. Nothing of it names an address or anything else of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The grant does not cover the server.
    #[error("the server is not granted")]
    NotGranted,
    /// Every address that the name stands for is one that may not be connected to.
    #[error("the name stands for no public address")]
    NotPublic,
    /// Nobody says what the name stands for. Why, is the host's business: who is asked is none of a guest's.
    #[error("the name can't be looked up")]
    Unknown,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// Nobody answered in time.
    #[error("there was no connection in time")]
    TimedOut,
    /// There is no way to there.
    #[error("the address can't be reached")]
    Unroutable,
    /// Something else.
    #[error("there is no connection")]
    Unavailable,
    /// This process, or the one that connects for it, can make no connection now.
    #[error("the host can make no connection now")]
    Busy,
    /// The operator's proxy does not let it through.
    #[error("the proxy refuses the server")]
    ProxyRefused,
    /// The operator's proxy is not there, or says what makes no sense.
    #[error("the proxy can't be reached")]
    ProxyUnreachable,
}

impl Destination {
    /// Where its name may lead to, by what it asks for and by the furthest-reaching of these grants that are for it; `None`
    /// if none is.
    pub(crate) fn reach(&self, grant: &[Origin]) -> Option<Reach> {
        let covering = grant.iter().filter(|origin| origin.covers(self.scheme, &self.host, self.port));
        Some(covering.map(|origin| origin.reach).max()?.min(self.reach))
    }
}

impl ConnectError {
    /// What the system's reason is told as.
    pub(crate) fn of_system(error: &io::Error) -> Self {
        use rustix::io::Errno;
        if let Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) = Errno::from_io_error(error) {
            // Neither the guest's fault nor the server's.
            tracing::warn!(%error, "a guest's request can't be sent: raise the limit on open files (`ulimit -n`)");
            return Self::Busy;
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Self::Unroutable,
            _ => Self::Unavailable,
        }
    }
}
