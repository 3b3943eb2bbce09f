//! Heartbeats on their way through the codec: one at a time, in their order, and the newest in place of those that wait.

use activity::{CodecError, Payload};
use futures_util::future::BoxFuture;

use super::PayloadCoding;

/// Encodes an attempt's heartbeats. Dropping it ends the work.
pub(crate) struct HeartbeatCoder {
    coding: PayloadCoding,
    current: Option<BoxFuture<'static, Result<Vec<Payload>, CodecError>>>,
    /// The newest details, while older ones are encoded.
    waiting: Option<Vec<Payload>>,
}

impl HeartbeatCoder {
    /// Encodes with `coding`.
    pub(crate) fn new(coding: PayloadCoding) -> Self {
        Self { coding, current: None, waiting: None }
    }

    /// Takes details. Returns them when there is nothing to encode; else they come from [`HeartbeatCoder::next`].
    pub(crate) fn put(&mut self, details: Vec<Payload>) -> Option<Vec<Payload>> {
        if self.coding.keeps_payloads() {
            return Some(details);
        }
        match self.current {
            Some(_) => self.waiting = Some(details),
            None => self.start(details),
        }
        None
    }

    /// Whether details are still to come.
    pub(crate) fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    /// The next encoded details; never, when there are none. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Vec<Payload>, CodecError> {
        let Some(current) = &mut self.current else { return std::future::pending().await };
        let encoded = current.await;
        self.current = None;
        if let Some(waiting) = self.waiting.take() {
            self.start(waiting);
        }
        encoded
    }

    fn start(&mut self, details: Vec<Payload>) {
        let coding = self.coding.clone();
        self.current = Some(Box::pin(async move { coding.encode(details).await }));
    }
}
