//! Servers as they are written: a scheme, a host and a port, without a path.

use activity::{HttpHost, HttpScheme, Origin, OriginHost};
use url::{Host, Url};

/// The servers that a text stands for, which has no path.
pub(super) fn origin(text: &str) -> Result<Origin, &'static str> {
    const FORM: &str = "is no origin; write it like \"https://api.example.com\" or \"http://localhost:8080\"";
    let (scheme, rest) = text.split_once("://").ok_or(FORM)?;
    let scheme = match scheme {
        "http" => HttpScheme::Http,
        "https" => HttpScheme::Https,
        _ => return Err("has another scheme than http and https"),
    };
    let (below, rest) = match rest.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.contains('*') {
        return Err("has a * elsewhere than in front: only \"*.\" and a name stand for all names below it");
    }
    if rest.contains('@') {
        return Err("names a user: an origin has none");
    }
    if rest.contains(['/', '?', '#', '\\']) {
        return Err("has a path: an origin ends with its host or port");
    }
    let url = Url::parse(&format!("{}://{rest}", scheme.as_str())).map_err(|_| FORM)?;
    let host = match url.host().ok_or(FORM)? {
        Host::Domain(name) if below => OriginHost::Below(name.to_owned()),
        _ if below => return Err("has \"*.\" in front of an address: only names have others below them"),
        Host::Domain(name) => OriginHost::Only(HttpHost::Name(name.to_owned())),
        Host::Ipv4(address) => OriginHost::Only(HttpHost::address(address)),
        Host::Ipv6(address) => OriginHost::Only(HttpHost::address(address)),
    };
    match url.port().unwrap_or(scheme.default_port()) {
        0 => Err("has port 0, at which nothing is"),
        port => Ok(Origin::new(scheme, host, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match origin(text) {
            Ok(origin) => origin.to_string(),
            Err(problem) => problem.to_owned(),
        }
    }

    #[test]
    fn origins_are_read_as_urls_are() {
        let cases = [
            ("https://api.example.com", "https://api.example.com"),
            ("https://API.Example.com:443", "https://api.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://*.example.org:8443", "https://*.example.org:8443"),
            ("http://127.0.0.1:81", "http://127.0.0.1:81"),
            ("http://[::1]", "http://[::1]"),
            ("http://[::ffff:10.0.0.1]", "http://10.0.0.1"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ];
        for (text, origin) in cases {
            assert_eq!(read(text), origin, "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_told_why() {
        let cases = [
            ("api.example.com", "is no origin"),
            ("https://", "is no origin"),
            ("https://a b", "is no origin"),
            ("https://a:99999", "is no origin"),
            ("ftp://a", "another scheme"),
            ("HTTPS://a", "another scheme"),
            ("*://a", "another scheme"),
            ("https://a/", "has a path"),
            ("https://a?x", "has a path"),
            ("https://a#x", "has a path"),
            ("https://me:word@a", "names a user"),
            ("https://*", "a * elsewhere"),
            ("https://a.*.b", "a * elsewhere"),
            ("https://*a.b", "a * elsewhere"),
            ("https://*.*.b", "a * elsewhere"),
            ("https://*.10.0.0.1", "in front of an address"),
            ("https://*.", "is no origin"),
            ("http://a:0", "port 0"),
        ];
        for (text, problem) in cases {
            assert!(read(text).contains(problem), "{text}: {}", read(text));
        }
    }
}
