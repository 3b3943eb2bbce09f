//! The bodies of requests and responses, within their limits.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Sleep, sleep},
};
use wasmtime_wasi_http::{Error, WasiBody};

use super::{RequestCounts, exchange::Speaking, failure, in_words};

/// How many bytes names and values of headers have.
pub(super) fn header_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// What a guest sends.
pub(super) struct RequestBody {
    body: WasiBody,
    left: u64,
    limit: u64,
    counts: Arc<RequestCounts>,
}

impl RequestBody {
    /// At most `limit` bytes of `body`.
    pub(super) fn new(body: WasiBody, limit: u64, counts: Arc<RequestCounts>) -> Self {
        Self { body, left: limit, limit, counts }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)?) else { return Poll::Ready(None) };
        let size = frame.data_ref().map_or(0, |data| data.len() as u64);
        Poll::Ready(Some(match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                self.counts.sent(size);
                Ok(frame)
            }
            None => Err(in_words(format!(
                "the request's body has more than {} bytes, the component's limit `http-request-body`",
                self.limit
            ))),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a server answers.
pub(super) struct ResponseBody {
    /// Gone once the body has ended, and the connection with it.
    open: Option<Open>,
    left: u64,
    limits: ResponseLimits,
    counts: Arc<RequestCounts>,
}

/// How much a server may answer, and how slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResponseLimits {
    /// Bytes of the body.
    pub(super) body: u64,
    /// Bytes of what follows it.
    pub(super) trailers: usize,
    /// From one part to the next.
    pub(super) read_timeout: Duration,
}

/// Those of its attempt, its tenant and its component's connections, as far as there are any.
type Permits = [Option<OwnedSemaphorePermit>; 3];

struct Open {
    body: Incoming,
    /// What reads it.
    speaking: Speaking,
    /// When the next part must be here; set while it is waited for.
    due: Option<Pin<Box<Sleep>>>,
    _in_flight: Permits,
}

impl ResponseBody {
    /// `body` within its limits, as `speaking` reads it; the permits are held until its end.
    pub(super) fn new(
        body: Incoming,
        speaking: Speaking,
        limits: ResponseLimits,
        permits: Permits,
        counts: Arc<RequestCounts>,
    ) -> Self {
        let open = Open { body, speaking, due: None, _in_flight: permits };
        Self { open: Some(open), left: limits.body, limits, counts }
    }

    fn checked(&mut self, frame: &Frame<Bytes>) -> Result<(), Error> {
        if let Some(data) = frame.data_ref() {
            let too_large = || {
                let limit = self.limits.body;
                in_words(format!(
                    "the response's body has more than {limit} bytes, the component's limit `http-response-body`"
                ))
            };
            self.left = self.left.checked_sub(data.len() as u64).ok_or_else(too_large)?;
            self.counts.received(data.len() as u64);
        }
        let trailers = frame.trailers_ref().map_or(0, header_size);
        if self.limits.trailers < trailers {
            return Err(headers_too_large(self.limits.trailers));
        }
        Ok(())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let read_timeout = self.limits.read_timeout;
        let Some(open) = &mut self.open else { return Poll::Ready(None) };
        let frame = match Pin::new(&mut open.body).poll_frame(context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                let due = open.due.get_or_insert_with(|| Box::pin(sleep(read_timeout)));
                ready!(due.as_mut().poll(context));
                self.open = None;
                return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
            }
        };
        open.due = None;
        let frame = frame.map(|frame| {
            let frame = frame.map_err(|error| failure::of_response(&error))?;
            self.checked(&frame)?;
            Ok(frame)
        });
        if !matches!(frame, Some(Ok(_)))
            && let Some(open) = self.open.take()
            && frame.is_none()
        {
            open.speaking.take_leave();
        }
        Poll::Ready(frame)
    }
}

/// What the guest hears when a server's headers have more bytes than `limit`.
pub(super) fn headers_too_large(limit: usize) -> Error {
    in_words(format!("the response's headers have more than {limit} bytes, the component's limit `http-headers`"))
}
