//! Answers.

use axum::{
    body::Body,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    response::Response,
};
use serde::Serialize;

/// What every answer has, unless it has another value of its own: a browser keeps it not, since it tells of this moment,
/// takes it for nothing else than it is, and shows it in no other page.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    // With `no-referrer` a browser would not say by which page a form is sent.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

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

fn answer(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An answer with all that every one has, whoever has made it: a handler, or what refuses requests before one.
pub(crate) fn finished(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
