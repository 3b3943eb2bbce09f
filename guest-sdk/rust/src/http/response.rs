//! The answer to a request.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, StatusCode, response};
use serde::de::DeserializeOwned;

use super::{ErrorKind, HttpError, Incoming};
use crate::attempt::Attempt;

/// An answer that has begun.
#[derive(Debug)]
pub struct Response {
    /// The request, for errors.
    request: String,
    parts: response::Parts,
    incoming: Incoming,
    /// What was received and put back.
    unread: Bytes,
    attempt: Rc<Attempt>,
}

impl Response {
    pub(super) fn new(request: String, parts: response::Parts, incoming: Incoming, attempt: Rc<Attempt>) -> Self {
        Self { request, parts, incoming, unread: Bytes::new(), attempt }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.parts.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The answer, if its status is one of success.
    ///
    /// # Errors
    /// [`ErrorKind::Status`] for every status below 200 and from 300 on: redirects are not followed.
    pub fn error_for_status(self) -> Result<Self, HttpError> {
        if self.parts.status.is_success() {
            return Ok(self);
        }
        Err(HttpError::from(ErrorKind::Status(self.parts.status)).of(&self.request))
    }

    /// The next piece of the body, of at most 64 KiB; none at its end. A safe point.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    /// The pieces of the body, as a stream.
    pub fn bytes_stream(self) -> impl Stream<Item = Result<Bytes, HttpError>> + Unpin {
        Chunks(self)
    }

    /// The whole body.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn bytes(mut self) -> Result<Bytes, HttpError> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await? else { return Ok(first) };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while let Some(piece) = self.chunk().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The whole body, which is text in UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is not; and see [`HttpError`].
    pub async fn text(self) -> Result<String, HttpError> {
        let request = self.request.clone();
        let bytes = self.bytes().await?;
        String::from_utf8(bytes.into()).map_err(|error| HttpError::from(ErrorKind::Decode(error.into())).of(&request))
    }

    /// The whole body, which is a JSON document.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is not, or not of this type; and see [`HttpError`].
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, HttpError> {
        let request = self.request.clone();
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|error| HttpError::from(ErrorKind::Decode(error.into())).of(&request))
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpError>> {
        if !self.unread.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(&mut self.unread))));
        }
        self.incoming.poll_chunk(context).map_err(|error| error.of(&self.request))
    }

    /// Lets the next look at the body begin with this, which came of the last one.
    pub(super) fn put_back(&mut self, unread: Bytes) {
        self.unread = unread;
    }

    pub(super) fn attempt(&self) -> &Rc<Attempt> {
        &self.attempt
    }
}

/// The body of an answer as a stream.
struct Chunks(Response);

impl Stream for Chunks {
    type Item = Result<Bytes, HttpError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_chunk(context).map(Result::transpose)
    }
}
