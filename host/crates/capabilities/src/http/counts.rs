//! How many requests an attempt made, and what became of them.

use std::sync::atomic::{AtomicU64, Ordering};

use activity::{ExcessCounts, HttpUsage};
use wasmtime_wasi_http::Error;

use super::traced::Traced;

/// Counts the requests of one attempt.
#[derive(Debug, Default)]
pub(crate) struct RequestCounts {
    began: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    refused: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
    /// What else the attempt came to.
    pub(crate) excesses: ExcessCounts,
    /// What is told of them in the attempt's trace.
    pub(crate) traced: Traced,
}

impl RequestCounts {
    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn began(&self) {
        self.began.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request by what it came to. What is told in words was refused.
    pub(super) fn ended<T>(&self, response: &Result<T, Error>) {
        let counter = match response {
            Ok(_) => &self.answered,
            Err(Error::InternalError(Some(_))) => {
                self.began.fetch_sub(1, Ordering::Relaxed);
                &self.refused
            }
            Err(_) => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes of a request's body.
    pub(super) fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes of a response's body.
    pub(super) fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes of the bodies of requests and of responses.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }

    /// What became of them so far; those under way count as abandoned.
    pub(crate) fn usage(&self) -> HttpUsage {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (answered, failed) = (read(&self.answered), read(&self.failed));
        let abandoned = read(&self.began).saturating_sub(answered + failed);
        HttpUsage { answered, failed, refused: read(&self.refused), abandoned }
    }
}
