//! What a worker works with.

use std::sync::{Arc, PoisonError, RwLock};

use activity::{Blocks, Directory, Executor, Observer, Tracer};
use tokio::sync::watch;

use crate::{PayloadCoding, Tenant};

/// What a worker works with: where it looks activities up, what runs them, whom it tells, and how it codes payloads.
#[derive(Clone)]
pub struct Ports {
    /// The activities of the task queue.
    pub directory: Arc<dyn Directory>,
    /// What runs attempts.
    pub executor: Arc<dyn Executor>,
    /// Who hears of them.
    pub observer: Arc<dyn Observer>,
    /// How payloads are coded between the server and guests.
    pub coding: CurrentCoding,
    /// Whose attempts they are.
    pub tenant: Arc<Tenant>,
    /// What traces them, if anything does.
    pub tracer: Option<Arc<dyn Tracer>>,
    /// What must not run.
    pub blocks: watch::Receiver<Arc<Blocks>>,
}

/// How the payloads of attempts are coded that start now. What is put here does not touch those that run.
#[derive(Clone, Debug, Default)]
pub struct CurrentCoding(Arc<RwLock<PayloadCoding>>);

impl CurrentCoding {
    /// This one, from the beginning.
    pub fn new(coding: PayloadCoding) -> Self {
        Self(Arc::new(RwLock::new(coding)))
    }

    /// Codes by `coding` from now on.
    pub fn replace(&self, coding: PayloadCoding) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = coding;
    }

    pub(crate) fn get(&self) -> PayloadCoding {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
