//! What a loaded component offers.

use activity::{ActivityName, ComponentId, Stopping};

/// What a loaded component offers to a task queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exports {
    /// The loaded component.
    pub component: ComponentId,
    /// How error messages name it: the path or reference that the operator wrote.
    pub origin: String,
    /// Its activities.
    pub activities: Vec<Exported>,
    /// How its attempts are stopped.
    pub stopping: Stopping,
}

/// One activity of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Which tasks it takes.
    pub name: ActivityName,
    /// Whether a cancellation may interrupt it.
    pub interruptible: bool,
}
