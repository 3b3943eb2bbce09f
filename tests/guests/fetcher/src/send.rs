//! HTTP by `wasi:http`, as a client library would do it.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};
use wasip2::http::{
    outgoing_handler::handle,
    types::{
        ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest, RequestOptions,
        Scheme, http_error_code,
    },
};
use wasip2::io::streams::{OutputStream, StreamError};

/// The most bytes that are written or read at once.
const PIECE: usize = 4096;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    url: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    body: String,
    /// How many bytes follow it.
    #[serde(default)]
    padding: usize,
    /// How long it may take to connect, to begin an answer and to go on with it.
    #[serde(default)]
    timeout_ms: Option<u64>,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// The beginning of the body.
    body: String,
    /// How many bytes the body has.
    size: usize,
}

/// A request that was sent.
pub(crate) struct Exchange(FutureIncomingResponse);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failed {
    /// By the host's account.
    Http(ErrorCode),
    /// The request is none.
    Invalid(&'static str),
    /// The body broke off, for an unknown reason.
    BrokeOff,
}

impl Exchange {
    pub(crate) fn begin(request: &Request) -> Result<Self, Failed> {
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
        let headers = Fields::from_list(&headers).map_err(|_| Failed::Invalid("header"))?;
        let outgoing = OutgoingRequest::new(headers);
        let (scheme, rest) = request.url.split_once("://").ok_or(Failed::Invalid("URL"))?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => Scheme::Other(other.to_owned()),
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        outgoing.set_scheme(Some(&scheme)).map_err(|()| Failed::Invalid("scheme"))?;
        outgoing.set_authority(Some(authority)).map_err(|()| Failed::Invalid("authority"))?;
        outgoing.set_path_with_query(Some(path)).map_err(|()| Failed::Invalid("path"))?;
        outgoing.set_method(&method(&request.method)).map_err(|()| Failed::Invalid("method"))?;
        let body = outgoing.body().map_err(|()| Failed::Invalid("body"))?;
        let sent = handle(outgoing, request.timeout_ms.map(options)).map_err(Failed::Http)?;
        send_body(body, request);
        Ok(Self(sent))
    }

    pub(crate) fn answer(self) -> Result<Answer, Failed> {
        let Self(sent) = self;
        sent.subscribe().block();
        let response = sent.get().ok_or(Failed::Invalid("wait"))?.map_err(|()| Failed::Invalid("wait"))?;
        let response = response.map_err(Failed::Http)?;
        let headers = response.headers().entries().into_iter();
        let headers = headers.map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect();
        let mut answer = Answer { status: response.status(), headers, body: String::new(), size: 0 };
        let body = response.consume().map_err(|()| Failed::Invalid("body"))?;
        answer.size = read(&body, |piece| {
            if answer.body.is_empty() {
                answer.body = String::from_utf8_lossy(piece).chars().take(100).collect();
            }
        })?;
        Ok(answer)
    }
}

/// Writes the body as far as the host takes it: whatever goes wrong is told with the response.
fn send_body(body: OutgoingBody, request: &Request) {
    let Ok(stream) = body.write() else { return };
    let padding = vec![b'.'; PIECE.min(request.padding)];
    let mut written = stream_all(&stream, request.body.as_bytes());
    let mut left = request.padding;
    while written && 0 < left {
        let piece = padding.get(..left.min(PIECE)).unwrap_or_default();
        written = stream_all(&stream, piece);
        left -= piece.len();
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn stream_all(stream: &OutputStream, bytes: &[u8]) -> bool {
    bytes.chunks(PIECE).all(|piece| stream.blocking_write_and_flush(piece).is_ok())
}

fn read(body: &IncomingBody, mut seen: impl FnMut(&[u8])) -> Result<usize, Failed> {
    let stream = body.stream().map_err(|()| Failed::Invalid("body"))?;
    let mut size = 0;
    loop {
        match stream.blocking_read(PIECE as u64) {
            Ok(piece) => {
                size += piece.len();
                seen(&piece);
            }
            Err(StreamError::Closed) => return Ok(size),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).map_or(Failed::BrokeOff, Failed::Http));
            }
        }
    }
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "CONNECT" => Method::Connect,
        "TRACE" => Method::Trace,
        other => Method::Other(other.to_owned()),
    }
}

fn options(timeout_ms: u64) -> RequestOptions {
    let options = RequestOptions::new();
    let timeout = Some(timeout_ms * 1_000_000);
    let set = [
        options.set_connect_timeout(timeout),
        options.set_first_byte_timeout(timeout),
        options.set_between_bytes_timeout(timeout),
    ];
    debug_assert!(set.iter().all(Result::is_ok));
    options
}

/// What the host says to a header of this name.
pub(crate) fn forged(header: &str) -> String {
    match Fields::new().append(header, b"value") {
        Ok(()) => "taken".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// Which parts of a request's first line the host takes when they have `length` bytes.
pub(crate) fn taken_parts(length: usize) -> Vec<&'static str> {
    let request = OutgoingRequest::new(Fields::new());
    let text = "a".repeat(length);
    let parts = [
        ("method", request.set_method(&Method::Other(text.clone()))),
        ("path", request.set_path_with_query(Some(&format!("/{text}")))),
        ("scheme", request.set_scheme(Some(&Scheme::Other(text.clone())))),
        ("authority", request.set_authority(Some(&text))),
    ];
    parts.into_iter().filter_map(|(part, set)| set.ok().map(|()| part)).collect()
}

/// Makes headers until the host has enough.
pub(crate) fn header_bomb() {
    let fields = Fields::new();
    loop {
        let _ = fields.append("x-bomb", &[b'x'; 1000]);
    }
}

fn get() -> String {
    "GET".to_owned()
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(ErrorCode::InternalError(Some(text))) => f.write_str(text),
            Self::Http(code) => write!(f, "{code:?}"),
            Self::Invalid(what) => write!(f, "the host does not take the {what}"),
            Self::BrokeOff => f.write_str("the body broke off"),
        }
    }
}

impl Error for Failed {}
