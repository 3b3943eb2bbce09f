//! Answers.

use axum::{
    body::Body,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    response::Response,
};
use serde::Serialize;

/// A document for programs.
pub fn json(status: StatusCode, document: &impl Serialize) -> Response {
    // It has nothing that JSON has not.
    let body = serde_json::to_vec(document).unwrap_or_default();
    answer(status, "application/json", Body::from(body))
}

/// A few words for people.
pub fn text(status: StatusCode, words: impl Into<String>) -> Response {
    answer(status, "text/plain; charset=utf-8", Body::from(words.into()))
}

/// Nobody keeps it: what it tells is of this moment.
fn answer(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
