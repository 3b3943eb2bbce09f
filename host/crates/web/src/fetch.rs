//! What another server of this very process answers, such as an exporter that brings its own.

use std::{io, net::SocketAddr, pin::pin};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    Request, Uri,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What the server at `address` answers to a GET of `path`, of at most `most` bytes, and what that is.
///
/// # Errors
/// When it can't be reached, refuses, or answers with more.
pub async fn fetch(address: SocketAddr, path: &'static str, most: usize) -> io::Result<(Option<HeaderValue>, Bytes)> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) =
        http1::handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = Uri::from_static(path);
    request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
    let talk = async {
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        if !response.status().is_success() {
            return Err(io::Error::other(format!("it answers with {}", response.status())));
        }
        let kind = response.headers().get(CONTENT_TYPE).cloned();
        let body = Limited::new(response.into_body(), most).collect().await.map_err(io::Error::other)?;
        Ok((kind, body.to_bytes()))
    };
    let (mut connection, mut talk) = (pin!(connection), pin!(talk));
    let mut is_over = false;
    loop {
        tokio::select! {
            biased;
            talked = &mut talk => return talked,
            // What was read before it ended is still there.
            _ = &mut connection, if !is_over => is_over = true,
        }
    }
}
