//! What sends spans to a collector: a task of its own, which waits for nobody but the collector.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{
    Compression, ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _, WithTonicConfig as _,
    tonic_types::{
        metadata::MetadataMap,
        transport::{Certificate, ClientTlsConfig},
    },
};
use opentelemetry_sdk::{Resource, trace::SpanExporter as _};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{Error, Protocol, Settings, Spans, queue::Batch};

/// As many spans are sent at once as OpenTelemetry's own processor sends.
const BATCH: usize = 512;

/// How long to wait before spans are tried again that a collector did not take.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// How long the last spans may take at the end of the worker.
const LAST: Duration = Duration::from_secs(5);

/// What the worker is called unless something else is said.
const SERVICE_NAME: &str = "isolet";

/// Sends spans until it is ended.
#[must_use = "spans are sent as long as this lives"]
pub struct Exporter {
    spans: Arc<Spans>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Exporter {
    /// Starts to send. Must be called on a runtime. Nothing is connected to before there is a span.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let spans = Arc::<Spans>::default();
        let mut exporter = exporter(settings)?;
        exporter.set_resource(&resource(settings));
        let (stop, stopping) = watch::channel(false);
        let sending = Sending {
            exporter,
            spans: Arc::clone(&spans),
            stopping,
            url: settings.url.to_string(),
            interval: settings.interval,
            timeout: settings.timeout,
            has_failed: false,
        };
        Ok(Self { spans, stop, task: tokio::spawn(sending.run()) })
    }

    /// Where what is to be sent is put.
    pub fn spans(&self) -> Arc<Spans> {
        Arc::clone(&self.spans)
    }

    /// Sends what waits, as long as that takes no more than some seconds, and ends. What is left then is lost.
    pub async fn end(self) {
        let Self { spans, stop, mut task } = self;
        stop.send_replace(true);
        if timeout(LAST, &mut task).await.is_err() {
            task.abort();
            let _ = task.await;
        }
        while let Some(Batch { tenant, spans: left }) = spans.take(usize::MAX) {
            spans.count(&tenant, left.len(), false);
        }
        let lost: u64 = spans.counts().values().map(|counts| counts.not_taken).sum();
        if lost != 0 {
            tracing::warn!("{lost} spans were lost, because their collector did not take them in time");
        }
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").finish_non_exhaustive()
    }
}

/// The task that sends.
struct Sending {
    exporter: SpanExporter,
    spans: Arc<Spans>,
    stopping: watch::Receiver<bool>,
    url: String,
    interval: Duration,
    timeout: Duration,
    /// Whether it was told that spans were not taken, and nothing better since then.
    has_failed: bool,
}

impl Sending {
    async fn run(mut self) {
        let mut stopping = self.stopping.clone();
        while !self.is_stopping() {
            tokio::select! {
                () = self.spans.filled() => {}
                _ = stopping.changed() => {}
            }
            self.pause(self.interval).await;
            self.flush().await;
        }
        self.flush().await;
    }

    /// Sends what waits.
    async fn flush(&mut self) {
        while let Some(Batch { tenant, spans }) = self.spans.take(BATCH) {
            let mut pauses = PAUSES.into_iter();
            let is_taken = loop {
                let sent = timeout(self.timeout, self.exporter.export(spans.clone())).await;
                let reason = match sent {
                    Ok(Ok(())) => break true,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => format!("it did not answer in {:?}", self.timeout),
                };
                self.tell(&reason);
                match pauses.next() {
                    Some(pause) if !self.is_stopping() => self.pause(pause).await,
                    _ => break false,
                }
            };
            self.spans.count(&tenant, spans.len(), is_taken);
            if is_taken && std::mem::take(&mut self.has_failed) {
                tracing::info!("the collector of spans at {} takes them again", self.url);
            }
        }
    }

    /// Tells the first of several failures.
    fn tell(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.has_failed, true) {
            tracing::warn!(
                "failed to send spans to {}: {reason}; they are tried again some times, and those that are lost are counted",
                self.url
            );
        }
    }

    /// Waits so long, or until the end, or until many spans wait.
    async fn pause(&self, pause: Duration) {
        let mut stopping = self.stopping.clone();
        if self.is_stopping() {
            return;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = self.spans.plenty(), if !self.has_failed => {}
            _ = stopping.changed() => {}
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

fn exporter(settings: &Settings) -> Result<SpanExporter, Error> {
    // Whoever was first has the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let build = |compression| match settings.protocol {
        Protocol::Grpc => grpc(settings, compression),
        Protocol::Http => by_http(settings, compression),
    };
    match build(None) {
        // A builder that finds such a variable can't be told to compress nothing; every collector takes gzip.
        Err(Unbuilt::Compression) => {
            tracing::warn!(
                "spans are compressed by gzip: what OTEL_EXPORTER_OTLP_TRACES_COMPRESSION or OTEL_EXPORTER_OTLP_COMPRESSION \
                 says is left, as `gzip` alone is known; unset it to compress nothing"
            );
            build(Some(Compression::Gzip))
        }
        built => built,
    }
    .map_err(|unbuilt| Error { url: settings.url.to_string(), reason: unbuilt.to_string() })
}

/// Why there is no exporter.
#[derive(Debug, thiserror::Error)]
enum Unbuilt {
    #[error("no such compression is known")]
    Compression,
    #[error("{0}")]
    Other(String),
}

impl From<ExporterBuildError> for Unbuilt {
    fn from(error: ExporterBuildError) -> Self {
        match error {
            ExporterBuildError::UnsupportedCompressionAlgorithm(_)
            | ExporterBuildError::FeatureRequiredForCompressionAlgorithm(..) => Self::Compression,
            other => Self::Other(other.to_string()),
        }
    }
}

fn grpc(settings: &Settings, compression: Option<Compression>) -> Result<SpanExporter, Unbuilt> {
    let exporter = SpanExporter::builder().with_tonic();
    let exporter = exporter.with_endpoint(settings.url.as_str()).with_timeout(settings.timeout);
    let exporter = exporter.with_metadata(MetadataMap::from_headers(headers(settings)?));
    let exporter = match (settings.url.scheme(), &settings.ca) {
        ("https", Some(pem)) => {
            exporter.with_tls_config(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
        }
        ("https", None) => exporter.with_tls_config(ClientTlsConfig::new().with_native_roots()),
        _ => exporter,
    };
    let exporter = match compression {
        Some(compression) => exporter.with_compression(compression),
        None => exporter,
    };
    Ok(exporter.build()?)
}

fn by_http(settings: &Settings, compression: Option<Compression>) -> Result<SpanExporter, Unbuilt> {
    let mut client = reqwest::Client::builder().user_agent(SERVICE_NAME).timeout(settings.timeout);
    if let Some(pem) = &settings.ca {
        let certificates =
            reqwest::Certificate::from_pem_bundle(pem).map_err(|error| Unbuilt::Other(error.to_string()))?;
        client = client.tls_certs_only(certificates);
    }
    let client = client.build().map_err(|error| Unbuilt::Other(error.to_string()))?;
    // Wrong ones are told here; the exporter would leave them out.
    headers(settings)?;
    let headers: HashMap<_, _> = settings.headers.clone().into_iter().collect();
    let exporter = SpanExporter::builder().with_http().with_http_client(client).with_headers(headers);
    let exporter = exporter.with_protocol(opentelemetry_otlp::Protocol::HttpBinary);
    let exporter = exporter.with_endpoint(settings.url.as_str()).with_timeout(settings.timeout);
    let exporter = match compression {
        Some(compression) => exporter.with_compression(compression),
        None => exporter,
    };
    Ok(exporter.build()?)
}

fn headers(settings: &Settings) -> Result<HeaderMap, Unbuilt> {
    let mut headers = HeaderMap::new();
    for (name, value) in &settings.headers {
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) =
            header.ok_or_else(|| Unbuilt::Other(format!("the header {name:?} is none that can be sent")))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// What the worker is, by the variables of OpenTelemetry and by its own settings.
fn resource(settings: &Settings) -> Resource {
    let found = Resource::builder().build();
    // OpenTelemetry calls a service so that nobody has called anything.
    let unknown = |name: &opentelemetry::Value| name.as_str().starts_with("unknown_service");
    let is_named = found.get(&Key::from_static_str("service.name")).is_some_and(|name| !unknown(&name));
    let name = settings.service_name.clone().or_else(|| (!is_named).then(|| SERVICE_NAME.to_owned()));
    let own = name.map(|name| KeyValue::new("service.name", name));
    let version = KeyValue::new("service.version", settings.service_version.clone());
    let version = found.get(&Key::from_static_str("service.version")).is_none().then_some(version);
    Resource::builder().with_attributes(own.into_iter().chain(version)).build()
}
