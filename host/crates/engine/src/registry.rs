//! The loaded components, each for as long as anybody holds a handle to it.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use activity::{ComponentHandle, LoadId};

use crate::{component::Component, reaper::Reaper};

/// What an engine has loaded.
///
/// Upholds the following invariants:
/// - a component is found by the number of its loading, which nobody writes: no name leads to another's component;
/// - it is there as long as a handle to it is.
pub(crate) struct Registry {
    components: RwLock<HashMap<LoadId, Arc<Component>>>,
    /// Gives the code of those that nobody holds any more back to the system.
    reaper: Reaper,
}

/// Forgets a component when it is dropped.
struct Registered {
    registry: Weak<Registry>,
    load: LoadId,
}

impl Registry {
    /// Nothing yet.
    pub(crate) fn new(reaper: Reaper) -> Self {
        Self { components: RwLock::default(), reaper }
    }

    /// Keeps `component` as long as anybody holds the handle that is returned.
    pub(crate) fn register(self: &Arc<Self>, component: Component) -> ComponentHandle {
        let (load, id) = (LoadId::unique(), component.id.clone());
        self.components.write().unwrap_or_else(PoisonError::into_inner).insert(load, Arc::new(component));
        ComponentHandle::new(load, id, Registered { registry: Arc::downgrade(self), load })
    }

    /// The component of a handle, unless the handle is another engine's.
    pub(crate) fn find(&self, handle: &ComponentHandle) -> Option<Arc<Component>> {
        self.components.read().unwrap_or_else(PoisonError::into_inner).get(&handle.load()).cloned()
    }

    /// How many components there are.
    pub(crate) fn len(&self) -> usize {
        self.components.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(registry) = self.registry.upgrade() else { return };
        let forgotten = registry.components.write().unwrap_or_else(PoisonError::into_inner).remove(&self.load);
        // Giving its code back to the system takes a while, and the last handle may be that of a task that was reported.
        registry.reaper.give(move || drop(forgotten));
    }
}
