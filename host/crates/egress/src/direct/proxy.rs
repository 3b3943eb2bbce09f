//! Connections by way of the operator's proxy: a tunnel to the server, opened by `CONNECT`.

use std::{io, net::SocketAddr};

use activity::{HttpHost, LOCALHOST, Reach};
use tokio::net::TcpStream;

use super::{Names, race};
use crate::{ConnectError, Destination};

/// The longest answer that is read: more than any proxy has to say.
const LONGEST: usize = 16 << 10;

/// The end of its head, behind which the server speaks.
const END: &[u8] = b"\r\n\r\n";

/// The operator's proxy, by which public servers are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Where it is, be that public or not.
    pub host: HttpHost,
    /// Its port.
    pub port: u16,
}

impl Proxy {
    /// Whether a server is reached by it. Those that are granted as what they are, or as private, are near.
    pub(super) fn is_for(to: &Destination, reach: Reach) -> bool {
        let is_public = match &to.host {
            HttpHost::Name(name) => name.strip_suffix('.').unwrap_or(name).rsplit('.').next() != Some(LOCALHOST),
            HttpHost::Address(address) => Reach::Public.covers(*address),
        };
        reach == Reach::Public && is_public
    }

    /// A tunnel to the server, whose name the proxy looks up.
    pub(super) async fn connect(&self, names: &Names, to: &Destination) -> Result<TcpStream, ConnectError> {
        let server = authority(to)?;
        let addresses = match &self.host {
            HttpHost::Address(address) => vec![*address],
            HttpHost::Name(name) => names.all(name).await.map_err(|_| ConnectError::ProxyUnreachable)?,
        };
        let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, self.port)).collect();
        let stream = race::connect(addresses).await.map_err(|error| match error {
            ConnectError::Busy => ConnectError::Busy,
            _ => ConnectError::ProxyUnreachable,
        })?;
        let request = format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n");
        let answer = async {
            write(&stream, request.as_bytes()).await?;
            read_head(&stream).await
        };
        match status(&answer.await.map_err(|_| ConnectError::ProxyUnreachable)?) {
            Some(200..=299) => Ok(stream),
            // It has tried, as a gateway.
            Some(500..=599) => Err(ConnectError::Unavailable),
            Some(_) => Err(ConnectError::ProxyRefused),
            None => Err(ConnectError::ProxyUnreachable),
        }
    }
}

/// The server as a request names it, which must have nothing else in it: a cell may say anything.
fn authority(to: &Destination) -> Result<String, ConnectError> {
    let is_name =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    match &to.host {
        HttpHost::Name(name) if !is_name(name) => Err(ConnectError::Unknown),
        host => Ok(format!("{host}:{}", to.port)),
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads the head of an answer, and nothing of what is behind it.
async fn read_head(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(END) {
        if head.len() == LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        stream.readable().await?;
        let mut byte = [0];
        match stream.try_read(&mut byte) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => head.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

/// The status of an answer of HTTP/1.
fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let (version, rest) = line.split_once(' ')?;
    let code = rest.split(' ').next().filter(|code| version.starts_with("HTTP/1.") && code.len() == 3)?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use activity::HttpScheme;

    use super::*;

    fn to(host: HttpHost) -> Destination {
        Destination { scheme: HttpScheme::Https, host, port: 443, reach: Reach::Private }
    }

    fn name(name: &str) -> HttpHost {
        HttpHost::Name(name.to_owned())
    }

    #[test]
    fn what_is_near_is_reached_without_it() {
        let is_for = |host, reach| Proxy::is_for(&to(host), reach);
        assert!(is_for(name("api.example.com"), Reach::Public));
        assert!(is_for(HttpHost::address([93, 184, 216, 34]), Reach::Public));
        assert!(!is_for(name("db.internal"), Reach::Private));
        assert!(!is_for(name("localhost"), Reach::Public));
        assert!(!is_for(name("a.localhost."), Reach::Public));
        assert!(!is_for(HttpHost::address([10, 0, 0, 7]), Reach::Public));
    }

    #[test]
    fn a_name_can_say_nothing_else_to_it() {
        let said = |host| authority(&to(host));
        assert_eq!(said(name("api.example.com")).as_deref(), Ok("api.example.com:443"));
        assert_eq!(
            said(HttpHost::address([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])).as_deref(),
            Ok("[fd00::7]:443")
        );
        for wrong in ["a:1\r\nX: y.example.com", "a b", "a/b", "a@b", "[::1]"] {
            assert_eq!(said(name(wrong)), Err(ConnectError::Unknown), "{wrong:?}");
        }
    }

    #[test]
    fn answers_are_read_by_their_status() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407\r\nA: b\r\n\r\n"), Some(407));
        for wrong in ["", "200 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n", "HTTP/1.1 2000\r\n"] {
            assert_ne!(status(wrong.as_bytes()), Some(200), "{wrong:?}");
        }
    }
}
