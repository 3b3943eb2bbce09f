//! What a loaded component offers.

use std::sync::Arc;

use activity::{ActivityName, ClientGrant, ComponentId, Stopping};

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
    /// What its attempts may ask Temporal.
    pub client: Option<Arc<ClientGrant>>,
}

/// One activity of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Which tasks it takes.
    pub name: ActivityName,
    /// Whether a cancellation may interrupt it.
    pub interruptible: bool,
}
