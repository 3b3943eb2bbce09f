//! HTTP requests, to the servers that the component is granted.
//!
//! [`ActivityContext::http`](crate::ActivityContext::http) makes requests as `reqwest` does it, with the types of the
//! crate [`http`](https://docs.rs/http). The host sends them; what it refuses, the error names. Redirects are not
//! followed, and there are neither cookies nor proxies.
//!
//! ```
//! use isolet_sdk::{ActivityContext, ActivityError, activity};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! struct Order {
//!     item: String,
//! }
//!
//! #[derive(Deserialize)]
//! struct Receipt {
//!     number: u64,
//! }
//!
//! /// Side by side, with whatever else the activity awaits.
//! #[activity]
//! async fn order(context: &ActivityContext, item: String) -> Result<u64, ActivityError> {
//!     let request = context.http().post("https://api.example.com/orders").json(&Order { item });
//!     let receipt: Receipt = request.send().await?.error_for_status()?.json().await?;
//!     Ok(receipt.number)
//! }
//!
//! /// In an activity that is no `async fn`.
//! #[activity]
//! fn page(context: &ActivityContext, path: String) -> Result<String, ActivityError> {
//!     let request = context.http().get(format!("https://api.example.com/{path}"));
//!     Ok(request.send_blocking()?.error_for_status()?.text()?)
//! }
//! ```
//!
//! A cancellation ends what waits, as an error with which `?` ends the attempt as cancelled.
//!
//! # Layout
//! [`HttpClient`] and [`RequestBuilder`] make a request, [`Body`] is what it sends, [`Response`] and [`BlockingResponse`]
//! are its answer, [`HttpError`] says why there is none.

mod blocking;
mod body;
mod error;
mod request;
mod response;
#[cfg(target_family = "wasm")]
mod wasi;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
pub use bytes::Bytes;

pub use self::blocking::BlockingResponse;
pub use self::body::Body;
pub use self::error::{ErrorKind, HttpError};
pub use self::request::{HttpClient, RequestBuilder};
pub use self::response::Response;

pub(crate) use self::request::Timeouts;
#[cfg(target_family = "wasm")]
pub(crate) use self::wasi::{Incoming, poll, send};
#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::test::http::{Incoming, send};

#[cfg(test)]
mod tests;
