//! `heartbeat`: telling the server that the attempt is alive and how far it is.

use std::sync::Arc;

use crate::{
    Fault, Outlet, Signals,
    bindings::isolet::activity::heartbeat::{FailureChain, Host, Payload},
    convert,
};

/// The state of `heartbeat` for one attempt.
pub(crate) struct HeartbeatCtx {
    limit: usize,
    outlet: Arc<Outlet>,
    signals: Arc<Signals>,
}

impl HeartbeatCtx {
    /// One that takes details of at most `limit` bytes.
    pub(crate) fn new(limit: usize, outlet: Arc<Outlet>, signals: Arc<Signals>) -> Self {
        Self { limit, outlet, signals }
    }
}

impl Host for HeartbeatCtx {
    fn record(&mut self, details: Vec<Payload>) -> wasmtime::Result<()> {
        let details = convert::payloads_from_guest(details);
        let size = details.iter().map(activity::Payload::size).sum();
        if size > self.limit {
            return Err(Fault::HeartbeatTooLarge { size }.into());
        }
        self.outlet.heartbeat(details);
        Ok(())
    }

    fn record_failed(&mut self, reason: FailureChain) -> wasmtime::Result<()> {
        let reason = convert::failure_from_guest(reason);
        let size = convert::failure_size(&reason);
        if size > self.limit {
            return Err(Fault::HeartbeatTooLarge { size }.into());
        }
        // Cancelled first: whoever hears of the failure must find the attempt cancelled.
        self.signals.cancel_without_details();
        self.outlet.heartbeat_failed(reason);
        Ok(())
    }
}
