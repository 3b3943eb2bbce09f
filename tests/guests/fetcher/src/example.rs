//! The example of `docs/http.md`.

use isolet_sdk::{ActivityError, activity};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, OutgoingRequest, Scheme};
use wasip2::io::streams::StreamError;

/// Downloads a page and returns its size.
#[activity]
pub(crate) fn download(host: String, path: String) -> Result<usize, ActivityError> {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "the scheme is invalid")?;
    request.set_authority(Some(&host)).map_err(|()| "the host is invalid")?;
    request.set_path_with_query(Some(&path)).map_err(|()| "the path is invalid")?;

    let waiting = outgoing_handler::handle(request, None)?;
    waiting.subscribe().block();
    let response = waiting.get().and_then(Result::ok).unwrap_or(Err(ErrorCode::InternalError(None)))?;
    if response.status() != 200 {
        return Err(format!("the server answered with status {}", response.status()).into());
    }

    let body = response.consume().map_err(|()| "the body is taken")?;
    let stream = body.stream().map_err(|()| "the body is taken")?;
    let mut size = 0;
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(piece) => size += piece.len(),
            Err(StreamError::Closed) => return Ok(size),
            Err(broken) => return Err(broken.into()),
        }
    }
}
