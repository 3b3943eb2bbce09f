//! Which servers a component may send HTTP requests to, and which requests.

mod address;

mod grant;

mod path;

use std::{fmt, net::IpAddr};

pub use self::{
    address::Reach,
    grant::HttpGrant,
    path::{AmbiguousPath, PathPrefix},
};

/// Servers that a component may send HTTP requests to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// How they are spoken to.
    pub scheme: HttpScheme,
    /// Where they are.
    pub host: OriginHost,
    /// Their port.
    pub port: u16,
    /// Where their names may lead to.
    pub reach: Reach,
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpScheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

/// The hosts of an [`Origin`]. Names are as URLs have them: in lower case, in ASCII.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OriginHost {
    /// This one.
    Only(HttpHost),
    /// Every name that ends with a dot and this.
    Below(String),
    /// Every name but those of this machine, and every public address.
    Public,
}

/// The name of this machine. Whoever grants it means that.
pub const LOCALHOST: &str = "localhost";

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpHost {
    /// To what the name stands for.
    Name(String),
    /// To this address.
    Address(IpAddr),
}

impl Origin {
    /// The port that stands for every one; no server has it.
    pub const ANY_PORT: u16 = 0;

    /// Servers whose names lead to public addresses.
    pub fn new(scheme: HttpScheme, host: OriginHost, port: u16) -> Self {
        Self { scheme, host, port, reach: Reach::Public }
    }

    /// Whether a request to this place is one to it.
    pub fn covers(&self, scheme: HttpScheme, host: &HttpHost, port: u16) -> bool {
        self.scheme == scheme && self.takes_port(port) && self.host.covers(host)
    }

    /// Whether all requests to the servers of `other` are requests to it.
    pub fn covers_all_of(&self, other: &Self) -> bool {
        let covers_hosts = match (&self.host, &other.host) {
            (host, OriginHost::Only(only)) => host.covers(only),
            (OriginHost::Below(_), OriginHost::Below(parent)) => {
                self.host == other.host || self.host.covers(&HttpHost::Name(parent.clone()))
            }
            (OriginHost::Public, OriginHost::Below(_) | OriginHost::Public) => true,
            (OriginHost::Only(_), OriginHost::Below(_)) | (_, OriginHost::Public) => false,
        };
        self.scheme == other.scheme && self.takes_port(other.port) && covers_hosts
    }

    fn takes_port(&self, port: u16) -> bool {
        self.port == Self::ANY_PORT || self.port == port
    }
}

impl OriginHost {
    fn covers(&self, host: &HttpHost) -> bool {
        match (self, host) {
            (Self::Only(only), host) => only == host,
            (Self::Below(parent), HttpHost::Name(name)) => {
                let label = name.strip_suffix(parent.as_str()).and_then(|rest| rest.strip_suffix('.'));
                label.is_some_and(|label| !label.is_empty())
            }
            (Self::Below(_), HttpHost::Address(_)) => false,
            (Self::Public, HttpHost::Name(name)) => {
                name.strip_suffix('.').unwrap_or(name).rsplit('.').next() != Some(LOCALHOST)
            }
            (Self::Public, HttpHost::Address(address)) => address::is_public(*address),
        }
    }
}

impl HttpHost {
    /// An address, and not that of a mapping of IPv4 to IPv6 but the one that it stands for.
    pub fn address(address: impl Into<IpAddr>) -> Self {
        Self::Address(address.into().to_canonical())
    }
}

impl HttpScheme {
    /// As URLs have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of URLs that name none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// As a configuration has it.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme.as_str())?;
        match &self.host {
            OriginHost::Only(host) => write!(f, "{host}")?,
            OriginHost::Below(parent) => write!(f, "*.{parent}")?,
            OriginHost::Public => f.write_str("(any public address)")?,
        }
        match self.port {
            Self::ANY_PORT => f.write_str(":*"),
            port if port == self.scheme.default_port() => Ok(()),
            port => write!(f, ":{port}"),
        }
    }
}

/// As a URL has it.
impl fmt::Display for HttpHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn name(name: &str) -> HttpHost {
        HttpHost::Name(name.to_owned())
    }

    #[test]
    fn an_origin_covers_its_own_scheme_host_and_port() {
        let host = OriginHost::Only(name("api.example.com"));
        let origin = Origin::new(HttpScheme::Https, host, 443);
        let cases = [
            (HttpScheme::Https, "api.example.com", 443, true),
            (HttpScheme::Http, "api.example.com", 443, false),
            (HttpScheme::Https, "api.example.com", 8443, false),
            (HttpScheme::Https, "example.com", 443, false),
            (HttpScheme::Https, "a.api.example.com", 443, false),
            (HttpScheme::Https, "api.example.com.", 443, false),
        ];
        for (scheme, host, port, covered) in cases {
            assert_eq!(origin.covers(scheme, &name(host), port), covered, "{scheme:?} {host} {port}");
        }
    }

    #[test]
    fn a_star_stands_for_one_or_more_labels() {
        let host = OriginHost::Below("example.org".to_owned());
        let origin = Origin::new(HttpScheme::Https, host, 443);
        let cases = [
            ("a.example.org", true),
            ("a.b.example.org", true),
            ("example.org", false),
            (".example.org", false),
            ("badexample.org", false),
            ("a.example.org.evil.com", false),
        ];
        for (host, covered) in cases {
            assert_eq!(origin.covers(HttpScheme::Https, &name(host), 443), covered, "{host}");
        }
        assert!(!origin.covers(HttpScheme::Https, &HttpHost::address([127, 0, 0, 1]), 443));
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let mapped: Ipv6Addr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(HttpHost::address(mapped), HttpHost::address([10, 0, 0, 1]));
    }

    #[test]
    fn an_origin_is_shown_as_it_is_written() {
        let origin = |scheme, host, port| Origin::new(scheme, host, port).to_string();
        assert_eq!(origin(HttpScheme::Https, OriginHost::Below("a.org".to_owned()), 443), "https://*.a.org");
        let here = OriginHost::Only(HttpHost::address(Ipv6Addr::LOCALHOST));
        assert_eq!(origin(HttpScheme::Http, here, 8080), "http://[::1]:8080");
    }

    #[test]
    fn the_public_profile_covers_no_name_or_address_of_this_machine_or_network() {
        let origin = Origin::new(HttpScheme::Https, OriginHost::Public, 443);
        let covers = |host: HttpHost| origin.covers(HttpScheme::Https, &host, 443);
        for covered in ["example.com", "localhost.example.com", "intranet"] {
            assert!(covers(name(covered)), "{covered}");
        }
        for not in ["localhost", "localhost.", "a.localhost", "a.localhost."] {
            assert!(!covers(name(not)), "{not}");
        }
        assert!(covers(HttpHost::address([1, 1, 1, 1])));
        assert!(!covers(HttpHost::address([10, 0, 0, 1])) && !covers(HttpHost::address([169, 254, 169, 254])));
    }

    #[test]
    fn origins_cover_narrower_ones() {
        let below = |parent: &str| Origin::new(HttpScheme::Https, OriginHost::Below(parent.to_owned()), 443);
        let only = |host: &str| Origin::new(HttpScheme::Https, OriginHost::Only(name(host)), 443);
        let public = || Origin::new(HttpScheme::Https, OriginHost::Public, 443);
        assert!(below("a.org").covers_all_of(&below("a.org")) && below("a.org").covers_all_of(&below("b.a.org")));
        assert!(below("a.org").covers_all_of(&only("b.a.org")) && public().covers_all_of(&below("a.org")));
        assert!(!below("b.a.org").covers_all_of(&below("a.org")) && !only("a.org").covers_all_of(&below("a.org")));
        assert!(!below("a.org").covers_all_of(&public()) && only("a.org").covers_all_of(&only("a.org")));
    }
}
