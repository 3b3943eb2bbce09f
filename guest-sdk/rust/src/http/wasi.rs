//! Sending by `wasi:http`, and waiting for it.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, response};
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    self, ErrorCode, Fields, HeaderError, IncomingBody, IncomingResponse, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use super::{Body, ErrorKind, HttpError, Timeouts};
use crate::attempt::Attempt;
use crate::bindings::isolet::activity::{cancellation, cancellation_pollable};
use crate::executor;
use crate::waits::{Place, Pollable, Until};

/// The most that is read at once.
const PIECE: u64 = 64 * 1024;

/// Waits until one of the pollables is ready, an event has happened, or the time is over. Returns the indexes of those
/// that are ready.
pub(crate) fn poll(pollables: &[&Pollable], until: cancellation::Event, timeout: Option<Duration>) -> Vec<usize> {
    let events = (until.bits() != 0).then(|| cancellation_pollable::subscribe(until));
    let nanoseconds = |timeout: Duration| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    let timer = timeout.map(|timeout| monotonic_clock::subscribe_duration(nanoseconds(timeout)));
    let all: Vec<&Pollable> = pollables.iter().copied().chain(&events).chain(&timer).collect();
    let ready = wasip2::io::poll::poll(&all).into_iter().map(|index| index as usize);
    ready.filter(|index| *index < pollables.len()).collect()
}

/// Sends a request and waits until its answer begins.
pub(crate) async fn send(
    attempt: &Rc<Attempt>,
    request: Request<Body>,
    timeouts: &Timeouts,
    due: Option<Duration>,
) -> Result<(response::Parts, Incoming), HttpError> {
    attempt.check_cancelled()?;
    let (parts, body) = request.into_parts();
    let outgoing = OutgoingRequest::new(fields(&parts.headers)?);
    set_line(&outgoing, &parts.method, &parts.uri)?;
    let sink = outgoing.body().map_err(|()| ErrorKind::Invalid("the body is taken".to_owned()))?;
    let sent = outgoing_handler::handle(outgoing, options(timeouts)).map_err(of_code)?;
    let mut upload = Some(Upload(Box::pin(write(sink, body))));
    let mut wait = Wait::new(due);
    let response = poll_fn(|context| {
        if go_on(&mut upload, context)? {
            upload = None;
        }
        loop {
            if let Some(response) = sent.get() {
                return Poll::Ready(response.unwrap_or(Err(ErrorCode::InternalError(None))).map_err(of_code));
            }
            ready!(wait.poll(|| sent.subscribe(), context))?;
        }
    })
    .await?;
    drop((wait, sent));
    incoming(response, upload, due)
}

/// The first line of the request.
fn set_line(outgoing: &OutgoingRequest, method: &Method, uri: &Uri) -> Result<(), HttpError> {
    let invalid = |what: &'static str| move |()| HttpError::from(ErrorKind::Invalid(format!("the {what} is invalid")));
    let scheme = match uri.scheme_str() {
        Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        other => Scheme::Other(other.unwrap_or_default().to_owned()),
    };
    outgoing.set_method(&method_to_wasi(method)).map_err(invalid("method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(invalid("scheme"))?;
    outgoing.set_authority(uri.authority().map(http::uri::Authority::as_str)).map_err(invalid("host"))?;
    outgoing.set_path_with_query(uri.path_and_query().map(|path| path.as_str())).map_err(invalid("path"))
}

fn method_to_wasi(method: &Method) -> types::Method {
    match *method {
        Method::GET => types::Method::Get,
        Method::HEAD => types::Method::Head,
        Method::POST => types::Method::Post,
        Method::PUT => types::Method::Put,
        Method::DELETE => types::Method::Delete,
        Method::CONNECT => types::Method::Connect,
        Method::OPTIONS => types::Method::Options,
        Method::TRACE => types::Method::Trace,
        Method::PATCH => types::Method::Patch,
        ref other => types::Method::Other(other.to_string()),
    }
}

fn fields(headers: &HeaderMap) -> Result<Fields, HttpError> {
    let entries: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&entries).map_err(|error| {
        let text = match error {
            HeaderError::Forbidden => "a header is the host's own: see the names that docs/http.md lists".to_owned(),
            HeaderError::InvalidSyntax | HeaderError::Immutable => format!("a header is invalid: {error:?}"),
        };
        ErrorKind::Invalid(text).into()
    })
}

fn options(timeouts: &Timeouts) -> Option<RequestOptions> {
    let Timeouts { connect, response, read, .. } = timeouts;
    let all = [connect, response, read];
    all.iter().any(|timeout| timeout.is_some()).then(|| {
        let nanoseconds =
            |timeout: &Option<Duration>| timeout.map(|it| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX));
        let options = RequestOptions::new();
        // The host takes all three.
        let _ = options.set_connect_timeout(nanoseconds(connect));
        let _ = options.set_first_byte_timeout(nanoseconds(response));
        let _ = options.set_between_bytes_timeout(nanoseconds(read));
        options
    })
}

/// The body that is being sent.
struct Upload(Pin<Box<dyn Future<Output = Result<(), HttpError>>>>);

/// Goes on sending. True once nothing is left to send.
fn go_on(upload: &mut Option<Upload>, context: &mut Context<'_>) -> Result<bool, HttpError> {
    match upload.as_mut().map(|Upload(writing)| writing.as_mut().poll(context)) {
        None | Some(Poll::Ready(Ok(()))) => Ok(true),
        Some(Poll::Pending) => Ok(false),
        Some(Poll::Ready(Err(error))) => Err(error),
    }
}

/// Writes the body, as far as the host takes it: what goes wrong on its way, the answer tells.
async fn write(sink: OutgoingBody, mut body: Body) -> Result<(), HttpError> {
    let Ok(stream) = sink.write() else { return Ok(()) };
    while let Some(piece) = body.piece().await? {
        if !write_piece(&stream, &piece).await? {
            return Ok(());
        }
    }
    drop(stream);
    let _ = OutgoingBody::finish(sink, None);
    Ok(())
}

/// Writes a piece. False once the stream takes no more.
async fn write_piece(stream: &OutputStream, mut piece: &[u8]) -> Result<bool, HttpError> {
    let mut wait = Wait::new(None);
    while !piece.is_empty() {
        let Ok(room) = stream.check_write() else { return Ok(false) };
        if room == 0 {
            poll_fn(|context| wait.poll(|| stream.subscribe(), context)).await?;
            continue;
        }
        let (now, later) = piece.split_at(piece.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
        if stream.write(now).is_err() {
            return Ok(false);
        }
        piece = later;
    }
    Ok(true)
}

/// A wait for one pollable: a safe point.
struct Wait {
    place: Place,
    pollable: Option<Rc<Pollable>>,
    due: Option<Duration>,
}

impl Wait {
    fn new(due: Option<Duration>) -> Self {
        Self { place: Place::default(), pollable: None, due }
    }

    /// Waits until it is ready.
    fn poll(&mut self, subscribe: impl FnOnce() -> Pollable, context: &Context<'_>) -> Poll<Result<(), HttpError>> {
        let running = executor::current();
        let attempt = &running.attempt;
        attempt.check_cancelled()?;
        let pollable = self.pollable.get_or_insert_with(|| Rc::new(subscribe()));
        if pollable.ready() {
            self.end();
            return Poll::Ready(Ok(()));
        }
        if self.due.is_some_and(|due| due <= attempt.backend.now()) {
            return Poll::Ready(Err(ErrorKind::Timeout("the request's timeout").into()));
        }
        let until = Until { at: self.due, events: attempt.interruptions(), ready: Some(Rc::clone(pollable)) };
        self.place.wait(&running, until, context.waker());
        Poll::Pending
    }

    /// Lets go of the pollable, which must not outlive what it is of.
    fn end(&mut self) {
        self.place.leave();
        self.pollable = None;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.end();
    }
}

fn incoming(
    response: IncomingResponse,
    upload: Option<Upload>,
    due: Option<Duration>,
) -> Result<(response::Parts, Incoming), HttpError> {
    let protocol = |text: &'static str| HttpError::from(ErrorKind::Protocol(text));
    let (mut parts, ()) = response::Response::new(()).into_parts();
    parts.status = response.status().try_into().map_err(|_| protocol("its status is none"))?;
    for (name, value) in response.headers().entries() {
        let name = HeaderName::try_from(name).map_err(|_| protocol("a header's name is none"))?;
        let value = HeaderValue::try_from(value).map_err(|_| protocol("a header's value is none"))?;
        parts.headers.append(name, value);
    }
    let body = response.consume().map_err(|()| protocol("the body is taken"))?;
    let stream = body.stream().map_err(|()| protocol("the body is taken"))?;
    Ok((parts, Incoming { wait: Wait::new(due), stream, _body: body, _response: response, upload }))
}

/// The body of an answer. What belongs to something is dropped before that: elsewhere it is a trap.
pub(crate) struct Incoming {
    wait: Wait,
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
    upload: Option<Upload>,
}

impl Incoming {
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpError>> {
        executor::current().attempt.check_cancelled()?;
        if go_on(&mut self.upload, context)? {
            self.upload = None;
        }
        loop {
            match self.stream.read(PIECE) {
                Ok(piece) if piece.is_empty() => {}
                Ok(piece) => return Poll::Ready(Ok(Some(piece.into()))),
                Err(StreamError::Closed) => return Poll::Ready(Ok(None)),
                Err(StreamError::LastOperationFailed(error)) => {
                    let code = types::http_error_code(&error).unwrap_or(ErrorCode::HttpResponseIncomplete);
                    return Poll::Ready(Err(of_code(code)));
                }
            }
            ready!(self.wait.poll(|| self.stream.subscribe(), context))?;
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Incoming")
    }
}

/// How the host begins to say what a grant lacks.
const NOT_GRANTED: [&str; 2] = ["the component has no grant `http`", "the component's grant `http` does not cover"];

/// What the host tells.
fn of_code(code: ErrorCode) -> HttpError {
    match code {
        ErrorCode::InternalError(Some(text)) if NOT_GRANTED.iter().any(|words| text.starts_with(words)) => {
            ErrorKind::NotGranted(text)
        }
        ErrorCode::InternalError(Some(text)) => ErrorKind::Refused(text),
        ErrorCode::InternalError(None) => ErrorKind::Protocol("internal-error"),
        ErrorCode::DnsTimeout => ErrorKind::Connect("DNS-timeout"),
        ErrorCode::DnsError(_) => ErrorKind::Connect("DNS-error"),
        ErrorCode::DestinationNotFound => ErrorKind::Connect("destination-not-found"),
        ErrorCode::DestinationUnavailable => ErrorKind::Connect("destination-unavailable"),
        ErrorCode::DestinationIpProhibited => ErrorKind::Connect("destination-IP-prohibited"),
        ErrorCode::DestinationIpUnroutable => ErrorKind::Connect("destination-IP-unroutable"),
        ErrorCode::ConnectionRefused => ErrorKind::Connect("connection-refused"),
        ErrorCode::ConnectionLimitReached => ErrorKind::Connect("connection-limit-reached"),
        ErrorCode::ConnectionTimeout => ErrorKind::Timeout("connection-timeout"),
        ErrorCode::ConnectionReadTimeout => ErrorKind::Timeout("connection-read-timeout"),
        ErrorCode::ConnectionWriteTimeout => ErrorKind::Timeout("connection-write-timeout"),
        ErrorCode::HttpResponseTimeout => ErrorKind::Timeout("HTTP-response-timeout"),
        ErrorCode::ConnectionTerminated => ErrorKind::Incomplete("connection-terminated"),
        ErrorCode::HttpResponseIncomplete => ErrorKind::Incomplete("HTTP-response-incomplete"),
        ErrorCode::TlsProtocolError => ErrorKind::Tls("TLS-protocol-error"),
        ErrorCode::TlsCertificateError => ErrorKind::Tls("TLS-certificate-error"),
        ErrorCode::TlsAlertReceived(_) => ErrorKind::Tls("TLS-alert-received"),
        ErrorCode::HttpRequestMethodInvalid => ErrorKind::Invalid("this method is not sent".to_owned()),
        ErrorCode::HttpRequestUriInvalid => ErrorKind::Invalid("the URL is invalid".to_owned()),
        ErrorCode::HttpRequestDenied => ErrorKind::Refused("the host refuses the request".to_owned()),
        ErrorCode::HttpResponseHeaderSectionSize(_) => ErrorKind::Protocol("HTTP-response-header-section-size"),
        ErrorCode::HttpResponseBodySize(_) => ErrorKind::Protocol("HTTP-response-body-size"),
        _ => ErrorKind::Protocol("HTTP-protocol-error"),
    }
    .into()
}
