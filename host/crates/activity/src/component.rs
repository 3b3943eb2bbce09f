//! Components that are loaded: what they are called, and how they are held.

use std::{
    any::Any,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What a loaded component is called: where it is used, its name and its bytes.
///
/// For people and for comparing field by field. Nothing is found by it: that is what a [`ComponentHandle`] is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId {
    /// For whom it runs; empty for a component that serves no task queue.
    pub tenant: String,
    /// The namespace of its task queue; `None` for that of the connection.
    pub namespace: Option<String>,
    /// Its task queue.
    pub task_queue: String,
    /// What people call it, whatever its bytes.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: String,
}

impl ComponentId {
    /// The component called `name` with these bytes, on no task queue.
    pub fn new(name: impl Into<String>, digest: impl Into<String>) -> Self {
        Self { name: name.into(), digest: digest.into(), ..Self::default() }
    }
}

impl fmt::Display for ComponentId {
    /// For people alone: two ids may look the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.task_queue.is_empty() {
            let namespace = self.namespace.as_deref().unwrap_or("-");
            write!(f, "{}/{namespace}/{}/", self.tenant, self.task_queue)?;
        }
        write!(f, "{}@{}", self.name, self.digest)
    }
}

/// One loading of a component. No two loadings in this process have the same number, also not in two executors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoadId(u64);

impl LoadId {
    /// One that nobody else has.
    pub fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A loaded component, which stays loaded as long as anybody holds this.
///
/// The number alone crosses the port to the executor; what keeps the component loaded stays with whoever holds it.
#[derive(Clone)]
pub struct ComponentHandle {
    load: LoadId,
    id: Arc<ComponentId>,
    /// Lets the executor forget the component when the last clone of this is dropped.
    _kept: Arc<dyn Any + Send + Sync>,
}

impl ComponentHandle {
    /// A handle to the loading `load` of the component `id`, which `kept` keeps loaded.
    pub fn new(load: LoadId, id: ComponentId, kept: impl Any + Send + Sync) -> Self {
        Self { load, id: Arc::new(id), _kept: Arc::new(kept) }
    }

    /// A handle to nothing, for executors that need no code.
    pub fn to_nothing(id: ComponentId) -> Self {
        Self::new(LoadId::unique(), id, ())
    }

    /// What the executor finds the component by.
    pub fn load(&self) -> LoadId {
        self.load
    }

    /// What it is called.
    pub fn id(&self) -> &ComponentId {
        &self.id
    }
}

impl PartialEq for ComponentHandle {
    fn eq(&self, other: &Self) -> bool {
        self.load == other.load
    }
}

impl Eq for ComponentHandle {}

impl fmt::Debug for ComponentHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentHandle").field("load", &self.load).field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(tenant: &str, namespace: Option<&str>, task_queue: &str, name: &str) -> ComponentId {
        ComponentId {
            tenant: tenant.to_owned(),
            namespace: namespace.map(str::to_owned),
            task_queue: task_queue.to_owned(),
            ..ComponentId::new(name, "digest")
        }
    }

    #[test]
    fn ids_that_look_alike_differ() {
        let alike = [
            (placed("a", None, "/q", "c"), placed("a/", None, "q", "c")),
            (placed("a/b", None, "q", "c"), placed("a", Some("b/"), "q", "c")),
            (placed("a", None, "q/c", "c"), placed("a", None, "q", "c/c")),
            (placed("a", Some(""), "q", "c"), placed("a", None, "q", "c")),
            (placed("a\0", None, "q", "c"), placed("a", None, "\0q", "c")),
            (ComponentId::new("a@b", "c"), ComponentId::new("a", "b@c")),
        ];
        for (one, other) in alike {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_handle_is_one_loading_and_not_a_name() {
        let id = placed("a", None, "q", "c");
        let handle = ComponentHandle::to_nothing(id.clone());
        assert_eq!(handle, handle.clone());
        assert_ne!(handle, ComponentHandle::to_nothing(id));
    }

    #[test]
    fn what_keeps_it_is_dropped_with_the_last_clone() {
        let kept = Arc::new(());
        let handle = ComponentHandle::new(LoadId::unique(), ComponentId::default(), Arc::clone(&kept));
        let clone = handle.clone();
        drop(handle);
        assert_eq!(Arc::strong_count(&kept), 2);
        drop(clone);
        assert_eq!(Arc::strong_count(&kept), 1);
    }
}
