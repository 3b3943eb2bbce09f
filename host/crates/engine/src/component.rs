//! A loaded component.

use std::sync::{Arc, atomic::AtomicU64};

use activity::ComponentId;
use capabilities::{Policy, bindings::ActivityIndices};
use wasmtime::component::InstancePre;

use crate::{functions::Functions, prefault::Prefault, state::SandboxState};

/// A component that is ready to be instantiated: compiled, linked, and found to be what it should be.
pub(crate) struct Component {
    /// What it is called.
    pub(crate) id: ComponentId,
    /// Its code, linked.
    pub(crate) pre: InstancePre<SandboxState>,
    /// What of it is called.
    pub(crate) exports: Exports,
    /// What its attempts may do.
    pub(crate) policy: Arc<Policy>,
    /// The memory that its instances begin with, in bytes; not known while it is loaded.
    pub(crate) image: Option<u64>,
    /// Memories that a sandbox has room for.
    pub(crate) memories_per_slot: u32,
    /// The memory of all guests of the engine, in bytes.
    pub(crate) memory_held: Arc<AtomicU64>,
    /// What fills the page tables of the memories that its attempts touch.
    pub(crate) prefault: Arc<Prefault>,
}

impl Component {
    /// What the host may hold for the result of one call beyond what it holds for any, in bytes.
    pub(crate) fn values(&self) -> u64 {
        match &self.exports {
            Exports::Handler(_) => 0,
            Exports::Functions(functions) => functions.memory(&self.policy.limits) as u64,
        }
    }
}

/// What of a component is called, and where it is found in an instance.
pub(crate) enum Exports {
    /// The contract's handler.
    Handler(ActivityIndices),
    /// Functions of its own.
    Functions(Arc<Functions>),
}
