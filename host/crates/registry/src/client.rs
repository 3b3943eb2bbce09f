//! Requests to a registry, each with a bound on everything: how long it takes, how much comes, where it leads.
//!
//! A client is for one artefact, so that what it was allowed is never used for another.

use std::{
    collections::BTreeSet,
    fs, io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use activity::shown;
use bytes::Bytes;
use reqwest::{
    Method, Response, StatusCode,
    header::{HeaderMap, HeaderValue, IntoHeaderName},
    redirect,
};
use serde::Deserialize;
use tokio::time::timeout;
use url::Url;

use crate::{
    Error, Reference, Settings,
    credentials::{self, Credentials},
    token::{self, Authorization, Challenge},
};

/// How often an answer may lead elsewhere: to a store of content, and once more.
const REDIRECTS: usize = 5;

/// Bytes of a token's answer.
const LARGEST_TOKEN: usize = 64 << 10;

/// Bytes that are read of what a registry says against a request.
const LARGEST_COMPLAINT: usize = 8 << 10;

/// Bytes of a file with certificates: those of the whole web have 200 KB.
const LARGEST_CERTIFICATES: u64 = 4 << 20;

/// Where Docker's own registry is.
const DOCKER_HUB: &str = "registry-1.docker.io";

/// What is to be done with an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It is read.
    Pull,
    /// It is written.
    Push,
}

/// Asks a registry about one artefact.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    http: reqwest::Client,
    settings: &'a Settings,
    reference: Reference,
    access: Access,
    base: Url,
    /// What requests carry, once the registry has asked for it.
    authorization: Mutex<Option<Authorization>>,
}

/// A request that can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    within: Duration,
}

/// What a registry answered, in whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its bytes.
    pub(crate) body: Vec<u8>,
}

/// What registries say against a request.
#[derive(Deserialize)]
struct Complaints {
    errors: Vec<Complaint>,
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl<'a> Client<'a> {
    /// One for `reference`. Nothing is asked yet.
    ///
    /// # Errors
    /// When the certificates of the settings can't be used.
    pub(crate) fn new(settings: &'a Settings, reference: &Reference, access: Access) -> Result<Self, Error> {
        let plain = settings.plain_http.contains(reference.registry());
        let (scheme, host) = match reference.registry() {
            "docker.io" => ("https", DOCKER_HUB),
            registry if plain => ("http", registry),
            registry => ("https", registry),
        };
        let base = Url::parse(&format!("{scheme}://{host}/v2/{}/", reference.repository()));
        let base = base.map_err(|error| Error::Client(error.to_string()))?;
        let (http, reference) = (http(settings)?, reference.clone());
        Ok(Self { http, settings, reference, access, base, authorization: Mutex::default() })
    }

    /// A request about this artefact's repository.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        self.request_to(method, url)
    }

    /// A request to where the registry sent us: an absolute address, or a path.
    pub(crate) fn request_at(&self, method: Method, location: &str) -> Option<Request> {
        let url = self.base.join(location).ok()?;
        let is_as_safe = url.scheme() == "https" || url.scheme() == self.base.scheme();
        is_as_safe.then(|| self.request_to(method, url))
    }

    fn request_to(&self, method: Method, url: Url) -> Request {
        Request { method, url, headers: HeaderMap::new(), body: Bytes::new(), within: self.settings.timeout }
    }

    /// What the registry answers, at most `most` bytes, if it does what it is asked to do.
    ///
    /// # Errors
    /// With what it says instead.
    pub(crate) async fn answer(&self, what: &'static str, request: &Request, most: usize) -> Result<Answer, Error> {
        let response = self.response(what, request).await?;
        let headers = response.headers().clone();
        let body = timeout(self.settings.timeout, self.body(what, response, most)).await;
        let body = body.map_err(|_| self.late(what, self.settings.timeout))??;
        Ok(Answer { headers, body })
    }

    /// The beginning of what the registry answers, if it does what it is asked to do.
    ///
    /// # Errors
    /// With what it says instead.
    pub(crate) async fn response(&self, what: &'static str, request: &Request) -> Result<Response, Error> {
        let mut response = self.send(what, request).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(challenge) = Challenge::read(response.headers())
            && self.authorize(what, challenge).await?
        {
            response = self.send(what, request).await?;
        }
        match response.status().is_success() {
            true => Ok(response),
            false => Err(self.complaint(what, response).await),
        }
    }

    async fn send(&self, what: &'static str, request: &Request) -> Result<Response, Error> {
        let Request { method, url, headers, body, within } = request.clone();
        // What we are is told to nobody else.
        let ours = url.origin() == self.base.origin();
        let mut builder = self.http.request(method, url).headers(headers).body(body);
        if ours && let Some(authorization) = &*self.authorization.lock().unwrap_or_else(PoisonError::into_inner) {
            builder = authorization.on(builder);
        }
        let sent = timeout(within, builder.send()).await.map_err(|_| self.late(what, within))?;
        sent.map_err(|error| self.failed(what, &error))
    }

    /// Gets what the registry wants to see. Says whether there is anything new to show.
    async fn authorize(&self, what: &'static str, challenge: Challenge) -> Result<bool, Error> {
        let credentials = credentials::find(self.settings, self.reference.registry()).await?;
        let authorization = match (challenge, credentials) {
            (Challenge::Basic, Credentials::Password(user, password)) => Authorization::Basic(user, password),
            (Challenge::Basic, Credentials::Identity(_) | Credentials::Anonymous) => return Ok(false),
            (Challenge::Bearer { realm, service }, credentials) => {
                self.token(what, (realm, service), &credentials).await?
            }
        };
        *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) = Some(authorization);
        Ok(true)
    }

    async fn token(
        &self,
        what: &'static str,
        (realm, service): (Url, Option<String>),
        credentials: &Credentials,
    ) -> Result<Authorization, Error> {
        if !is_allowed(&realm, &self.settings.plain_http) {
            return Err(
                self.useless(what, format!("it hands out tokens without TLS, at {}", shown::name(realm.as_str())))
            );
        }
        let actions = match self.access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        let request = token::request(&self.http, (realm, service), (&self.reference, actions), credentials);
        let within = self.settings.timeout;
        let sent = timeout(within, request.send()).await.map_err(|_| self.late(what, within))?;
        let response = sent.map_err(|error| self.failed(what, &error))?;
        if !response.status().is_success() {
            return Err(self.complaint(what, response).await);
        }
        let body = timeout(within, self.body(what, response, LARGEST_TOKEN)).await;
        let body = body.map_err(|_| self.late(what, within))??;
        Authorization::from_answer(&body).ok_or_else(|| self.useless(what, "its answer has no token".to_owned()))
    }

    /// All of an answer, unless that is more than it may be.
    async fn body(&self, what: &'static str, mut response: Response, most: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(what, &error))? {
            if most - body.len() < chunk.len() {
                return Err(self.useless(what, format!("its answer has more than the {most} bytes that are allowed")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// What the registry says against a request.
    async fn complaint(&self, what: &'static str, response: Response) -> Error {
        let (status, reference) = (response.status(), self.reference.to_string());
        let body = timeout(self.settings.timeout, self.body(what, response, LARGEST_COMPLAINT)).await;
        let said = complaint(status, &body.ok().and_then(Result::ok).unwrap_or_default());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::Refused { what, reference, said },
            StatusCode::NOT_FOUND => Error::NotFound { what, reference, said },
            StatusCode::TOO_MANY_REQUESTS => Error::Away { what, reference, reason: format!("it answered {said}") },
            status if status.is_server_error() => {
                Error::Away { what, reference, reason: format!("it answered {said}") }
            }
            _ => Error::Useless { what, reference, problem: format!("the registry answered {said}") },
        }
    }

    /// An answer that is of no use.
    pub(crate) fn useless(&self, what: &'static str, problem: String) -> Error {
        Error::Useless { what, reference: self.reference.to_string(), problem }
    }

    /// An answer that did not come.
    pub(crate) fn late(&self, what: &'static str, within: Duration) -> Error {
        let reason = format!("the registry did not answer within {within:?}");
        Error::Away { what, reference: self.reference.to_string(), reason }
    }

    /// A request that came to nothing.
    pub(crate) fn failed(&self, what: &'static str, error: &reqwest::Error) -> Error {
        let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
        let last = causes.last();
        let cause = match last {
            Some(cause) if is_other_protocol(cause) => "it answers without TLS".to_owned(),
            Some(cause) => shown::name(&cause.to_string()).into_owned(),
            None => shown::name(&error.to_string()).into_owned(),
        };
        let reference = self.reference.to_string();
        match error {
            error if error.is_redirect() => self.useless(what, format!("it sends us elsewhere: {cause}")),
            error if error.is_connect() => {
                Error::Away { what, reference, reason: format!("the registry can't be reached: {cause}") }
            }
            _ => Error::Away { what, reference, reason: format!("the connection broke: {cause}") },
        }
    }
}

impl Request {
    /// With a header, unless the value can't be one.
    pub(crate) fn header(mut self, name: impl IntoHeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// With a parameter in its address.
    pub(crate) fn parameter(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// With a body, which may take its time.
    pub(crate) fn body(self, body: Bytes, within: Duration) -> Self {
        Self { body, within, ..self }
    }
}

/// Whether what answers does not speak TLS, of which the library says no more than that a message is corrupt.
fn is_other_protocol(mut cause: &(dyn std::error::Error + 'static)) -> bool {
    while let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        cause = inner;
    }
    let wrong = cause.downcast_ref::<rustls::Error>();
    matches!(wrong, Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
}

/// What speaks HTTP.
fn http(settings: &Settings) -> Result<reqwest::Client, Error> {
    // The same that the connection to Temporal uses. Whoever came first has installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let plain = settings.plain_http.clone();
    let elsewhere = redirect::Policy::custom(move |attempt| {
        if REDIRECTS < attempt.previous().len() {
            return attempt.error(format!("more than {REDIRECTS} times"));
        }
        match is_allowed(attempt.url(), &plain) {
            true => attempt.follow(),
            false => attempt.error("to where there is no TLS"),
        }
    });
    let mut builder =
        reqwest::Client::builder().user_agent("isolet").connect_timeout(settings.timeout).redirect(elsewhere);
    for path in &settings.ca_files {
        let wrong = |problem: String| Error::Certificates { path: path.clone(), problem };
        let metadata = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
        if !metadata.is_file() {
            return Err(wrong("it is no file".to_owned()));
        }
        let size = metadata.len();
        if LARGEST_CERTIFICATES < size {
            return Err(wrong(format!("it has {size} bytes, and {LARGEST_CERTIFICATES} are the most")));
        }
        let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&text).map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong("there is none in it".to_owned()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| Error::Client(error.to_string()))
}

/// Whether something may be asked of a server: with TLS, or where the configuration says that there is none.
fn is_allowed(url: &Url, plain: &BTreeSet<String>) -> bool {
    let host = url.host_str().unwrap_or_default();
    let named =
        |port: Option<u16>| plain.contains(&port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
    match url.scheme() {
        "https" => true,
        "http" => named(url.port()) || (url.port().is_none() && named(Some(80))),
        _ => false,
    }
}

/// What a registry says, in one line.
fn complaint(status: StatusCode, body: &[u8]) -> String {
    let complaints = serde_json::from_slice::<Complaints>(body).map(|complaints| complaints.errors).unwrap_or_default();
    match complaints.first() {
        Some(Complaint { code, message }) => format!("{status}: {} {}", shown::name(code), shown::name(message)),
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_shown_in_one_line() {
        let body = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest\nunknown","detail":{}}]}"#;
        let said = complaint(StatusCode::NOT_FOUND, body);
        assert!(said.starts_with("404 Not Found: MANIFEST_UNKNOWN manifest") && !said.contains('\n'), "{said}");
        assert_eq!(complaint(StatusCode::BAD_GATEWAY, b"<html>"), "502 Bad Gateway");
    }

    #[test]
    fn a_client_asks_where_the_artefact_is() {
        let settings = Settings { plain_http: ["localhost:5000".to_owned()].into(), ..Settings::default() };
        let url = |reference: &str| {
            let client = Client::new(&settings, &reference.parse().unwrap(), Access::Pull).unwrap();
            client.request(Method::GET, "manifests/1").url.to_string()
        };
        assert_eq!(url("oci://localhost:5000/a/b:1"), "http://localhost:5000/v2/a/b/manifests/1");
        assert_eq!(url("oci://example.com/a:1"), "https://example.com/v2/a/manifests/1");
        assert_eq!(url("oci://docker.io/a/b:1"), "https://registry-1.docker.io/v2/a/b/manifests/1");
    }

    #[test]
    fn uploads_go_to_no_place_without_tls() {
        let settings = Settings::default();
        let client = Client::new(&settings, &"oci://example.com/a:1".parse().unwrap(), Access::Push).unwrap();
        let leads_to = |location: &str| client.request_at(Method::PUT, location).map(|request| request.url.to_string());
        assert_eq!(leads_to("/v2/a/uploads/1?x=y").as_deref(), Some("https://example.com/v2/a/uploads/1?x=y"));
        assert_eq!(leads_to("https://store.example.com/1").as_deref(), Some("https://store.example.com/1"));
        assert_eq!(leads_to("http://example.com/1"), None);
    }

    #[test]
    fn certificates_must_be_some() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let settings = Settings { ca_files: vec![file.path().to_owned()], ..Settings::default() };
        let reference = "oci://example.com/a:1".parse().unwrap();
        let problem = Client::new(&settings, &reference, Access::Pull).unwrap_err();
        assert!(problem.to_string().contains("there is none in it"), "{problem}");
    }
}
