//! Whose turn it is to load components. Compiling takes a while, and memory, so that few do at once; a tenant whose
//! components take long keeps its own others waiting, and whoever waits for a registry nobody else.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::LOADERS;

/// How many may wait for registries at once: each takes a thread, and on the disk what it pulls.
const ASKING: usize = 16;

/// The turns of all tenants.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    asking: Arc<Semaphore>,
    tenants: Mutex<BTreeMap<String, Weak<Tenant>>>,
}

/// A tenant that loads, or waits for that.
#[derive(Debug)]
struct Tenant {
    turn: Arc<Semaphore>,
    /// Whether a registry is waited for, and nothing of this machine.
    is_asking: AtomicBool,
}

/// The right to load, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _of_tenant: Option<OwnedSemaphorePermit>,
    of_all: Mutex<Option<OwnedSemaphorePermit>>,
    /// Only of a turn that may ask registries.
    asking: Option<OwnedSemaphorePermit>,
    all: Arc<Semaphore>,
    /// Others of the tenant find it here while anybody has it.
    tenant: Arc<Tenant>,
}

impl Turns {
    /// Nobody's yet.
    pub(crate) fn new() -> Self {
        let [all, asking] = [LOADERS.into(), ASKING].map(|turns| Arc::new(Semaphore::new(turns)));
        Self { all, asking, tenants: Mutex::default() }
    }

    /// Waits for a turn of a tenant, in which a registry may be asked if it `asks`. Given up by being dropped.
    pub(crate) async fn of(&self, tenant: &str, asks: bool) -> Turn {
        let tenant = self.tenant(tenant);
        // None is ever closed.
        let of_tenant = Arc::clone(&tenant.turn).acquire_owned().await.ok();
        tenant.is_asking.store(asks, Ordering::Relaxed);
        let asking = if asks { Arc::clone(&self.asking).acquire_owned().await.ok() } else { None };
        tenant.is_asking.store(false, Ordering::Relaxed);
        let of_all = Mutex::new(Arc::clone(&self.all).acquire_owned().await.ok());
        Turn { _of_tenant: of_tenant, of_all, asking, all: Arc::clone(&self.all), tenant }
    }

    /// Whether what a tenant loads waits for a registry now.
    pub(crate) fn is_asking(&self, tenant: &str) -> bool {
        self.tenant(tenant).is_asking.load(Ordering::Relaxed)
    }

    fn tenant(&self, name: &str) -> Arc<Tenant> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = tenants.get(name).and_then(Weak::upgrade) {
            return tenant;
        }
        tenants.retain(|_, tenant| tenant.strong_count() != 0);
        let tenant = Arc::new(Tenant { turn: Arc::new(Semaphore::new(1)), is_asking: AtomicBool::new(false) });
        tenants.insert(name.to_owned(), Arc::downgrade(&tenant));
        tenant
    }
}

impl Turn {
    /// Waits for a registry, and lets somebody else load meanwhile. Blocks.
    pub(crate) fn aside<T>(&self, wait: impl FnOnce() -> T) -> T {
        if self.asking.is_none() {
            return wait();
        }
        let mut of_all = self.of_all.lock().unwrap_or_else(PoisonError::into_inner);
        *of_all = None;
        self.tenant.is_asking.store(true, Ordering::Relaxed);
        let waited = wait();
        self.tenant.is_asking.store(false, Ordering::Relaxed);
        *of_all = Handle::current().block_on(Arc::clone(&self.all).acquire_owned()).ok();
        waited
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
        let turn = |tenant| now(turns.of(tenant, false));
        let slow = turn("slow").unwrap();
        assert!(turn("slow").is_none());
        let other = turn("other").unwrap();
        assert!(turn("third").is_none(), "more load at once than may");
        drop(other);
        assert!(turn("third").is_some());
        drop(slow);
        assert!(turn("slow").is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_a_registry_keeps_nobody_waiting() {
        let turns = Arc::new(Turns::new());
        let [one, two] = [turns.of("one", true).await, turns.of("two", true).await];
        let others = Arc::clone(&turns);
        let asked = tokio::task::spawn_blocking(move || {
            one.aside(|| {
                assert!(now(others.of("one", true)).is_none(), "it is still its tenant's only one");
                assert!(now(others.of("third", false)).is_some());
                assert!(others.is_asking("one") && !others.is_asking("two"));
            });
            assert!(!others.is_asking("one"));
            assert!(now(others.of("third", false)).is_none(), "it loads again");
            drop(two);
            let file = now(others.of("third", false)).unwrap();
            file.aside(|| assert!(now(others.of("fourth", false)).is_none(), "it asks nobody"));
        });
        asked.await.unwrap();
    }
}
