//! HTTP requests. The bundle gives each a number, and is told of what happens by it: `response`, then `data` for each
//! piece that it asks for, and `end`; `sent` for each piece of its own that has gone; or `failed`.

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};
use wasip2::{
    http::{
        outgoing_handler,
        types::{
            ErrorCode, Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingResponse, Method,
            OutgoingBody, OutgoingRequest, Scheme,
        },
    },
    io::{
        poll::Pollable,
        streams::{InputStream, OutputStream, StreamError},
    },
};

use crate::{bytes, event_loop, text::Text};

/// The most that one piece of an answer has.
const PIECE: u64 = 64 * 1024;

/// A request with its answer. Whatever belongs to something is dropped before that: elsewhere it is a trap.
pub(crate) struct Exchange {
    pub(crate) number: u32,
    upload: Option<Upload>,
    answer: Answer,
}

/// The body that is being sent.
struct Upload {
    /// Set while there is something to write.
    pollable: Option<Pollable>,
    stream: OutputStream,
    body: OutgoingBody,
    piece: Vec<u8>,
}

enum Answer {
    /// Not there yet.
    Awaited(Pollable, FutureIncomingResponse),
    /// There, and nobody wants to read on.
    Held(InputStream, IncomingBody),
    /// There, and awaited.
    Reading(Pollable, InputStream, IncomingBody),
    /// At its end, or given up.
    Ended,
}

/// What of an exchange is ready.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Upload,
    Answer,
}

impl Exchange {
    /// What it waits for.
    pub(crate) fn waits_for(&self) -> impl Iterator<Item = (Part, &Pollable)> {
        let upload = self.upload.as_ref().and_then(|upload| upload.pollable.as_ref());
        let answer = match &self.answer {
            Answer::Awaited(pollable, _) | Answer::Reading(pollable, _, _) => Some(pollable),
            Answer::Held(..) | Answer::Ended => None,
        };
        upload
            .map(|pollable| (Part::Upload, pollable))
            .into_iter()
            .chain(answer.map(|pollable| (Part::Answer, pollable)))
    }
}

pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("request", Function::new(ctx.clone(), request)?)?;
    host.set("sendBody", Function::new(ctx.clone(), send_body)?)?;
    host.set("endBody", Function::new(ctx.clone(), end_body)?)?;
    host.set("readBody", Function::new(ctx.clone(), read_body)?)?;
    host.set("abandon", Function::new(ctx.clone(), event_loop::remove)?)
}

/// Sends a request: `[method, scheme, authority, path]`, headers as pairs, and whether a body follows.
fn request<'js>(ctx: Ctx<'js>, number: u32, line: Array<'js>, headers: Array<'js>, has_body: bool) -> Result<()> {
    let refused = |what: &str| Exception::throw_type(&ctx, what);
    let fields = Fields::new();
    for pair in headers.iter::<Array<'js>>() {
        let pair = pair?;
        let (name, value) = (pair.get::<Text>(0)?.0, latin1(&pair.get::<Text>(1)?.0));
        fields
            .append(&name, &value)
            .map_err(|error| refused(&format!("the header {name:?} {}", header_error(&error))))?;
    }
    let request = OutgoingRequest::new(fields);
    let part = |place| Ok::<_, rquickjs::Error>(line.get::<Text>(place)?.0);
    request.set_method(&method(&part(0)?)).map_err(|()| refused("the method is invalid"))?;
    let scheme = if part(1)? == "https" { Scheme::Https } else { Scheme::Http };
    request.set_scheme(Some(&scheme)).map_err(|()| refused("the scheme is invalid"))?;
    request.set_authority(Some(&part(2)?)).map_err(|()| refused("the host is invalid"))?;
    request.set_path_with_query(Some(&part(3)?)).map_err(|()| refused("the path is invalid"))?;
    let body = request.body().map_err(|()| refused("the body is taken"))?;
    let upload = if has_body {
        let stream = body.write().map_err(|()| refused("the body is taken"))?;
        Some(Upload { pollable: None, stream, body, piece: Vec::new() })
    } else {
        drop(OutgoingBody::finish(body, None));
        None
    };
    let awaited = outgoing_handler::handle(request, None).map_err(|error| refused(&reason(&error)))?;
    event_loop::add(Exchange { number, upload, answer: Answer::Awaited(awaited.subscribe(), awaited) });
    Ok(())
}

fn send_body<'js>(ctx: Ctx<'js>, number: u32, piece: Value<'js>) -> Result<()> {
    let piece = bytes::copy(&ctx, piece)?;
    event_loop::with_exchange(number, |exchange| {
        if let Some(upload) = &mut exchange.upload {
            upload.pollable = Some(upload.stream.subscribe());
            upload.piece = piece;
        }
    });
    Ok(())
}

fn end_body(number: u32) {
    let upload = event_loop::with_exchange(number, |exchange| exchange.upload.take()).flatten();
    if let Some(Upload { stream, body, .. }) = upload {
        drop(stream);
        // What goes wrong with it, the answer tells.
        drop(OutgoingBody::finish(body, None));
    }
}

fn read_body(number: u32) {
    event_loop::with_exchange(number, |exchange| {
        exchange.answer = match std::mem::replace(&mut exchange.answer, Answer::Ended) {
            Answer::Held(stream, body) => Answer::Reading(stream.subscribe(), stream, body),
            other => other,
        };
    });
}

/// What has happened with an exchange, for whoever listens.
enum News {
    Nothing,
    Sent,
    Response(u16, Vec<(String, Vec<u8>)>),
    Data(Vec<u8>),
    End,
    Failed(String),
}

/// Takes the next step of what is ready, and tells of it.
///
/// # Errors
/// What the listener throws.
pub(crate) fn go_on(ctx: &Ctx<'_>, number: u32, part: Part) -> Result<()> {
    let news = event_loop::with_exchange(number, |exchange| match part {
        Part::Upload => exchange.write(),
        Part::Answer => exchange.read(),
    });
    match news.unwrap_or(News::Nothing) {
        News::Nothing => Ok(()),
        News::Sent => event_loop::tell(ctx, "sent", number, ()),
        News::Response(status, headers) => {
            let pairs = Array::new(ctx.clone())?;
            for (place, (name, value)) in headers.iter().enumerate() {
                let value: String = value.iter().map(|byte| char::from(*byte)).collect();
                pairs.set(place, vec![name.clone(), value])?;
            }
            let response = Object::new(ctx.clone())?;
            response.set("status", status)?;
            response.set("headers", pairs)?;
            event_loop::tell(ctx, "response", number, response)
        }
        News::Data(piece) => event_loop::tell(ctx, "data", number, bytes::give(ctx, &piece)?),
        News::End => {
            event_loop::remove(number);
            event_loop::tell(ctx, "end", number, ())
        }
        News::Failed(why) => {
            event_loop::remove(number);
            event_loop::tell(ctx, "failed", number, why)
        }
    }
}

impl Exchange {
    fn write(&mut self) -> News {
        let Some(upload) = &mut self.upload else { return News::Nothing };
        match upload.stream.check_write() {
            Ok(0) => News::Nothing,
            Ok(room) => {
                let length = upload.piece.len().min(usize::try_from(room).unwrap_or(usize::MAX));
                let rest = upload.piece.split_off(length);
                let piece = std::mem::replace(&mut upload.piece, rest);
                // A failure shows at the next check.
                drop(upload.stream.write(&piece));
                if upload.piece.is_empty() {
                    upload.pollable = None;
                    drop(upload.stream.flush());
                    return News::Sent;
                }
                News::Nothing
            }
            // The answer tells why; there may be one although not all was sent.
            Err(_) => {
                upload.pollable = None;
                News::Nothing
            }
        }
    }

    fn read(&mut self) -> News {
        match std::mem::replace(&mut self.answer, Answer::Ended) {
            Answer::Awaited(pollable, future) => {
                let Some(got) = future.get() else {
                    self.answer = Answer::Awaited(pollable, future);
                    return News::Nothing;
                };
                drop((pollable, future));
                match got {
                    Ok(Ok(response)) => self.respond(&response),
                    Ok(Err(error)) => News::Failed(reason(&error)),
                    Err(()) => News::Failed("the answer is taken".to_owned()),
                }
            }
            Answer::Reading(pollable, stream, body) => match stream.read(PIECE) {
                Ok(piece) if piece.is_empty() => {
                    self.answer = Answer::Reading(pollable, stream, body);
                    News::Nothing
                }
                Ok(piece) => {
                    drop(pollable);
                    self.answer = Answer::Held(stream, body);
                    News::Data(piece)
                }
                Err(StreamError::Closed) => {
                    drop((pollable, stream, body));
                    News::End
                }
                Err(StreamError::LastOperationFailed(error)) => {
                    let why = error.to_debug_string();
                    drop((error, pollable, stream, body));
                    News::Failed(why)
                }
            },
            other => {
                self.answer = other;
                News::Nothing
            }
        }
    }

    fn respond(&mut self, response: &IncomingResponse) -> News {
        let (status, headers) = (response.status(), response.headers().entries());
        let Ok(body) = response.consume() else { return News::Failed("the body is taken".to_owned()) };
        let Ok(stream) = body.stream() else { return News::Failed("the body is taken".to_owned()) };
        self.answer = Answer::Held(stream, body);
        News::Response(status, headers)
    }
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

/// Headers are bytes; JavaScript has them as characters up to U+00FF.
fn latin1(value: &str) -> Vec<u8> {
    value.chars().map(|each| u8::try_from(each).unwrap_or(b'?')).collect()
}

fn header_error(error: &HeaderError) -> &'static str {
    match error {
        HeaderError::InvalidSyntax => "is invalid",
        HeaderError::Forbidden => "is not for activities to set",
        HeaderError::Immutable => "can't be changed",
    }
}

/// Why a request failed: the host's own words where it gives some.
fn reason(error: &ErrorCode) -> String {
    match error {
        ErrorCode::InternalError(Some(why)) => why.clone(),
        ErrorCode::HttpRequestDenied => "the request was denied: the grant `http` does not cover it".to_owned(),
        other => format!("{other:?}"),
    }
}
