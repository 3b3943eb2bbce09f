//! The connections that task queues poll on and report by. Servers, and what stands before them, allow so many requests at
//! once on one connection, usually a hundred, and whoever comes later waits: so it is not one for all.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicUsize, Ordering},
};

use temporalio_client::{Connection as CoreConnection, ConnectionOptions, RetryOptions};
use tokio::sync::Mutex;

use super::{PATIENCE, first_polls::FirstPolls};

/// Task queues on one connection: each has up to five polls that wait, and one for Temporal's word of cancellations if it is
/// alone in its namespace, which leaves a quarter of a hundred for what attempts tell.
const QUEUES: usize = 12;

/// The connections to one server.
pub(crate) struct Spread {
    options: RwLock<ConnectionOptions>,
    /// Was there before any task queue.
    first: Shared,
    others: Mutex<Vec<Shared>>,
    first_polls: Arc<FirstPolls>,
}

#[derive(Clone)]
struct Shared {
    core: CoreConnection,
    queues: Arc<AtomicUsize>,
}

/// A task queue's place on one of them.
pub(crate) struct Place {
    shared: Shared,
    first_polls: Arc<FirstPolls>,
}

impl Spread {
    /// Begins with a connection as `options` say.
    pub(crate) fn new(options: ConnectionOptions, first: CoreConnection) -> Self {
        let first = Shared { core: first, queues: Arc::default() };
        Self { options: RwLock::new(options), first, others: Mutex::default(), first_polls: Arc::default() }
    }

    /// A place for one more task queue: on a connection that has one, or on a new one. While that can't be opened, the one
    /// with the fewest has to do.
    pub(crate) async fn place(&self) -> Place {
        // Held while one is opened, so that the others that start at the same time find it.
        let mut others = self.others.lock().await;
        let all = || std::iter::once(&self.first).chain(others.iter());
        if let Some(free) = all().find(|shared| shared.queues() < QUEUES) {
            return self.take(free);
        }
        let Ok(Ok(core)) = tokio::time::timeout(PATIENCE, CoreConnection::connect(self.options())).await else {
            return self.take(all().min_by_key(|shared| shared.queues()).unwrap_or(&self.first));
        };
        let opened = Shared { core, queues: Arc::default() };
        let place = self.take(&opened);
        others.push(opened);
        place
    }

    /// Authenticates with another API key from now on.
    pub(crate) async fn set_api_key(&self, key: Option<String>) {
        let others = self.others.lock().await;
        self.options.write().unwrap_or_else(PoisonError::into_inner).api_key.clone_from(&key);
        others.iter().for_each(|shared| shared.core.set_api_key(key.clone()));
        self.first.core.set_api_key(key);
    }

    fn take(&self, shared: &Shared) -> Place {
        shared.queues.fetch_add(1, Ordering::Relaxed);
        Place { shared: shared.clone(), first_polls: Arc::clone(&self.first_polls) }
    }

    fn options(&self) -> ConnectionOptions {
        self.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn queues(&self) -> usize {
        self.queues.load(Ordering::Relaxed)
    }
}

impl Place {
    /// The connection.
    pub(crate) fn core(&self) -> CoreConnection {
        self.shared.core.clone()
    }

    /// Waits until its task queue may begin to poll.
    pub(crate) async fn first_poll(&self) {
        self.first_polls.turn().await;
    }

    /// The connection without core's own retries, for who repeats calls by rules of its own.
    pub(crate) fn without_retries(&self) -> CoreConnection {
        let mut core = self.core();
        *core.retry_options_mut() = RetryOptions::no_retries();
        core
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.queues.fetch_sub(1, Ordering::Relaxed);
    }
}
