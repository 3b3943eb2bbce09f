//! One request and its response, on a connection of their own.

use std::{sync::Arc, time::Duration};

use activity::{Excess, HttpLimits, HttpScheme};
use egress::{Connect, Destination};
use http::{
    HeaderMap, HeaderValue, Method, Uri,
    header::{ACCEPT, HOST},
};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::timeout,
};
use url::{Position, Url};
use wasmtime_wasi_http::{Error, WasiBody};

use super::{
    RequestCounts,
    body::{RequestBody, ResponseBody, ResponseLimits, header_size, headers_too_large},
    failure, in_words, may_send,
    paced::Paced,
    tls::Tls,
};
use crate::{Outlet, Tenant, leave::Leave};

/// What is sent.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) to: Destination,
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
    /// Where it is told what is only counted, if that is all that limits do.
    pub(super) outlet: Option<Arc<Outlet>>,
    /// Where what is sent and received is counted.
    pub(super) counts: Arc<RequestCounts>,
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

/// What sends requests of a component.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) connector: Arc<dyn Connect>,
    pub(super) tls: Tls,
    /// As many permits as all its attempts together may have connections.
    pub(super) connections: Arc<Semaphore>,
    /// What all requests of its tenant share.
    pub(super) tenant: Arc<Tenant>,
}

/// Sends a request and waits for the head of its response.
pub(super) async fn exchange(
    means: Means,
    request: Request,
    permission: Permission,
) -> Result<http::Response<WasiBody>, Error> {
    let (limits, timeouts) = (permission.limits, request.timeouts);
    let counts = Arc::clone(&permission.counts);
    let own = permission.room(timeouts.connect).await?;
    let Ok(tenants) = timeout(timeouts.connect, means.tenant.may_send(&counts.excesses)).await else {
        let most = means.tenant.most_requests();
        return Err(in_words(format!(
            "{most} requests of the tenant are in flight, its limit `http-requests`: end some first"
        )));
    };
    let Ok(Ok(connection)) = timeout(timeouts.connect, Arc::clone(&means.connections).acquire_owned()).await else {
        let text = "the component's attempts together have as many connections as one component may: end some first";
        return Err(in_words(text.to_owned()));
    };
    may_send(&permission.leave)?;
    let sent = send(&means, request, &permission);
    let (response, speaking) = timeout(timeouts.response, sent).await.map_err(|_| Error::HttpResponseTimeout)??;
    if limits.headers < header_size(response.headers()) {
        return Err(headers_too_large(limits.headers));
    }
    let permits = [own, tenants, Some(connection)];
    let limits = ResponseLimits { body: limits.response_body, trailers: limits.headers, read_timeout: timeouts.read };
    Ok(response.map(|body| WasiBody::new(ResponseBody::new(body, speaking, limits, permits, counts))))
}

impl Permission {
    /// Waits until one more request of the attempt may be in flight. There is no permit for one that is only counted.
    async fn room(&self, within: Duration) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let most = self.limits.requests;
        let words = || format!("{most} requests are in flight, the component's limit `http-requests`: end one first");
        match (Arc::clone(&self.room).try_acquire_owned(), &self.outlet) {
            (Ok(permit), _) => return Ok(Some(permit)),
            (Err(_), Some(outlet)) => {
                outlet.would_refuse(Excess::HttpRequests, words);
                return Ok(None);
            }
            (Err(_), None) => {}
        }
        // A request that was just given up takes its room a moment longer.
        match timeout(within, Arc::clone(&self.room).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(in_words(words())),
        }
    }
}

/// Connects, and sends a request. The connection ends with what is returned.
async fn send(
    means: &Means,
    request: Request,
    permission: &Permission,
) -> Result<(http::Response<Incoming>, Speaking), Error> {
    let Request { method, url, to, mut headers, body, timeouts } = request;
    let Permission { leave, limits, counts, .. } = permission;
    let scheme = to.scheme;
    let connecting = async {
        let stream = means.connector.connect(to, timeouts.connect).await.map_err(failure::of_connecting)?;
        let stream = Paced::new(stream, Arc::clone(&means.tenant), Arc::clone(counts), leave.clone());
        match scheme {
            HttpScheme::Http => speak(stream).await,
            HttpScheme::Https => speak(means.tls.begin(&url, stream).await.map_err(|e| failure::of_tls(&e))?).await,
        }
    };
    let (mut sender, speaking) =
        timeout(timeouts.connect, connecting).await.map_err(|_| Error::ConnectionTimeout)??;
    // Made from the URL that was checked.
    headers.remove(HOST);
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.insert(HOST, host.map_err(|_| Error::HttpRequestUriInvalid)?);
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let mut sent = http::Request::new(RequestBody::new(body, limits.request_body, Arc::clone(counts)));
    *sent.method_mut() = method;
    *sent.uri_mut() = path.parse::<Uri>().map_err(|_| Error::HttpRequestUriInvalid)?;
    *sent.headers_mut() = headers;
    let response = sender.send_request(sent).await.map_err(|error| failure::of_request(&error))?;
    Ok((response, speaking))
}

/// Speaks HTTP on a stream.
async fn speak<S>(stream: S) -> Result<(http1::SendRequest<RequestBody>, Speaking), Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = handshake.map_err(|error| failure::of_request(&error))?;
    // What comes of it is told to who waits for the response, or reads it.
    Ok((sender, Speaking(Some(tokio::spawn(async move { drop(connection.await) })))))
}

/// What reads and writes on a connection, on the component's thread. It ends when it is dropped.
pub(super) struct Speaking(Option<JoinHandle<()>>);

impl Speaking {
    /// Lets it end by itself, as it does once everything was said.
    pub(super) fn take_leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Speaking {
    fn drop(&mut self) {
        if let Some(speaking) = &self.0 {
            speaking.abort();
        }
    }
}
