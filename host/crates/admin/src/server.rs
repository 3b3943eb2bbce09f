//! The worker's end: takes requests and passes them on, a few at a time and each in its time.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    net::UnixStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

use crate::{Refusal, Reply, Request, Socket};

/// How many clients are served at once; more wait to be accepted.
const CLIENTS: usize = 8;

/// How long a client may take, from its connection to the last byte of the answer.
const CLIENT_TIME: Duration = Duration::from_secs(10);

/// How long the worker may take to do what is asked: it pulls and compiles what is released.
const WORK_TIME: Duration = Duration::from_secs(30 * 60);

/// How long its request's head may take.
const HEAD_TIME: Duration = Duration::from_secs(2);

/// The longest body of a request: a reason and a few names.
const LONGEST_BODY: usize = 64 << 10;

/// What one connection may buffer of what a client sends.
const BUFFER: usize = 16 << 10;

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
    let places = Arc::new(Semaphore::new(CLIENTS));
    let mut clients = JoinSet::new();
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match socket.accept().await {
            Ok((stream, user)) => {
                clients.spawn(client((stream, user), asked.clone(), place));
            }
            Err(error) => {
                // For want of descriptors, which will be there again.
                tracing::warn!("failed to accept a client of the admin socket: {error}");
                tokio::time::sleep(HEAD_TIME).await;
            }
        }
        while clients.try_join_next().is_some() {}
    }
}

/// One request of one client.
async fn client((stream, user): (UnixStream, u32), asked: mpsc::Sender<Asked>, place: OwnedSemaphorePermit) {
    // Whether the client waits for the worker, and not the worker for the client.
    let works = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let works = Arc::clone(&works);
        move |request| {
            let (asked, works) = (asked.clone(), Arc::clone(&works));
            async move { Ok::<_, Infallible>(answer(request, user, &asked, &works).await) }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // Whatever is wrong with a client, it is the client's own trouble.
    let is_over = timeout(CLIENT_TIME, &mut connection).await.is_ok();
    if !is_over && works.load(Ordering::Relaxed) {
        let _ = timeout(WORK_TIME, connection).await;
    }
    drop(place);
}

async fn answer(
    request: hyper::Request<Incoming>,
    user: u32,
    asked: &mpsc::Sender<Asked>,
    works: &AtomicBool,
) -> Response<Full<Bytes>> {
    let request = match understand(request).await {
        Ok(request) => request,
        Err((status, message)) => return refused(status, Refusal { message, cure: None }),
    };
    works.store(matches!(request, Request::SetRelease(_)), Ordering::Relaxed);
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

/// What a request asks for.
async fn understand(request: hyper::Request<Incoming>) -> Result<Request, (StatusCode, String)> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    match (&method, path.as_str()) {
        (&Method::GET, "/v1/status") => Ok(Request::Status),
        (&Method::POST, "/v1/block") => body(request).await.map(Request::Block),
        (&Method::POST, "/v1/unblock") => body(request).await.map(Request::Unblock),
        (&Method::POST, "/v1/release/set") => body(request).await.map(Request::SetRelease),
        (&Method::POST, "/v1/release/promote") => body(request).await.map(Request::Promote),
        (&Method::POST, "/v1/release/rollback") => body(request).await.map(Request::RollBack),
        (
            _,
            "/v1/status"
            | "/v1/block"
            | "/v1/unblock"
            | "/v1/release/set"
            | "/v1/release/promote"
            | "/v1/release/rollback",
        ) => Err((StatusCode::METHOD_NOT_ALLOWED, "there is GET /v1/status, and POST for the others".to_owned())),
        _ => {
            let known = "there is /v1/status, /v1/block, /v1/unblock and /v1/release/{set,promote,rollback}";
            Err((StatusCode::NOT_FOUND, known.to_owned()))
        }
    }
}

async fn body<T: DeserializeOwned>(request: hyper::Request<Incoming>) -> Result<T, (StatusCode, String)> {
    let wrong = |error: &dyn std::fmt::Display| (StatusCode::BAD_REQUEST, format!("the request's body: {error}"));
    let body = Limited::new(request.into_body(), LONGEST_BODY).collect().await;
    let body = body.map_err(|error| wrong(&error))?.to_bytes();
    serde_json::from_slice(&body).map_err(|error| wrong(&error))
}

fn refused(status: StatusCode, refusal: Refusal) -> Response<Full<Bytes>> {
    json(status, &refusal)
}

fn json(status: StatusCode, document: &impl Serialize) -> Response<Full<Bytes>> {
    // It has nothing that JSON has not.
    let body = serde_json::to_vec(document).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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
                        tokio::time::sleep(3 * CLIENT_TIME).await;
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
        let long = "x".repeat(LONGEST_BODY);
        let refused = ask(&path, &Request::Block(Block { reason: long, ..Block::default() })).await.unwrap();
        assert!(matches!(refused, Reply::Refused(_)), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn clients_that_say_nothing_keep_nobody_else_waiting_for_long() {
        let (_folder, path, _tasks) = worker();
        let mut mute = Vec::new();
        for _ in 0..3 * CLIENTS {
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
