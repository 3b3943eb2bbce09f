//! Answers whoever asks for the keys: a few at a time, each in its time, and nothing but two documents that never change.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::timeout,
};

use crate::{
    Issuer,
    issuer::{DISCOVERY, KEYS},
};

/// How many clients are served at once; more wait to be accepted.
const CLIENTS: usize = 32;

/// How long a client may take, from its connection to the last byte of the answer.
const CLIENT_TIME: Duration = Duration::from_secs(5);

/// How long its request's head may take, and how long nothing is accepted once that has failed.
const HEAD_TIME: Duration = Duration::from_secs(2);

/// What one connection may buffer of what a client sends.
const BUFFER: usize = 8 << 10;

/// How long whoever checks tokens may keep the documents: a new key must be known for that long before it signs.
const KEPT: &str = "public, max-age=300";

/// The documents.
#[derive(Debug)]
struct Documents {
    keys: Bytes,
    discovery: Bytes,
}

/// Serves the documents of `issuer`. Never ends by itself; dropped, it drops its clients.
pub async fn serve(listener: TcpListener, issuer: Arc<Issuer>) {
    let documents = Arc::new(Documents {
        keys: issuer.keys().to_string().into(),
        discovery: issuer.discovery().to_string().into(),
    });
    let places = Arc::new(Semaphore::new(CLIENTS));
    let mut clients = JoinSet::new();
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                clients.spawn(client(stream, Arc::clone(&documents), place));
            }
            Err(error) => {
                // For want of descriptors, which will be there again.
                tracing::warn!("failed to accept a client that asks for identity keys: {error}");
                tokio::time::sleep(HEAD_TIME).await;
            }
        }
        while clients.try_join_next().is_some() {}
    }
}

/// One request of one client.
async fn client(stream: TcpStream, documents: Arc<Documents>, place: OwnedSemaphorePermit) {
    let service = service_fn(move |request| {
        let documents = Arc::clone(&documents);
        async move { Ok::<_, Infallible>(answer(&request, &documents)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    // Whatever is wrong with a client, it is the client's own trouble.
    let _ = timeout(CLIENT_TIME, connection).await;
    drop(place);
}

fn answer(request: &Request<Incoming>, documents: &Documents) -> Response<Full<Bytes>> {
    let document = match request.uri().path() {
        KEYS => &documents.keys,
        DISCOVERY => &documents.discovery,
        _ => return refused(StatusCode::NOT_FOUND),
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refused(StatusCode::METHOD_NOT_ALLOWED);
    }
    let mut response = Response::new(Full::new(document.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(KEPT));
    response
}

fn refused(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::issuer::tests::key;

    #[tokio::test]
    async fn the_documents_lead_to_the_keys() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = Arc::new(Issuer::new("https://worker.example", key(), vec![key()]));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, issuer));
        let ask = async |line: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(format!("{line} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            (head[9..12].to_owned(), serde_json::from_str::<Value>(body).unwrap_or_default())
        };
        let (status, discovery) = ask("GET /.well-known/openid-configuration").await;
        assert_eq!((status.as_str(), &discovery["issuer"]), ("200", &json!("https://worker.example")));
        assert_eq!(discovery["jwks_uri"], "https://worker.example/.well-known/jwks.json");
        let (_, keys) = ask("GET /.well-known/jwks.json").await;
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
        assert!(keys["keys"][0].get("d").is_none());
        assert_eq!(ask("GET /").await.0, "404");
        assert_eq!(ask("POST /.well-known/jwks.json").await.0, "405");
    }
}
