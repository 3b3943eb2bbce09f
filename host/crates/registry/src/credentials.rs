//! What registries are told as credentials, as Docker keeps it.

use std::{
    env, fmt,
    fs::{self, File},
    io::{self, Read as _},
    path::PathBuf,
    time::Duration,
};

use docker_credential::{CredentialRetrievalError, DockerCredential};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{Error, Settings};

/// Bytes of the largest `config.json`.
const LARGEST: u64 = 1 << 20;

/// How long a program for credentials may take: it may ask its owner for a password.
const PATIENCE: Duration = Duration::from_secs(60);

/// As what Docker keeps credentials for its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What a registry is told.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Nothing.
    Anonymous,
    /// User and password.
    Password(String, String),
    /// A token for getting tokens.
    Identity(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What `registry` is told.
///
/// # Errors
/// When Docker's file can't be read or understood, or its program fails.
pub(crate) async fn find(settings: &Settings, registry: &str) -> Result<Credentials, Error> {
    let wrong = |problem: String| Error::Credentials { registry: registry.to_owned(), problem };
    let Some(path) = settings.credentials.clone().or_else(usual_place) else { return Ok(Credentials::Anonymous) };
    // Asked before opening, because opening a pipe waits for its other end.
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(wrong(format!("{} is no file", path.display())));
    }
    let file = match File::open(&path) {
        Ok(file) => file,
        // One that is named must be there.
        Err(error) if error.kind() == io::ErrorKind::NotFound && settings.credentials.is_none() => {
            return Ok(Credentials::Anonymous);
        }
        Err(error) => return Err(wrong(format!("{} can't be read: {error}", path.display()))),
    };
    let server = if registry == "docker.io" { DOCKER_HUB.to_owned() } else { registry.to_owned() };
    let found = spawn_blocking(move || docker_credential::get_credential_from_reader(file.take(LARGEST), &server));
    let found = timeout(PATIENCE, found).await;
    let found = found.map_err(|_| wrong(format!("its program took longer than {PATIENCE:?}")))?;
    credentials(found.map_err(|error| wrong(error.to_string()))?)
        .map_err(|problem| wrong(format!("{problem}, in {}", path.display())))
}

fn usual_place() -> Option<PathBuf> {
    let folder = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// What was found; no text of an error has what a program said, which may be a secret.
fn credentials(found: Result<DockerCredential, CredentialRetrievalError>) -> Result<Credentials, String> {
    match found {
        Ok(DockerCredential::UsernamePassword(user, password)) if user.is_empty() && password.is_empty() => {
            Ok(Credentials::Anonymous)
        }
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Credentials::Password(user, password)),
        Ok(DockerCredential::IdentityToken(token)) => Ok(Credentials::Identity(token)),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(Credentials::Anonymous),
        // What all of Docker's programs say of a registry that nobody logged in to.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. }) if stdout.contains("credentials not found") => {
            Ok(Credentials::Anonymous)
        }
        Err(CredentialRetrievalError::HelperFailure { helper, .. }) => Err(format!("{helper} failed")),
        Err(CredentialRetrievalError::HelperCommunicationError) => Err("a program for credentials can't be run".into()),
        Err(CredentialRetrievalError::ConfigReadError) => Err("it is not what Docker writes".into()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn found(config: &str, registry: &str) -> Result<Credentials, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        fs::write(&path, config).unwrap();
        let settings = Settings { credentials: Some(path), ..Settings::default() };
        crate::blocking::block_on(async { find(&settings, registry).await })
    }

    #[test]
    fn are_those_of_the_registry() {
        let config = r#"{ "auths": {
            "localhost:5000": { "auth": "YW5uOnNlY3JldA==" },
            "https://index.docker.io/v1/": { "identitytoken": "token" } } }"#;
        let ann = Credentials::Password("ann".to_owned(), "secret".to_owned());
        assert_eq!(found(config, "localhost:5000").unwrap(), ann);
        assert_eq!(found(config, "docker.io").unwrap(), Credentials::Identity("token".to_owned()));
        assert_eq!(found(config, "example.com").unwrap(), Credentials::Anonymous);
        assert_eq!(found("{}", "example.com").unwrap(), Credentials::Anonymous);
    }

    #[test]
    fn are_refused_without_being_shown() {
        let problem = |config: &str| found(config, "example.com").unwrap_err().to_string();
        assert!(problem("secret").contains("not what Docker writes"));
        assert!(!problem("secret").contains("secret"));
        assert!(problem(r#"{ "credsStore": "isolet-has-none" }"#).contains("can't be run"));
        assert!(problem(r#"{ "auths": { "example.com": { "auth": "?" } } }"#).contains("decode"));
    }

    #[test]
    fn a_file_that_is_named_must_be_there() {
        let settings = Settings { credentials: Some("/nowhere/config.json".into()), ..Settings::default() };
        let problem = crate::blocking::block_on(async { find(&settings, "example.com").await }).unwrap_err();
        assert!(problem.to_string().contains("/nowhere/config.json can't be read"), "{problem}");
    }
}
