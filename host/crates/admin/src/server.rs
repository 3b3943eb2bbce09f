//! The worker's end: takes requests and passes them on, a few at a time and each in its time.

use std::{io, net::IpAddr, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
    response::Response,
    routing::{MethodRouter, get, post},
};
use serde::de::DeserializeOwned;
use tokio::{
    net::UnixStream,
    sync::{mpsc, oneshot},
};
use web::{Caller, Limits, Listen, Patience, json};

use crate::{Refusal, Reply, Request, Socket};

/// What clients may take.
const LIMITS: Limits = Limits {
    what: "the admin socket",
    clients: 8,
    time: Duration::from_secs(10),
    head_time: Duration::from_secs(2),
    // A reason and a few names.
    body: 64 << 10,
};

/// How long the worker may take to do what is asked: it pulls and compiles what is released.
const WORK_TIME: Duration = Duration::from_secs(30 * 60);

/// A request, and where its answer goes.
#[derive(Debug)]
pub struct Asked {
    /// What is asked.
    pub request: Request,
    /// The user id of who asks.
    pub user: u32,
    /// Where the answer goes. A client that has gone takes none.
    pub reply: oneshot::Sender<Reply>,
}

/// Serves clients of `socket`, whose requests are passed to `asked`. Never ends by itself; dropped, it drops its clients.
pub async fn serve(socket: Socket, asked: mpsc::Sender<Asked>) {
    web::serve(socket, LIMITS, router(asked)).await;
}

impl Listen for Socket {
    type Stream = UnixStream;
    type Peer = u32;

    async fn accept(&mut self) -> io::Result<(UnixStream, u32)> {
        Self::accept(self).await
    }

    fn source(_: &u32) -> Option<IpAddr> {
        None
    }
}

fn router(asked: mpsc::Sender<Asked>) -> Router {
    let status = async |State(asked), Extension(Caller(user))| pass_on(&asked, user, Request::Status).await;
    let others = async || {
        let message = "there is GET /v1/status, and POST for the others".to_owned();
        refused(StatusCode::METHOD_NOT_ALLOWED, Refusal { message, cure: None })
    };
    let nothing = async || {
        let message = "there is /v1/status, /v1/block, /v1/unblock and /v1/release/{set,promote,rollback}".to_owned();
        refused(StatusCode::NOT_FOUND, Refusal { message, cure: None })
    };
    Router::new()
        .route("/v1/status", get(status))
        .route("/v1/block", takes(Request::Block))
        .route("/v1/unblock", takes(Request::Unblock))
        .route("/v1/release/set", takes(Request::SetRelease))
        .route("/v1/release/promote", takes(Request::Promote))
        .route("/v1/release/rollback", takes(Request::RollBack))
        .method_not_allowed_fallback(others)
        .fallback(nothing)
        .with_state(asked)
}

/// What takes a request with a body of this kind.
fn takes<T: DeserializeOwned + Send + 'static>(
    request: impl Fn(T) -> Request + Clone + Send + Sync + 'static,
) -> MethodRouter<mpsc::Sender<Asked>> {
    post(
        async move |State(asked): State<mpsc::Sender<Asked>>,
                    Extension(Caller(user)): Extension<Caller<u32>>,
                    Extension(patience): Extension<Patience>,
                    body: Result<Bytes, BytesRejection>| {
            let understood = body.map_err(|error| error.to_string());
            let understood =
                understood.and_then(|body| serde_json::from_slice(&body).map_err(|error| error.to_string()));
            let request = match understood {
                Ok(understood) => request(understood),
                Err(error) => {
                    let message = format!("the request's body: {error}");
                    return refused(StatusCode::BAD_REQUEST, Refusal { message, cure: None });
                }
            };
            if matches!(request, Request::SetRelease(_)) {
                patience.extend(WORK_TIME);
            }
            pass_on(&asked, user, request).await
        },
    )
}

async fn pass_on(asked: &mpsc::Sender<Asked>, user: u32, request: Request) -> Response {
    let (reply, answer) = oneshot::channel();
    if asked.send(Asked { request, user, reply }).await.is_err() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, stopping());
    }
    match answer.await {
        Ok(Reply::Status(status)) => json(StatusCode::OK, &status),
        Ok(Reply::Changed(changed)) => json(StatusCode::OK, &changed),
        Ok(Reply::Released(released)) => json(StatusCode::OK, &released),
        Ok(Reply::Refused(refusal)) => refused(StatusCode::CONFLICT, refusal),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, stopping()),
    }
}

fn stopping() -> Refusal {
    Refusal { message: "the worker has stopped".to_owned(), cure: None }
}

fn refused(status: StatusCode, refusal: Refusal) -> Response {
    json(status, &refusal)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        task::JoinSet,
    };

    use super::*;
    use crate::{AskError, Block, Changed, NewRelease, ReleaseOf, Status, ask};

    /// A worker that has blocked nothing so far, at a socket in a new folder.
    fn worker() -> (tempfile::TempDir, std::path::PathBuf, JoinSet<()>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.sock");
        let (sender, mut asked) = mpsc::channel::<Asked>(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(Socket::bind(&path).unwrap(), sender));
        tasks.spawn(async move {
            while let Some(Asked { request, reply, .. }) = asked.recv().await {
                let answer = match request {
                    Request::Status => Reply::Status(Box::new(Status { version: 7, ..Status::default() })),
                    Request::Block(_) => Reply::Changed(Changed { changed: true, ..Changed::default() }),
                    Request::Unblock(block) => Reply::Refused(Refusal { message: block.reason, cure: None }),
                    // Longer than a client may take that has said nothing.
                    Request::SetRelease(_) => {
                        tokio::time::sleep(3 * LIMITS.time).await;
                        Reply::Released(Box::default())
                    }
                    Request::Promote(of) | Request::RollBack(of) => {
                        Reply::Refused(Refusal { message: of.activity, cure: None })
                    }
                };
                let _ = reply.send(answer);
            }
        });
        (folder, path, tasks)
    }

    #[tokio::test]
    async fn what_is_asked_is_answered() {
        let (_folder, path, _tasks) = worker();
        let Ok(Reply::Status(status)) = ask(&path, &Request::Status).await else { panic!("there is no status") };
        assert_eq!(status.version, 7);
        let block = Block { reason: "no".to_owned(), ..Block::default() };
        let changed = ask(&path, &Request::Block(block.clone())).await.unwrap();
        assert_eq!(changed, Reply::Changed(Changed { changed: true, ..Changed::default() }));
        let refused = ask(&path, &Request::Unblock(block)).await.unwrap();
        assert_eq!(refused, Reply::Refused(Refusal { message: "no".to_owned(), cure: None }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_release_may_take_its_time() {
        let (_folder, path, _tasks) = worker();
        let released = ask(&path, &Request::SetRelease(NewRelease::default())).await.unwrap();
        assert_eq!(released, Reply::Released(Box::default()));
        let of = ReleaseOf { activity: "ship".to_owned(), ..ReleaseOf::default() };
        let refused = Reply::Refused(Refusal { message: "ship".to_owned(), cure: None });
        assert_eq!(ask(&path, &Request::RollBack(of)).await.unwrap(), refused);
    }

    #[tokio::test]
    async fn where_nobody_listens_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = ask(&folder.path().join("admin.sock"), &Request::Status).await;
        assert!(matches!(nobody, Err(AskError::NoWorker { .. })), "{nobody:?}");
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_refused() {
        let (_folder, path, _tasks) = worker();
        let cases = [
            ("GET /v1/status HTTP/1.1\r\nhost: a\r\n\r\n", "200 OK"),
            ("POST /v1/status HTTP/1.1\r\nhost: a\r\n\r\n", "405 Method Not Allowed"),
            ("GET /v2/status HTTP/1.1\r\nhost: a\r\n\r\n", "404 Not Found"),
            ("POST /v1/block HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nodd", "400 Bad Request"),
            ("odd\r\n\r\n", "400 Bad Request"),
        ];
        for (said, expected) in cases {
            let mut stream = UnixStream::connect(&path).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}\r\n")), "{said}: {answer}");
        }
        let long = "x".repeat(LIMITS.body);
        let refused = ask(&path, &Request::Block(Block { reason: long, ..Block::default() })).await.unwrap();
        assert!(matches!(refused, Reply::Refused(_)), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn clients_that_say_nothing_keep_nobody_else_waiting_for_long() {
        let (_folder, path, _tasks) = worker();
        let mut mute = Vec::new();
        for _ in 0..3 * LIMITS.clients {
            mute.push(UnixStream::connect(&path).await.unwrap());
        }
        // Time passes as soon as there is nothing else to do.
        assert!(matches!(ask(&path, &Request::Status).await, Ok(Reply::Status(_))));
        for mut stream in mute {
            // With an error, or without.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }
}
