//! The connection to Temporal that all task queues share: opened once for all of them, and again when its credentials are
//! others.

use std::sync::Arc;

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};
use worker::{Connection, Shutdown, Telemetry};

use super::pause::Pauses;
use crate::{config::settings::ConnectionSettings, exit::Problem, wiring::connecting};

/// How it is with the connection.
#[derive(Clone)]
pub(crate) enum Link {
    /// It is being opened.
    Opening,
    /// It is there.
    Open(Line),
    /// It can't be opened, for this reason; it is tried again.
    Closed(Arc<Problem>),
}

/// A connection and its number: another one has another.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) connection: Connection,
    pub(super) number: u64,
}

impl Link {
    /// A connection that is there already.
    pub(crate) fn open(connection: Connection) -> Self {
        Self::Open(Line { connection, number: 0 })
    }
}

/// Opens it and keeps it open.
pub(super) struct Linker {
    settings: ConnectionSettings,
    telemetry: Telemetry,
    link: watch::Sender<Link>,
    /// Raised when a file that the connection is made from has changed.
    changed: Arc<Notify>,
}

impl Linker {
    /// Beginning with `link`.
    pub(super) fn new(settings: ConnectionSettings, telemetry: Telemetry, link: Link) -> Self {
        Self { settings, telemetry, link: watch::Sender::new(link), changed: Arc::default() }
    }

    /// How it is now and later.
    pub(super) fn link(&self) -> watch::Receiver<Link> {
        self.link.subscribe()
    }

    /// What tells it that its files have changed.
    pub(super) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Does so until the shutdown.
    pub(super) async fn run(self, mut shutdown: Shutdown) {
        let (mut pauses, changed) = (Pauses::default(), Arc::clone(&self.changed));
        let mut is_old = matches!(*self.link.borrow(), Link::Opening);
        loop {
            let mut again = None;
            if is_old {
                tokio::select! {
                    () = shutdown.begun() => return,
                    is_done = self.open() => match is_done {
                        true => pauses.reset(),
                        false => again = Some(Instant::now() + pauses.next()),
                    }
                }
            }
            tokio::select! {
                () = shutdown.begun() => return,
                () = changed.notified() => pauses.reset(),
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {}
            }
            is_old = true;
        }
    }

    /// Opens it, or renews it with what its files hold now. Returns whether that has worked.
    async fn open(&self) -> bool {
        let now = self.link.borrow().clone();
        let (number, opened) = match &now {
            Link::Open(Line { connection, number }) => {
                (number + 1, connecting::renew(connection, &self.settings, &self.telemetry).await)
            }
            Link::Opening | Link::Closed(_) => {
                (0, connecting::connect(&self.settings, &self.telemetry).await.map(Some))
            }
        };
        match (opened, &now) {
            (Ok(None), _) => {
                tracing::info!("the credentials for Temporal were read again");
                true
            }
            (Ok(Some(connection)), _) => {
                self.link.send_replace(Link::Open(Line { connection, number }));
                true
            }
            (Err(problem), Link::Open(_)) => {
                let Problem { error, cure, .. } = problem;
                tracing::error!(cure, "the former connection to Temporal stays, with its credentials: {error:#}");
                false
            }
            (Err(problem), _) => {
                self.link.send_replace(Link::Closed(Arc::new(problem)));
                false
            }
        }
    }
}
