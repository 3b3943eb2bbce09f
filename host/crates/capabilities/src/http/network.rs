//! Sends requests, beside the guests: those of a component on a thread of its own, each on a connection of its own.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use activity::HttpLimits;
use http::{HeaderMap, Method, header::HOST};
use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::{AbortHandle, JoinHandle},
    time::timeout,
};
use url::Url;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::open_files;

use super::{
    body::{RequestBody, ResponseBody, ResponseLimits, header_size, headers_too_large},
    failure, in_words,
    leave::Leave,
    resolver::{Names, Resolver},
};

/// Whom all components trust, and where they look names up.
pub struct Networks {
    tls: ClientConfig,
    names: Names,
}

/// Sends the requests of all attempts of one component.
///
/// Upholds the following invariants:
/// - nothing is kept from one request to the next: no connection, cookie or TLS session, whoever's they were;
/// - a request goes where it is sent: no redirect is followed, no proxy used;
/// - what a server makes of its connection costs its component alone: it has a thread for itself. A head of a response
///   that never ends can keep one.
pub struct Network {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    tls: ClientConfig,
    names: Arc<Names>,
    /// As many permits as all its attempts together may have connections.
    connections: Arc<Semaphore>,
}

/// What is sent.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: WasiBody,
    pub(super) timeouts: Timeouts,
}

/// Whether it may be sent, and how.
pub(super) struct Permission {
    pub(super) leave: Leave,
    /// As many permits as requests may be in flight.
    pub(super) room: Arc<Semaphore>,
    pub(super) limits: HttpLimits,
}

/// How long a request may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeouts {
    /// For its connection.
    pub(super) connect: Duration,
    /// For its response.
    pub(super) response: Duration,
    /// For the next part of its response.
    pub(super) read: Duration,
}

impl Networks {
    /// Reads the system's root certificates, which takes a few milliseconds. Names are looked up at `nameservers`, or at
    /// the system's if there are none.
    ///
    /// # Errors
    /// When the library for TLS is not usable.
    pub fn new(nameservers: Vec<SocketAddr>) -> io::Result<Self> {
        Ok(Self { tls: tls().map_err(io::Error::other)?, names: Names::new(nameservers) })
    }

    /// Starts what sends the requests of a component: a thread and lookups of its own.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub fn start(&self) -> io::Result<Network> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("isolet-http").enable_all().build()?;
        let connections = Arc::new(Semaphore::new(open_files::share()));
        Ok(Network { runtime: Some(runtime), tls: self.tls.clone(), names: Arc::new(self.names.again()), connections })
    }
}

impl Network {
    /// Begins to send a request, once there is room for it. The response takes that room until its body has ended or is
    /// dropped.
    pub(super) fn send(&self, request: Request, permission: Permission) -> Result<(Sending, AbortHandle), Error> {
        let runtime = self.runtime.as_ref().ok_or(Error::ConnectionTerminated)?;
        let resolver = Resolver(Arc::clone(&self.names));
        let connections = Arc::clone(&self.connections);
        let sending = runtime.spawn(exchange(self.tls.clone(), resolver, connections, request, permission));
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

/// Certificates are checked by the system's roots, as everything else here does it; no session is resumed, which could
/// tell a server about another attempt.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some root certificates can't be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!("no root certificates were found: guests can reach no server over https");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Sends a request and waits for the head of its response.
async fn exchange(
    tls: ClientConfig,
    resolver: Resolver,
    connections: Arc<Semaphore>,
    request: Request,
    permission: Permission,
) -> Result<http::Response<WasiBody>, Error> {
    let Request { method, url, mut headers, body, timeouts } = request;
    let Permission { leave, room, limits } = permission;
    // A request that was just given up takes its room a moment longer.
    let Ok(Ok(permit)) = timeout(timeouts.connect, room.acquire_owned()).await else {
        let most = limits.requests;
        return Err(in_words(format!(
            "{most} requests are in flight, the component's limit `http-requests`: end one first"
        )));
    };
    let Ok(Ok(connection)) = timeout(timeouts.connect, connections.acquire_owned()).await else {
        let text = "the component's attempts together have as many connections as one component may: end some first";
        return Err(in_words(text.to_owned()));
    };
    leave.check()?;
    let client = client(tls, resolver, timeouts.connect).map_err(|error| failure::of_request(&error))?;
    // Made from the URL that was checked.
    headers.remove(HOST);
    let body = reqwest::Body::wrap(RequestBody::new(body, limits.request_body));
    let sent = client.request(method, url).headers(headers).body(body).send();
    let answered = timeout(timeouts.response, sent).await.map_err(|_| Error::HttpResponseTimeout)?;
    let response = http::Response::from(answered.map_err(|error| failure::of_request(&error))?);
    if limits.headers < header_size(response.headers()) {
        return Err(headers_too_large(limits.headers));
    }
    let limits = ResponseLimits { body: limits.response_body, trailers: limits.headers, read_timeout: timeouts.read };
    Ok(response.map(|body| WasiBody::new(ResponseBody::new(body, limits, [permit, connection]))))
}

fn client(tls: ClientConfig, resolver: Resolver, connect: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(resolver)
        .connect_timeout(connect)
        .http1_only()
        .pool_max_idle_per_host(0)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        // Whatever others in this build want of the library.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .build()
}
