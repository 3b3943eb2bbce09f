//! The task that runs a guest, and where it does.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use super::guest::{Polled, Run};
use crate::threads::{Lane, Lanes};

/// Runs a guest on this thread until it ends.
pub(crate) fn drive<T: Send + 'static>(run: Arc<Run<T>>) -> impl Future<Output = ()> + Send {
    Driver { run, ended: false, placement: None }
}

/// Runs a guest on the engine's threads until it ends.
pub(crate) fn spawn<T: Send + 'static>(run: Arc<Run<T>>, lanes: Arc<Lanes>, tick: Duration) {
    spawn_in(run, Placement { lanes, tick, lane: Lane::Brisk, burst: Duration::ZERO });
}

fn spawn_in<T: Send + 'static>(run: Arc<Run<T>>, placement: Placement) {
    let handle = placement.lanes.handle(placement.lane).clone();
    handle.spawn(Driver { run, ended: false, placement: Some(placement) });
}

/// Where a guest runs, and why.
struct Placement {
    lanes: Arc<Lanes>,
    tick: Duration,
    lane: Lane,
    /// What the guest has used since it last waited for something.
    burst: Duration,
}

impl Placement {
    /// Takes note of a poll. Returns whether the guest must move to another lane.
    fn moves(&mut self, used: Duration, turn_over: bool) -> bool {
        self.burst = if turn_over { self.burst.saturating_add(used) } else { Duration::ZERO };
        let lane =
            if turn_over && (self.lane == Lane::Busy || self.tick <= self.burst) { Lane::Busy } else { Lane::Brisk };
        std::mem::replace(&mut self.lane, lane) != lane
    }
}

/// The task that runs a guest.
struct Driver<T: Send + 'static> {
    run: Arc<Run<T>>,
    /// Whether there is nothing more to do here: the guest has ended, or goes on elsewhere.
    ended: bool,
    /// `None` when it stays where it is.
    placement: Option<Placement>,
}

impl<T: Send + 'static> Future for Driver<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let polled = match &self.placement {
            Some(placement) => placement.lanes.compute(placement.lane, || self.run.poll_guest(context)),
            None => self.run.poll_guest(context),
        };
        let Polled::Running(used) = polled else {
            self.ended = true;
            return Poll::Ready(());
        };
        let turn_over = self.run.meter.take_turn_over();
        let Some(mut placement) = self.placement.take_if(|placement| placement.moves(used, turn_over)) else {
            return Poll::Pending;
        };
        placement.burst = Duration::ZERO;
        self.ended = true;
        spawn_in(Arc::clone(&self.run), placement);
        Poll::Ready(())
    }
}

impl<T: Send + 'static> Drop for Driver<T> {
    fn drop(&mut self) {
        if !self.ended {
            self.run.abandon();
        }
    }
}
