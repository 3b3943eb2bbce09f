//! What is kept of one attempt while its guest runs.

use capabilities::{Capabilities, CapabilitiesView};

use crate::limiter::Limiter;

/// What the store of a sandbox holds beside the guest.
pub(crate) struct SandboxState {
    pub(crate) capabilities: Capabilities,
    pub(crate) limiter: Limiter,
}

impl CapabilitiesView for SandboxState {
    fn capabilities(&mut self) -> &mut Capabilities {
        &mut self.capabilities
    }
}
