//! What a scratch directory may hold, and the memory that it is in.
//!
//! Upholds: pages that are given out, and what was charged beside them, are together no more than the directory's size.

use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// The unit in which files take memory.
pub(super) const PAGE: usize = 4 << 10;

/// Pages that are taken from the system at once: so many that they go back to it when the attempt ends.
const AT_ONCE: usize = 64;

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// Pages for the files of one scratch directory.
pub(super) struct Store {
    size: u64,
    held: u64,
    /// The most that was ever held.
    peak: u64,
    memory: Vec<Box<[u8]>>,
    /// Slots that were given out so far.
    given: usize,
    /// Those that were given back.
    free: Vec<Slot>,
}

impl Store {
    pub(super) fn new(size: u64) -> Self {
        Self { size, held: 0, peak: 0, memory: Vec::new(), given: 0, free: Vec::new() }
    }

    pub(super) fn peak(&self) -> u64 {
        self.peak
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Takes `bytes` of what may be held.
    pub(super) fn charge(&mut self, bytes: u64) -> Result<(), ErrorCode> {
        let held = self.held.saturating_add(bytes);
        if self.size < held {
            return Err(ErrorCode::InsufficientSpace);
        }
        self.held = held;
        self.peak = self.peak.max(held);
        Ok(())
    }

    pub(super) fn give_back(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// A page of zeros.
    pub(super) fn take(&mut self) -> Result<Slot, ErrorCode> {
        self.charge(PAGE as u64)?;
        if let Some(slot) = self.free.pop() {
            self.page_mut(slot).fill(0);
            return Ok(slot);
        }
        let slot = Slot(self.given);
        if self.memory.len() * AT_ONCE == self.given {
            self.memory.push(vec![0; PAGE * AT_ONCE].into_boxed_slice());
        }
        self.given += 1;
        Ok(slot)
    }

    pub(super) fn free(&mut self, slot: Slot) {
        self.give_back(PAGE as u64);
        self.free.push(slot);
    }

    pub(super) fn page(&self, Slot(number): Slot) -> &[u8] {
        let start = number % AT_ONCE * PAGE;
        self.memory.get(number / AT_ONCE).and_then(|memory| memory.get(start..start + PAGE)).unwrap_or_default()
    }

    pub(super) fn page_mut(&mut self, Slot(number): Slot) -> &mut [u8] {
        let start = number % AT_ONCE * PAGE;
        self.memory.get_mut(number / AT_ONCE).and_then(|memory| memory.get_mut(start..start + PAGE)).unwrap_or_default()
    }
}
