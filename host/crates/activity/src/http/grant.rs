//! Which requests a component may send: to which servers, below which path, by which methods.

use std::fmt;

use super::{AmbiguousPath, HttpHost, HttpScheme, Origin, OriginHost, PathPrefix};

/// Requests that a component may send.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpGrant {
    /// To these servers.
    pub servers: Origin,
    /// Below this path.
    pub path: PathPrefix,
    /// By these methods; by all, if there are none.
    pub methods: Vec<String>,
    /// In which header the activity's [idempotency key](crate::Info::idempotency_key) is sent with each.
    pub idempotency_header: Option<String>,
    /// Whether servers are told by which span they are called, so that theirs can be found from it.
    pub trace_context: bool,
    /// Whether it is none, but lets requests go on to be counted.
    pub is_counted: bool,
}

impl HttpGrant {
    /// What lets requests to any public server go on that no other grant covers, and be counted.
    pub fn counted() -> [Self; 2] {
        [HttpScheme::Https, HttpScheme::Http].map(|scheme| {
            let anywhere = Origin::new(scheme, OriginHost::Public, Origin::ANY_PORT);
            Self { is_counted: true, ..anywhere.into() }
        })
    }

    /// Whether a request to this place goes to its servers.
    pub fn is_to(&self, scheme: HttpScheme, host: &HttpHost, port: u16) -> bool {
        self.servers.covers(scheme, host, port)
    }

    /// Whether a request to its servers is one that it is for.
    ///
    /// # Errors
    /// When that depends on how the server reads the path.
    pub fn covers(&self, method: &str, path: &str) -> Result<bool, AmbiguousPath> {
        Ok(self.takes(method) && self.path.covers(path)?)
    }

    /// Whether it is for all requests to its servers.
    pub fn is_unlimited(&self) -> bool {
        self.methods.is_empty() && self.path.is_everything()
    }

    fn takes(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|each| each == method)
    }
}

/// All requests to these servers.
impl From<Origin> for HttpGrant {
    fn from(servers: Origin) -> Self {
        Self {
            servers,
            path: PathPrefix::default(),
            methods: Vec::new(),
            idempotency_header: None,
            trace_context: false,
            is_counted: false,
        }
    }
}

/// For people: as a configuration has it, with what it is limited to.
impl fmt::Display for HttpGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { servers, path, methods, .. } = self;
        if !methods.is_empty() {
            write!(f, "{} ", methods.join(","))?;
        }
        write!(f, "{servers}{path}")?;
        if self.is_counted { f.write_str(" (counted)") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_covers_its_methods_below_its_path() {
        let host = OriginHost::Only(HttpHost::Name("a.example".to_owned()));
        let whole = HttpGrant::from(Origin::new(HttpScheme::Https, host, 443));
        assert_eq!(whole.covers("PURGE", "/a//b"), Ok(true));
        assert_eq!(whole.to_string(), "https://a.example");
        let (path, methods) = (PathPrefix::new("/v1").unwrap(), vec!["GET".to_owned(), "HEAD".to_owned()]);
        let part = HttpGrant { path, methods, ..whole };
        assert_eq!(part.covers("GET", "/v1/x"), Ok(true));
        assert_eq!(part.covers("POST", "/v1/x"), Ok(false));
        assert_eq!(part.covers("get", "/v1/x"), Ok(false));
        assert_eq!(part.covers("GET", "/v2"), Ok(false));
        assert_eq!(part.covers("GET", "/v1/../v2"), Err(AmbiguousPath));
        assert_eq!(part.to_string(), "GET,HEAD https://a.example/v1");
    }
}
