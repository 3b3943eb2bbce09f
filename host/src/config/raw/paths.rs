//! Where the paths of a configuration start.

use std::path::{Path, PathBuf};

use registry::Reference;

use super::{OFF, RawConfig, RawTenant, RawTrust, RawWorker};
use crate::config::environment::RawVariable;

impl RawConfig {
    /// The same, with relative paths that start at `base`.
    pub(crate) fn placed(mut self, base: &Path) -> Self {
        let place = placing(base);
        place(&mut self.connection.config_file);
        place(&mut self.connection.api_key_file);
        place(&mut self.engine.cache);
        place(&mut self.metrics.otlp_headers_file);
        place(&mut self.traces.otlp_headers_file);
        place(&mut self.traces.otlp_ca_file);
        place(&mut self.registry.credentials);
        place(&mut self.admin.state);
        place(&mut self.web.token_file);
        place(&mut self.identity.key_file);
        self.identity.other_key_files.iter_mut().for_each(|path| *path = base.join(&*path));
        place(&mut self.audit.file);
        place(&mut self.receipts.file);
        if self.admin.socket.as_deref().is_some_and(is_path) {
            place(&mut self.admin.socket);
        }
        self.registry.ca_files.iter_mut().for_each(|path| *path = base.join(&*path));
        self.trust.iter_mut().for_each(|trust| trust.place(&place));
        self.tenants.iter_mut().for_each(|tenant| tenant.place(&place));
        self
    }
}

impl RawTenant {
    /// The same, with relative paths that start at `base`.
    pub(crate) fn placed(mut self, base: &Path) -> Self {
        self.place(&placing(base));
        self
    }

    fn place(&mut self, place: &impl Fn(&mut Option<PathBuf>)) {
        self.trust.iter_mut().for_each(|trust| trust.place(place));
        self.workers.iter_mut().for_each(|worker| worker.place(place));
    }
}

impl RawTrust {
    fn place(&mut self, place: &impl Fn(&mut Option<PathBuf>)) {
        place(&mut self.key);
        place(&mut self.trusted_root);
    }
}

/// Whether what is written for a socket is a path.
fn is_path(written: &Path) -> bool {
    written.as_os_str() != OFF
}

/// Lets a relative path start at `base`.
fn placing(base: &Path) -> impl Fn(&mut Option<PathBuf>) {
    |path| {
        if let Some(path) = path.as_mut().filter(|path| !path.as_os_str().is_empty()) {
            *path = base.join(&*path);
        }
    }
}

impl RawWorker {
    fn place(&mut self, place: &impl Fn(&mut Option<PathBuf>)) {
        self.codec.encryption.keys.iter_mut().for_each(|key| place(&mut key.file));
        for component in &mut self.components {
            if !component.path.as_deref().is_some_and(Reference::is_one) {
                place(&mut component.path);
            }
            if !component.release.candidate.as_deref().is_some_and(Reference::is_one) {
                place(&mut component.release.candidate);
            }
            component.grants.directories.iter_mut().for_each(|directory| place(&mut directory.host));
            for variable in component.grants.environment.values_mut() {
                if let RawVariable::From(source) = variable {
                    place(&mut source.file);
                }
            }
            component.grants.secrets.values_mut().for_each(|secret| place(&mut secret.file));
        }
    }
}
