//! What runs asynchronous activities: one future, on the thread that the attempt has.
//!
//! When the future can't go on, the guest waits for everything that its parts wait for, in one call of the host.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use crate::attempt::Attempt;
use crate::waits::Waits;
use crate::{ActivityContext, ActivityError, ApplicationFailure, Cancelled};

thread_local! {
    /// The future that runs.
    static CURRENT: RefCell<Option<Rc<Running>>> = const { RefCell::new(None) };
}

/// A future that runs: for which attempt, and what its parts wait for.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) attempt: Rc<Attempt>,
    pub(crate) waits: Waits,
}

/// The future waits for something that can't happen: nothing is left that could wake it.
#[derive(Debug)]
pub(crate) struct NeverWoken;

/// Why it is told as it is.
const NEVER_WOKEN: &str = "the activity waits for ever: it awaits a future that nothing will wake, such as \
    `std::future::pending()` or a channel whose other end waits, too";

/// Runs a future to its end.
pub(crate) fn run<F: Future>(attempt: &Rc<Attempt>, future: F) -> Result<F::Output, NeverWoken> {
    let running = Rc::new(Running { attempt: Rc::clone(attempt), waits: Waits::default() });
    let _current = Current::enter(Rc::clone(&running));
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        woken.0.store(false, Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        if woken.0.load(Relaxed) {
            // One part that is never done must not keep the others from what has happened for them.
            running.look_around();
        } else if !running.wait_for_any() {
            return Err(NeverWoken);
        }
    }
}

/// Runs the future of an asynchronous activity.
///
/// # Errors
/// When the future can't end any more.
pub fn finish<F: Future>(context: &ActivityContext, future: F) -> Result<F::Output, ActivityError> {
    let attempt = context.attempt();
    run(attempt, future).map_err(|NeverWoken| match attempt.check_cancelled() {
        // Nothing else can come of it.
        Err(Cancelled { .. }) => ActivityError::cancelled(),
        Ok(()) => ApplicationFailure::new(NEVER_WOKEN).with_type("NeverWoken").into(),
    })
}

/// Runs a future for whoever has no outcome to tell that it never ends.
#[expect(clippy::panic, reason = "the alternative is to wait for ever")]
pub(crate) fn block_on<F: Future>(attempt: &Rc<Attempt>, future: F) -> F::Output {
    run(attempt, future).unwrap_or_else(|NeverWoken| panic!("{NEVER_WOKEN}"))
}

/// The future that runs.
///
/// # Panics
/// When none is: some other executor polls one of our futures, and could never wake it.
#[expect(clippy::panic, reason = "as every executor does it: a future has no other way to tell")]
pub(crate) fn current() -> Rc<Running> {
    try_current().unwrap_or_else(|| {
        panic!("a future of `isolet_sdk` is awaited outside of an `async` activity: use `ActivityContext::block_on`")
    })
}

pub(crate) fn try_current() -> Option<Rc<Running>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes a future the current one until it is dropped, also by a panic.
struct Current {
    outer: Option<Rc<Running>>,
}

impl Current {
    fn enter(running: Rc<Running>) -> Self {
        Self { outer: CURRENT.replace(Some(running)) }
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests;
