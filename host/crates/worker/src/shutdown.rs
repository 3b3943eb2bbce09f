//! Stopping workers: gracefully, then in a hurry.

use tokio::{sync::watch, time::Instant};

/// A handle that stops workers, and the signal to give each of them.
pub fn shutdown() -> (ShutdownHandle, Shutdown) {
    let (sender, stage) = watch::channel(Stage::Running);
    (ShutdownHandle { stage: sender }, Shutdown { stage })
}

/// Stops the workers that hold its [`Shutdown`]. Dropping it begins the shutdown, as nobody else could.
#[derive(Debug)]
pub struct ShutdownHandle {
    stage: watch::Sender<Stage>,
}

/// Tells a worker to stop.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stage: watch::Receiver<Stage>,
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
    Begun,
    Hastened,
}

impl ShutdownHandle {
    /// Begins the shutdown: no more tasks are taken, and running attempts are told and get their graces.
    pub fn begin(&self) {
        self.reach(Stage::Begun);
    }

    /// Begins the shutdown, or hastens it when it has begun: all graces are over.
    pub fn hasten(&self) {
        self.reach(Stage::Hastened);
    }

    fn reach(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let is_later = *now < stage;
            if is_later {
                *now = stage;
            }
            is_later
        });
    }
}

impl Shutdown {
    /// Returns once the shutdown has begun. Cancel safe.
    pub async fn begun(&mut self) {
        // An error means that the handle is gone, which begins the shutdown too.
        let _ = self.stage.wait_for(|stage| Stage::Begun <= *stage).await;
    }

    /// Returns once the shutdown was hastened. Cancel safe.
    pub async fn hastened(&mut self) {
        if self.stage.wait_for(|stage| *stage == Stage::Hastened).await.is_err() {
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
    fn a_lost_handle_begins_but_does_not_hasten() {
        let (handle, mut signal) = shutdown();
        drop(handle);
        assert!(signal.begun().now_or_never().is_some());
        assert!(signal.hastened().now_or_never().is_none());
    }
}
