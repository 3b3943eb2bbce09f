//! Answers by their heads: statuses, redirects, cookies, and bodies that are packed.

use std::io;

use super::{Request, text};
use crate::support::tls::Stream;

/// "hello hello hello", by `gzip` and by `br`.
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcbH\xcd\xc9\xc9W\xc8@\x90\0\x80\x88\xf9\xe5\x11\0\0\0";
const BROTLI: &[u8] = b"\x1b\x10\0\xf8\x8d\x94n\xdeDU\x86\x96l o\x01O\x1c`\x1c";

/// Where it is one of these, answers as the path says.
pub(super) fn answer(request: &Request, what: &str, to: &mut impl Stream) -> io::Result<bool> {
    let rest = request.path.split('/').nth(2).unwrap_or_default();
    match what {
        // Those have no body, and no length of one.
        "status" if rest == "204" => to.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?,
        "status" if rest == "304" => to.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n")?,
        "status" if rest == "503" => text(to, "503 Service Unavailable", "", rest.as_bytes())?,
        "status" => text(to, &format!("{rest} Said So"), "", rest.as_bytes())?,
        "moved" => text(to, &format!("{rest} Moved"), "location: /echo\r\n", b"")?,
        "moved-again" => text(to, "302 Found", "location: /moved-again\r\n", b"")?,
        "moved-nowhere" => text(to, "302 Found", "location: http://[nowhere\r\n", b"")?,
        "cookies" => {
            let headers = "set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\nx-odd: one\r\nX-Odd:  two\r\n";
            text(to, "200 OK", headers, b"")?;
        }
        "packed" => {
            let body = if rest == "br" { BROTLI } else { GZIP };
            let (encoding, body) = if rest == "wrong" { ("gzip", &b"this is not packed"[..]) } else { (rest, body) };
            text(to, "200 OK", &format!("content-encoding: {encoding}\r\n"), body)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
