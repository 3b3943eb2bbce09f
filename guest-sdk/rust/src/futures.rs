//! What asynchronous activities wait with.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::cancellation::Events;
use crate::executor::{current, try_current};
use crate::waits::{Place, Until};
use crate::{ActivityContext, Cancelled};

/// Sleeps in an `async` activity: a safe point that a cancellation ends at once.
///
/// Other futures of the activity go on meanwhile. The time runs from the call on.
///
/// ```
/// use std::time::Duration;
///
/// use isolet_sdk::{ActivityError, activity, sleep};
///
/// #[activity]
/// async fn nap() -> Result<(), ActivityError> {
///     sleep(Duration::from_secs(3600)).await?;
///     Ok(())
/// }
/// ```
///
/// # Errors
/// [`Cancelled`] when the attempt is cancelled, also before the sleep, except in a
/// [`shield`](ActivityContext::shield_async) and in an activity that is not interruptible: those sleep to the end.
///
/// # Panics
/// When it is awaited outside of an `async` activity and [`ActivityContext::block_on`].
pub fn sleep(duration: Duration) -> Sleep {
    Sleep { due: Due::after(duration), place: Place::default() }
}

/// The future of [`sleep`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Sleep {
    due: Due,
    place: Place,
}

impl Future for Sleep {
    type Output = Result<(), Cancelled>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let running = current();
        let attempt = &running.attempt;
        attempt.check_cancelled()?;
        let at = self.due.at();
        if at <= attempt.backend.now() {
            return Poll::Ready(Ok(()));
        }
        let until = Until { at: Some(at), events: attempt.interruptions(), ready: None };
        self.place.wait(&running, until, context.waker());
        Poll::Pending
    }
}

/// Waits for a future so long at most.
///
/// What is not done by then is dropped, and with it what it was about to do. The time runs from the call on. A
/// cancellation ends what the future waits for, if that is something of this SDK; for other futures see
/// [`ActivityContext::until_cancelled`].
///
/// ```
/// use std::time::Duration;
///
/// use isolet_sdk::{ActivityError, activity, sleep, timeout};
///
/// #[activity]
/// async fn patient() -> Result<bool, ActivityError> {
///     Ok(timeout(Duration::from_secs(1), sleep(Duration::from_secs(60))).await.is_ok())
/// }
/// ```
///
/// # Errors
/// [`Elapsed`] when the time has passed before.
///
/// # Panics
/// When it is awaited outside of an `async` activity and [`ActivityContext::block_on`].
pub fn timeout<F: Future>(duration: Duration, future: F) -> impl Future<Output = Result<F::Output, Elapsed>> {
    let mut due = Due::after(duration);
    async move {
        let mut future = pin!(future);
        let mut place = Place::default();
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            let running = current();
            let at = due.at();
            if at <= running.attempt.backend.now() {
                return Poll::Ready(Err(Elapsed(duration)));
            }
            place.wait(&running, Until { at: Some(at), ..Until::default() }, context.waker());
            Poll::Pending
        })
        .await
    }
}

/// The time of a [`timeout`] has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not done within {0:?}")]
pub struct Elapsed(Duration);

impl ActivityContext {
    /// Waits for a future until the attempt is cancelled: makes a safe point of any future.
    ///
    /// # Errors
    /// [`Cancelled`] when the attempt is cancelled, also before, except in a [`shield`](Self::shield_async) and in an
    /// activity that is not interruptible. The future is dropped then.
    pub async fn until_cancelled<F: Future>(&self, future: F) -> Result<F::Output, Cancelled> {
        let mut future = pin!(future);
        let mut place = Place::default();
        poll_fn(|context| {
            let attempt = self.attempt();
            attempt.check_cancelled()?;
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            if attempt.may_interrupt() {
                place.wait(&current(), Until { events: attempt.interruptions(), ..Until::default() }, context.waker());
            }
            Poll::Pending
        })
        .await
    }

    /// Does asynchronous work that a cancellation must not cut short: as [`shield`](Self::shield), for a future. What
    /// runs beside it is not shielded.
    ///
    /// # Errors
    /// [`Cancelled`], instead of what the work returned, when the attempt is cancelled by the end of the outermost
    /// shield; never in an activity that is not interruptible.
    pub async fn shield_async<F: Future>(&self, work: F) -> Result<F::Output, Cancelled> {
        let mut work = pin!(work);
        let done = poll_fn(|context| {
            // Up while the work runs, and not while something else does.
            let _shield = self.attempt().shield();
            work.as_mut().poll(context)
        })
        .await;
        self.check_cancelled()?;
        Ok(done)
    }

    /// Waits until the attempt is cancelled, for whatever reason. No safe point.
    pub async fn cancelled(&self) {
        self.wait_for(Events { cancelled: true, ..Events::default() }, Self::is_cancelled).await;
    }

    /// Waits until the worker begins to shut down. The attempt is cancelled only when the worker's grace has passed.
    pub async fn worker_shutdown(&self) {
        self.wait_for(Events { worker_shutdown: true, ..Events::default() }, Self::is_worker_shutdown).await;
    }

    async fn wait_for(&self, events: Events, has_happened: impl Fn(&Self) -> bool) {
        let mut place = Place::default();
        poll_fn(|context| {
            if has_happened(self) {
                return Poll::Ready(());
            }
            place.wait(&current(), Until { events, ..Until::default() }, context.waker());
            Poll::Pending
        })
        .await;
    }
}

/// A moment so long after a call, or after the first look at it where nothing ran then.
#[derive(Debug)]
pub(crate) enum Due {
    In(Duration),
    At(Duration),
}

impl Due {
    pub(crate) fn after(duration: Duration) -> Self {
        match try_current() {
            Some(running) => Self::At(running.attempt.backend.now().saturating_add(duration)),
            None => Self::In(duration),
        }
    }

    pub(crate) fn at(&mut self) -> Duration {
        match *self {
            Self::At(at) => at,
            Self::In(duration) => {
                let at = current().attempt.backend.now().saturating_add(duration);
                *self = Self::At(at);
                at
            }
        }
    }
}
