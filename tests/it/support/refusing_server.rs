//! Servers that do not let anybody in.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
};

use super::connections;

/// What an HTTP/2 client begins a connection with.
const PREFACE: usize = 24;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const ACKNOWLEDGE: u8 = 1;
const END_OF_STREAM_AND_HEADERS: u8 = 5;

/// A server that says this on each connection and then nothing more. Returns its address.
pub(crate) fn that_says(greeting: &'static [u8]) -> String {
    serve(move |mut stream| {
        stream.write_all(greeting)?;
        stream.shutdown(Shutdown::Write)?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    })
}

/// A gRPC server that answers each call with this status. Returns its address.
pub(crate) fn that_answers(status: &'static str, message: &'static str) -> String {
    serve(move |mut stream| {
        stream.read_exact(&mut [0; PREFACE])?;
        write_frame(&mut stream, SETTINGS, 0, 0, &[])?;
        loop {
            let mut header = [0; 9];
            stream.read_exact(&mut header)?;
            let [a, b, c, kind, flags, stream_id @ ..] = header;
            let length = u32::from_be_bytes([0, a, b, c]);
            (&mut stream).take(length.into()).read_to_end(&mut Vec::new())?;
            match kind {
                SETTINGS if flags != ACKNOWLEDGE => write_frame(&mut stream, SETTINGS, ACKNOWLEDGE, 0, &[])?,
                HEADERS => {
                    let answer = answer(status, message);
                    let stream_id = u32::from_be_bytes(stream_id);
                    write_frame(&mut stream, HEADERS, END_OF_STREAM_AND_HEADERS, stream_id, &answer)?;
                }
                _ => {}
            }
        }
    })
}

fn serve(talk: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    connections::serve(listener, talk);
    address
}

fn write_frame(stream: &mut TcpStream, kind: u8, flags: u8, stream_id: u32, payload: &[u8]) -> io::Result<()> {
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length[..], &[kind, flags], &stream_id.to_be_bytes(), payload].concat())
}

/// The headers of a gRPC answer that is nothing but a status, as HPACK.
fn answer(status: &str, message: &str) -> Vec<u8> {
    let mut block = vec![0x88];
    for (name, value) in [("content-type", "application/grpc"), ("grpc-status", status), ("grpc-message", message)] {
        // A literal that is not indexed, with its name in full.
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}
