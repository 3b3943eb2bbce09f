//! A loaded component.

use std::sync::{Arc, atomic::AtomicU64};

use activity::ComponentId;
use capabilities::{Policy, bindings::ActivityIndices};
use wasmtime::component::InstancePre;

use crate::{prefault::Prefault, state::SandboxState};

/// A component that is ready to be instantiated: compiled, linked, and found to be what it should be.
pub(crate) struct Component {
    /// What it is called.
    pub(crate) id: ComponentId,
    /// Its code, linked.
    pub(crate) pre: InstancePre<SandboxState>,
    /// Where what it exports is found in an instance.
    pub(crate) exports: ActivityIndices,
    /// What its attempts may do.
    pub(crate) policy: Arc<Policy>,
    /// The memory that its instances begin with, in bytes; not known while it is loaded.
    pub(crate) image: Option<u64>,
    /// Memories that a sandbox has room for.
    pub(crate) memories_per_slot: u32,
    /// The memory of all guests of the engine, in bytes.
    pub(crate) memory_held: Arc<AtomicU64>,
    /// Which memories of the engine are ready for use.
    pub(crate) prefault: Arc<Prefault>,
}
