//! A real browser without a window: Chromium, driven by WebDriver as its own program speaks it.

use std::{
    env,
    fmt::Display,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::process::{GUARD, Process};

/// By what WebDriver calls an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// It starts no more than what is looked at: nothing of it goes anywhere by itself.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1400",
];

/// A browser with one page.
#[derive(Debug)]
pub(crate) struct Browser {
    _driver: Process,
    _folder: TempDir,
    /// Host and port of what drives it.
    address: String,
    session: String,
}

impl Browser {
    /// A new one, which has seen nothing yet.
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let driver = Process::start("chromedriver", &program("chromedriver"), ["--port=0"], &[]);
        let port = |line: &str| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        };
        let port = driver.find("the port of chromedriver", port).await;
        let mut browser =
            Self { _driver: driver, _folder: folder, address: format!("127.0.0.1:{port}"), session: String::new() };
        let data = format!("--user-data-dir={}", browser._folder.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([data.as_str()]).collect();
        let options = json!({"binary": program("chromium"), "args": arguments});
        let capabilities = json!({"browserName": "chrome", "goog:chromeOptions": options});
        let answer = browser.send("POST", "/session", &json!({"capabilities": {"alwaysMatch": capabilities}})).await;
        browser.session = answer["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    /// Goes to this address.
    pub(crate) async fn open(&self, url: impl Display) {
        self.command("POST", "url", &json!({"url": url.to_string()})).await;
    }

    /// What is to be read in the first element of this kind.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let element = self.element(selector).await;
        self.command("GET", &format!("element/{element}/text"), &Value::Null).await.as_str().unwrap().to_owned()
    }

    /// Types into the first element of this kind.
    pub(crate) async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.command("POST", &format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// Clicks the first element of this kind.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.command("POST", &format!("element/{element}/click"), &json!({})).await;
    }

    /// What a script returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.command("POST", "execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Clicks what leads to another page, and waits until that is there and a script returns true.
    pub(crate) async fn follow(&self, selector: &str, script: &str) {
        self.click(selector).await;
        self.becomes(selector, &format!("return document.readyState === 'complete' && ({script})")).await;
    }

    /// Waits until a script returns true.
    pub(crate) async fn becomes(&self, what: &str, script: &str) {
        let (path, body) = (format!("/session/{}/execute/sync", self.session), json!({"script": script, "args": []}));
        let asked = async {
            // While a page takes the place of another one, there is nothing that could run a script.
            while self.talk("POST", &path, &body).await["value"] != json!(true) {
                tokio::task::yield_now().await;
            }
        };
        if timeout(GUARD, asked).await.is_err() {
            panic!("{what} never becomes so in\n{}", self.script("return document.body.innerText").await);
        }
    }

    /// Prefers dark or light from now on, as this says.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        let command = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.command("POST", "goog/cdp/execute", &command).await;
    }

    /// Keeps what is seen as `name` in the folder that `ISOLET_SCREENSHOTS` names, if it names one.
    pub(crate) async fn keep(&self, name: &str) {
        if let Some(folder) = env::var_os("ISOLET_SCREENSHOTS") {
            let image = self.command("GET", "screenshot", &Value::Null).await;
            let image = STANDARD.decode(image.as_str().unwrap()).unwrap();
            fs::write(Path::new(&folder).join(format!("{name}.png")), image).unwrap();
        }
    }

    async fn element(&self, selector: &str) -> String {
        let found = self.command("POST", "element", &json!({"using": "css selector", "value": selector})).await;
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.send(method, &format!("/session/{}/{path}", self.session), body).await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = timeout(GUARD, self.talk(method, path, body)).await;
        let answer = answer.unwrap_or_else(|_| panic!("the browser does not answer to {method} {path} {body}"));
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{method} {path} {body}: {value}");
        value
    }

    async fn talk(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let read = stream.read_buf(&mut answer).await.unwrap();
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
                });
                if read == 0 || length.is_some_and(|length| length <= body.len()) {
                    return serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {text}"));
                }
            }
            assert_ne!(read, 0, "no answer to {method} {path}: {text}");
        }
    }
}

/// A program on `PATH`.
fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut files = env::split_paths(&path).map(|folder| folder.join(name));
    files.find(|file| file.is_file()).unwrap_or_else(|| panic!("{name} is missing: run `cargo xtask setup`"))
}
