//! WASI's random numbers: never more at once than the limit, and beyond it a fault of its own.

use wasmtime_wasi::{
    p2::bindings::random::{insecure, random},
    random::WasiRandomCtx,
};

use crate::Fault;

/// Random numbers for one call.
pub(crate) struct Limited<'a> {
    /// The most bytes that one call may ask for.
    pub(crate) limit: u64,
    pub(crate) ctx: &'a mut WasiRandomCtx,
}

impl Limited<'_> {
    fn check(&self, len: u64) -> Result<(), Fault> {
        if self.limit < len { Err(Fault::RandomTooLarge) } else { Ok(()) }
    }
}

impl random::Host for Limited<'_> {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.check(len)?;
        random::Host::get_random_bytes(self.ctx, len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        random::Host::get_random_u64(self.ctx)
    }
}

impl insecure::Host for Limited<'_> {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.check(len)?;
        insecure::Host::get_insecure_random_bytes(self.ctx, len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        insecure::Host::get_insecure_random_u64(self.ctx)
    }
}
