//! A worker: one task queue of one namespace.

use std::sync::Arc;

use crate::{Connection, Error, Ports, Shutdown, Summary, Tenant, WorkerSettings, core::CoreSource, run, slots::Slots};

/// A worker that is registered with the server and has not polled yet.
pub struct Worker {
    source: CoreSource,
    settings: WorkerSettings,
    slots: Slots,
}

impl Worker {
    /// Registers a worker for the task queue of `settings`, which is one of the tenant's.
    ///
    /// Fails when the settings make no sense, the namespace does not exist, the tenant can't have the memory of one slot, or
    /// the process has a worker on that task queue already.
    pub async fn start(connection: &Connection, settings: WorkerSettings, tenant: &Arc<Tenant>) -> Result<Self, Error> {
        settings.check()?;
        connection.check_namespace(&settings.namespace).await?;
        let slots = Slots::new(tenant, &settings.task_queue, settings.slots, settings.slot_memory)?;
        let source = CoreSource::start(connection, &settings, slots.clone()).await?;
        Ok(Self { source, settings, slots })
    }

    /// Its slots, now and later.
    pub fn slots(&self) -> Slots {
        self.slots.clone()
    }

    /// Serves the task queue until `shutdown`, then brings its attempts to an end: each is told, cancelled after the
    /// shutdown's grace and killed after its kill grace, so that this returns in bounded time.
    ///
    /// A server that can't be reached is waited for. Fails when it refuses polls for good, or when attempts could not
    /// be brought to an end.
    pub async fn run(self, ports: Ports, shutdown: Shutdown) -> Result<Summary, Error> {
        run::run(self.source, ports, self.settings, shutdown).await
    }

    /// Takes the worker back before it has run, such as when another one of the process could not start.
    pub async fn discard(self) {
        self.source.discard().await;
    }
}
