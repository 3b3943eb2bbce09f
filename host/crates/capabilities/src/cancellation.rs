//! `cancellation` and `cancellation-pollable`: learning that the attempt should stop, and sleeping until then.

use std::sync::Arc;

use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::{
    Fault, Signals,
    bindings::isolet::activity::{
        cancellation::{CancellationDetails, Duration, Event, Host},
        cancellation_pollable,
    },
    convert,
    signals::{CANCELLED, WORKER_SHUTDOWN},
};

/// The state of `cancellation` for one attempt.
pub(crate) struct CancellationCtx {
    is_attempt: bool,
    signals: Arc<Signals>,
}

impl CancellationCtx {
    pub(crate) fn new(is_attempt: bool, signals: Arc<Signals>) -> Self {
        Self { is_attempt, signals }
    }
}

impl Host for CancellationCtx {
    fn is_cancelled(&mut self) -> wasmtime::Result<bool> {
        Ok(self.signals.bits() & CANCELLED != 0)
    }

    fn details(&mut self) -> wasmtime::Result<Option<CancellationDetails>> {
        Ok(self.signals.details().map(convert::cancellation_details_to_guest))
    }

    fn is_worker_shutdown(&mut self) -> wasmtime::Result<bool> {
        Ok(self.signals.bits() & WORKER_SHUTDOWN != 0)
    }

    async fn wait(&mut self, until: Event, timeout: Option<Duration>) -> wasmtime::Result<Event> {
        let given = self.signals.given(bits(until));
        match timeout.map(convert::duration_from_guest) {
            // Nobody would ever end the wait.
            None if !self.is_attempt => return Err(Fault::NoAttempt.into()),
            None => given.await,
            // A guest that only looks should not cost a timer.
            Some(timeout) if timeout.is_zero() => {}
            // How the wait ended does not matter: the answer is what has happened by now.
            Some(timeout) => drop(tokio::time::timeout(timeout, given).await),
        }
        Ok(events(self.signals.bits()))
    }
}

/// What `cancellation-pollable` works on.
pub(crate) struct PollablesView<'a> {
    pub(crate) cancellation: &'a mut CancellationCtx,
    pub(crate) table: &'a mut ResourceTable,
}

/// Marks [`PollablesView`] as the data behind `cancellation-pollable`.
pub(crate) struct HasPollables;

impl HasData for HasPollables {
    type Data<'a> = PollablesView<'a>;
}

impl cancellation_pollable::Host for PollablesView<'_> {
    fn subscribe(&mut self, until: Event) -> wasmtime::Result<Resource<DynPollable>> {
        if !self.cancellation.is_attempt {
            return Err(Fault::NoAttempt.into());
        }
        let subscription = Subscription { signals: Arc::clone(&self.cancellation.signals), until: bits(until) };
        let subscription = self.table.push(subscription)?;
        subscribe(self.table, subscription)
    }
}

/// What a pollable of `cancellation-pollable` waits for.
struct Subscription {
    signals: Arc<Signals>,
    until: u32,
}

#[async_trait::async_trait]
impl Pollable for Subscription {
    async fn ready(&mut self) {
        self.signals.given(self.until).await;
    }
}

fn bits(until: Event) -> u32 {
    let cancelled = if until.contains(Event::CANCELLED) { CANCELLED } else { 0 };
    let shutdown = if until.contains(Event::WORKER_SHUTDOWN) { WORKER_SHUTDOWN } else { 0 };
    cancelled | shutdown
}

fn events(bits: u32) -> Event {
    let cancelled = if bits & CANCELLED != 0 { Event::CANCELLED } else { Event::empty() };
    let shutdown = if bits & WORKER_SHUTDOWN != 0 { Event::WORKER_SHUTDOWN } else { Event::empty() };
    cancelled | shutdown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_its_timeout_or_its_event() {
        let signals = Arc::new(Signals::new(false));
        let mut ctx = CancellationCtx::new(true, Arc::clone(&signals));
        let second = Some(Duration { seconds: 1, nanoseconds: 0 });
        assert_eq!(ctx.wait(Event::CANCELLED, second).await.unwrap(), Event::empty());
        signals.worker_shutdown();
        // Another event has happened, but not the one that is waited for.
        assert_eq!(ctx.wait(Event::CANCELLED, second).await.unwrap(), Event::WORKER_SHUTDOWN);
        signals.cancel(activity::CancellationDetails::default());
        assert_eq!(ctx.wait(Event::CANCELLED, None).await.unwrap(), Event::CANCELLED | Event::WORKER_SHUTDOWN);
    }

    #[tokio::test]
    async fn the_longest_timeout_does_not_overflow() {
        let signals = Arc::new(Signals::new(true));
        let mut ctx = CancellationCtx::new(true, signals);
        let longest = Some(Duration { seconds: u64::MAX, nanoseconds: u32::MAX });
        assert_eq!(ctx.wait(Event::WORKER_SHUTDOWN, longest).await.unwrap(), Event::WORKER_SHUTDOWN);
    }
}
