//! Whether a request may be sent, and where it goes.

use activity::{HttpHost, HttpScheme, Origin, OriginHost};
use egress::Destination;
use http::{Method, Uri};
use url::{Host, Url};
use wasmtime_wasi_http::Error;

use super::in_words;

/// The place that a request goes to and its server, if the grant covers it.
///
/// What is compared with the grant is what the request is then sent to: a URL is read once.
pub(super) fn checked(grant: &[Origin], method: &Method, uri: &Uri) -> Result<(Url, Destination), Error> {
    // The one would open a tunnel to anywhere, the other shows headers that a proxy on the way has added.
    if matches!(*method, Method::CONNECT | Method::TRACE) {
        return Err(Error::HttpRequestMethodInvalid);
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(in_words("the URL names a user: use the header `authorization`".to_owned()));
    }
    let url = Url::parse(&uri.to_string()).map_err(|_| Error::HttpRequestUriInvalid)?;
    let scheme = match url.scheme() {
        "http" => HttpScheme::Http,
        "https" => HttpScheme::Https,
        _ => return Err(Error::HttpProtocolError),
    };
    let host = match url.host() {
        Some(Host::Domain(name)) => HttpHost::Name(name.to_owned()),
        Some(Host::Ipv4(address)) => HttpHost::address(address),
        Some(Host::Ipv6(address)) => HttpHost::address(address),
        None => return Err(Error::HttpRequestUriInvalid),
    };
    let port = url.port().unwrap_or(scheme.default_port());
    let to = Destination { scheme, host, port };
    if to.is_covered(grant) {
        return Ok((url, to));
    }
    let wanted = Origin { scheme, host: OriginHost::Only(to.host), port };
    Err(in_words(match grant {
        [] => format!("the component has no grant `http`: its grants need `http = [\"{wanted}\"]`"),
        _ => format!("the component's grant `http` does not cover {wanted}: add \"{wanted}\" to it"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grant: &[Origin], method: &Method, uri: &str) -> String {
        match checked(grant, method, &uri.parse().unwrap()) {
            Ok((url, _)) => url.to_string(),
            Err(error) => error.to_string(),
        }
    }

    fn origin(scheme: HttpScheme, host: HttpHost, port: u16) -> Origin {
        Origin { scheme, host: OriginHost::Only(host), port }
    }

    #[test]
    fn the_place_is_what_is_compared() {
        let api = origin(HttpScheme::Https, HttpHost::Name("api.example.com".to_owned()), 443);
        let here = origin(HttpScheme::Http, HttpHost::address([127, 0, 0, 1]), 8080);
        let grant = [api, here];
        let get = |uri: &str| check(&grant, &Method::GET, uri);
        assert_eq!(get("https://API.example.com/a?b"), "https://api.example.com/a?b");
        assert_eq!(get("https://api.example.com:443/"), "https://api.example.com/");
        assert_eq!(get("http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
        // An address has many names.
        assert_eq!(get("http://2130706433:8080/"), "http://127.0.0.1:8080/");
        assert_eq!(get("http://0x7f.1:8080/"), "http://127.0.0.1:8080/");
        assert_eq!(get("http://[::ffff:127.0.0.1]:8080/"), "http://[::ffff:7f00:1]:8080/");
        let refused = |uri: &str, origin: &str| {
            let text = format!("the component's grant `http` does not cover {origin}: add \"{origin}\" to it");
            assert_eq!(get(uri), format!("internal error: {text}"));
        };
        refused("http://api.example.com/", "http://api.example.com");
        refused("https://api.example.com:8443/", "https://api.example.com:8443");
        refused("https://api.example.com./", "https://api.example.com.");
        refused("http://localhost:8080/", "http://localhost:8080");
        refused("http://[::1]:8080/", "http://[::1]:8080");
    }

    #[test]
    fn without_a_grant_the_missing_line_is_told() {
        let told = check(&[], &Method::POST, "http://127.1:81/x");
        let line = "http = [\"http://127.0.0.1:81\"]";
        assert_eq!(told, format!("internal error: the component has no grant `http`: its grants need `{line}`"));
    }

    #[test]
    fn tunnels_and_users_are_refused() {
        let grant = [origin(HttpScheme::Http, HttpHost::Name("a".to_owned()), 80)];
        assert_eq!(check(&grant, &Method::CONNECT, "http://a/"), "invalid HTTP request method");
        assert_eq!(check(&grant, &Method::TRACE, "http://a/"), "invalid HTTP request method");
        assert!(check(&grant, &Method::GET, "http://me:word@a/").contains("names a user"));
        assert!(check(&grant, &Method::GET, "http://@a/").contains("names a user"));
        assert_eq!(check(&grant, &Method::GET, "ftp://a/"), "HTTP protocol error");
    }
}
