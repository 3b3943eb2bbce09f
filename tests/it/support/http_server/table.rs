//! A table that can be had in parts, from a server that may lose its breath in the middle.

use std::{
    fs,
    io::{self, BufReader},
};

use super::{Request, wait};
use crate::support::{repository, tls::Stream};

/// The version that answers give the table, and that `If-Range` asks for.
const VERSION: &str = "\"1\"";

/// Answers with the table, or with its rest from where `Range` says. Whoever asks for `torn-table` gets no more than
/// half of it at once, and whoever asks for `stalled-table` waits for the other half. Returns whether the connection
/// goes on.
pub(super) fn answer(request: &Request, what: &str, reader: &mut BufReader<impl Stream>) -> io::Result<bool> {
    let table = fs::read(repository("guest-examples/rust-csv-report/data/weather.csv"))?;
    let to = reader.get_mut();
    if let Some(from) = rest_from(request) {
        let range = format!("content-range: bytes {from}-{}/{}", table.len() - 1, table.len());
        write!(to, "HTTP/1.1 206 Partial Content\r\n{range}\r\ncontent-length: {}\r\n\r\n", table.len() - from)?;
        to.write_all(&table[from..])?;
        to.flush()?;
        return Ok(true);
    }
    write!(to, "HTTP/1.1 200 OK\r\netag: {VERSION}\r\ncontent-length: {}\r\n\r\n", table.len())?;
    let is_whole = what == "table";
    to.write_all(if is_whole { &table } else { &table[..table.len() / 2] })?;
    to.flush()?;
    if what == "stalled-table" { wait(reader) } else { Ok(is_whole) }
}

/// Where the rest begins that is asked for, if it is that of this table.
fn rest_from(request: &Request) -> Option<usize> {
    let from = request.header("range").strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
    (request.header("if-range") == VERSION).then_some(from)
}
