//! Whose turn it is to load components. Compiling takes a while, and memory, so that few do at once; and a tenant whose
//! components take long keeps its own others waiting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::wiring::LOADERS;

/// The turns of all tenants.
#[derive(Debug)]
pub(super) struct Turns {
    all: Arc<Semaphore>,
    tenants: Mutex<BTreeMap<String, Weak<Semaphore>>>,
}

/// The right to load, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _of_tenant: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
    /// Others of the tenant find it here while anybody has it.
    _tenant: Arc<Semaphore>,
}

impl Turns {
    /// Nobody's yet.
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(LOADERS.into())), tenants: Mutex::default() }
    }

    /// Waits for a turn of a tenant. Given up by being dropped.
    pub(super) async fn of(&self, tenant: &str) -> Turn {
        let own = self.tenant(tenant);
        // Neither is ever closed.
        let of_tenant = Arc::clone(&own).acquire_owned().await.ok();
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok();
        Turn { _of_tenant: of_tenant, _of_all: of_all, _tenant: own }
    }

    fn tenant(&self, name: &str) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = tenants.get(name).and_then(Weak::upgrade) {
            return tenant;
        }
        tenants.retain(|_, tenant| tenant.strong_count() != 0);
        let tenant = Arc::new(Semaphore::new(1));
        tenants.insert(name.to_owned(), Arc::downgrade(&tenant));
        tenant
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Context, task::Waker};

    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    #[test]
    fn a_tenant_keeps_its_own_waiting_and_no_other() {
        let turns = Turns::new();
        let slow = now(turns.of("slow")).unwrap();
        assert!(now(turns.of("slow")).is_none());
        let other = now(turns.of("other")).unwrap();
        assert!(now(turns.of("third")).is_none(), "more load at once than may");
        drop(other);
        assert!(now(turns.of("third")).is_some());
        drop(slow);
        assert!(now(turns.of("slow")).is_some());
    }
}
