//! What a worker answers by HTTP at one address: health, metrics, status, and the page, as a real browser shows it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    supervisor::{Configured, Queue},
    support::{DevServer, Isolet, Worker, browser::Browser},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// What a page must not do because a guest says it.
const HOSTILE: &str = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>\u{202e}evil";

/// Whether the page is that of one attempt.
const IS_ATTEMPT: &str = "location.pathname.startsWith('/attempts/')";

/// A worker that answers, and its address.
struct Answering {
    worker: Worker,
    /// Host and port.
    address: String,
    folder: TempDir,
}

impl Answering {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let token = folder.path().join("token");
        fs::write(&token, format!("{TOKEN}\n")).unwrap();
        let socket = folder.path().join("run/admin.sock");
        let worker = Isolet::worker(DevServer::start().await).component("conformance");
        let worker = worker
            .option("--web-address", "127.0.0.1:0")
            .option("--web-token-file", &token.display().to_string())
            .option("--admin-socket", &socket.display().to_string());
        let worker = worker.cancel_check("200ms").start().await;
        let ready = worker.event("ready", |event| event["event"] == "ready").await;
        let address = ready["web"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        assert_eq!(ready["metrics"], json!(format!("http://{address}/metrics")));
        Self { worker, address, folder }
    }

    /// The status and the body of what is answered.
    async fn ask(&self, path: &str, headers: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.get(9..12).unwrap().parse().unwrap(), body.to_owned())
    }
}

#[tokio::test]
async fn one_address_tells_health_metrics_and_status() {
    let answering = Answering::start().await;
    let Answering { worker, folder, .. } = &answering;
    assert_eq!(answering.ask("/healthz", "").await, (200, "ok\n".to_owned()));
    assert_eq!(answering.ask("/readyz", "").await, (200, "ready\n".to_owned()));
    let (code, body) = answering.ask("/readyz?all", "accept: application/json\r\n").await;
    assert_eq!((code, &serde_json::from_str::<Value>(&body).unwrap()["ready"]), (200, &json!(true)));
    worker.standalone("echo").arg(1).run().await;
    let (code, metrics) = answering.ask("/metrics", "").await;
    assert!(code == 200 && metrics.contains("isolet_attempts"), "{metrics}");
    assert_eq!(answering.ask("/status", "").await.0, 401);
    assert_eq!(answering.ask("/status", "authorization: Bearer another-0123456789\r\n").await.0, 401);
    let (code, status) = answering.ask("/status", &format!("authorization: Bearer {TOKEN}\r\n")).await;
    assert_eq!(code, 200, "{status}");
    let status: Value = serde_json::from_str(&status).unwrap();
    let socket = folder.path().join("run/admin.sock").display().to_string();
    let told = Isolet::with(["status", "--output", "json", "--socket", &socket]).run().await;
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let [one, other] = [&status, &told].map(|status| (&status["worker"]["pid"], &status["tenants"][0]["queues"]));
    assert_eq!((one.0, &one.1[0]["components"]), (other.0, &other.1[0]["components"]));
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_whose_one_queue_is_wrong_serves_the_others_and_says_so() {
    let mut configured = Configured::new().await;
    configured.connection += "\n[web]\naddress = \"127.0.0.1:0\"";
    let (well, lacking) = (Queue::new("well"), Queue::new("lacking"));
    let lacking = lacking.component(&configured.path("later.wasm"));
    configured.configure(&[&well, &lacking]);
    let worker = Worker::start(configured.isolet(), &well.name).await;
    let ready = worker.event("ready", |event| event["event"] == "ready").await;
    let address = ready["web"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let answering = Answering { worker, address, folder: TempDir::new().unwrap() };
    let (code, body) = answering.ask("/readyz", "").await;
    let named = format!("tenant {0}, task queue {0} of namespace default: refused\n", lacking.name);
    assert_eq!((code, body), (200, format!("ready\n{named}")));
    let (code, body) = answering.ask("/readyz?all", "").await;
    assert_eq!((code, body), (503, format!("not ready\n1 of 2 task queues are served\n{named}")));
    // Nobody may see status and page, as there is no token.
    assert_eq!(answering.ask("/status", "").await.0, 404);
    assert_eq!(answering.ask("/", "").await.0, 404);
    answering.worker.stop().await;
}

#[tokio::test]
async fn a_token_that_can_be_guessed_and_an_address_that_is_taken_are_refused() {
    let folder = TempDir::new().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "admin").unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let server = DevServer::start().await;
    let worker = Isolet::worker(server).component("greeter").option("--web-address", "127.0.0.1:0");
    let refused = worker.option("--web-token-file", &token.display().to_string()).isolet().run().await;
    assert!(refused.refusal().contains("it has fewer than 16 characters"), "{}", refused.refusal());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = Isolet::worker(server).component("greeter").option("--web-address", &address).isolet().run().await;
    assert!(refused.refusal().contains(&format!("failed to answer by HTTP at {address}")), "{}", refused.refusal());
}

/// With `ISOLET_SCREENSHOTS` a folder, what was seen is there afterwards.
#[tokio::test]
async fn a_browser_shows_what_the_worker_does() {
    let answering = Answering::start().await;
    let (worker, url) = (&answering.worker, format!("http://{}", answering.address));
    assert_eq!(worker.standalone("log_lines").arg(HOSTILE).run().await.to_string(), "completed: null");
    worker.standalone("fail").attempts(1).run().await;
    let running = worker.standalone("sleep_ms").arg(600_000).start_to_close("20m").start().await;
    worker.started(running.id()).await;
    let browser = Browser::start().await;
    logs_in(&browser, &url).await;
    filters(&browser).await;
    shows_what_guests_say(&browser).await;
    // The overview, in the light and in the dark.
    browser.open(&url).await;
    browser.becomes("live", "return document.getElementById('told')?.textContent === 'Live'").await;
    let overview = browser.text("main").await;
    for expected in [worker.queue(), "serving", "conformance.wasm", "Memory reserved", "Processors"] {
        assert!(overview.contains(expected), "{expected} is not in\n{overview}");
    }
    is_accessible(&browser).await;
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        browser.keep(&format!("overview-{scheme}")).await;
    }
    follows(&browser, &url, async || {
        running.cancel().await;
    })
    .await;
    browser.follow("form[action='/logout'] button", "document.getElementById('token') !== null").await;
    browser.open(format!("{url}/attempts")).await;
    assert!(browser.text("main").await.contains("Token"));
    browser.keep("login-dark").await;
    worker.stop().await;
}

/// The wrong token is refused, and the right one leads where it was wanted to go.
async fn logs_in(browser: &Browser, url: &str) {
    browser.open(format!("{url}/attempts")).await;
    browser.write("#token", "wrong-0123456789abcdef").await;
    browser.follow("button", "document.getElementById('wrong') !== null").await;
    assert_eq!(browser.text("#wrong").await, "That is not the token.");
    browser.write("#token", TOKEN).await;
    browser.follow("button", "location.pathname === '/attempts'").await;
    // Its own style and script run, and no script has the cookie.
    browser.becomes("live", "return document.getElementById('told')?.textContent === 'Live'").await;
    assert_eq!(browser.script("return getComputedStyle(document.body).fontSize").await, "14px");
    assert_eq!(browser.script("return document.cookie").await, "");
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        browser.keep(&format!("attempts-{scheme}")).await;
    }
}

async fn filters(browser: &Browser) {
    const SHOWN: &str = "return [...document.querySelectorAll('tbody th a')].map(each => each.textContent)";
    let all = browser.script(SHOWN).await;
    assert_eq!(all, json!(["sleep_ms", "fail", "log_lines"]));
    browser.click("option[value=failed]").await;
    browser.follow(".filter button", "location.search === '?tenant=&type=&outcome=failed'").await;
    assert_eq!(browser.script(SHOWN).await, json!(["fail"]));
    browser.follow("tbody th a", IS_ATTEMPT).await;
    let failure = browser.text(".failure").await;
    assert!(failure.starts_with("ParseIntError"), "{failure}");
    browser.follow("main p a", "location.pathname === '/attempts'").await;
}

/// What a guest has logged is text, and every character of it is shown as what it is.
async fn shows_what_guests_say(browser: &Browser) {
    browser.write("input[name=type]", "log_lines").await;
    browser.follow(".filter button", "location.search === '?tenant=&type=log_lines&outcome='").await;
    browser.follow("tbody th a", IS_ATTEMPT).await;
    let log = browser.text(".log").await;
    assert!(log.contains("<script>document.title='taken'</script>"), "{log}");
    assert!(log.contains("\\u{202e}evil") && !log.contains('\u{202e}'), "{log}");
    assert_eq!(browser.script("return document.querySelectorAll('main script, main img').length").await, 0);
    assert_eq!(browser.script("return document.title").await, "Attempt · Isolet");
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        browser.keep(&format!("attempt-{scheme}")).await;
    }
}

/// There are landmarks, headers of tables, labels, and nothing that can't be reached by the keyboard.
async fn is_accessible(browser: &Browser) {
    for (what, script) in [
        ("landmarks", "return ['header', 'nav', 'main'].every(name => document.querySelectorAll(name).length === 1)"),
        ("a language", "return document.documentElement.lang === 'en'"),
        ("a heading", "return document.querySelectorAll('h1').length === 1"),
        (
            "headers of tables",
            "return [...document.querySelectorAll('table')].every(table => [...table.querySelectorAll('th')].every(th => th.scope))",
        ),
        (
            "texts for plots",
            "return [...document.querySelectorAll('svg')].every(svg => svg.getAttribute('role') === 'img' && svg.ariaLabel)",
        ),
        (
            "what scrolls can be reached",
            "return [...document.querySelectorAll('.wide, .log')].every(each => each.tabIndex === 0 && (each.ariaLabel || each.getAttribute('aria-labelledby')))",
        ),
        ("a way past the header", "return document.querySelector('a').getAttribute('href') === '#content'"),
    ] {
        assert_eq!(browser.script(script).await, true, "{what}");
    }
    // What has the focus keeps it while the page goes on.
    browser
        .script(
            "document.querySelector('tbody th a').focus(); window.before = document.querySelector('main').innerText",
        )
        .await;
    browser.becomes("another", "return document.querySelector('main').innerText !== window.before").await;
    assert_eq!(browser.script("return document.activeElement.getAttribute('href')").await, "/?tenant=default");
}

/// An attempt that runs is followed until it ends, on one and the same page.
async fn follows(browser: &Browser, url: &str, end: impl AsyncFnOnce()) {
    browser.open(format!("{url}/attempts?outcome=running")).await;
    browser.follow("tbody th a", IS_ATTEMPT).await;
    browser.becomes("live", "return document.getElementById('told')?.textContent === 'Live'").await;
    assert!(browser.text("h1").await.ends_with("running"));
    browser.script("window.stayed = true").await;
    end().await;
    browser.becomes("the end", "return document.getElementById('told')?.textContent === 'Ended'").await;
    assert!(browser.text("h1").await.ends_with("cancelled"));
    assert!(browser.text("main").await.contains("Receipt"));
    assert_eq!(browser.script("return window.stayed").await, true);
}
