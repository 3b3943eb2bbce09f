//! A web server with a page for each thing that can happen to a request.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
};

use serde_json::json;

use crate::support::{GUARD, connections};

/// "compressed " twenty times, as gzip has it.
const GZIP: [u8; 34] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 206, 207, 45, 40, 74, 45, 46, 78, 77, 81, 72, 30, 110, 76, 0, 164, 22, 250,
    233, 220, 0, 0, 0,
];

/// A server on a port of its own.
#[derive(Clone, Debug)]
pub(super) struct Server {
    address: String,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The paths of the requests so far.
    paths: Mutex<Vec<String>>,
    arrived: Condvar,
    /// Connections that wait for what will not come.
    waiting: Mutex<Vec<TcpStream>>,
}

/// One request.
struct Request {
    method: String,
    path: String,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, state: Arc::default() };
        let serving = server.clone();
        connections::serve(listener, move |stream| serving.serve(stream));
        server
    }

    /// Its origin.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a page.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Waits until a page was asked for so often.
    pub(super) async fn asked_for(&self, path: &'static str, times: usize) {
        let state = Arc::clone(&self.state);
        tokio::task::spawn_blocking(move || state.wait(path, times)).await.unwrap();
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(&stream);
        while let Some(request) = read(&mut reader)? {
            self.state.paths.lock().unwrap().push(request.path.clone());
            self.state.arrived.notify_all();
            match request.path.as_str() {
                "/silent" => return self.keep(stream.try_clone()?),
                "/stalls" => {
                    (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst")?;
                    return self.keep(stream.try_clone()?);
                }
                "/closes" => return Ok(()),
                "/breaks" => return (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfirst"),
                "/stream" => stream_parts(&stream)?,
                // Answered once the other one has come.
                "/first" => {
                    self.state.wait("/second", 1);
                    answer(&stream, "200 OK", "", b"first")?;
                }
                path => answer_page(&stream, path, &request)?,
            }
        }
        Ok(())
    }

    fn keep(&self, stream: TcpStream) -> io::Result<()> {
        self.state.waiting.lock().unwrap().push(stream);
        Ok(())
    }
}

impl State {
    fn wait(&self, path: &str, times: usize) {
        let paths = self.paths.lock().unwrap();
        let count = |paths: &Vec<String>| paths.iter().filter(|each| each == &path).count();
        let (paths, waited) = self.arrived.wait_timeout_while(paths, GUARD, |paths| count(paths) < times).unwrap();
        assert!(!waited.timed_out(), "nobody asked for {path}: {paths:?}");
    }
}

fn answer_page(stream: &TcpStream, path: &str, request: &Request) -> io::Result<()> {
    match path {
        "/moved" => answer(stream, "302 Found", "location: /page\r\n", b""),
        "/missing" => answer(stream, "404 Not Found", "", b"no such page"),
        "/gzip" => answer(stream, "200 OK", "content-encoding: gzip\r\ncontent-type: text/plain\r\n", &GZIP),
        "/nothing" => stream.try_clone()?.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"),
        _ => {
            let text = String::from_utf8_lossy(&request.body).chars().take(40).collect::<String>();
            let seen = json!([request.method, path, request.content_type, request.body.len(), text]).to_string();
            let body = if request.method == "HEAD" { &[] } else { seen.as_bytes() };
            answer(stream, "200 OK", "content-type: application/json\r\n", body)
        }
    }
}

fn answer(mut stream: &TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// Half a megabyte in chunks.
fn stream_parts(mut stream: &TcpStream) -> io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
    for letter in b'A'..=b'H' {
        write!(stream, "{:x}\r\n", 1 << 16)?;
        stream.write_all(&vec![letter; 1 << 16])?;
        write!(stream, "\r\n")?;
    }
    write!(stream, "0\r\n\r\n")
}

fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let line = read_line(reader)?;
        match line.as_str() {
            "" if lines.is_empty() => return Ok(None),
            "" => break,
            _ => lines.push(line),
        }
    }
    let header = |name: &str| {
        let headers = lines.iter().filter_map(|line| line.split_once(": "));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    let mut words = lines[0].split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let body = match header("transfer-encoding") {
        Some(_) => read_chunks(reader)?,
        None => read_exactly(reader, header("content-length").map_or(0, |length| length.parse().unwrap()))?,
    };
    Ok(Some(Request { method, path, content_type: header("content-type"), body }))
}

fn read_chunks(reader: &mut BufReader<&TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(reader)?, 16).unwrap();
        body.extend(read_exactly(reader, length)?);
        read_line(reader)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(reader: &mut BufReader<&TcpStream>, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_line(reader: &mut BufReader<&TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
