//! `grants.http` and the limits that belong to it: which HTTP requests a component may send, and how many.

use std::net::{IpAddr, SocketAddr};

use activity::{HttpGrant, HttpHost, HttpLimits, HttpScheme, LOCALHOST, Origin, OriginHost, PathPrefix, Reach};
use url::{Host, Url};

use super::{
    problems::Problems,
    raw::{component::RawLimits, requests::RawHttp},
};

/// Where servers of names are asked, unless a port is written.
const DNS_PORT: u16 = 53;

/// Whom to ask for names.
pub(super) fn nameservers(texts: &[String], key: &str, problems: &mut Problems) -> Vec<SocketAddr> {
    let server = |text: &String| {
        let server = text.parse().or_else(|_| text.parse().map(|address: IpAddr| SocketAddr::new(address, DNS_PORT)));
        let server = server.ok().filter(|server: &SocketAddr| server.port() != 0);
        if server.is_none() {
            let problem = "is no address; write it like \"10.0.0.53\" or \"[fd00::53]:5353\"";
            problems.add(key, format_args!("{text:?} {problem}"));
        }
        server
    };
    texts.iter().filter_map(server).collect()
}

/// What stands for every public server.
const PUBLIC: &str = "public";

/// The requests that are written.
pub(super) fn grant(entries: Vec<RawHttp>, key: &str, problems: &mut Problems) -> Vec<HttpGrant> {
    let mut grants: Vec<HttpGrant> = Vec::with_capacity(entries.len());
    for (index, RawHttp { url, table }) in entries.into_iter().enumerate() {
        let (own, table) = (format!("{key}[{index}]"), table.unwrap_or_default());
        let servers = match servers(&url) {
            Ok(servers) => servers,
            Err(problem) => {
                problems.add(&own, format_args!("{url:?} {problem}"));
                continue;
            }
        };
        let is_named = |servers: &HttpGrant| match &servers.servers.host {
            OriginHost::Only(HttpHost::Name(name)) => name != LOCALHOST,
            OriginHost::Below(_) => true,
            OriginHost::Only(HttpHost::Address(_)) | OriginHost::Public => false,
        };
        let is_meant = !table.private || servers.iter().all(is_named);
        let problem = "only names lead to private addresses; an address and localhost are granted as they stand";
        problems.refuse_if(!is_meant, &format!("{own}.private"), problem);
        methods(&table.methods, &format!("{own}.methods"), problems);
        let reach = if table.private { Reach::Private } else { Reach::Public };
        grants.extend(servers.into_iter().map(|grant| HttpGrant {
            servers: Origin { reach, ..grant.servers },
            methods: table.methods.clone(),
            ..grant
        }));
    }
    grants
}

/// Checks the names of methods, which are sent and compared as they stand.
fn methods(names: &[String], key: &str, problems: &mut Problems) {
    for name in names {
        let is_method = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        problems.refuse_if(!is_method, key, format_args!("{name:?} is no method; write it like \"GET\""));
        let never = matches!(name.as_str(), "CONNECT" | "TRACE");
        problems.refuse_if(never, key, format_args!("{name} is never sent, whatever is granted; leave it out"));
    }
}

/// All requests to the servers that a text stands for, below its path: `"public"` has two kinds.
fn servers(text: &str) -> Result<Vec<HttpGrant>, &'static str> {
    if text == PUBLIC {
        let schemes = [HttpScheme::Https, HttpScheme::Http];
        return Ok(schemes.map(|each| Origin::new(each, OriginHost::Public, each.default_port()).into()).into());
    }
    let after_scheme = text.find("://").map_or(0, |at| at + "://".len());
    let (servers, path) = match text.get(after_scheme..).and_then(|rest| rest.find('/')) {
        Some(at) => text.split_at(after_scheme + at),
        None => (text, ""),
    };
    if path.contains(['?', '#', '\\']) {
        return Err("has a query, a fragment or a backslash: an entry ends with its path");
    }
    let problem =
        "has a path that servers read differently: leave out empty segments, those of dots, and %2F, %5C and %25";
    let path = PathPrefix::new(path).map_err(|_| problem)?;
    Ok(vec![HttpGrant { path, ..origin(servers)?.into() }])
}

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

/// The limits of HTTP requests.
pub(super) fn limits(raw: &RawLimits) -> HttpLimits {
    HttpLimits {
        requests: raw.http_requests().as_usize(),
        headers: raw.http_headers().as_usize(),
        request_body: raw.http_request_body().0,
        response_body: raw.http_response_body().0,
        connect_timeout: raw.http_connect_timeout().0,
        response_timeout: raw.http_response_timeout().0,
        read_timeout: raw.http_read_timeout().0,
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

    /// What a text or a table in TOML grants, or what is wrong with it.
    fn granted(entry: &str) -> String {
        let mut problems = Problems::default();
        let table: toml::Table = toml::from_str(&format!("http = [{entry}]")).unwrap();
        let entries = table["http"].clone().try_into().unwrap();
        let grants = grant(entries, "http", &mut problems);
        let grants: Vec<_> = grants.iter().map(|grant| format!("{grant} {:?}", grant.servers.reach)).collect();
        if problems.is_empty() { grants.join(", ") } else { problems.to_string() }
    }

    #[test]
    fn an_entry_may_be_limited() {
        let cases = [
            (r#""https://a.example/""#, "https://a.example Public"),
            (r#""https://a.example/v1/x%20y/""#, "https://a.example/v1/x%20y Public"),
            (r#"{ url = "https://a.example/v1", methods = ["GET", "PUT"] }"#, "GET,PUT https://a.example/v1 Public"),
            (r#"{ url = "https://*.corp.example", private = true }"#, "https://*.corp.example Private"),
            (r#""public""#, "https://(any public address) Public, http://(any public address) Public"),
            (r#"{ url = "https://a.example", methods = ["get"] }"#, "http[0].methods: \"get\" is no method"),
            (r#"{ url = "https://a.example", methods = ["TRACE"] }"#, "http[0].methods: TRACE is never sent"),
            (r#"{ url = "http://10.0.0.7", private = true }"#, "http[0].private: only names"),
            (r#"{ url = "http://localhost", private = true }"#, "http[0].private: only names"),
            (r#"{ url = "public", private = true }"#, "http[0].private: only names"),
            (r#"{ methods = ["GET"] }"#, "http[0]: \"\" is no origin"),
            (r#""https://a.example/v1/../x""#, "has a path that servers read differently"),
            (r#""https://a.example/v1/%2e%2e/x""#, "has a path that servers read differently"),
            (r#""https://a.example/v1//x""#, "has a path that servers read differently"),
            (r#""https://a.example/v1?x""#, "has a query"),
        ];
        for (entry, expected) in cases {
            assert!(granted(entry).contains(expected), "{entry}: {}", granted(entry));
        }
    }

    #[test]
    fn a_flag_may_be_a_table() {
        let flag =
            |text: &str| text.parse::<RawHttp>().map(|entry| (entry.url, entry.table.unwrap_or_default().methods));
        assert_eq!(flag("https://a"), Ok(("https://a".to_owned(), Vec::new())));
        let get = Ok(("https://a/b".to_owned(), vec!["GET".to_owned()]));
        assert_eq!(flag("{ url = \"https://a/b\", methods = [\"GET\"] }"), get);
        assert!(flag("{ uri = \"https://a\" }").unwrap_err().contains("unknown field `uri`"));
        assert!(flag("{ url").is_err());
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
