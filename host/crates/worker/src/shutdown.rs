//! Stopping workers: for another one, gracefully, or in a hurry.

use std::fmt;

use tokio::{sync::watch, time::Instant};

use crate::Ports;

/// A handle that stops workers, and the signal to give each of them.
pub fn shutdown() -> (ShutdownHandle, Shutdown) {
    let (sender, state) = watch::channel(State { stage: Stage::Running, heir: None });
    (ShutdownHandle { state: sender }, Shutdown { state })
}

/// Stops the workers that hold its [`Shutdown`]. Dropping it begins the shutdown, as nobody else could.
#[derive(Debug)]
pub struct ShutdownHandle {
    state: watch::Sender<State>,
}

/// Tells a worker to stop.
#[derive(Clone, Debug)]
pub struct Shutdown {
    state: watch::Receiver<State>,
}

#[derive(Clone)]
struct State {
    stage: Stage,
    /// What whoever takes over works with.
    heir: Option<Ports>,
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("State").field(&self.stage).finish()
    }
}

/// How far a worker is on its way to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It takes tasks.
    Running,
    /// It is shutting down, and cancels its attempts at this time.
    CancelAt(Instant),
    /// All graces are over.
    Now,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    HandedOver,
    Begun,
    Hastened,
}

impl ShutdownHandle {
    /// Lets another worker of the process take over: no more polls are made, and those that are under way come to their
    /// ends, for a task of one that is given up would be lost until it times out. What they still bring is run with the
    /// `heir`'s ports, if that may be, or else as before. Attempts are not touched.
    ///
    /// It can be handed over again, to the next one. A worker whose shutdown has begun is not.
    pub fn hand_over(&self, heir: Option<Ports>) {
        self.state.send_if_modified(|now| {
            let is_earlier = now.stage <= Stage::HandedOver;
            if is_earlier {
                *now = State { stage: Stage::HandedOver, heir };
            }
            is_earlier
        });
    }

    /// Begins the shutdown: no more tasks are taken, and running attempts are told and get their graces.
    pub fn begin(&self) {
        self.reach(Stage::Begun);
    }

    /// Begins the shutdown, or hastens it when it has begun: all graces are over.
    pub fn hasten(&self) {
        self.reach(Stage::Hastened);
    }

    fn reach(&self, stage: Stage) {
        self.state.send_if_modified(|now| {
            let is_later = now.stage < stage;
            if is_later {
                *now = State { stage, heir: None };
            }
            is_later
        });
    }
}

impl Shutdown {
    /// Returns each time that the worker is handed over, with what tasks run with that come from then on, if that is
    /// something else. Cancel safe.
    pub(crate) async fn handed_over(&mut self) -> Option<Ports> {
        while self.state.changed().await.is_ok() {
            let state = self.state.borrow_and_update();
            if state.stage == Stage::HandedOver {
                return state.heir.clone();
            }
        }
        std::future::pending().await
    }

    /// Returns once the shutdown has begun. Cancel safe.
    pub async fn begun(&mut self) {
        // An error means that the handle is gone, which begins the shutdown too.
        let _ = self.state.wait_for(|state| Stage::Begun <= state.stage).await;
    }

    /// Returns once the shutdown was hastened. Cancel safe.
    pub async fn hastened(&mut self) {
        if self.state.wait_for(|state| state.stage == Stage::Hastened).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn hastening_also_begins_and_never_goes_back() {
        let (handle, mut signal) = shutdown();
        assert!(signal.begun().now_or_never().is_none());
        handle.hasten();
        handle.begin();
        assert!(signal.begun().now_or_never().is_some());
        assert!(signal.hastened().now_or_never().is_some());
    }

    #[test]
    fn whoever_stops_is_not_handed_over_any_more() {
        let (handle, mut signal) = shutdown();
        handle.hand_over(None);
        assert!(signal.handed_over().now_or_never().is_some());
        assert!(signal.handed_over().now_or_never().is_none(), "once is enough");
        assert!(signal.begun().now_or_never().is_none());
        handle.hand_over(None);
        assert!(signal.handed_over().now_or_never().is_some());
        handle.begin();
        handle.hand_over(None);
        assert!(signal.handed_over().now_or_never().is_none());
        assert!(signal.begun().now_or_never().is_some());
    }

    #[test]
    fn a_lost_handle_begins_but_does_not_hasten() {
        let (handle, mut signal) = shutdown();
        drop(handle);
        assert!(signal.begun().now_or_never().is_some());
        assert!(signal.hastened().now_or_never().is_none());
    }
}
