//! What an attempt is told while it runs.

use std::{
    future::pending,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use activity::{CancellationDetails, ClientAnswer};
use tokio::sync::{Notify, oneshot};

/// Whether an attempt is cancelled, why, whether its worker shuts down, and the answer to its call. Set from any thread; a guest that waits
/// wakes at once.
///
/// Upholds the following invariants: a signal that was given stays given, and only the first cancellation counts.
#[derive(Debug)]
pub struct Signals {
    bits: AtomicU32,
    changed: Notify,
    /// Which call waits for an answer, and where that goes. Set by the guest's call, taken by whoever answers.
    call: Mutex<Option<(u64, oneshot::Sender<ClientAnswer>)>>,
}

/// The attempt is cancelled.
pub(crate) const CANCELLED: u32 = 1 << 0;
/// The worker has begun to shut down.
pub(crate) const WORKER_SHUTDOWN: u32 = 1 << 1;
/// The cancellation has details.
const DETAILED: u32 = 1 << 2;
/// Where its details begin.
const FIRST_DETAIL: u32 = 3;
/// The server has given the attempt up, or one of its deadlines has passed.
const LOST: u32 = 1 << 31;

impl Signals {
    /// Those of an attempt that starts now.
    pub fn new(worker_shutdown: bool) -> Self {
        Self {
            bits: AtomicU32::new(if worker_shutdown { WORKER_SHUTDOWN } else { 0 }),
            changed: Notify::new(),
            call: Mutex::default(),
        }
    }

    /// Cancels the attempt. Without any reason the guest is not told of one.
    pub fn cancel(&self, details: CancellationDetails) {
        if details.intersects(CancellationDetails::TIMED_OUT | CancellationDetails::NOT_FOUND) {
            self.bits.fetch_or(LOST, Ordering::AcqRel);
        }
        match details_to_bits(details) {
            0 => self.cancel_without_details(),
            bits => self.cancel_with(DETAILED | bits),
        }
    }

    /// Cancels the attempt without saying why.
    pub(crate) fn cancel_without_details(&self) {
        self.cancel_with(0);
    }

    /// Tells that the worker has begun to shut down.
    pub fn worker_shutdown(&self) {
        self.bits.fetch_or(WORKER_SHUTDOWN, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    /// Answers the call of this id, if the guest still waits for it.
    pub fn answer(&self, id: u64, answer: ClientAnswer) {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, waiting)) = call.take_if(|(waiting, _)| *waiting == id) {
            // A guest that was killed meanwhile needs no answer.
            let _ = waiting.send(answer);
        }
    }

    /// Where the answer to the call of this id will be. A guest has one call at a time.
    pub(crate) fn expect_answer(&self, id: u64) -> oneshot::Receiver<ClientAnswer> {
        let (sender, answer) = oneshot::channel();
        *self.call.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, sender));
        answer
    }

    /// The bits given so far.
    pub(crate) fn bits(&self) -> u32 {
        self.bits.load(Ordering::Acquire)
    }

    /// Whether the server has given the attempt up, or one of its deadlines has passed.
    pub(crate) fn is_lost(&self) -> bool {
        self.bits() & LOST != 0
    }

    /// Why the attempt is cancelled.
    pub(crate) fn details(&self) -> Option<CancellationDetails> {
        let bits = self.bits();
        (bits & DETAILED != 0).then(|| details_from_bits(bits))
    }

    /// Ends once one of the bits of `until` is given; never, for none.
    pub(crate) async fn given(&self, until: u32) {
        if until == 0 {
            return pending().await;
        }
        loop {
            // Registered before the bits are read, so that a signal in between is not missed.
            let changed = self.changed.notified();
            if self.bits() & until != 0 {
                return;
            }
            changed.await;
        }
    }

    fn cancel_with(&self, details: u32) {
        let cancel = |bits| (bits & CANCELLED == 0).then_some(bits | CANCELLED | details);
        if self.bits.fetch_update(Ordering::AcqRel, Ordering::Acquire, cancel).is_ok() {
            self.changed.notify_waiters();
        }
    }
}

/// Details are kept from [`FIRST_DETAIL`] on, in their own order.
fn details_to_bits(details: CancellationDetails) -> u32 {
    u32::from(details.bits()) << FIRST_DETAIL
}

fn details_from_bits(bits: u32) -> CancellationDetails {
    let [details, ..] = (bits >> FIRST_DETAIL).to_le_bytes();
    CancellationDetails::from_bits_truncate(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_cancellation_counts() {
        let signals = Signals::new(false);
        let first = CancellationDetails::PAUSED.union(CancellationDetails::TIMED_OUT);
        signals.cancel(first);
        signals.cancel(CancellationDetails::RESET);
        assert_eq!(signals.details(), Some(first));
    }

    #[tokio::test]
    async fn a_waiting_guest_wakes() {
        let signals = Signals::new(false);
        tokio::join!(signals.given(WORKER_SHUTDOWN), async {
            tokio::task::yield_now().await;
            signals.worker_shutdown();
        });
        assert_eq!(signals.bits(), WORKER_SHUTDOWN);
    }
}
