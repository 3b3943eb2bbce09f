//! A codec server by Temporal's HTTP protocol: `POST {endpoint}/encode` and `/decode`, with payloads as JSON.

mod json;

use std::{env, fmt, sync::Arc, time::Duration};

use activity::{CodecError, CodecFuture, Payload, PayloadCodec};
use reqwest::{
    Client, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect,
};
use url::Url;

use self::json::Useless;
use crate::{Error, offload};

/// The header that names the namespace.
const NAMESPACE: &str = "x-namespace";

/// What stands for the namespace in an endpoint.
const NAMESPACE_PLACE: &str = "{namespace}";

/// How JSON is larger than what is in it: base64 takes a third more, and there is framing.
const JSON_OVERHEAD: usize = 2;

/// How a codec server is used.
#[derive(Clone, Debug)]
pub struct CodecServerSettings {
    /// Where it is; `/encode` and `/decode` are appended, and `{namespace}` is replaced.
    pub endpoint: String,
    /// The namespace that it is told.
    pub namespace: String,
    /// What it is told as authorization.
    pub authorization: Option<Authorization>,
    /// How long one request may take.
    pub timeout: Duration,
    /// The most bytes that the payloads of one answer may have.
    pub limit: usize,
}

/// The value of the header `authorization`.
#[derive(Clone)]
pub struct Authorization(HeaderValue);

impl Authorization {
    /// The value that the environment variable holds.
    ///
    /// # Errors
    /// When it is not set, or holds what can't be a header.
    pub fn from_environment(variable: &str) -> Result<Self, Error> {
        let unset =
            |_| Error::Variable { what: "the codec server's authorization".to_owned(), variable: variable.to_owned() };
        let value = zeroize::Zeroizing::new(env::var(variable).map_err(unset)?);
        Self::new(&value).ok_or_else(|| Error::NotAHeader { variable: variable.to_owned() })
    }

    /// This value, unless it can't be a header.
    fn new(value: &str) -> Option<Self> {
        let mut header = HeaderValue::from_str(value.trim()).ok().filter(|header| !header.is_empty())?;
        header.set_sensitive(true);
        Some(Self(header))
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// Has a codec server encode and decode. It is asked once: what it does not do fails the attempt, and Temporal retries.
#[derive(Clone, Debug)]
pub struct CodecServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    endpoint: Url,
    timeout: Duration,
    limit: usize,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Encode,
    Decode,
}

impl CodecServer {
    /// Whether a codec server could be there: an http or https address without a user, query or fragment.
    pub fn is_endpoint(endpoint: &str) -> bool {
        self::endpoint(endpoint, "namespace").is_ok()
    }

    /// A codec server's client. Nothing is connected to yet.
    ///
    /// # Errors
    /// When the endpoint is no address, or the system has no certificates to check servers by.
    pub fn new(settings: CodecServerSettings) -> Result<Self, Error> {
        let endpoint = endpoint(&settings.endpoint, &settings.namespace)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let namespace = HeaderValue::from_str(&settings.namespace);
        let unusable = |reason: String| Error::Client { reason };
        headers.insert(NAMESPACE, namespace.map_err(|_| unusable("the namespace can't be a header".to_owned()))?);
        if let Some(Authorization(value)) = settings.authorization {
            headers.insert(AUTHORIZATION, value);
        }
        // The same that the connection to Temporal uses. Whoever came first has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .default_headers(headers)
            .timeout(settings.timeout)
            // Another place would get the payloads and the authorization.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self(Arc::new(Inner { client, endpoint, timeout: settings.timeout, limit: settings.limit })))
    }
}

impl PayloadCodec for CodecServer {
    fn encode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(self.0.ask(Operation::Encode, payloads))
    }

    fn decode(&self, payloads: Vec<Payload>) -> CodecFuture<'_> {
        Box::pin(self.0.ask(Operation::Decode, payloads))
    }
}

impl Inner {
    async fn ask(&self, operation: Operation, payloads: Vec<Payload>) -> Result<Vec<Payload>, CodecError> {
        let count = payloads.len();
        let request = offload::blocking(move || Ok(json::request(&payloads))).await?;
        let response =
            self.client.post(self.address(operation)).body(request).send().await.map_err(|error| self.failed(error))?;
        let status = response.status();
        if !status.is_success() {
            tracing::warn!(endpoint = %self.endpoint, %status, ?operation, "the codec server refused");
            return Err(CodecError::Server { reason: format!("it answered {status}") });
        }
        let body = self.body(response).await?;
        let limit = self.limit;
        let answered = offload::blocking(move || Ok(json::answer(&body, limit))).await?;
        let wrong = |reason: String| {
            tracing::warn!(endpoint = %self.endpoint, reason, ?operation, "the codec server's answer is of no use");
            CodecError::Server { reason }
        };
        let answered = answered.map_err(|useless| match useless {
            Useless::Malformed => wrong("its answer is not a list of payloads in JSON".to_owned()),
            Useless::TooHeavy => CodecError::TooLarge { limit },
        })?;
        match answered.len() == count {
            true => Ok(answered),
            false => Err(wrong(format!("it answered {} payloads for {count}", answered.len()))),
        }
    }

    /// The body, as far as it is not larger than it may be.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, CodecError> {
        let most = self.limit.saturating_mul(JSON_OVERHEAD).saturating_add(64 << 10);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            body.extend_from_slice(&chunk);
            if most < body.len() {
                return Err(CodecError::TooLarge { limit: self.limit });
            }
        }
        Ok(body)
    }

    fn address(&self, operation: Operation) -> Url {
        let mut address = self.endpoint.clone();
        let path = match operation {
            Operation::Encode => "encode",
            Operation::Decode => "decode",
        };
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().push(path);
        }
        address
    }

    /// What the caller of the activity is told; where the server is stays in the host's log.
    fn failed(&self, error: reqwest::Error) -> CodecError {
        let reason = if error.is_timeout() {
            format!("it did not answer within {:?}", self.timeout)
        } else if error.is_connect() {
            "it can't be reached".to_owned()
        } else {
            "the connection to it broke".to_owned()
        };
        tracing::warn!(endpoint = %self.endpoint, error = chain(&error.without_url()), "the codec server failed");
        CodecError::Server { reason }
    }
}

fn endpoint(endpoint: &str, namespace: &str) -> Result<Url, Error> {
    let mut url = Url::parse(&endpoint.replace(NAMESPACE_PLACE, "%7Bnamespace%7D")).map_err(|_| Error::Endpoint)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !plain || url.fragment().is_some() {
        return Err(Error::Endpoint);
    }
    // Path by path, so that a namespace can't become more than one.
    let place = |segment: &str| if segment == "%7Bnamespace%7D" { namespace.to_owned() } else { segment.to_owned() };
    let segments: Vec<String> = url.path_segments().map(|all| all.map(place).collect()).unwrap_or_default();
    url.path_segments_mut().map_err(|()| Error::Endpoint)?.clear().extend(segments);
    Ok(url)
}

/// An error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests;
