//! A real registry, Docker's own, on a port of its own.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{process::Process, tls::Authority, tool::tool};

/// What `htpasswd` makes of the user `ann` and the password `secret`.
const PASSWORDS: &str = "ann:$2b$04$Qpfgz6md00B2NCLoEQto4OSpxsL1/g1r/eoQ5CL0nTwles8b8YOKe\n";

/// The same user and password, as Docker keeps them.
pub(crate) const ANN: &str = "YW5uOnNlY3JldA==";

/// A running registry.
#[derive(Debug)]
pub(crate) struct Registry {
    process: Process,
    folder: TempDir,
    /// Host and port.
    address: String,
}

impl Registry {
    /// One that anybody may push to, without TLS.
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// One that wants a user and a password.
    pub(crate) async fn start_with_password() -> Self {
        Self::start_with("auth: { htpasswd: { realm: tests, path: FOLDER/passwords } }\n").await
    }

    /// One behind TLS, with a certificate of this authority.
    pub(crate) async fn start_tls(authority: &Authority) -> Self {
        let folder = TempDir::new().unwrap();
        let (certificate, key) = authority.certificate("127.0.0.1");
        fs::write(folder.path().join("certificate.pem"), certificate).unwrap();
        fs::write(folder.path().join("key.pem"), key).unwrap();
        let tls = "  tls: { certificate: FOLDER/certificate.pem, key: FOLDER/key.pem }\n";
        Self::start_in(folder, tls, "127.0.0.1:0").await
    }

    async fn start_with(settings: &str) -> Self {
        Self::start_in(TempDir::new().unwrap(), settings, "127.0.0.1:0").await
    }

    /// `settings` follow those of `http`.
    async fn start_in(folder: TempDir, settings: &str, address: &str) -> Self {
        let root = folder.path().display().to_string();
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem: {{ rootdirectory: {root}/storage }}\nhttp:\n  addr: {address}\n{}",
            settings.replace("FOLDER", &root)
        );
        fs::write(folder.path().join("passwords"), PASSWORDS).unwrap();
        let file = folder.path().join("config.yml");
        fs::write(&file, config).unwrap();
        let arguments = ["serve".to_owned(), file.display().to_string()];
        let process = Process::start("the registry", &tool("docker-registry"), arguments, &[]);
        let find = |line: &str| {
            let address = line.split_once("listening on ")?.1;
            Some(address.split([',', '"', ' ']).next()?.to_owned())
        };
        let address = process.find_in_stderr("its address", find).await;
        Self { process, folder, address }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A reference to what it has, or is to get.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("oci://{}/{rest}", self.address)
    }

    /// Ends it.
    pub(crate) async fn stop(self) -> Stopped {
        self.process.signal(Signal::KILL);
        self.process.everything_ended().await;
        Stopped { folder: self.folder, address: self.address }
    }

    /// What it has at a path.
    pub(crate) fn get(&self, path: &str, media_type: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let address = &self.address;
        // What HTTP/1.0 answers is not in pieces.
        let head = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: {media_type}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{path}: {head}");
        body.to_owned()
    }

    /// Begins to put content there, and says what became of it.
    pub(crate) fn post(&self, path: &str) -> String {
        self.send("POST", path, "application/octet-stream", b"")
    }

    /// Puts something there as it is, and says what became of it.
    pub(crate) fn put(&self, path: &str, content_type: &str, body: &[u8]) -> String {
        self.send("PUT", path, content_type, body)
    }

    fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (address, length) = (&self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// A registry that has ended, with all that it had.
#[derive(Debug)]
pub(crate) struct Stopped {
    folder: TempDir,
    address: String,
}

impl Stopped {
    /// Starts it again where it was.
    pub(crate) async fn start(self) -> Registry {
        Registry::start_in(self.folder, "", &self.address).await
    }
}
