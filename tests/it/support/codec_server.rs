//! A codec server as Temporal's protocol wants one: it wraps payloads, so that tests still see what is in them.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use serde_json::{Value, json};

use super::{
    connections,
    tls::{self, Authority},
};

/// The encoding of what is wrapped: `test/wrapped`, in base64.
const WRAPPED: &str = "dGVzdC93cmFwcGVk";

/// Where the encoding of what is wrapped is kept meanwhile.
const ORIGINAL: &str = "original";

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It does its work.
    Willing,
    /// It answers that it can't.
    Broken,
    /// It takes requests and does not answer.
    Silent,
}

/// A codec server on a port of its own.
#[derive(Clone, Debug)]
pub(crate) struct CodecServer {
    address: String,
    tls: Option<Arc<ServerConfig>>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    /// Path, namespace and authorization of each request.
    requests: Vec<String>,
}

impl CodecServer {
    /// A server of this mood.
    pub(crate) fn start(mood: Mood) -> Self {
        Self::serving(mood, None)
    }

    /// A willing one behind TLS, with a certificate of this authority.
    pub(crate) fn start_tls(authority: &Authority) -> Self {
        Self::serving(Mood::Willing, Some(Arc::new(authority.server("127.0.0.1"))))
    }

    fn serving(mood: Mood, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let server = Self { address, tls, state: Arc::new(Mutex::new(State { mood, requests: Vec::new() })) };
        let serving = server.clone();
        connections::serve(listener, move |stream| serving.serve(stream));
        server
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// From now on it behaves like this.
    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// What it was asked: path, namespace and authorization of each request.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(tls::accepted(self.tls.as_ref(), stream)?);
        while let Some((request, body)) = read_request(&mut reader)? {
            let is_encode = request.starts_with("/encode ");
            let mood = {
                let mut state = self.state.lock().unwrap();
                state.requests.push(request);
                state.mood
            };
            let (status, answer) = match mood {
                Mood::Willing => ("200 OK", code(&body, is_encode)),
                Mood::Broken => ("503 Service Unavailable", String::new()),
                // Until the client goes away.
                Mood::Silent => return reader.read_to_end(&mut Vec::new()).map(drop),
            };
            let length = answer.len();
            let to = reader.get_mut();
            write!(to, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{answer}")?;
            to.flush()?;
        }
        Ok(())
    }
}

/// What the next request says of itself, and its body.
fn read_request(reader: &mut BufReader<impl Read>) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let headers = lines.iter().filter_map(|line| line.split_once(": "));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let request =
        [path.to_owned(), header("x-namespace").unwrap_or_default(), header("authorization").unwrap_or_default()];
    let mut body = vec![0; header("content-length").unwrap().parse().unwrap()];
    reader.read_exact(&mut body)?;
    Ok(Some((request.join(" "), body)))
}

fn code(body: &[u8], is_encode: bool) -> String {
    let mut body: Value = serde_json::from_slice(body).unwrap();
    for payload in body["payloads"].as_array_mut().unwrap() {
        let metadata = payload["metadata"].as_object_mut().unwrap();
        if is_encode {
            let original = metadata.insert("encoding".to_owned(), json!(WRAPPED)).unwrap();
            metadata.insert(ORIGINAL.to_owned(), original);
        } else if let Some(original) = metadata.remove(ORIGINAL) {
            metadata.insert("encoding".to_owned(), original);
        }
    }
    body.to_string()
}
