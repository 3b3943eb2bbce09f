//! What a request sends.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::{ErrorKind, HttpError};

/// How much is read from a reader at once.
const PIECE: usize = 64 * 1024;

/// The body of a request: bytes, or what comes piece by piece.
pub struct Body(Inner);

enum Inner {
    Bytes(Bytes),
    Pieces(Pieces),
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, Box<dyn StdError + Send + Sync>>>>>;

impl Body {
    /// Sends pieces as they come. How long the body is, is not told to the server, unless the request has the header
    /// `content-length`.
    pub fn from_stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + 'static,
        B: Into<Bytes>,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self(Inner::Pieces(Box::pin(Converted(Box::pin(stream)))))
    }

    /// Sends what a reader gives, such as a file. Reading it keeps an `async` activity from everything else.
    pub fn from_reader(reader: impl Read + 'static) -> Self {
        Self(Inner::Pieces(Box::pin(Reading(Some(Box::new(reader))))))
    }

    /// How long it is, if that is known.
    pub(crate) fn length(&self) -> Option<usize> {
        match &self.0 {
            Inner::Bytes(bytes) => Some(bytes.len()),
            Inner::Pieces(_) => None,
        }
    }

    /// The next piece, none of which is empty; none at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, HttpError> {
        let pieces = match &mut self.0 {
            Inner::Bytes(bytes) => return Ok(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty())),
            Inner::Pieces(pieces) => pieces,
        };
        loop {
            match poll_fn(|context| pieces.as_mut().poll_next(context)).await {
                None => return Ok(None),
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) => return Ok(Some(piece)),
                Some(Err(error)) => return Err(ErrorKind::Body(error).into()),
            }
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self(Inner::Bytes(Bytes::new()))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length() {
            Some(length) => write!(formatter, "Body({length} bytes)"),
            None => formatter.write_str("Body(pieces)"),
        }
    }
}

/// What is bytes at once.
macro_rules! from_bytes {
    ($($type:ty),*) => {$(
        impl From<$type> for Body {
            fn from(bytes: $type) -> Self {
                Self(Inner::Bytes(bytes.into()))
            }
        }
    )*};
}

from_bytes!(Bytes, Vec<u8>, String, &'static [u8], &'static str);

impl From<crate::Bytes> for Body {
    fn from(bytes: crate::Bytes) -> Self {
        bytes.0.into()
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::default()
    }
}

/// A stream of whatever is bytes, as one of bytes.
struct Converted<S>(Pin<Box<S>>);

impl<S, B, E> Stream for Converted<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Item = Result<Bytes, Box<dyn StdError + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.0.as_mut().poll_next(context);
        piece.map(|piece| piece.map(|piece| piece.map(Into::into).map_err(Into::into)))
    }
}

/// A reader, until it has ended or failed.
struct Reading(Option<Box<dyn Read>>);

impl Stream for Reading {
    type Item = Result<Bytes, Box<dyn StdError + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(reader) = &mut self.0 else { return Poll::Ready(None) };
        let mut piece = Vec::new();
        let read = reader.take(PIECE as u64).read_to_end(&mut piece);
        if piece.is_empty() {
            self.0 = None;
        }
        Poll::Ready(match read {
            Err(error) => {
                self.0 = None;
                Some(Err(error.into()))
            }
            Ok(0) => None,
            Ok(_) => Some(Ok(piece.into())),
        })
    }
}
