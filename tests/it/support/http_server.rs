//! An HTTP server that does what its paths say, well or badly, in the clear or over TLS.

mod answers;

mod table;

use std::{
    io::{self, BufRead as _, BufReader, Read},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use rustls::ServerConfig;
use tokio::{sync::watch, time::timeout};

use super::{
    GUARD, connections,
    tls::{self, Authority, Stream},
};

/// A server on a port of its own, on the loopback address.
#[derive(Clone, Debug)]
pub(crate) struct HttpServer {
    port: u16,
    tls: Option<Arc<ServerConfig>>,
    /// What it was asked, and how many of its connections are open.
    seen: Arc<watch::Sender<Vec<String>>>,
    open: Arc<watch::Sender<usize>>,
}

impl HttpServer {
    /// A server without TLS.
    pub(crate) fn start() -> Self {
        Self::serving(None)
    }

    /// A server with a certificate of this authority for the host.
    pub(crate) fn start_tls(authority: &Authority, host: &str) -> Self {
        Self::serving(Some(Arc::new(authority.server(host))))
    }

    fn serving(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, tls, seen: Arc::default(), open: Arc::new(watch::Sender::new(0)) };
        let serving = server.clone();
        connections::serve(listener, move |stream| {
            serving.open.send_modify(|open| *open += 1);
            let served = serving.serve(stream);
            serving.open.send_modify(|open| *open -= 1);
            served
        });
        server
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where it is, by this name.
    pub(crate) fn origin(&self, host: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Method and path of all that it was asked.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    /// Waits until it was asked so much.
    pub(crate) async fn asked(&self, number: usize) {
        let mut seen = self.seen.subscribe();
        let waited = timeout(GUARD, seen.wait_for(|seen| number <= seen.len())).await;
        assert!(waited.is_ok(), "it was asked {:?}", self.seen());
    }

    /// Waits until so many of its connections are open.
    pub(crate) async fn connections(&self, number: usize) {
        let mut open = self.open.subscribe();
        let waited = timeout(GUARD, open.wait_for(|open| *open == number)).await;
        assert!(waited.is_ok(), "{} connections are open, not {number}", *self.open.borrow());
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(tls::accepted(self.tls.as_ref(), stream)?);
        while let Some(request) = Request::read(&mut reader)? {
            self.seen.send_modify(|seen| seen.push(format!("{} {}", request.method, request.path)));
            if !request.answer(&mut reader)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(reader: &mut BufReader<impl Stream>) -> io::Result<Option<Self>> {
        let first = line(reader)?;
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
        let mut headers = Vec::new();
        while let Some((name, value)) = line(reader)?.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut request = Self { method, path, headers, body: Vec::new() };
        let chunked = request.header("transfer-encoding") == "chunked";
        let mut length = request.header("content-length").parse().unwrap_or(0);
        loop {
            if chunked {
                length = u64::from_str_radix(&line(reader)?, 16).map_err(io::Error::other)?;
            }
            reader.take(length).read_to_end(&mut request.body)?;
            if chunked {
                line(reader)?;
            }
            if !chunked || length == 0 {
                return Ok(Some(request));
            }
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Answers as the path says. Returns whether the connection goes on.
    fn answer(&self, reader: &mut BufReader<impl Stream>) -> io::Result<bool> {
        let mut path = self.path.split('/').skip(1);
        let (what, number) = (path.next().unwrap_or_default(), path.next().and_then(|text| text.parse().ok()));
        let number: usize = number.unwrap_or_default();
        let to = reader.get_mut();
        match what {
            "hello" => text(to, "200 OK", "", b"hello")?,
            // What it was asked: the line, the headers and the size of the body.
            "echo" => {
                let headers: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let body = format!("{} {} | {} | {}", self.method, self.path, headers.join(", "), self.body.len());
                text(to, "200 OK", "", body.as_bytes())?;
            }
            "give" => {
                let asked_for = self.path.split('/').nth(2).unwrap_or_default();
                // Nothing but the text itself: its `=` and `&` are encoded.
                let body = url::form_urlencoded::parse(asked_for.as_bytes()).next().unwrap_or_default().0.into_owned();
                let kind = match body.as_bytes() {
                    [b'{', ..] => "application/json",
                    [b'<', ..] => "application/xml",
                    _ => "text/event-stream",
                };
                text(to, "200 OK", &format!("content-type: {kind}\r\n"), body.as_bytes())?;
            }
            // Below the second is what Stripe's client asks for.
            "missing" | "v1" => {
                let why = br#"{"error": {"type": "invalid_request_error", "message": "there is no such thing"}}"#;
                text(to, "404 Not Found", "content-type: application/json\r\n", why)?;
            }
            "redirect" => text(to, "302 Found", "location: /hello\r\n", b"")?,
            "size" => text(to, "200 OK", "", &vec![b'.'; number])?,
            "chunks" => {
                to.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
                for _ in 0..number {
                    to.write_all(b"3e8\r\n")?;
                    to.write_all(&[b'.'; 1000])?;
                    to.write_all(b"\r\n")?;
                }
                to.write_all(b"0\r\n\r\n")?;
            }
            "headers" => text(to, "200 OK", &format!("x-long: {}\r\n", "x".repeat(number)), b"")?,
            // Fewer bytes than were promised.
            "cut" => {
                to.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")?;
                return Ok(false);
            }
            // The beginning of an answer, and no more.
            "drip" => {
                to.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")?;
                return wait(reader);
            }
            "silent" => return wait(reader),
            "table" | "torn-table" | "stalled-table" => return table::answer(self, what, reader),
            // Heads before that of the answer, which never comes.
            "hints" => loop {
                to.write_all(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000))?;
            },
            "garbage" => {
                to.write_all(b"this is no HTTP\r\n\r\n")?;
                return Ok(false);
            }
            // Else "close".
            _ if !answers::answer(self, what, to)? => return Ok(false),
            _ => {}
        }
        to.flush()?;
        Ok(true)
    }
}

fn text(to: &mut impl Stream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    // At once: a client of Node's loses what a status says where that comes in pieces.
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    to.write_all(&[head.as_bytes(), body].concat())
}

/// Waits until the client goes away.
fn wait(reader: &mut BufReader<impl Stream>) -> io::Result<bool> {
    reader.get_mut().flush()?;
    reader.read_to_end(&mut Vec::new())?;
    Ok(false)
}

fn line(reader: &mut BufReader<impl Stream>) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
