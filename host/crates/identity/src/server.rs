//! Answers whoever asks for the keys, with nothing but two documents that never change.

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    routing::{MethodRouter, get},
};
use bytes::Bytes;

use crate::{
    Issuer,
    issuer::{DISCOVERY, KEYS},
};

/// How long whoever checks tokens may keep the documents: a new key must be known for that long before it signs.
const KEPT: &str = "public, max-age=300";

/// The documents of `issuer`, for whoever asks.
pub fn router(issuer: &Issuer) -> Router {
    Router::new()
        .route(KEYS, document(issuer.keys().to_string().into()))
        .route(DISCOVERY, document(issuer.discovery().to_string().into()))
}

fn document(document: Bytes) -> MethodRouter {
    get(async move || ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, KEPT)], document.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        task::JoinSet,
    };

    use super::*;
    use crate::issuer::tests::key;

    #[tokio::test]
    async fn the_documents_lead_to_the_keys() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = Issuer::new("https://worker.example", key(), vec![key()]);
        let second = Duration::from_secs(1);
        let limits = web::Limits { what: "a test", clients: 2, time: second, head_time: second, body: 0 };
        let mut tasks = JoinSet::new();
        tasks.spawn(web::serve(listener, limits, router(&issuer)));
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
