//! Sends requests, beside the guests: those of a component on a thread of its own, each on a connection of its own.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use activity::{HttpGrant, Origin};
use egress::{Connect, Direct, Names, Proxy};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::{AbortHandle, JoinHandle},
};
use wasmtime_wasi_http::{Error, WasiBody};

use super::{
    exchange::{Means, Permission, Request, exchange},
    tls::{Roots, Tls},
};
use crate::{Tenant, open_files};

/// How the servers of guests' requests are reached, and whom they are trusted by.
#[derive(Clone, Debug)]
pub enum Outbound {
    /// This process connects. Trusted are the system's root certificates.
    Direct {
        /// Where names are looked up; at the system's servers if there are none.
        nameservers: Vec<SocketAddr>,
        /// The operator's proxy, if there is one.
        proxy: Option<Proxy>,
    },
    /// Someone else connects, who checks what is granted once more.
    Through(Arc<dyn Connect>, Roots),
}

/// Whom all components trust, and how their servers are reached.
pub struct Networks {
    tls: Tls,
    reach: Reach,
}

enum Reach {
    Direct(Names, Option<Arc<Proxy>>),
    Through(Arc<dyn Connect>),
}

/// Sends the requests of all attempts of one component.
///
/// Upholds the following invariants:
/// - nothing is kept from one request to the next: no connection, cookie or TLS session, whoever's they were;
/// - a request goes where it is sent: no redirect is followed, and no proxy used but the operator's;
/// - what a server makes of its connection costs its component alone: it has a thread for itself. A head of a response
///   that never ends can keep one.
pub struct Network {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    means: Means,
}

impl Networks {
    /// Reads the system's root certificates, unless they are given, which takes a few milliseconds.
    ///
    /// # Errors
    /// When the library for TLS is not usable.
    pub fn new(outbound: Outbound) -> io::Result<Self> {
        let (roots, reach) = match outbound {
            Outbound::Direct { nameservers, proxy } => {
                (Roots::of_system(), Reach::Direct(Names::new(nameservers), proxy.map(Arc::new)))
            }
            Outbound::Through(connector, roots) => (roots, Reach::Through(connector)),
        };
        Ok(Self { tls: Tls::new(&roots).map_err(io::Error::other)?, reach })
    }

    /// Starts what sends the requests of a component with this grant: a thread, and lookups of its own where this process
    /// connects. It keeps the limits of its `tenant` with the tenant's other components.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub fn start(&self, grant: &[HttpGrant], tenant: Arc<Tenant>) -> io::Result<Network> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("isolet-http").enable_all().build()?;
        let connector: Arc<dyn Connect> = match &self.reach {
            Reach::Direct(names, proxy) => {
                let servers: Vec<Origin> = grant.iter().map(|grant| grant.servers.clone()).collect();
                Arc::new(Direct::new(&servers, names.again(), proxy.clone()))
            }
            Reach::Through(connector) => Arc::clone(connector),
        };
        let connections = Arc::new(Semaphore::new(open_files::share()));
        let tls = self.tls.clone();
        Ok(Network { runtime: Some(runtime), means: Means { connector, tls, connections, tenant } })
    }
}

impl Network {
    /// Begins to send a request, once there is room for it. The response takes that room until its body has ended or is
    /// dropped.
    pub(super) fn send(&self, request: Request, permission: Permission) -> Result<(Sending, AbortHandle), Error> {
        let runtime = self.runtime.as_ref().ok_or(Error::ConnectionTerminated)?;
        let sending = runtime.spawn(exchange(self.means.clone(), request, permission));
        let task = sending.abort_handle();
        Ok((Sending(sending), task))
    }
}

impl Drop for Network {
    /// Waits for nothing, so that it can be dropped anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Networks").finish_non_exhaustive()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

/// A request under way; given up when it is dropped.
pub(super) struct Sending(JoinHandle<Result<http::Response<WasiBody>, Error>>);

impl Future for Sending {
    type Output = Result<http::Response<WasiBody>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // It panicked, or the engine has ended.
        Pin::new(&mut self.0).poll(context).map(|done| done.unwrap_or(Err(Error::InternalError(None))))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.abort();
    }
}
