//! How a worker is, as one document.

use serde::{Deserialize, Serialize};

use crate::{Block, Release};

/// The version of the document. It changes when something in it means something else; what is only new does not.
pub const STATUS_VERSION: u32 = 1;

/// How a worker is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Status {
    /// [`STATUS_VERSION`].
    pub version: u32,
    /// The worker.
    pub worker: Worker,
    /// The memory budget.
    pub memory: Memory,
    /// What runs in the worker's own process.
    pub engine: Engine,
    /// For whom it works, in the order of the configuration.
    pub tenants: Vec<Tenant>,
    /// Processes that run guests, and those that there will be when there are tasks.
    pub cells: Vec<Cell>,
    /// What must not run.
    pub blocks: Vec<Block>,
    /// Components of which another version runs a share of the attempts, or has.
    pub releases: Vec<Release>,
    /// Attempts that run, the oldest first.
    pub attempts: Vec<Attempt>,
    /// How many more of them there are.
    pub attempts_left_out: u64,
    /// What was refused since the start.
    pub refused: Vec<Refused>,
    /// What would have been, if it were not only counted.
    pub would_refuse: Vec<Refused>,
    /// The head of the audit log, if there is one.
    pub audit_head: Option<String>,
}

/// The worker's process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Worker {
    /// Its process id.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// When it was started, as RFC 3339 writes it.
    pub started: String,
    /// How long ago.
    pub uptime_seconds: u64,
    /// `starting`, `ready` or `stopping`.
    pub state: String,
    /// Host and port of the server, once it is connected.
    pub address: Option<String>,
    /// The namespace of the connection, likewise.
    pub namespace: Option<String>,
    /// Why it is not connected.
    pub reason: Option<String>,
}

/// The memory budget, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Memory {
    /// All of it.
    pub budget_bytes: u64,
    /// What task queues hold of it.
    pub reserved_bytes: u64,
    /// Linear memory of the guests that run.
    pub used_bytes: u64,
}

/// What runs in one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Engine {
    /// Loaded components.
    pub components: u64,
    /// Attempts that run.
    pub attempts: u64,
    /// Linear memory of all guests, in bytes.
    pub memory_bytes: u64,
}

/// A tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Where its guests run.
    pub isolation: String,
    /// Its share of the processors.
    pub weight: u32,
    /// Attempts that run.
    pub attempts: u64,
    /// What its task queues hold of the memory budget, in bytes.
    pub reserved_bytes: u64,
    /// What of the memory budget is kept for it, in bytes.
    pub guaranteed_bytes: u64,
    /// The most of it that it may hold, in bytes, if it has such a limit.
    pub memory_limit_bytes: Option<u64>,
    /// The most attempts at once, if it has such a limit.
    pub attempts_limit: Option<u64>,
    /// Whether its limits only count.
    pub counts: bool,
    /// Which of its limits it has come to, and how often.
    pub limited: Vec<Limited>,
    /// Why all of it is blocked, if it is.
    pub blocked: Option<String>,
    /// Its task queues.
    pub queues: Vec<Queue>,
}

/// A limit that a tenant has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Limited {
    /// Its key.
    pub limit: String,
    /// How often it has held the tenant up, or would have.
    pub count: u64,
}

/// A task queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Queue {
    /// Its namespace, if that is known.
    pub namespace: Option<String>,
    /// Its name.
    pub task_queue: String,
    /// How it is.
    pub status: String,
    /// Why it is not served.
    pub reason: Option<String>,
    /// What to do about that.
    pub cure: Option<String>,
    /// The most attempts at once.
    pub slots: u64,
    /// Those that are taken, by attempts and by polls. More than there are, while attempts come to their ends that began
    /// before a change.
    pub slots_reserved: u64,
    /// What it holds of the memory budget, in bytes, for those attempts, too.
    pub reserved_bytes: u64,
    /// Attempts that run.
    pub attempts: u64,
    /// The activity types, if it is served.
    pub activities: Vec<String>,
    /// Whether it takes every other type, too.
    pub dynamic: bool,
    /// What serves it.
    pub components: Vec<Component>,
}

/// A component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Component {
    /// Its file, or how a registry calls it.
    pub path: String,
    /// The digest of its bytes, once it is loaded.
    pub digest: Option<String>,
    /// What one attempt takes of the memory budget, in bytes.
    pub slot_bytes: u64,
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Cell {
    /// Whose it is.
    pub name: String,
    /// `idle` without a process, `running`, or `draining` for one that finishes its attempts.
    pub state: String,
    /// Its process.
    pub pid: Option<u32>,
    /// What runs in it.
    #[serde(flatten)]
    pub engine: Engine,
}

/// An attempt that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Attempt {
    /// For whom.
    pub tenant: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue.
    pub task_queue: String,
    /// The activity's type.
    pub activity_type: String,
    /// The activity's id.
    pub activity_id: String,
    /// The workflow, if one has called it.
    pub workflow_id: Option<String>,
    /// Its run, or that of a standalone activity.
    pub run_id: Option<String>,
    /// Which attempt it is.
    pub attempt: u32,
    /// The component.
    pub component: String,
    /// Its digest.
    pub digest: String,
    /// For how long it has run.
    pub age_ms: u64,
}

/// What was refused to the attempts of one component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Refused {
    /// For whom.
    pub tenant: String,
    /// The component.
    pub component: String,
    /// What it came to: the type of the failure, or `http` for requests that were not sent; the key of the grant or limit
    /// that only counts.
    pub what: String,
    /// How often.
    pub count: u64,
}
