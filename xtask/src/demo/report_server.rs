//! The server that has the report of `js-fetch-report`: the table of weather, on the loopback address.
//!
//! A download from the beginning breaks off in the middle, as downloads do; the rest can be asked for.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Context as _;

use crate::workspace;

/// What the answers call this version of the table, and `If-Range` asks for.
const VERSION: &str = "\"1\"";

/// Starts the server, which ends with the demo. Returns its origin.
///
/// # Errors
/// When the table can't be read, or the system has no port.
pub(crate) fn start() -> anyhow::Result<String> {
    let file = workspace::root().join("guest-examples/rust-csv-report/data/weather.csv");
    let table = fs::read(&file).with_context(|| format!("failed to read {}", workspace::shown(&file)))?;
    let listener = TcpListener::bind("127.0.0.1:0").context("failed to bind a port")?;
    let origin = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // The client may go away at any time.
            let _ = answer(stream, &table);
        }
    });
    Ok(origin)
}

/// Answers one request, and closes the connection.
fn answer(stream: TcpStream, table: &[u8]) -> io::Result<()> {
    let (mut range, mut version) = (None, None);
    for line in BufReader::new(&stream).lines() {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else {
            if line.is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => range = value.strip_prefix("bytes=").and_then(|from| from.strip_suffix('-')?.parse().ok()),
            "if-range" => version = Some(value.to_owned()),
            _ => {}
        }
    }
    let from: usize = range.filter(|_| version.as_deref() == Some(VERSION)).unwrap_or(0);
    let rest = table.get(from..).unwrap_or_default();
    let mut to = &stream;
    if from == 0 {
        write!(to, "HTTP/1.1 200 OK\r\netag: {VERSION}\r\ncontent-length: {}\r\n\r\n", table.len())?;
        return to.write_all(rest.get(..rest.len() / 2).unwrap_or(rest));
    }
    let range = format!("bytes {from}-{}/{}", table.len().saturating_sub(1), table.len());
    write!(to, "HTTP/1.1 206 Partial Content\r\ncontent-range: {range}\r\ncontent-length: {}\r\n\r\n", rest.len())?;
    to.write_all(rest)
}
