//! Who may see more than health: who has the token, and browsers that it was given in.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{
    HeaderMap,
    header::{AUTHORIZATION, COOKIE, HOST, HeaderName},
};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

use crate::sessions::{GOOD_FOR, Hash, Sessions, hash};

/// How the cookie that a browser has in place of the token is called, or how that begins.
const NAME: &str = "isolet";

/// By what a proxy says that it is reached by TLS.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The shortest token, in characters: nobody guesses it.
const SHORTEST: usize = 16;

/// How often wrong tokens, and one that can't be read, are told.
const PAUSE: Duration = Duration::from_secs(60);

/// Reads the token again, so that another one holds at once. May block.
pub type ReadToken = Arc<dyn Fn() -> io::Result<String> + Send + Sync>;

/// Who may see more than health.
pub struct Access {
    read: ReadToken,
    sessions: Mutex<Sessions>,
    wrong: Told,
    unreadable: Told,
}

/// When something was told last that whoever asks can bring about, and must not fill the log with.
#[derive(Debug, Default)]
struct Told(Mutex<Option<Instant>>);

impl Told {
    fn is_due(&self) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|told| PAUSE <= told.elapsed());
        if is_due {
            *told = Some(Instant::now());
        }
        is_due
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

impl Access {
    /// For those who have the token that `read` reads.
    ///
    /// # Errors
    /// When it can't be read, or is too short.
    pub fn new(read: ReadToken) -> io::Result<Self> {
        checked(&read()?)?;
        Ok(Self { read, sessions: Mutex::default(), wrong: Told::default(), unreadable: Told::default() })
    }

    /// Whether these headers show that somebody may.
    pub(crate) async fn allows(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|given| given.to_str().ok());
        let bearer = given.and_then(|given| given.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let Some(token) = self.token().await else { return false };
        match bearer {
            Some(bearer) => {
                let is_right = bool::from(hash(bearer).ct_eq(&token));
                if !is_right {
                    self.wrong();
                }
                is_right
            }
            None => cookie(headers).is_some_and(|id| self.sessions().has(id, &token)),
        }
    }

    /// The cookie for a browser in which this token was given, with these headers, if it is right.
    pub(crate) async fn log_in(&self, given: &str, headers: &HeaderMap) -> Option<String> {
        let token = self.token().await?;
        if !bool::from(hash(given.trim()).ct_eq(&token)) {
            self.wrong();
            return None;
        }
        let id = self.sessions().begin(token)?;
        tracing::info!("somebody who has the token has logged in at the page");
        let is_safe = headers.get(FORWARDED_PROTO).is_some_and(|scheme| scheme.as_bytes() == b"https");
        let (name, secure) = (name(headers), if is_safe { "; Secure" } else { "" });
        Some(format!("{name}={id}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}", GOOD_FOR.as_secs()))
    }

    /// Ends what a browser has. Returns the cookie that takes it away.
    pub(crate) fn log_out(&self, headers: &HeaderMap) -> String {
        if let Some(id) = cookie(headers) {
            self.sessions().end(id);
        }
        format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", name(headers))
    }

    /// The hash of what is the token now.
    async fn token(&self) -> Option<Hash> {
        let read = Arc::clone(&self.read);
        let read = tokio::task::spawn_blocking(move || read().and_then(|token| checked(&token))).await;
        match read.map_err(io::Error::other).and_then(|token| token) {
            Ok(token) => Some(token),
            Err(error) => {
                if self.unreadable.is_due() {
                    tracing::error!(
                        "nobody may see status and page, because the token can't be read from the file that web.token-file \
                         names: {error}; make it readable, with at least {SHORTEST} characters"
                    );
                }
                None
            }
        }
    }

    /// Tells of wrong tokens, but not of each.
    fn wrong(&self) {
        if self.wrong.is_due() {
            tracing::warn!("a wrong token was given for the worker's status or page");
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash of a token that nobody guesses.
fn checked(token: &str) -> io::Result<Hash> {
    let token = token.trim();
    if token.chars().count() < SHORTEST {
        let problem = format!("it has fewer than {SHORTEST} characters");
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    Ok(hash(token))
}

/// How the cookie is called at the port that the browser names. It sends the cookies of a host to all ports, and one of the
/// same name takes the place of the other: so workers at several ports, such as forwarded ones, have several names.
fn name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let port = host.and_then(|host| host.rsplit_once(':')).and_then(|(_, port)| port.parse::<u16>().ok());
    port.map_or_else(|| NAME.to_owned(), |port| format!("{NAME}-{port}"))
}

/// What a browser has.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let wanted = name(headers);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use axum::http::HeaderValue;

    use super::*;

    const TOKEN: &str = "a-token-that-is-long-enough";

    fn headers(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[tokio::test]
    async fn only_the_token_opens() {
        let access = Access::new(Arc::new(|| Ok(format!("{TOKEN}\n")))).unwrap();
        assert!(access.allows(&headers(AUTHORIZATION, &format!("Bearer {TOKEN}"))).await);
        for wrong in ["Bearer another", "Bearer", "Basic a-token-that-is-long-enough", ""] {
            assert!(!access.allows(&headers(AUTHORIZATION, wrong)).await, "{wrong}");
        }
        assert!(!access.allows(&HeaderMap::new()).await);
        assert_eq!(access.log_in("another", &HeaderMap::new()).await, None);
        let cookie = access.log_in(TOKEN, &HeaderMap::new()).await.unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains(TOKEN), "{cookie}");
        let by_tls = headers(FORWARDED_PROTO, "https");
        assert!(access.log_in(TOKEN, &by_tls).await.unwrap().ends_with("; Secure"));
        let (pair, _) = cookie.split_once(';').unwrap();
        let browser = headers(COOKIE, &format!("other=1; {pair}"));
        assert!(access.allows(&browser).await);
        access.log_out(&browser);
        assert!(!access.allows(&browser).await);
        assert!(!access.allows(&headers(COOKIE, &format!("isolet={TOKEN}"))).await);
    }

    /// A browser has one set of cookies for all ports of a host, each name once.
    #[tokio::test]
    async fn workers_at_several_ports_of_a_host_do_not_log_each_other_out() {
        let workers = [(); 3].map(|()| Access::new(Arc::new(|| Ok(TOKEN.to_owned()))).unwrap());
        let hosts = ["localhost:9464", "localhost:9465", "localhost"];
        let mut cookies = HashMap::new();
        for (worker, host) in workers.iter().zip(hosts) {
            let set = worker.log_in(TOKEN, &headers(HOST, host)).await.unwrap();
            let (name, value) = set.split_once(';').unwrap().0.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let sent: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let browser = |host: &str| [headers(HOST, host), headers(COOKIE, &sent.join("; "))].into_iter().flatten();
        let browser = |host: &str| browser(host).map(|(name, value)| (name.unwrap(), value)).collect::<HeaderMap>();
        for (worker, host) in workers.iter().zip(hosts) {
            assert!(worker.allows(&browser(host)).await, "{host}");
        }
        assert!(workers[1].log_out(&browser(hosts[1])).starts_with("isolet-9465=; "));
        assert!(!workers[1].allows(&browser(hosts[1])).await && workers[0].allows(&browser(hosts[0])).await);
        assert_eq!(
            ["[::1]:80", "[::1]", "a:b"].map(|host| name(&headers(HOST, host))),
            ["isolet-80", "isolet", "isolet"]
        );
    }

    #[tokio::test]
    async fn another_token_holds_at_once() {
        let now = Arc::new(Mutex::new(TOKEN.to_owned()));
        let read = Arc::clone(&now);
        let access = Access::new(Arc::new(move || Ok(read.lock().unwrap().clone()))).unwrap();
        let cookie = access.log_in(TOKEN, &HeaderMap::new()).await.unwrap();
        let browser = headers(COOKIE, cookie.split_once(';').unwrap().0);
        assert!(access.allows(&browser).await);
        *now.lock().unwrap() = "another-that-is-long-enough".to_owned();
        assert!(!access.allows(&browser).await && access.log_in(TOKEN, &HeaderMap::new()).await.is_none());
        "short".clone_into(&mut now.lock().unwrap());
        assert!(access.log_in("short", &HeaderMap::new()).await.is_none());
    }

    #[test]
    fn what_can_be_guessed_is_no_token() {
        assert!(Access::new(Arc::new(|| Ok("admin\n".to_owned()))).is_err());
        assert!(Access::new(Arc::new(|| Err(io::Error::other("gone")))).is_err());
    }
}
