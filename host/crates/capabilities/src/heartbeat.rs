//! `heartbeat`: telling the server that the attempt is alive and how far it is.

use std::sync::Arc;

use crate::{
    Fault, Outlet, Signals,
    bindings::isolet::activity::heartbeat::{FailureChain, Host, Payload},
    convert,
    size::Size,
};

/// The state of `heartbeat` for one attempt.
pub(crate) struct HeartbeatCtx {
    is_attempt: bool,
    limit: usize,
    outlet: Arc<Outlet>,
    signals: Arc<Signals>,
    /// Whether a heartbeat has failed: the first failure ends the attempt, and is the one that is told.
    has_failed: bool,
}

impl HeartbeatCtx {
    /// One that takes details of at most `limit` bytes.
    pub(crate) fn new(is_attempt: bool, limit: usize, outlet: Arc<Outlet>, signals: Arc<Signals>) -> Self {
        Self { is_attempt, limit, outlet, signals, has_failed: false }
    }

    /// Refuses what is too large, and what comes when there is nobody to heartbeat for.
    fn check(&self, size: usize) -> Result<(), Fault> {
        match () {
            () if !self.is_attempt => Err(Fault::NoAttempt),
            () if self.limit < size => Err(Fault::HeartbeatTooLarge { size }),
            () => Ok(()),
        }
    }
}

impl Host for HeartbeatCtx {
    fn record(&mut self, details: Vec<Payload>) -> wasmtime::Result<()> {
        let details = convert::payloads_from_guest(details);
        self.check(Size::of_payloads(&details))?;
        self.outlet.heartbeat(details);
        Ok(())
    }

    fn record_failed(&mut self, reason: FailureChain) -> wasmtime::Result<()> {
        if self.has_failed {
            self.outlet.drop_line();
            return Ok(());
        }
        let reason = convert::failure_from_guest(reason);
        self.check(Size::of_failure(&reason))?;
        self.has_failed = true;
        // Cancelled first: whoever hears of the failure must find the attempt cancelled.
        self.signals.cancel_without_details();
        self.outlet.heartbeat_failed(reason);
        Ok(())
    }
}
