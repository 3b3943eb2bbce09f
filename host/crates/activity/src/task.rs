//! The work of one attempt, as the worker hands it to the executor.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{ComponentHandle, Info, Payload, Secret};

/// One attempt to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The component that runs it, which stays loaded as long as this task is held.
    pub component: ComponentHandle,
    /// What the attempt is; `info.activity_type` is what the guest is asked to run.
    pub info: Arc<Info>,
    /// The encoded arguments.
    pub input: Vec<Payload>,
    /// When the executor kills the attempt by itself, counted from its start: the deadline with the kill grace added.
    /// `None` leaves it to [`Command::Kill`](crate::Command::Kill).
    pub kill_after: Option<Duration>,
    /// Whether the worker is already shutting down.
    pub worker_shutdown: bool,
    /// Identity tokens for its HTTP requests, by their audiences.
    pub identity: BTreeMap<String, Secret>,
}
