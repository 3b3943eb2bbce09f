//! Servers that answer as no registry should.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use super::connections;

/// What a server says to a request.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// This, with these headers.
    Whole(&'static str, String, Vec<u8>),
    /// A beginning, and then more without end.
    Endless,
    /// Half of what it announces.
    Half,
    /// Nothing.
    Nothing,
}

impl Said {
    /// What is asked for.
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Whole("200 OK", String::new(), body.into())
    }

    /// That it is elsewhere.
    pub(crate) fn elsewhere(location: &str) -> Self {
        Self::Whole("307 Temporary Redirect", format!("location: {location}\r\n"), Vec::new())
    }
}

/// Starts a server that answers so to each method and path, with the authorization where there is one, and says where it is:
/// host and port.
pub(crate) fn start(answer: impl Fn(&str) -> Said + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    connections::serve(listener, move |stream| talk(stream, &answer));
    address
}

fn talk(stream: TcpStream, answer: &dyn Fn(&str) -> Said) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(request) = request(&mut reader)? {
        let to = reader.get_mut();
        match answer(&request) {
            Said::Whole(status, headers, body) => {
                write!(to, "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len())?;
                to.write_all(&body)?;
            }
            Said::Endless => {
                write!(to, "HTTP/1.1 200 OK\r\n\r\n")?;
                // Until the client goes away.
                loop {
                    to.write_all(&[b' '; 1 << 16])?;
                }
            }
            Said::Half => {
                write!(to, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab")?;
                return Ok(());
            }
            Said::Nothing => return reader.read_to_end(&mut Vec::new()).map(drop),
        }
        to.flush()?;
    }
    Ok(())
}

/// Method, path and authorization of the next request, which has no body.
fn request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<String>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words: Vec<String> = first.split(' ').take(2).map(str::to_owned).collect();
    let mut line = String::new();
    while reader.read_line(&mut line)? != 0 && !line.trim_end().is_empty() {
        words.extend(line.trim_end().strip_prefix("authorization: ").map(str::to_owned));
        line.clear();
    }
    Ok(Some(words.join(" ")))
}
