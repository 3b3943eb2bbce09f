//! The loaded components, each for as long as anybody holds a handle to it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use activity::{ComponentHandle, LoadId};

use crate::component::Component;

/// What an engine has loaded.
///
/// Upholds the following invariants:
/// - a component is found by the number of its loading, which nobody writes: no name leads to another's component;
/// - it is there as long as a handle to it is.
#[derive(Default)]
pub(crate) struct Registry(RwLock<HashMap<LoadId, Arc<Component>>>);

/// Forgets a component when it is dropped.
struct Registered {
    registry: Weak<Registry>,
    load: LoadId,
}

impl Registry {
    /// Keeps `component` as long as anybody holds the handle that is returned.
    pub(crate) fn register(self: &Arc<Self>, component: Component) -> ComponentHandle {
        let (load, id) = (LoadId::unique(), component.id.clone());
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(load, Arc::new(component));
        ComponentHandle::new(load, id, Registered { registry: Arc::downgrade(self), load })
    }

    /// The component of a handle, unless the handle is another engine's.
    pub(crate) fn find(&self, handle: &ComponentHandle) -> Option<Arc<Component>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&handle.load()).cloned()
    }

    /// How many components there are.
    pub(crate) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(registry) = self.registry.upgrade() else { return };
        let forgotten = registry.0.write().unwrap_or_else(PoisonError::into_inner).remove(&self.load);
        // After the lock: giving its code back to the system takes a while.
        drop(forgotten);
    }
}
