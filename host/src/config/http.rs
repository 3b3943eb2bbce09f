//! `grants.http` and the limits that belong to it: which HTTP requests a component may send, and how many.

use std::net::{IpAddr, SocketAddr};

use activity::{HttpGrant, HttpHost, HttpLimits, HttpScheme, LOCALHOST, Origin, OriginHost, PathPrefix, Reach};

use egress::Proxy;

use super::{
    origin::origin,
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

/// The proxy that a text names.
pub(super) fn proxy(text: &str, key: &str, problems: &mut Problems) -> Option<Proxy> {
    match origin(text) {
        Ok(Origin { scheme: HttpScheme::Http, host: OriginHost::Only(host), port, .. }) => Some(Proxy { host, port }),
        Ok(_) => {
            problems.add(key, format_args!("{text:?} is no proxy; write it like \"http://proxy.example:3128\""));
            None
        }
        Err(problem) => {
            problems.add(key, format_args!("{text:?} {problem}"));
            None
        }
    }
}

/// What stands for every public server.
const PUBLIC: &str = "public";

/// The requests that are written.
pub(super) fn grant(entries: Vec<RawHttp>, key: &str, problems: &mut Problems) -> Vec<HttpGrant> {
    let mut grants: Vec<HttpGrant> = Vec::with_capacity(entries.len());
    for (index, RawHttp { url, table }) in entries.into_iter().enumerate() {
        let (own, table) = (format!("{key}[{index}]"), table.unwrap_or_default());
        if url.is_empty() {
            problems.add(&own, "it has no `url`; write it like { url = \"https://api.example.com\" }");
            continue;
        }
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
        let key_of_methods = format!("{own}.methods");
        // Whoever has a program write it may mean none.
        let is_none = table.methods.as_ref().is_some_and(Vec::is_empty);
        problems.refuse_if(is_none, &key_of_methods, "it names no method: leave it out for all of them");
        let of_table = table.methods.unwrap_or_default();
        methods(&of_table, &key_of_methods, problems);
        let key_header = table.idempotency_header.as_deref();
        let is_header = key_header.is_none_or(is_header);
        let problem = "it is no header that may be set; write it like \"Idempotency-Key\"";
        problems.refuse_if(!is_header, &format!("{own}.idempotency-header"), problem);
        let reach = if table.private { Reach::Private } else { Reach::Public };
        grants.extend(servers.into_iter().map(|grant| HttpGrant {
            servers: Origin { reach, ..grant.servers },
            methods: of_table.clone(),
            idempotency_header: key_header.map(str::to_ascii_lowercase),
            trace_context: table.trace_context,
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

/// Whether it is the name of a header that is not the connection's.
fn is_header(name: &str) -> bool {
    const CONNECTION: [&str; 8] =
        ["host", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer"];
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_name && !CONNECTION.iter().any(|each| name.eq_ignore_ascii_case(each))
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
            (r#"{ url = "https://a.example", methods = [] }"#, "http[0].methods: it names no method"),
            (r#"{ url = "https://a.example", methods = ["get"] }"#, "http[0].methods: \"get\" is no method"),
            (r#"{ url = "https://a.example", methods = ["TRACE"] }"#, "http[0].methods: TRACE is never sent"),
            (r#"{ url = "https://a.example", idempotency-header = "Host" }"#, "http[0].idempotency-header: it is no"),
            (r#"{ url = "https://a.example", idempotency-header = "a b" }"#, "http[0].idempotency-header: it is no"),
            (r#"{ url = "http://10.0.0.7", private = true }"#, "http[0].private: only names"),
            (r#"{ url = "http://localhost", private = true }"#, "http[0].private: only names"),
            (r#"{ url = "public", private = true }"#, "http[0].private: only names"),
            (r#"{ methods = ["GET"] }"#, "http[0]: it has no `url`"),
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
        assert_eq!(flag("https://a"), Ok(("https://a".to_owned(), None)));
        let get = Ok(("https://a/b".to_owned(), Some(vec!["GET".to_owned()])));
        assert_eq!(flag("{ url = \"https://a/b\", methods = [\"GET\"] }"), get);
        assert!(flag("{ uri = \"https://a\" }").unwrap_err().contains("unknown field `uri`"));
        assert!(flag("{ url").is_err());
    }
}
