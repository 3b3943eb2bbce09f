//! What files hold that a configuration names and the start of a worker reads, as far as they are where it is checked:
//! secrets of a worker may be nowhere else.

use std::path::Path;

use crate::{
    config::{headers, settings::Settings},
    exit::Problem,
    wiring::{traces::certificates, web::access},
};

/// A file of which it can be told before a start whether it is right.
pub(crate) struct Named<'a> {
    /// The key that names it.
    pub(crate) key: &'static str,
    /// The file.
    pub(crate) path: &'a Path,
    read: fn(&Path) -> Result<(), Problem>,
}

impl<'a> Named<'a> {
    /// Those that this configuration names.
    pub(crate) fn all(settings: &'a Settings) -> impl Iterator<Item = Self> {
        let Settings { metrics, traces, web, .. } = settings;
        let headers: fn(&Path) -> _ = |path| Ok(headers::read(path).map(drop)?);
        let authorities: fn(&Path) -> _ = |path| Ok(certificates(path).map(drop)?);
        let token: fn(&Path) -> _ = |path| access(path).map(drop);
        let named = [
            ("metrics.otlp-headers-file", &metrics.otlp_headers_file, headers),
            ("traces.otlp-headers-file", &traces.otlp_headers_file, headers),
            ("traces.otlp-ca-file", &traces.otlp_ca_file, authorities),
            ("web.token-file", &web.token_file, token),
        ];
        named.into_iter().filter_map(|(key, path, read)| Some(Self { key, path: path.as_deref()?, read }))
    }

    /// Whether it is here.
    pub(crate) fn is_here(&self) -> bool {
        self.path.exists()
    }

    /// What a start would refuse it for.
    pub(crate) fn problem(&self) -> Option<String> {
        (self.read)(self.path).err().map(|problem| format!("{:#}", problem.error))
    }
}
