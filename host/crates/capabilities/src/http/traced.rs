//! Requests of a traced attempt: what of each is told in its span, and what its server is told of that.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use activity::{
    HttpGrant, LONGEST_PART_NAME, MOST_PARTS, Part, RequestOutcome, Trace, TracedRequest, TracedRequests, shown,
};
use egress::Destination;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;
use wasmtime_wasi_http::Error;

use super::RequestCounts;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The requests of one attempt that are told in its trace; none of an attempt that is not traced.
#[derive(Debug, Default)]
pub(crate) struct Traced {
    requests: Mutex<TracedRequests>,
}

/// A request that has begun. Dropped before it came to anything, it was given up.
#[derive(Debug)]
pub(super) struct Begun {
    counts: Arc<RequestCounts>,
    at: usize,
    outcome: RequestOutcome,
}

/// Counts a request that begins now, and tells its server by which span it is called, if that is granted and the guest
/// tells nothing else.
pub(super) fn begin(
    counts: &Arc<RequestCounts>,
    trace: &Trace,
    (method, url, to): (&Method, &Url, &Destination),
    entry: &HttpGrant,
    headers: &mut HeaderMap,
) -> Option<Begun> {
    let mut told = counts.traced.lock();
    let number = (told.requests.len() as u64).saturating_add(told.left_out);
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    if entry.trace_context && !headers.contains_key(TRACEPARENT) {
        tell(trace, number, headers);
    }
    if !trace.is_sampled || MOST_PARTS <= told.requests.len() {
        told.left_out = told.left_out.saturating_add(1);
        return None;
    }
    let bounded = |text: &str| shown::cut(text, LONGEST_PART_NAME).into_owned();
    told.requests.push(TracedRequest {
        number,
        method: bounded(method.as_str()),
        scheme: to.scheme,
        server: bounded(&to.host.to_string()),
        port: to.port,
        path: bounded(url.path()),
        began: SystemTime::now(),
        took: Duration::ZERO,
        outcome: RequestOutcome::Abandoned,
    });
    let at = told.requests.len() - 1;
    Some(Begun { counts: Arc::clone(counts), at, outcome: RequestOutcome::Abandoned })
}

impl Traced {
    /// What is told of them.
    pub(crate) fn take(&self) -> TracedRequests {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, TracedRequests> {
        // Each change is complete before anything can panic.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    /// It has come to this now.
    pub(super) fn ended<B>(mut self, response: &Result<http::Response<B>, Error>) {
        self.outcome = match response {
            Ok(response) => RequestOutcome::Answered(response.status().as_u16()),
            Err(Error::InternalError(Some(_))) => RequestOutcome::Failed("refused".to_owned()),
            Err(error) => RequestOutcome::Failed(name(error)),
        };
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(request) = self.counts.traced.lock().requests.get_mut(self.at) {
            request.took = request.began.elapsed().unwrap_or_default();
            request.outcome = std::mem::replace(&mut self.outcome, RequestOutcome::Abandoned);
        }
    }
}

/// Tells a server by which span it is called. What callers pass on beside that is not for it.
fn tell(trace: &Trace, number: u32, headers: &mut HeaderMap) {
    let parent = trace.parent_of_called(trace.span_id_of(Part::Request(number)));
    if let Ok(parent) = HeaderValue::from_str(&parent) {
        headers.insert(TRACEPARENT, parent);
    }
    if let (false, Ok(state)) = (trace.state.is_empty(), HeaderValue::from_str(&trace.state)) {
        headers.insert(TRACESTATE, state);
    }
}

/// The name of an error of `wasi:http`.
fn name(error: &Error) -> String {
    let said = format!("{error:?}");
    said.split(|each: char| !each.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use activity::{HttpHost, HttpScheme, Origin, OriginHost, Reach};

    use super::*;

    fn trace(is_sampled: bool) -> Trace {
        Trace {
            trace_id: 1,
            span_id: 2,
            parent: None,
            is_sampled,
            state: "vendor=1".to_owned(),
            baggage: "user=ada".to_owned(),
            began: SystemTime::now(),
        }
    }

    /// What of a request is told its server, and its span, if it has any.
    fn begun(
        counts: &Arc<RequestCounts>,
        trace: &Trace,
        granted: bool,
        mut headers: HeaderMap,
    ) -> (String, Option<Begun>) {
        let host = HttpHost::Name("a.example".to_owned());
        let to = Destination { scheme: HttpScheme::Https, host: host.clone(), port: 443, reach: Reach::Public };
        let entry = HttpGrant::from(Origin::new(HttpScheme::Https, OriginHost::Only(host), 443));
        let entry = HttpGrant { trace_context: granted, ..entry };
        let url = Url::parse("https://a.example/v1/x?token=secret#there").unwrap();
        let begun = begin(counts, trace, (&Method::GET, &url, &to), &entry, &mut headers);
        (format!("{headers:?}"), begun)
    }

    #[test]
    fn a_server_is_told_only_where_that_is_granted() {
        let counts = Arc::<RequestCounts>::default();
        assert_eq!(begun(&counts, &trace(true), false, HeaderMap::new()).0, "{}");
        let (told, _) = begun(&counts, &trace(true), true, HeaderMap::new());
        assert!(told.contains("00-00000000000000000000000000000001-") && told.contains("-01\""), "{told}");
        assert!(told.contains("vendor=1") && !told.contains("ada"), "{told}");
        let (told, begun_one) = begun(&counts, &trace(false), true, HeaderMap::new());
        assert!(told.contains("-00\"") && begun_one.is_none(), "{told}");
        let own = HeaderMap::from_iter([(TRACEPARENT, HeaderValue::from_static("the guest's"))]);
        assert_eq!(begun(&counts, &trace(true), true, own).0, "{\"traceparent\": \"the guest's\"}");
    }

    #[test]
    fn each_request_is_told_without_what_may_be_secret() {
        let counts = Arc::<RequestCounts>::default();
        let mut all: Vec<_> =
            (0..3).map(|_| begun(&counts, &trace(true), false, HeaderMap::new()).1.unwrap()).collect();
        all.remove(0).ended(&Ok(http::Response::new(())));
        all.remove(0).ended::<()>(&Err(Error::DnsTimeout));
        let told = counts.traced.take();
        let outcomes: Vec<_> = told.requests.iter().map(|request| format!("{:?}", request.outcome)).collect();
        assert_eq!(outcomes, ["Answered(200)", "Failed(\"DnsTimeout\")", "Abandoned"]);
        let TracedRequest { method, server, port, path, .. } = &told.requests[2];
        assert_eq!((method.as_str(), server.as_str(), *port, path.as_str()), ("GET", "a.example", 443, "/v1/x"));
    }

    #[test]
    fn more_requests_than_are_told_are_counted() {
        let counts = Arc::<RequestCounts>::default();
        for _ in 0..MOST_PARTS + 5 {
            begun(&counts, &trace(true), false, HeaderMap::new());
        }
        let told = counts.traced.take();
        assert_eq!((told.requests.len(), told.left_out), (MOST_PARTS, 5));
    }
}
