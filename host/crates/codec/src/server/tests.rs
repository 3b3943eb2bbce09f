//! The client of codec servers against sockets that answer as they are told.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

/// A server that takes one request, answers it with `answer`, and returns what it was asked.
async fn serve(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let request = read_request(&mut connection).await;
        connection.write_all(answer.as_bytes()).await.unwrap();
        request
    });
    (address, task)
}

async fn read_request(connection: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = connection.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if read == 0 || text.ends_with("]}") {
            return text;
        }
    }
}

fn server(address: SocketAddr, path: &str) -> CodecServer {
    CodecServer::new(CodecServerSettings {
        endpoint: format!("http://{address}{path}"),
        namespace: "the namespace".to_owned(),
        authorization: Authorization::new("Bearer secret"),
        timeout: Duration::from_secs(10),
        limit: 100,
    })
    .unwrap()
}

async fn answered(answer: &'static str) -> Result<Vec<Payload>, CodecError> {
    let (address, task) = serve(answer).await;
    let decoded = server(address, "").decode(vec![Payload::json("7")]).await;
    task.await.unwrap();
    decoded
}

fn reason(answer: Result<Vec<Payload>, CodecError>) -> String {
    answer.unwrap_err().to_string()
}

#[tokio::test]
async fn a_request_is_what_the_protocol_says() {
    let (address, task) = serve(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\
         {\"payloads\":[{\"metadata\":{\"encoding\":\"YmluYXJ5L251bGw=\"}}]}",
    )
    .await;
    let encoded = server(address, "/codec/{namespace}/").encode(vec![Payload::json("7")]).await;
    assert_eq!(encoded, Ok(vec![Payload::null()]));
    let request = task.await.unwrap();
    assert!(request.starts_with("POST /codec/the%20namespace/encode HTTP/1.1\r\n"), "{request}");
    for header in ["content-type: application/json", "x-namespace: the namespace", "authorization: Bearer secret"] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{request}");
    }
    let body = r#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"Nw=="}]}"#;
    assert!(request.ends_with(body), "{request}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_its_place() {
    let refused = answered("HTTP/1.1 500 Oh no\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(reason(refused), "use the codec server: it answered 500 Internal Server Error");
    let moved = answered("HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(reason(moved), "use the codec server: it answered 307 Temporary Redirect");
    let nonsense = answered("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno").await;
    assert_eq!(reason(nonsense), "use the codec server: its answer is not a list of payloads in JSON");
    let too_few = answered("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"payloads\":[]}").await;
    assert_eq!(reason(too_few), "use the codec server: it answered 0 payloads for 1");
    let cut_off = answered("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"payloads\"").await;
    assert_eq!(reason(cut_off), "use the codec server: the connection to it broke");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let flood = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        read_request(&mut connection).await;
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while connection.write_all(&[b' '; 4_096]).await.is_ok() {}
    });
    let decoded = server(address, "").decode(vec![Payload::json("7")]).await;
    assert_eq!(decoded, Err(CodecError::TooLarge { limit: 100 }));
    flood.await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_or_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let silent = CodecServer::new(CodecServerSettings {
        endpoint: format!("http://{address}"),
        namespace: "n".to_owned(),
        authorization: None,
        timeout: Duration::from_millis(50),
        limit: 100,
    });
    let error = reason(silent.unwrap().encode(vec![Payload::json("7")]).await);
    assert_eq!(error, "use the codec server: it did not answer within 50ms");
    drop(listener);
    let error = reason(server(address, "").encode(vec![Payload::json("7")]).await);
    assert_eq!(error, "use the codec server: it can't be reached");
}

#[test]
fn an_endpoint_is_an_address_and_nothing_else() {
    assert!(endpoint("https://codec.example:8443/a", "n").is_ok());
    assert_eq!(endpoint("http://c/{namespace}", "a/../b").unwrap().path(), "/a%2F..%2Fb");
    for wrong in ["codec.example", "ftp://c", "http://user:pass@c", "http://c?x", "http://c#x", "http://"] {
        assert!(matches!(endpoint(wrong, "n"), Err(Error::Endpoint)), "{wrong}");
    }
}

#[test]
fn an_authorization_is_not_shown() {
    let shown = format!("{:?}", server(SocketAddr::from(([127, 0, 0, 1], 1)), ""));
    assert!(!shown.contains("secret"), "{shown}");
    assert!(Authorization::new("two\nlines").is_none() && Authorization::new(" ").is_none());
}
