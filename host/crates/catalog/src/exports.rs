//! What a loaded component offers.

use std::sync::Arc;

use activity::{ActivityName, ComponentHandle, Policy};

/// What a loaded component offers to a task queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The loaded component.
    pub component: ComponentHandle,
    /// How error messages name it: the path or reference that the operator wrote.
    pub origin: String,
    /// Its activities.
    pub activities: Vec<Exported>,
    /// What its attempts may do, and how they are stopped.
    pub policy: Arc<Policy>,
}

/// One activity of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Which tasks it takes.
    pub name: ActivityName,
    /// Whether a cancellation may interrupt it.
    pub interruptible: bool,
}
