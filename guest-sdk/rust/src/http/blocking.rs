//! The answer to a request of an activity that is no `async fn`.

use std::future::Future;
use std::io::{self, Read};
use std::rc::Rc;

use bytes::{Buf as _, Bytes};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::{HttpError, Response};
use crate::executor;

/// An answer that has begun. Its body can also be read as from a file, piece by piece.
#[derive(Debug)]
pub struct BlockingResponse {
    response: Response,
}

impl BlockingResponse {
    pub(super) fn new(response: Response) -> Self {
        Self { response }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The answer, if its status is one of success.
    ///
    /// # Errors
    /// [`ErrorKind::Status`](super::ErrorKind::Status) for every status below 200 and from 300 on.
    pub fn error_for_status(self) -> Result<Self, HttpError> {
        Ok(Self { response: self.response.error_for_status()? })
    }

    /// The next piece of the body, of at most 64 KiB; none at its end. A safe point.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        let attempt = Rc::clone(self.response.attempt());
        executor::block_on(&attempt, self.response.chunk())
    }

    /// The whole body, or what is left of it.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub fn bytes(self) -> Result<Bytes, HttpError> {
        self.whole(Response::bytes)
    }

    /// The whole body, which is text in UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](super::ErrorKind::Decode) when it is not; and see [`HttpError`].
    pub fn text(self) -> Result<String, HttpError> {
        self.whole(Response::text)
    }

    /// The whole body, which is a JSON document.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](super::ErrorKind::Decode) when it is not, or not of this type; and see [`HttpError`].
    pub fn json<T: DeserializeOwned>(self) -> Result<T, HttpError> {
        self.whole(Response::json)
    }

    fn whole<T, F: Future<Output = Result<T, HttpError>>>(
        self,
        take: impl FnOnce(Response) -> F,
    ) -> Result<T, HttpError> {
        let attempt = Rc::clone(self.response.attempt());
        executor::block_on(&attempt, take(self.response))
    }
}

impl Read for BlockingResponse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.chunk().map_err(io::Error::other)? else { return Ok(0) };
        let length = buffer.len().min(piece.len());
        piece.copy_to_slice(buffer.get_mut(..length).unwrap_or_default());
        self.response.put_back(piece);
        Ok(length)
    }
}
