//! What a worker works with.

use std::sync::Arc;

use activity::{Directory, Executor, Observer};

/// What a worker works with: where it looks activities up, what runs them, and whom it tells.
#[derive(Clone)]
pub struct Ports {
    /// The activities of the task queue.
    pub directory: Arc<dyn Directory>,
    /// What runs attempts.
    pub executor: Arc<dyn Executor>,
    /// Who hears of them.
    pub observer: Arc<dyn Observer>,
}
