//! What a loaded component offers.

use std::sync::Arc;

use activity::{ActivityName, ComponentHandle, Policy};

use crate::Share;

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
    /// Another version of it that runs some of the attempts.
    pub candidate: Option<Candidate>,
}

/// Another version of a component. Activities that the component has not are not served by it: which version they are
/// for would not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The loaded component.
    pub component: ComponentHandle,
    /// Its activities.
    pub activities: Vec<Exported>,
    /// What its attempts may do, and how they are stopped.
    pub policy: Arc<Policy>,
    /// Which attempts it runs.
    pub share: Arc<Share>,
}

/// One activity of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Which tasks it takes.
    pub name: ActivityName,
    /// Whether a cancellation may interrupt it.
    pub interruptible: bool,
}
