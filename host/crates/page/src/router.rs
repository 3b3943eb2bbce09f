//! What is answered, and to whom.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, LOCATION, ORIGIN, SET_COOKIE, WWW_AUTHENTICATE,
        },
    },
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Serialize;
use tokio::sync::Semaphore;
use web::{Patience, json, text};

use crate::{
    Access, History, Looker, Recent,
    health::{Readiness, Wanted},
    live::Readers,
    recent::Filter,
    view::{
        attempt::One,
        attempts::{Attempts, MOST_SHOWN},
        layout::{Place, page},
        links::Links,
        login::login,
        overview::Overview,
    },
};

/// The most bytes of all metrics.
const MOST_METRICS: usize = 64 << 20;

/// How often they are fetched at once; who comes then waits.
const METRICS_AT_ONCE: usize = 2;

/// The longest value of what is asked for, in characters or bytes: names are shorter.
const LONGEST_VALUE: usize = 1_000;

/// By what a browser says where a request begins.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is answered.
#[derive(Debug)]
pub struct Answers {
    /// Asks the worker how it is.
    pub looker: Arc<Looker>,
    /// Where metrics are to be had, within this process, if Prometheus may have them.
    pub metrics: Option<SocketAddr>,
    /// What those may see who have the token, if there is one.
    pub page: Option<Page>,
}

/// What those may see who have the token.
#[derive(Debug)]
pub struct Page {
    looker: Arc<Looker>,
    pub(crate) access: Access,
    recent: Arc<Recent>,
    history: Arc<History>,
    links: Links,
    readers: Readers,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// How the worker is, narrowed to a tenant.
    Overview(Option<String>),
    /// Attempts.
    Attempts(Filter),
    /// One of them.
    Attempt(u64),
}

/// What handlers have.
#[derive(Clone, Debug)]
struct Shared {
    looker: Arc<Looker>,
    metrics: Option<SocketAddr>,
    fetching: Arc<Semaphore>,
    page: Option<Arc<Page>>,
}

/// Why something is not answered, for programs.
#[derive(Debug, Serialize)]
struct Refused {
    message: &'static str,
    cure: &'static str,
}

/// All of it.
pub fn router(answers: Answers) -> Router {
    let Answers { looker, metrics, page } = answers;
    let page = page.map(Arc::new);
    let shared = Shared { looker, metrics, fetching: Arc::new(Semaphore::new(METRICS_AT_ONCE)), page: page.clone() };
    let open = Router::new()
        .route("/healthz", get(async || text(StatusCode::OK, "ok\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(prometheus))
        .route("/status", get(status))
        .fallback(nothing)
        .with_state(shared);
    match page {
        Some(page) => open.merge(pages(page)),
        None => open,
    }
}

/// Metrics and nothing else, for an address of their own.
pub fn metrics(address: SocketAddr) -> Router {
    let fetching = Arc::new(Semaphore::new(METRICS_AT_ONCE));
    Router::new().route("/metrics", get(async move || fetched(address, &fetching).await))
}

fn pages(page: Arc<Page>) -> Router {
    Router::new()
        .route(
            "/",
            get(async |State(page): State<Arc<Page>>, query: RawQuery, headers, uri| {
                page.show(overview(query), (headers, uri)).await
            }),
        )
        .route(
            "/attempts",
            get(async |State(page): State<Arc<Page>>, query: RawQuery, headers, uri| {
                page.show(attempts(query), (headers, uri)).await
            }),
        )
        .route(
            "/attempts/{id}",
            get(async |State(page): State<Arc<Page>>, Path(id), headers, uri| {
                page.show(Look::Attempt(id), (headers, uri)).await
            }),
        )
        .route(
            "/live/",
            get(async |page, query: RawQuery, patience, headers| {
                follow(page, overview(query), patience, headers).await
            }),
        )
        .route(
            "/live/attempts",
            get(async |page, query: RawQuery, patience, headers| {
                follow(page, attempts(query), patience, headers).await
            }),
        )
        .route(
            "/live/attempts/{id}",
            get(async |page, Path(id), patience, headers| follow(page, Look::Attempt(id), patience, headers).await),
        )
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .with_state(page)
}

async fn ready(State(shared): State<Shared>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let why = match &shared.page {
        Some(page) => page.access.allows(&headers).await,
        None => false,
    };
    let all = pairs(query.as_deref()).any(|(name, _)| name == "all");
    let status = shared.looker.status().await;
    Readiness::of(status.as_deref(), Wanted { all, why }).answer(&headers)
}

async fn prometheus(State(shared): State<Shared>) -> Response {
    match shared.metrics {
        Some(address) => fetched(address, &shared.fetching).await,
        None => text(StatusCode::NOT_FOUND, "metrics.export is not \"prometheus\"\n"),
    }
}

async fn fetched(address: SocketAddr, fetching: &Semaphore) -> Response {
    // Never closed.
    let _turn = fetching.acquire().await;
    match web::fetch(address, "/metrics", MOST_METRICS).await {
        Ok((kind, metrics)) => {
            let kind = kind.unwrap_or(HeaderValue::from_static("text/plain"));
            ([(CONTENT_TYPE, kind)], metrics).into_response()
        }
        Err(error) => {
            tracing::error!("failed to collect the metrics: {error}");
            text(StatusCode::SERVICE_UNAVAILABLE, "failed to collect the metrics\n")
        }
    }
}

async fn status(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let Some(page) = &shared.page else {
        let cure = "set web.token-file to a file with a token";
        return json(StatusCode::NOT_FOUND, &Refused { message: "nobody may see this worker's status here", cure });
    };
    if !page.access.allows(&headers).await {
        let cure = "give the token that is in the file that web.token-file names, as `Authorization: Bearer TOKEN`";
        let refused = Refused { message: "the status is for those who have the worker's token", cure };
        let mut response = json(StatusCode::UNAUTHORIZED, &refused);
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    match shared.looker.status().await {
        Some(status) => json(StatusCode::OK, &*status),
        None => {
            let (message, cure) = ("the worker has not answered in time", "see its log");
            json(StatusCode::SERVICE_UNAVAILABLE, &Refused { message, cure })
        }
    }
}

async fn nothing(State(shared): State<Shared>) -> Response {
    let page = match shared.page {
        Some(_) => "/, /attempts and /status for those who have the token",
        None => "no page and no status, because web.token-file is not set",
    };
    text(StatusCode::NOT_FOUND, format!("there is /healthz, /readyz, /metrics; {page}\n"))
}

async fn follow(
    State(page): State<Arc<Page>>,
    look: Look,
    Extension(patience): Extension<Patience>,
    headers: HeaderMap,
) -> Response {
    if !page.access.allows(&headers).await {
        return text(StatusCode::UNAUTHORIZED, "log in first\n");
    }
    page.readers.clone().tell(page, look, headers, &patience)
}

async fn log_in(State(page): State<Arc<Page>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_own(&headers) {
        return text(StatusCode::FORBIDDEN, "another site has sent this form\n");
    }
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(&body);
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let to = own_path(&field("to"));
    match page.access.log_in(&field("token"), &headers).await {
        Some(cookie) => elsewhere(&to, &cookie),
        None => shown(StatusCode::UNAUTHORIZED, |nonce| login(nonce, &to, true)),
    }
}

async fn log_out(State(page): State<Arc<Page>>, headers: HeaderMap) -> Response {
    if !is_own(&headers) {
        return text(StatusCode::FORBIDDEN, "another site has sent this form\n");
    }
    elsewhere("/", &page.access.log_out(&headers))
}

impl Page {
    /// What `looker`, `recent` and `history` tell, for those who have `access`; `temporal_ui` is where Temporal's own page is,
    /// without a slash at its end.
    pub fn new(
        looker: Arc<Looker>,
        access: Access,
        (recent, history): (Arc<Recent>, Arc<History>),
        temporal_ui: Option<String>,
    ) -> Self {
        Self { looker, access, recent, history, links: Links::new(temporal_ui), readers: Readers::default() }
    }

    /// A whole page, or the form to log in by.
    async fn show(&self, look: Look, (headers, uri): (HeaderMap, Uri)) -> Response {
        if !self.access.allows(&headers).await {
            let to = own_path(uri.path_and_query().map_or("/", |path| path.as_str()));
            return shown(StatusCode::UNAUTHORIZED, |nonce| login(nonce, &to, false));
        }
        let (title, place) = match &look {
            Look::Overview(_) => ("Overview", Place::Overview),
            Look::Attempts(_) => ("Attempts", Place::Attempts),
            Look::Attempt(_) => ("Attempt", Place::Attempts),
        };
        let (content, _) = self.content(&look).await;
        shown(StatusCode::OK, |nonce| page(title, place, nonce, &content))
    }

    /// What there is to see now, and whether that is all that there will be.
    pub(crate) async fn content(&self, look: &Look) -> (Markup, bool) {
        let now = SystemTime::now();
        match look {
            Look::Overview(tenant) => {
                let (status, samples) = (self.looker.status().await, self.history.seen());
                let (status, tenant) = (status.as_deref(), tenant.as_deref());
                (Overview { status, samples: &samples, links: &self.links, tenant }.content(), false)
            }
            Look::Attempts(filter) => {
                let (attempts, count) = self.recent.list(filter, MOST_SHOWN);
                (Attempts { attempts: &attempts, count, filter, now }.content(), false)
            }
            Look::Attempt(id) => match self.recent.find(*id) {
                Some((attempt, tail)) => {
                    let is_last = attempt.ended.is_some();
                    (One { attempt: &attempt, tail: &tail, links: &self.links, now }.content(), is_last)
                }
                None => {
                    let gone = html! {
                        h1 { "Attempt" }
                        p { "It is not kept, or not any more. " a href="/attempts" { "All attempts" } }
                    };
                    (gone, true)
                }
            },
        }
    }
}

fn overview(RawQuery(query): RawQuery) -> Look {
    Look::Overview(value(query.as_deref(), "tenant"))
}

fn attempts(RawQuery(query): RawQuery) -> Look {
    let value = |name| value(query.as_deref(), name);
    Look::Attempts(Filter { tenant: value("tenant"), activity_type: value("type"), outcome: value("outcome") })
}

/// What is asked for by this name, if it is anything; of what is longer than any name, the beginning, which nothing has.
fn value(query: Option<&str>, wanted: &str) -> Option<String> {
    let found = pairs(query).find(|(name, _)| name == wanted).map(|(_, value)| value);
    let cut = |value: String| value.chars().take(LONGEST_VALUE).collect();
    found.filter(|value| !value.is_empty()).map(cut)
}

fn pairs(query: Option<&str>) -> impl Iterator<Item = (String, String)> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned()))
}

/// Whether a form is of this page, as far as the browser says so: by `Sec-Fetch-Site` where it is reached by TLS, whatever a
/// proxy makes of its name, else by `Origin`, for which there is a policy of referrers.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_of = |origin: &str| origin.split_once("://").is_some_and(|(_, host)| text(HOST) == Some(host));
    match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
        (Some(site), _) => [&b"same-origin"[..], b"none"].contains(&site.as_bytes()),
        (None, Some(origin)) => origin.to_str().is_ok_and(is_of),
        (None, None) => true,
    }
}

/// A path of this server and of no other; the first one, if it is not that.
fn own_path(path: &str) -> String {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= LONGEST_VALUE
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { path.to_owned() } else { "/".to_owned() }
}

/// Leads a browser to another page, with a cookie.
fn elsewhere(to: &str, cookie: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in [(LOCATION, to), (SET_COOKIE, cookie)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A page, which may do nothing but what it has come with.
fn shown(status: StatusCode, page: impl FnOnce(&str) -> Markup) -> Response {
    let mut random = [0_u8; 16];
    // Without random numbers neither style nor script is used.
    let is_random = SystemRandom::new().fill(&mut random).is_ok();
    let nonce = if is_random { format!("{:032x}", u128::from_be_bytes(random)) } else { String::new() };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let mut response = (status, page(&nonce).into_string()).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests;
