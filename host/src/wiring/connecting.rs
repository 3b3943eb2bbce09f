//! The connection to Temporal, and the exit codes of what can go wrong with it.

use std::path::PathBuf;

use anyhow::Context as _;
use worker::{Connection, Error, Refusal, Telemetry};

use crate::{
    config::settings::ConnectionSettings,
    exit::{Exit, OrExit as _, Problem, failed_to},
    files,
};

/// The most bytes of a file with an API key: a token has some hundred.
const LARGEST_KEY: u64 = 64 << 10;

/// Connects to the server; what the connection and its workers measure goes to `telemetry`.
///
/// # Errors
/// When the settings don't hold, or the server can't be reached or refuses.
pub(crate) async fn connect(settings: &ConnectionSettings, telemetry: &Telemetry) -> Result<Connection, Problem> {
    Connection::open(with_key(settings, telemetry)?).await.map_err(problem)
}

/// Reads the credentials of a connection again. `None` if it has taken them itself; else there is another connection to be
/// used instead.
///
/// # Errors
/// As for [`connect`].
pub(crate) async fn renew(
    connection: &Connection,
    settings: &ConnectionSettings,
    telemetry: &Telemetry,
) -> Result<Option<Connection>, Problem> {
    connection.renewed(with_key(settings, telemetry)?).await.map_err(problem)
}

/// The files that a connection is made from, as far as they are known.
pub(crate) fn files(settings: &ConnectionSettings) -> Vec<PathBuf> {
    let key = settings.api_key_file.clone();
    key.into_iter().chain(without_key(settings, &Telemetry::default()).files()).collect()
}

/// The namespace of task queues that name none, as far as it is known.
pub(crate) fn namespace(settings: &ConnectionSettings) -> Option<String> {
    without_key(settings, &Telemetry::default()).namespace().ok()
}

fn with_key(settings: &ConnectionSettings, telemetry: &Telemetry) -> Result<worker::ConnectionSettings, Problem> {
    let api_key = settings.api_key_file.as_ref().map(|path| {
        let key = files::read_text(path, LARGEST_KEY)
            .with_context(|| format!("failed to read the API key in {}", path.display()));
        key.map(|key| key.trim().to_owned()).or_exit(Exit::Usage)
    });
    Ok(worker::ConnectionSettings { api_key: api_key.transpose()?, ..without_key(settings, telemetry) })
}

fn without_key(settings: &ConnectionSettings, telemetry: &Telemetry) -> worker::ConnectionSettings {
    worker::ConnectionSettings {
        config_file: settings.config_file.clone(),
        profile: settings.profile.clone(),
        address: settings.address.clone(),
        namespace: settings.namespace.clone(),
        api_key: None,
        identity: settings.identity.clone(),
        compression: settings.compression,
        telemetry: telemetry.clone(),
    }
}

/// A worker's error with its exit code and its cure.
pub(crate) fn problem(error: Error) -> Problem {
    let exit = match &error {
        Error::Configuration { .. }
        | Error::Settings { .. }
        | Error::MemoryBudget { .. }
        | Error::MetricExporter { .. }
        | Error::Registration { .. } => Exit::Usage,
        Error::MetricsPortInUse { .. } => Exit::PortInUse,
        Error::Unreachable { .. } => Exit::NoServer,
        Error::Tls { .. } | Error::Unauthenticated { .. } => Exit::Refused,
        Error::NamespaceNotFound { .. } => Exit::NoNamespace,
        Error::PollRefused { refusal, .. } => match refusal {
            Refusal::NoNamespace => Exit::NoNamespace,
            Refusal::NotAllowed => Exit::Refused,
            Refusal::NotTemporal | Refusal::Other => Exit::Other,
        },
        Error::Server { .. } | Error::Abandoned { .. } => Exit::Other,
    };
    Problem { exit, cure: error.cure(), error: failed_to(error) }
}
