//! Making a request.

use std::error::Error as StdError;
use std::rc::Rc;
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, request};
use serde::Serialize;

use super::{BlockingResponse, Body, ErrorKind, HttpError, Response};
use crate::ActivityContext;
use crate::attempt::Attempt;
use crate::executor;
use crate::futures::Due;

impl ActivityContext {
    /// Sends HTTP requests. To which servers is granted by the operator.
    pub fn http(&self) -> HttpClient {
        HttpClient { attempt: Rc::clone(self.attempt()) }
    }
}

/// Makes HTTP requests: see the [module](self::super).
#[derive(Clone, Debug)]
pub struct HttpClient {
    attempt: Rc<Attempt>,
}

impl HttpClient {
    /// A `GET` of a URL, such as `https://api.example.com/orders`.
    pub fn get(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::GET, url)
    }

    /// A `HEAD`.
    pub fn head(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::HEAD, url)
    }

    /// A `POST`.
    pub fn post(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::POST, url)
    }

    /// A `PUT`.
    pub fn put(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::PUT, url)
    }

    /// A `PATCH`.
    pub fn patch(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::PATCH, url)
    }

    /// A `DELETE`.
    pub fn delete(&self, url: impl AsRef<str>) -> RequestBuilder {
        self.request(Method::DELETE, url)
    }

    /// A request of any method but `CONNECT` and `TRACE`, which the host does not send.
    pub fn request(&self, method: Method, url: impl AsRef<str>) -> RequestBuilder {
        let url = url.as_ref();
        let builder = Request::builder().method(method);
        let made = match Uri::try_from(url) {
            Ok(uri) => check(&uri).map(|()| builder.uri(uri)),
            Err(error) => Err(ErrorKind::Invalid(format!("{url:?} is no URL: {error}")).into()),
        };
        RequestBuilder::new(&self.attempt, made.and_then(parts))
    }

    /// A request of the crate `http`, whose URI has a scheme and a host.
    pub fn from_http<B: Into<Body>>(&self, request: Request<B>) -> RequestBuilder {
        let (parts, body) = request.into_parts();
        RequestBuilder::new(&self.attempt, check(&parts.uri).map(|()| parts)).body(body)
    }
}

/// A request in the making. What is wrong with it, sending it tells.
#[derive(Debug)]
#[must_use = "it is sent with `send` or `send_blocking`"]
pub struct RequestBuilder {
    attempt: Rc<Attempt>,
    made: Result<request::Parts, HttpError>,
    body: Body,
    timeouts: Timeouts,
}

/// How long a request may take, where that is less than the component's limits.
#[derive(Debug, Default)]
pub(crate) struct Timeouts {
    pub(crate) connect: Option<Duration>,
    pub(crate) response: Option<Duration>,
    pub(crate) read: Option<Duration>,
    /// From sending it to the end of its answer.
    whole: Option<Duration>,
}

impl RequestBuilder {
    fn new(attempt: &Rc<Attempt>, made: Result<request::Parts, HttpError>) -> Self {
        Self { attempt: Rc::clone(attempt), made, body: Body::default(), timeouts: Timeouts::default() }
    }

    /// Adds a header.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: StdError>,
        V: TryInto<HeaderValue, Error: StdError>,
    {
        self.change(|parts| {
            let invalid = |error: &dyn StdError| ErrorKind::Invalid(format!("a header: {error}"));
            let name = name.try_into().map_err(|error| invalid(&error))?;
            let value = value.try_into().map_err(|error| invalid(&error))?;
            parts.headers.append(name, value);
            Ok(())
        })
    }

    /// Adds headers, in place of those of the same names.
    pub fn headers(self, headers: HeaderMap) -> Self {
        self.change(|parts| {
            parts.headers.extend(headers);
            Ok(())
        })
    }

    /// Adds the header `authorization` with this token.
    pub fn bearer_auth(self, token: impl AsRef<str>) -> Self {
        self.change(|parts| {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.as_ref()))
                .map_err(|error| ErrorKind::Invalid(format!("the token: {error}")))?;
            value.set_sensitive(true);
            parts.headers.insert(AUTHORIZATION, value);
            Ok(())
        })
    }

    /// Adds pairs to the URL's query, encoded: `[("city", "New York")]`.
    pub fn query<N: AsRef<str>, V: AsRef<str>>(self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        self.change(|parts| {
            let present = parts.uri.query().unwrap_or_default().to_owned();
            let query = form_urlencoded::Serializer::new(present).extend_pairs(pairs).finish();
            let mut uri = std::mem::take(&mut parts.uri).into_parts();
            let path = uri.path_and_query.as_ref().map_or("/", |path| path.path());
            let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            let invalid = |error: &dyn StdError| ErrorKind::Invalid(format!("the query: {error}"));
            uri.path_and_query = Some(path.try_into().map_err(|error| invalid(&error))?);
            parts.uri = Uri::from_parts(uri).map_err(|error| invalid(&error))?;
            Ok(())
        })
    }

    /// Sends a body: bytes, a text, [`Body::from_stream`] or [`Body::from_reader`].
    pub fn body(self, body: impl Into<Body>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sends a value as JSON, with the header `content-type` unless there is one.
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self.body = json.into(),
            Err(error) => {
                let invalid = ErrorKind::Invalid(format!("the body has no JSON form: {error}"));
                self.made = self.made.and(Err(invalid.into()));
            }
        }
        self.change(|parts| {
            let json = HeaderValue::from_static("application/json");
            parts.headers.entry(CONTENT_TYPE).or_insert(json);
            Ok(())
        })
    }

    /// Gives up when the answer has not ended after so long.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.whole = Some(timeout);
        self
    }

    /// Gives up when there is no connection after so long. The component's limit `http-connect-timeout` stays.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.connect = Some(timeout);
        self
    }

    /// Gives up when the answer has not begun after so long. The component's limit `http-response-timeout` stays.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.response = Some(timeout);
        self
    }

    /// Gives up when no part of the answer comes for so long. The component's limit `http-read-timeout` stays.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.read = Some(timeout);
        self
    }

    /// Sends it, and waits until the answer begins: a safe point. The body goes on being sent while the answer is read.
    ///
    /// # Errors
    /// See [`HttpError`].
    ///
    /// # Panics
    /// When it is awaited outside of an `async` activity and [`ActivityContext::block_on`].
    pub async fn send(self) -> Result<Response, HttpError> {
        let Self { attempt, made, body, timeouts } = self;
        let mut parts = made?;
        let name = format!("{} {}", parts.method, without_query(&parts.uri));
        tell_length(&mut parts, &body);
        let due = timeouts.whole.map(|whole| Due::after(whole).at());
        let request = Request::from_parts(parts, body);
        match super::send(&attempt, request, &timeouts, due).await {
            Ok((parts, incoming)) => Ok(Response::new(name, parts, incoming, attempt)),
            Err(error) => Err(error.of(&name)),
        }
    }

    /// The same for an activity that is no `async fn`.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub fn send_blocking(self) -> Result<BlockingResponse, HttpError> {
        let attempt = Rc::clone(&self.attempt);
        executor::block_on(&attempt, self.send()).map(BlockingResponse::new)
    }

    /// Changes the request, unless something is wrong with it.
    fn change(mut self, change: impl FnOnce(&mut request::Parts) -> Result<(), ErrorKind>) -> Self {
        if let Ok(parts) = &mut self.made
            && let Err(invalid) = change(parts)
        {
            self.made = Err(invalid.into());
        }
        self
    }
}

/// Refuses what the host would not say in words.
fn check(uri: &Uri) -> Result<(), HttpError> {
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            let told = "the URL names a user: use `bearer_auth`, or the header `authorization`";
            Err(ErrorKind::Invalid(told.to_owned()).into())
        }
        Some(_) if is_http => Ok(()),
        _ => Err(ErrorKind::Invalid(format!("\"{uri}\" is no URL: it begins with http:// or https://")).into()),
    }
}

fn parts(builder: request::Builder) -> Result<request::Parts, HttpError> {
    let request = builder.body(()).map_err(|error| ErrorKind::Invalid(error.to_string()))?;
    Ok(request.into_parts().0)
}

/// Says how long the body is, as far as that is known; nothing for a request that has none by its nature.
fn tell_length(parts: &mut request::Parts, body: &Body) {
    let may_have_none = !matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    let length = body.length().filter(|length| !(may_have_none && *length == 0));
    if let Some(length) = length {
        parts.headers.entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
}

fn without_query(uri: &Uri) -> String {
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    let port = uri.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{scheme}://{host}{port}{}", uri.path())
}
