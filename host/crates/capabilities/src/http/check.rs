//! Whether a request may be sent, and where it goes.

use activity::{HttpGrant, HttpHost, HttpScheme, Origin, OriginHost, Reach, shown};
use egress::Destination;
use http::{HeaderMap, Method, Uri};
use url::{Host, Url};
use wasmtime_wasi_http::Error;

use super::in_words;

/// Headers by which some servers take another method or path than that of the request.
const OTHERWISE: [&str; 10] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-method",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "x-forwarded-uri",
    "x-forwarded-path",
    "x-forwarded-method",
];

/// Whether a header's name is one of these; many servers read `_` as `-`.
fn is_otherwise(name: &str) -> bool {
    OTHERWISE.iter().any(|each| name.bytes().map(|byte| if byte == b'_' { b'-' } else { byte }).eq(each.bytes()))
}

/// The longest path that a refusal shows, in bytes.
const SHOWN_PATH: usize = 200;

/// A request that may be sent.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    /// The place that it goes to.
    pub(super) url: Url,
    /// Its server.
    pub(super) to: Destination,
    /// The entry of the grant that covers it.
    pub(super) entry: &'a HttpGrant,
    /// In which words it would be refused if that were not only counted.
    pub(super) beyond: Option<String>,
}

/// Whether a request may be sent.
///
/// What is compared with the grant is what the request is then sent to: a URL is read once.
pub(super) fn checked<'a>(
    grant: &'a [HttpGrant],
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Checked<'a>, Error> {
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
    let to = Destination { scheme, host, port, reach: Reach::Public };
    let to_server = grant.iter().filter(|entry| entry.is_to(scheme, &to.host, port));
    let (counted, of_server): (Vec<_>, Vec<_>) = to_server.partition(|entry| entry.is_counted);
    let refused = match of_server.is_empty() {
        true => not_granted(grant, &to),
        false => match covered(&of_server, method, &url, headers) {
            Ok((entry, reach)) => return Ok(Checked { url, to: Destination { reach, ..to }, entry, beyond: None }),
            Err(refused) => refused,
        },
    };
    // A server that something is granted of may be private; other requests to it count, too.
    let reach = of_server.iter().map(|entry| entry.servers.reach).max().unwrap_or_default();
    let counts = counted.into_iter().chain(grant.iter().find(|entry| entry.is_counted && !of_server.is_empty())).next();
    match (counts, refused) {
        (Some(entry), Error::InternalError(Some(words))) => {
            Ok(Checked { url, to: Destination { reach, ..to }, entry, beyond: Some(words) })
        }
        (_, refused) => Err(refused),
    }
}

/// Nothing is granted of the server.
fn not_granted(grant: &[HttpGrant], to: &Destination) -> Error {
    let wanted = Origin::new(to.scheme, OriginHost::Only(to.host.clone()), to.port);
    in_words(match grant {
        [] => format!("the component has no grant `http`: its grants need `http = [\"{wanted}\"]`"),
        _ => format!("the component's grant `http` does not cover {wanted}: add \"{wanted}\" to it"),
    })
}

/// The first of these grants, which are all for its server, that covers the request, and where the name may lead to by
/// those that do.
fn covered<'a>(
    of_server: &[&'a HttpGrant],
    method: &Method,
    url: &Url,
    headers: &HeaderMap,
) -> Result<(&'a HttpGrant, Reach), Error> {
    let is_otherwise = headers.keys().find(|name| is_otherwise(name.as_str()));
    let (mut ambiguous, mut otherwise) = (None, None);
    let mut covering: Option<(&HttpGrant, Reach)> = None;
    for entry in of_server {
        match (entry.covers(method.as_str(), url.path()), is_otherwise) {
            (Ok(true), Some(name)) if !entry.is_unlimited() => otherwise = Some(name),
            (Ok(true), _) => {
                let (first, reach) = covering.unwrap_or((entry, Reach::Public));
                covering = Some((first, reach.max(entry.servers.reach)));
            }
            (Ok(false), _) => {}
            (Err(error), _) => ambiguous = Some(error),
        }
    }
    if let Some(covering) = covering {
        return Ok(covering);
    }
    if let Some(name) = otherwise {
        let why = "by which a server may take another method or path than those that are granted";
        return Err(in_words(format!("the request has the header `{name}`, {why}: send it without")));
    }
    let path = shown::cut(url.path(), SHOWN_PATH);
    if let Some(error) = ambiguous {
        return Err(in_words(format!("{error}: the component's grant `http` is limited by path, send {path} without")));
    }
    let origin = url.origin().ascii_serialization();
    let entry = format!("{{ url = \"{origin}{path}\", methods = [\"{method}\"] }}");
    Err(in_words(format!("the component's grant `http` does not cover {method} {origin}{path}: add {entry} to it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grant: &[HttpGrant], method: &Method, uri: &str) -> String {
        check_with(grant, method, uri, &HeaderMap::new())
    }

    fn check_with(grant: &[HttpGrant], method: &Method, uri: &str, headers: &HeaderMap) -> String {
        match checked(grant, method, &uri.parse().unwrap(), headers) {
            Ok(Checked { url, beyond: None, .. }) => url.to_string(),
            Ok(Checked { beyond: Some(words), .. }) => format!("counted: {words}"),
            Err(error) => error.to_string(),
        }
    }

    fn origin(scheme: HttpScheme, host: HttpHost, port: u16) -> HttpGrant {
        Origin::new(scheme, OriginHost::Only(host), port).into()
    }

    /// `GET` below `/v1`, and anything below `/open`.
    fn limited() -> [HttpGrant; 2] {
        let api = origin(HttpScheme::Https, HttpHost::Name("api.example.com".to_owned()), 443);
        let path = |path| activity::PathPrefix::new(path).unwrap();
        let get = HttpGrant { path: path("/v1"), methods: vec!["GET".to_owned()], ..api.clone() };
        [get, HttpGrant { path: path("/open"), ..api }]
    }

    #[test]
    fn path_and_method_are_compared_as_they_are_sent() {
        let grant = limited();
        let ask = |method: Method, path: &str| check(&grant, &method, &format!("https://api.example.com{path}"));
        assert_eq!(ask(Method::GET, "/v1/a?b=../.."), "https://api.example.com/v1/a?b=../..");
        assert_eq!(ask(Method::DELETE, "/open/x/"), "https://api.example.com/open/x/");
        // What is sent is below the path, however it was written.
        assert_eq!(ask(Method::GET, "/v2/../v1/a"), "https://api.example.com/v1/a");
        let refused = |method: Method, path: &str, sent: &str| {
            let entry = format!("{{ url = \"https://api.example.com{sent}\", methods = [\"{method}\"] }}");
            let text = format!("does not cover {method} https://api.example.com{sent}: add {entry} to it");
            assert_eq!(ask(method, path), format!("internal error: the component's grant `http` {text}"));
        };
        refused(Method::POST, "/v1/a", "/v1/a");
        refused(Method::HEAD, "/v1/a", "/v1/a");
        refused(Method::GET, "/v10", "/v10");
        refused(Method::GET, "/", "/");
        refused(Method::GET, "/v1/../admin", "/admin");
        refused(Method::GET, "/v1/%2e%2E/admin", "/admin");
        for path in ["/v1/..%2fadmin", "/v1/..;/admin", "/v1//admin", "/v1/%252e%252e/admin", "/v1/a%5cb"] {
            assert!(ask(Method::GET, path).contains("servers read differently"), "{path}: {}", ask(Method::GET, path));
        }
    }

    #[test]
    fn headers_that_mean_another_method_or_path_are_for_those_who_may_anything() {
        let url = "https://api.example.com/v1/a";
        let with_lines = OTHERWISE.map(|name| name.replace('-', "_"));
        for name in OTHERWISE.into_iter().chain(with_lines.iter().map(String::as_str)) {
            let headers =
                HeaderMap::from_iter([(name.parse::<http::HeaderName>().unwrap(), "DELETE".parse().unwrap())]);
            let told = check_with(&limited(), &Method::GET, url, &headers);
            assert!(told.contains(&format!("the header `{name}`")), "{told}");
            let whole = origin(HttpScheme::Https, HttpHost::Name("api.example.com".to_owned()), 443);
            assert_eq!(check_with(&[whole], &Method::GET, url, &headers), url);
        }
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
    fn a_name_leads_as_far_as_the_entries_that_cover_the_request_let_it() {
        let [limited, open] = limited();
        let private =
            |entry: HttpGrant| HttpGrant { servers: Origin { reach: Reach::Private, ..entry.servers }, ..entry };
        let whole = HttpGrant { path: activity::PathPrefix::default(), ..open };
        let reach = |grant: &[HttpGrant], method: &Method, path: &str| {
            let uri = format!("https://api.example.com{path}").parse().unwrap();
            checked(grant, method, &uri, &HeaderMap::new()).unwrap().to.reach
        };
        let grant = [whole, private(limited.clone())];
        assert_eq!(reach(&grant, &Method::GET, "/v1/a"), Reach::Private);
        assert_eq!(reach(&grant, &Method::POST, "/v1/a"), Reach::Public);
        assert_eq!(reach(&grant, &Method::GET, "/v2"), Reach::Public);
        // What is only counted goes to where the server is.
        let counted = [vec![private(limited)], HttpGrant::counted().to_vec()].concat();
        assert_eq!(reach(&counted, &Method::POST, "/v2"), Reach::Private);
    }

    #[test]
    fn what_is_only_counted_goes_on_to_public_servers_and_to_granted_ones() {
        let here = origin(HttpScheme::Http, HttpHost::address([127, 0, 0, 1]), 8080);
        let get = HttpGrant { methods: vec!["GET".to_owned()], ..here };
        let grant = [vec![get], HttpGrant::counted().to_vec()].concat();
        let ask = |method: Method, uri: &str| check(&grant, &method, uri);
        assert_eq!(ask(Method::GET, "http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
        for uri in ["https://api.example.com/", "http://api.example.com:8443/", "http://93.184.216.34/"] {
            assert!(ask(Method::GET, uri).starts_with("counted: the component's grant `http` does not cover"), "{uri}");
        }
        assert!(ask(Method::POST, "http://127.0.0.1:8080/").starts_with("counted: "));
        for uri in ["http://127.0.0.1:8081/", "http://localhost:8080/", "http://10.0.0.1/", "http://169.254.169.254/"] {
            assert!(ask(Method::GET, uri).starts_with("internal error: the component's grant `http`"), "{uri}");
        }
        assert_eq!(ask(Method::TRACE, "https://api.example.com/"), "invalid HTTP request method");
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
