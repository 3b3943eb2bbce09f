//! Whoever asks a worker.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, StatusCode,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::{net::UnixStream, time::timeout};

use crate::{Refusal, Reply, Request, socket::LONGEST_PATH};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it may take to set a release: the candidate is pulled and compiled.
const PATIENCE_FOR_RELEASES: Duration = Duration::from_secs(30 * 60);

/// The largest answer: the status of thousands of task queues.
const LARGEST_ANSWER: usize = 64 << 20;

/// Why there is no answer. Texts fit after "failed to".
#[derive(Debug, Error)]
pub enum AskError {
    /// Nobody listens there.
    #[error("reach a worker at {}: nobody listens there", .path.display())]
    NoWorker {
        /// The socket.
        path: PathBuf,
    },
    /// It is of another user.
    #[error("reach a worker at {}: it is another user's", .path.display())]
    NotAllowed {
        /// The socket.
        path: PathBuf,
    },
    /// The system takes no such path.
    #[error("reach a worker at {}: its path is longer than the {LONGEST_PATH} bytes that the system takes", .path.display())]
    TooLong {
        /// The socket.
        path: PathBuf,
    },
    /// It can't be reached.
    #[error("reach a worker at {}", .path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What comes is no answer.
    #[error("understand the worker at {}: {reason}", .path.display())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing comes.
    #[error("reach a worker at {}: it has not answered for {} s", .path.display(), .patience.as_secs())]
    TimedOut {
        /// The socket.
        path: PathBuf,
        /// How long it was waited for.
        patience: Duration,
    },
}

/// Asks the worker that has the socket at `path`.
///
/// # Errors
/// When there is none, or it does not answer.
pub async fn ask(path: &Path, request: &Request) -> Result<Reply, AskError> {
    let patience = if matches!(request, Request::SetRelease(_)) { PATIENCE_FOR_RELEASES } else { PATIENCE };
    let asked = timeout(patience, ask_patiently(path, request)).await;
    asked.unwrap_or_else(|_| Err(AskError::TimedOut { path: path.to_owned(), patience }))
}

async fn ask_patiently(path: &Path, request: &Request) -> Result<Reply, AskError> {
    if LONGEST_PATH < path.as_os_str().len() {
        return Err(AskError::TooLong { path: path.to_owned() });
    }
    let stream = UnixStream::connect(path).await.map_err(|error| unreached(path, error))?;
    let no_answer = |reason: String| AskError::NoAnswer { path: path.to_owned(), reason };
    // A server that turns this user away closes the connection without a word.
    let dropped = |error: hyper::Error| match error.is_incomplete_message() || error.is_closed() || error.is_canceled()
    {
        true => AskError::NotAllowed { path: path.to_owned() },
        false => no_answer(error.to_string()),
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(dropped)?;
    let (method, place, body) = written(request).map_err(|error| no_answer(error.to_string()))?;
    let mut message = hyper::Request::new(Full::new(body));
    *message.method_mut() = method;
    *message.uri_mut() = hyper::Uri::from_static(place);
    message.headers_mut().insert(HOST, HeaderValue::from_static("isolet"));
    message.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let talk = async {
        let response = sender.send_request(message).await.map_err(dropped)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
        Ok((status, body.map_err(|error| no_answer(error.to_string()))?.to_bytes()))
    };
    let mut connection = std::pin::pin!(connection);
    let mut talk = std::pin::pin!(talk);
    let mut is_over = false;
    let (status, body) = loop {
        tokio::select! {
            biased;
            talked = &mut talk => break talked?,
            // What was read before it ended is still there.
            _ = &mut connection, if !is_over => is_over = true,
        }
    };
    understood(status, &body, request).map_err(no_answer)
}

fn unreached(path: &Path, error: io::Error) -> AskError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AskError::NoWorker { path },
        io::ErrorKind::PermissionDenied => AskError::NotAllowed { path },
        _ => AskError::System { path, source: error },
    }
}

fn written(request: &Request) -> serde_json::Result<(Method, &'static str, Bytes)> {
    Ok(match request {
        Request::Status => (Method::GET, "/v1/status", Bytes::new()),
        Request::Block(block) => (Method::POST, "/v1/block", serde_json::to_vec(block)?.into()),
        Request::Unblock(block) => (Method::POST, "/v1/unblock", serde_json::to_vec(block)?.into()),
        Request::SetRelease(release) => (Method::POST, "/v1/release/set", serde_json::to_vec(release)?.into()),
        Request::Promote(of) => (Method::POST, "/v1/release/promote", serde_json::to_vec(of)?.into()),
        Request::RollBack(of) => (Method::POST, "/v1/release/rollback", serde_json::to_vec(of)?.into()),
    })
}

fn understood(status: StatusCode, body: &[u8], request: &Request) -> Result<Reply, String> {
    fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
        serde_json::from_slice(body).map_err(|error| error.to_string())
    }
    match (status, request) {
        (StatusCode::OK, Request::Status) => read(body).map(Box::new).map(Reply::Status),
        (StatusCode::OK, Request::Block(_) | Request::Unblock(_)) => read(body).map(Reply::Changed),
        (StatusCode::OK, Request::SetRelease(_) | Request::Promote(_) | Request::RollBack(_)) => {
            read(body).map(Box::new).map(Reply::Released)
        }
        _ => read::<Refusal>(body).map(Reply::Refused),
    }
}
