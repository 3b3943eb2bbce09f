//! How spans are exported, and which.

use std::{collections::BTreeMap, fmt, time::Duration};

use url::Url;

/// How spans are exported, and which.
///
/// What the variables of OpenTelemetry's exporters say of headers and compression holds beside it.
#[derive(Clone)]
pub struct Settings {
    /// The collector; with [`Protocol::Http`] with its path.
    pub url: Url,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What is sent with each request, such as what authenticates it.
    pub headers: BTreeMap<String, String>,
    /// Certificates in PEM of authorities that the collector may have its own from, in place of those of the system.
    pub ca: Option<Vec<u8>>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long spans may wait for others to be sent with.
    pub interval: Duration,
    /// Which attempts are traced.
    pub sampling: Sampling,
    /// What the worker is called, beside what the variables of OpenTelemetry say of it.
    pub service_name: Option<String>,
    /// Its version.
    pub service_version: String,
}

/// How a collector of OpenTelemetry is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC.
    Grpc,
    /// Protobuf over HTTP.
    Http,
}

/// Which attempts are traced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Of those that are asked, so many: from 0 for none to 1 for all.
    pub ratio: f64,
    /// Whether those are asked alone that have no caller in a trace; the others are traced if their caller is.
    pub follows_caller: bool,
}

/// Why spans can't be exported.
#[derive(Debug, thiserror::Error)]
#[error("send spans to {url}: {reason}")]
pub struct Error {
    /// To where.
    pub url: String,
    /// Why not.
    pub reason: String,
}

/// Without the headers, which may be secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, protocol, sampling, .. } = self;
        f.debug_struct("Settings")
            .field("url", &url.as_str())
            .field("protocol", protocol)
            .field("sampling", sampling)
            .finish_non_exhaustive()
    }
}
