//! Credentials that change while they are used.

use std::{env, path::PathBuf};

use temporalio_client::{
    ConnectionOptions, TlsOptions,
    envconfig::{ClientConfigProfile, DataSource},
};

use super::{Connection, ConnectionSettings, Error, load_profile, options};

/// Where the profile is that the environment names.
const CONFIG_FILE: &str = "TEMPORAL_CONFIG_FILE";

impl ConnectionSettings {
    /// The files that the connection is made from, as far as they are known: the profile, certificates and keys.
    pub fn files(&self) -> Vec<PathBuf> {
        let named = self.config_file.clone().or_else(|| env::var_os(CONFIG_FILE).map(PathBuf::from));
        let sources = load_profile(self.clone()).map(of_tls).unwrap_or_default();
        let paths = sources.into_iter().filter_map(|source| match source {
            DataSource::Path(path) => Some(PathBuf::from(path)),
            _ => None,
        });
        named.into_iter().chain(paths).filter(|path| !path.as_os_str().is_empty()).collect()
    }
}

impl Connection {
    /// Reads the profile, certificates and keys again. Another API key holds at once, for all that use this connection;
    /// for anything else there is another connection to be used instead of this one, which goes on.
    ///
    /// # Errors
    /// As for [`Connection::open`]; then nothing changes.
    pub async fn renewed(&self, settings: ConnectionSettings) -> Result<Option<Self>, Error> {
        let profile = load_profile(settings.clone())?;
        let now = options(profile, self.identity().to_owned(), settings.compression)?;
        if is_same_but_key(&self.options, &now) {
            self.queues.set_api_key(now.api_key.clone()).await;
            self.guests.set_api_key(now.api_key);
            return Ok(None);
        }
        let identity = Some(self.identity().to_owned());
        Self::open(ConnectionSettings { identity, ..settings }).await.map(Some)
    }
}

fn of_tls(profile: ClientConfigProfile) -> Vec<DataSource> {
    let tls = profile.tls.unwrap_or_default();
    [tls.client_cert, tls.client_key, tls.server_ca_cert].into_iter().flatten().collect()
}

/// Whether two connections differ in their API keys at most. That there is one at all may turn TLS on.
fn is_same_but_key(old: &ConnectionOptions, new: &ConnectionOptions) -> bool {
    let is_same_tls = match (&old.tls_options, &new.tls_options) {
        (None, None) => true,
        (Some(old), Some(new)) => has_same_certificates(old, new),
        _ => false,
    };
    is_same_tls && old.target == new.target && old.headers == new.headers
}

fn has_same_certificates(old: &TlsOptions, new: &TlsOptions) -> bool {
    let client = |tls: &TlsOptions| {
        let client = tls.client_tls_options.clone();
        client.map(|client| (client.client_cert, client.client_private_key))
    };
    old.server_root_ca_cert == new.server_root_ca_cert && old.domain == new.domain && client(old) == client(new)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::Compression, *};

    fn with(key: &str, headers: &[(&str, &str)]) -> ConnectionOptions {
        let settings = ConnectionSettings { address: Some("there:1".to_owned()), ..ConnectionSettings::default() };
        let mut profile = load_profile(settings).unwrap();
        profile.api_key = Some(key.to_owned());
        profile.grpc_meta = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        options(profile, "me".to_owned(), Compression::None).unwrap()
    }

    #[test]
    fn a_key_may_change_and_nothing_else() {
        let old = with("one", &[("a", "b")]);
        assert!(is_same_but_key(&old, &with("two", &[("a", "b")])));
        assert!(!is_same_but_key(&old, &with("one", &[("a", "c")])));
        let mut new = old.clone();
        new.tls_options = None;
        assert!(!is_same_but_key(&old, &new));
        new.tls_options.clone_from(&old.tls_options);
        assert!(is_same_but_key(&old, &new));
        if let Some(tls) = &mut new.tls_options {
            tls.server_root_ca_cert = Some(b"another".to_vec());
        }
        assert!(!is_same_but_key(&old, &new));
    }

    #[test]
    fn the_files_of_a_profile_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("temporal.toml");
        let profile = "[profile.default]\naddress = \"there:1\"\n[profile.default.tls]\nclient_cert_path = \"a.pem\"\n\
                       client_key_path = \"a.key\"\n";
        fs::write(&file, profile).unwrap();
        let settings = ConnectionSettings { config_file: Some(file.clone()), ..ConnectionSettings::default() };
        assert_eq!(settings.files(), [file, "a.pem".into(), "a.key".into()]);
    }
}
