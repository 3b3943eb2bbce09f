//! What a worker works with.

use std::sync::Arc;

use activity::{Directory, Executor, Observer};

use crate::PayloadCoding;

/// What a worker works with: where it looks activities up, what runs them, whom it tells, and how it codes payloads.
#[derive(Clone)]
pub struct Ports {
    /// The activities of the task queue.
    pub directory: Arc<dyn Directory>,
    /// What runs attempts.
    pub executor: Arc<dyn Executor>,
    /// Who hears of them.
    pub observer: Arc<dyn Observer>,
    /// How payloads are coded between the server and guests.
    pub coding: PayloadCoding,
}
