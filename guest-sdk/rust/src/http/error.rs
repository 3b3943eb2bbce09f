//! Why there is no answer.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

use crate::Cancelled;

/// A request or its answer went wrong.
///
/// With `?` it ends the attempt: as cancelled if it is [`ErrorKind::Cancelled`], else as failed, of the type `HttpError`.
/// What was not granted fails as `SandboxDenied` and is not retried.
#[derive(Debug)]
pub struct HttpError {
    /// Boxed, as it is rare and a `Result` should stay small.
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Method and URL, without its query, which may hold secrets.
    request: Option<String>,
    kind: ErrorKind,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It is no request that can be sent; the text says what of it.
    Invalid(String),
    /// The component was not granted the server; the text is the line to add to the configuration.
    NotGranted(String),
    /// The host refuses it, for a limit or because of where it leads; the text says which.
    Refused(String),
    /// There is no connection: the name is not known, or nobody answers. The text is the code of `wasi:http`.
    Connect(&'static str),
    /// The server and the host do not agree on TLS, or nobody that the host trusts has signed its certificate.
    Tls(&'static str),
    /// It took too long.
    Timeout(&'static str),
    /// The connection ended too early.
    Incomplete(&'static str),
    /// The server's answer is no HTTP, or more than the host takes.
    Protocol(&'static str),
    /// The server answered with a status that is none of success: [`Response::error_for_status`](super::Response).
    Status(StatusCode),
    /// The answer's body is not what was asked for.
    Decode(Box<dyn StdError + Send + Sync>),
    /// The stream or reader that the request's body comes from failed.
    Body(Box<dyn StdError + Send + Sync>),
    /// The attempt was cancelled.
    Cancelled(Cancelled),
}

impl HttpError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// The status, if it is one of a server that answered.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self.inner.kind {
            ErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether something took too long.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Timeout(_))
    }

    /// Whether there was no connection.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Connect(_))
    }

    /// Whether the component was not granted the server.
    #[must_use]
    pub fn is_not_granted(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::NotGranted(_))
    }

    /// Whether the attempt was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Cancelled(_))
    }

    /// What came of this request.
    pub(super) fn of(mut self, request: &str) -> Self {
        self.inner.request.get_or_insert_with(|| request.to_owned());
        self
    }
}

impl From<ErrorKind> for HttpError {
    fn from(kind: ErrorKind) -> Self {
        Self { inner: Box::new(Inner { request: None, kind }) }
    }
}

impl From<Cancelled> for HttpError {
    fn from(cancelled: Cancelled) -> Self {
        ErrorKind::Cancelled(cancelled).into()
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner.request {
            Some(request) => write!(formatter, "{request}: {}", self.inner.kind),
            None => self.inner.kind.fmt(formatter),
        }
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.inner.kind {
            ErrorKind::Decode(error) | ErrorKind::Body(error) => Some(&**error),
            ErrorKind::Cancelled(cancelled) => Some(cancelled),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) | Self::NotGranted(text) | Self::Refused(text) => formatter.write_str(text),
            Self::Connect(code) => write!(formatter, "there is no connection ({code})"),
            Self::Tls(code) => write!(formatter, "there is no TLS connection ({code})"),
            Self::Timeout(code) => write!(formatter, "it took too long ({code})"),
            Self::Incomplete(code) => write!(formatter, "the connection ended too early ({code})"),
            Self::Protocol(code) => write!(formatter, "the answer can't be taken ({code})"),
            Self::Status(status) => write!(formatter, "the server answered with status {status}"),
            Self::Decode(error) => write!(formatter, "the answer's body is not what was asked for: {error}"),
            Self::Body(error) => write!(formatter, "the request's body failed: {error}"),
            Self::Cancelled(cancelled) => cancelled.fmt(formatter),
        }
    }
}
