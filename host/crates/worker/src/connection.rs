//! The connection to the Temporal server, from Temporal's own environment configuration.

mod first_polls;
mod renewal;
mod spread;

use std::{error::Error as StdError, path::PathBuf, sync::Arc, time::Duration};

use temporalio_client::{
    Connection as CoreConnection, ConnectionOptions, GrpcCompression,
    envconfig::{ClientConfigProfile, DataSource, LoadClientConfigProfileOptions},
    errors::ClientConnectError,
    tonic::{Code, IntoRequest, Status},
};
use temporalio_common::{
    envconfig::load_client_config_profile, protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest,
    telemetry::metrics::TemporalMeter,
};

pub(crate) use self::spread::Place;
use self::spread::Spread;
use crate::{Error, Telemetry, guest_connection::GuestConnection};

/// How long the server may take to answer for the first time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Temporal's default namespace.
const DEFAULT_NAMESPACE: &str = "default";

/// How to reach the server: what is `None` here comes from Temporal's environment configuration, that is, the
/// `TEMPORAL_*` variables, then the profile file, then the defaults (`localhost:7233`, namespace `default`).
#[derive(Clone, Default)]
pub struct ConnectionSettings {
    /// The profile file.
    pub config_file: Option<PathBuf>,
    /// The profile in it.
    pub profile: Option<String>,
    /// Host and port, or a URL.
    pub address: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The API key. Turns TLS on, unless the configuration says otherwise.
    pub api_key: Option<String>,
    /// How the worker calls itself to the server; `pid@host` by default.
    pub identity: Option<String>,
    /// How messages from and to the server are compressed.
    pub compression: Compression,
    /// Where the metrics of the connection and of its workers go.
    pub telemetry: Telemetry,
}

/// How messages are compressed on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all. Compressing is work on threads that all tenants share, up to 50 ms for what one guest says at once, and
    /// what is encrypted does not get smaller.
    #[default]
    None,
    /// By gzip, for a server that takes it, which is asked.
    Gzip,
}

/// A connection that several workers may share.
#[derive(Clone)]
pub struct Connection {
    /// For what the worker asks by itself.
    core: CoreConnection,
    queues: Arc<Spread>,
    guests: Arc<GuestConnection>,
    /// What it was opened with; the API key may be another one by now.
    options: Arc<ConnectionOptions>,
    address: String,
    namespace: String,
    telemetry: Telemetry,
}

impl ConnectionSettings {
    /// The namespace that they come to.
    ///
    /// # Errors
    /// When the configuration is not usable.
    pub fn namespace(self) -> Result<String, Error> {
        Ok(namespace(&load_profile(self)?))
    }
}

impl Connection {
    /// Connects to the server.
    ///
    /// Fails when the configuration is not usable, or the server can't be reached, does not agree on TLS or refuses.
    pub async fn open(settings: ConnectionSettings) -> Result<Self, Error> {
        let identity = settings.identity.clone().filter(|name| !name.is_empty()).unwrap_or_else(identity);
        let (telemetry, compression) = (settings.telemetry.clone(), settings.compression);
        let profile = load_profile(settings)?;
        let namespace = namespace(&profile);
        let mut options = options(profile, identity, compression)?;
        options.metrics_meter = client_meter(&telemetry)?;
        let (address, has_tls) = (address(&options), options.tls_options.is_some());
        let core = tokio::time::timeout(PATIENCE, CoreConnection::connect(options.clone()))
            .await
            .map_err(|_| no_answer(&address))?
            .map_err(|error| refused_connection(&address, has_tls, error))?;
        let guests = Arc::new(GuestConnection::new(options.clone(), core.clone()));
        let queues = Arc::new(Spread::new(options.clone(), core.clone()));
        Ok(Self { core, queues, guests, options: Arc::new(options), address, namespace, telemetry })
    }

    /// Host and port of the server.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The namespace that the configuration names.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// How the workers of this connection call themselves.
    pub fn identity(&self) -> &str {
        self.core.identity()
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// What one more task queue polls on and reports by.
    pub(crate) async fn place(&self) -> Place {
        self.queues.place().await
    }

    /// What carries the calls of guests.
    pub(crate) fn guests(&self) -> Arc<GuestConnection> {
        Arc::clone(&self.guests)
    }

    /// The error for a server that does not answer.
    pub(crate) fn no_answer(&self) -> Error {
        no_answer(&self.address)
    }

    /// Fails unless the namespace exists and may be used.
    pub(crate) async fn check_namespace(&self, namespace: &str) -> Result<(), Error> {
        let request = DescribeNamespaceRequest { namespace: namespace.to_owned(), ..Default::default() };
        let mut service = self.core.workflow_service();
        match tokio::time::timeout(PATIENCE, service.describe_namespace(request.into_request())).await {
            Err(_) => Err(no_answer(&self.address)),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(status)) => Err(self.refused_namespace(namespace, status)),
        }
    }

    pub(crate) fn refused_namespace(&self, namespace: &str, status: Status) -> Error {
        match status.code() {
            Code::NotFound => {
                Error::NamespaceNotFound { namespace: namespace.to_owned(), address: self.address.clone() }
            }
            _ => refused_call(&self.address, self.options.tls_options.is_some(), &status),
        }
    }
}

fn namespace(profile: &ClientConfigProfile) -> String {
    profile.namespace.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
}

/// Temporal's environment configuration with `settings` on top.
fn load_profile(settings: ConnectionSettings) -> Result<ClientConfigProfile, Error> {
    let unusable = |reason: String| Error::Configuration { reason };
    if let Some(file) = &settings.config_file
        && !file.exists()
    {
        return Err(unusable(format!("there is no file {}", file.display())));
    }
    let source = settings.config_file.map(|file| DataSource::Path(file.to_string_lossy().into_owned()));
    let options = LoadClientConfigProfileOptions::builder()
        .maybe_config_source(source)
        .maybe_config_file_profile(settings.profile)
        .build();
    let mut profile = load_client_config_profile(options, None).map_err(|error| unusable(error.to_string()))?;
    profile.address = settings.address.or(profile.address).filter(|address| !address.is_empty());
    profile.namespace = settings.namespace.or(profile.namespace).filter(|namespace| !namespace.is_empty());
    profile.api_key = settings.api_key.or(profile.api_key).filter(|key| !key.is_empty());
    if profile.tls.as_ref().is_some_and(|tls| tls.disable_host_verification) {
        // Silently verifying is safe, but then nobody understands why the connection fails.
        return Err(unusable(
            "host verification can't be switched off; name the server with its certificate instead \
                             (TEMPORAL_TLS_SERVER_NAME, TEMPORAL_TLS_SERVER_CA_CERT_PATH)"
                .to_owned(),
        ));
    }
    Ok(profile)
}

fn options(
    profile: ClientConfigProfile,
    identity: String,
    compression: Compression,
) -> Result<ConnectionOptions, Error> {
    let given =
        ConnectionOptions::try_from(profile).map_err(|error| Error::Configuration { reason: error.to_string() })?;
    Ok(ConnectionOptions::new(given.target)
        .identity(identity)
        .client_name("isolet")
        .client_version(env!("CARGO_PKG_VERSION"))
        .connect_timeout(PATIENCE)
        .grpc_compression(match compression {
            Compression::None => GrpcCompression::None,
            Compression::Gzip => GrpcCompression::Gzip,
        })
        .maybe_api_key(given.api_key)
        .maybe_tls_options(given.tls_options)
        .maybe_headers(given.headers)
        .build())
}

/// What measures the calls of the client.
fn client_meter(telemetry: &Telemetry) -> Result<Option<TemporalMeter>, Error> {
    let runtime = telemetry.core_runtime(None).map_err(|reason| Error::Configuration { reason })?;
    Ok(runtime.telemetry().get_temporal_metric_meter())
}

/// Host and port, without anything that could be secret in a URL.
fn address(options: &ConnectionOptions) -> String {
    let host = options.target.host_str().unwrap_or_default();
    format!("{host}:{}", options.target.port_or_known_default().unwrap_or(7233))
}

/// The identity that Temporal's own workers have by default.
fn identity() -> String {
    let host = rustix::system::uname();
    format!("{}@{}", std::process::id(), host.nodename().to_string_lossy())
}

fn no_answer(address: &str) -> Error {
    let reason = format!("it did not answer within {} s", PATIENCE.as_secs());
    Error::Unreachable { address: address.to_owned(), reason }
}

fn refused_connection(address: &str, has_tls: bool, error: ClientConnectError) -> Error {
    match error {
        ClientConnectError::SystemInfoCallError(status) => refused_call(address, has_tls, &status),
        ClientConnectError::TonicTransportError(error) => transport_failed(address, has_tls, &error),
        ClientConnectError::DnsResolutionError { source, .. } => {
            Error::Unreachable { address: address.to_owned(), reason: format!("its name does not resolve: {source}") }
        }
        other => Error::Configuration { reason: other.to_string() },
    }
}

/// The error for a call that ended with `status`.
fn refused_call(address: &str, has_tls: bool, status: &Status) -> Error {
    let address = address.to_owned();
    let reason = status.message().to_owned();
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => Error::Unauthenticated { address, reason },
        Code::Unavailable | Code::Unknown | Code::DeadlineExceeded | Code::Cancelled | Code::Internal => {
            match status.source() {
                Some(source) => transport_failed(&address, has_tls, source),
                None => Error::Unreachable { address, reason },
            }
        }
        code => Error::Server { address, code: format!("{code:?}"), reason },
    }
}

fn transport_failed(address: &str, has_tls: bool, error: &(dyn StdError + 'static)) -> Error {
    let address = address.to_owned();
    let causes = causes(error);
    let reason = causes.last().cloned().unwrap_or_default();
    match disagreement(&causes) {
        Some(Disagreement::Tls) => Error::Tls { address, reason },
        // A server may let a client know by nothing else that it does not trust its certificate.
        Some(Disagreement::Plain) if has_tls => Error::Tls { address, reason: format!("it hangs up ({reason})") },
        Some(Disagreement::Plain) => {
            Error::Tls { address, reason: format!("it does not answer in plain HTTP/2 ({reason})") }
        }
        None => Error::Unreachable { address, reason },
    }
}

/// On what a client and a server that reach each other do not agree.
enum Disagreement {
    /// TLS: certificates, versions.
    Tls,
    /// Whether there is TLS at all: what a server that expects it does to a plain client, or to one that it does not trust.
    Plain,
}

/// What the causes of a failed transport say of TLS. They are errors of hyper, h2 and rustls behind a `dyn Error` of
/// private types, so that there is nothing but their words to tell them by.
fn disagreement(causes: &[String]) -> Option<Disagreement> {
    let all = causes.join(": ").to_lowercase();
    let has = |signs: &[&str]| signs.iter().any(|sign| all.contains(sign));
    if has(&["certificate", "tls", "handshake", "corrupt message", "fatal alert"]) {
        Some(Disagreement::Tls)
    } else if has(&["http2", "frame", "connection closed", "stream closed", "broken pipe", "invalid http"]) {
        Some(Disagreement::Plain)
    } else {
        None
    }
}

/// The texts of an error and its sources.
fn causes(error: &(dyn StdError + 'static)) -> Vec<String> {
    std::iter::successors(Some(error), |error| (*error).source()).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: Code) -> String {
        let error = refused_call("here:7233", false, &Status::new(code, "the reason"));
        format!("{error}; {}", error.cure().unwrap_or_default())
    }

    #[test]
    fn a_refusal_names_the_address_the_reason_and_the_cure() {
        let cases = [
            (Code::Unauthenticated, "authenticate", "TEMPORAL_API_KEY"),
            (Code::PermissionDenied, "authenticate", "TEMPORAL_API_KEY"),
            (Code::Unavailable, "reach", "temporal server start-dev"),
            (Code::InvalidArgument, "InvalidArgument", "log"),
        ];
        for (code, what, cure) in cases {
            let text = refused(code);
            let says = |word: &str| text.contains(word);
            assert!(says("here:7233") && says("the reason") && says(what) && says(cure), "{text}");
        }
    }

    #[test]
    fn a_failed_transport_is_told_apart_by_its_cause() {
        let fail = |text: &str| transport_failed("here:7233", false, &std::io::Error::other(text.to_owned()));
        assert!(matches!(fail("invalid peer certificate: UnknownIssuer"), Error::Tls { .. }));
        assert!(matches!(fail("received corrupt message of type InvalidContentType"), Error::Tls { .. }));
        assert!(matches!(fail("received fatal alert: DecryptError"), Error::Tls { .. }));
        assert!(matches!(fail("http2 error: frame with invalid size"), Error::Tls { .. }));
        assert!(matches!(fail("Connection refused (os error 111)"), Error::Unreachable { .. }));
    }

    #[test]
    fn settings_go_before_the_environment() {
        let settings = ConnectionSettings {
            address: Some("there:1".to_owned()),
            namespace: Some("mine".to_owned()),
            api_key: Some("key".to_owned()),
            ..Default::default()
        };
        let profile = load_profile(settings).unwrap();
        assert_eq!(profile.namespace.as_deref(), Some("mine"));
        let options = options(profile, "me".to_owned(), Compression::None).unwrap();
        assert_eq!((address(&options).as_str(), options.identity.as_str()), ("there:1", "me"));
        assert!(options.tls_options.is_some(), "an API key turns TLS on");
    }

    #[test]
    fn messages_are_compressed_where_it_is_asked_for() {
        let compressed = |compression| {
            let options = options(ClientConfigProfile::default(), "me".to_owned(), compression).unwrap();
            options.grpc_compression
        };
        assert_eq!(compressed(Compression::default()), GrpcCompression::None);
        assert_eq!(compressed(Compression::Gzip), GrpcCompression::Gzip);
    }

    #[test]
    fn a_missing_profile_file_is_an_error() {
        let settings = ConnectionSettings { config_file: Some("/no/such/file".into()), ..Default::default() };
        let text = load_profile(settings).unwrap_err().to_string();
        assert!(text.contains("/no/such/file"), "{text}");
    }
}
