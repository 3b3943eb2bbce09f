//! What is in a file of a scratch directory: pages where something was written, and holes, which take nothing.

use std::collections::BTreeMap;

use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use super::store::{PAGE, Slot, Store};

/// The largest size of a file, holes included: what programs can have as a position.
const LARGEST: u64 = i64::MAX as u64;

/// What is in a file.
#[derive(Default)]
pub(super) struct Content {
    pub(super) size: u64,
    /// By their number in the file.
    pages: BTreeMap<u64, Slot>,
}

impl Content {
    /// What there is from `offset` on, at most `length` bytes.
    pub(super) fn read(&self, store: &Store, length: usize, offset: u64) -> Vec<u8> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut read = vec![0; length.min(left)];
        for (page, start, part) in parts(offset, &mut read) {
            if let Some(slot) = self.pages.get(&page) {
                let from = store.page(*slot).get(start..start + part.len()).unwrap_or_default();
                part.copy_from_slice(from);
            }
        }
        read
    }

    /// Writes all of `bytes`, and tells where they end.
    ///
    /// # Errors
    /// When there is no room for them; some may have been written then.
    pub(super) fn write(&mut self, store: &mut Store, bytes: &[u8], offset: u64) -> Result<u64, ErrorCode> {
        let end = offset.checked_add(bytes.len() as u64).filter(|end| *end <= LARGEST);
        let end = end.ok_or(ErrorCode::FileTooLarge)?;
        let (mut position, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (page, start) = place(position);
            let (part, later) = rest.split_at(rest.len().min(PAGE - start));
            let slot = match self.pages.get(&page) {
                Some(slot) => *slot,
                None => *self.pages.entry(page).or_insert(store.take()?),
            };
            if let Some(to) = store.page_mut(slot).get_mut(start..start + part.len()) {
                to.copy_from_slice(part);
            }
            position += part.len() as u64;
            self.size = self.size.max(position);
            rest = later;
        }
        Ok(end)
    }

    /// Cuts it, or lets it end in a hole.
    pub(super) fn set_size(&mut self, store: &mut Store, size: u64) -> Result<(), ErrorCode> {
        if LARGEST < size {
            return Err(ErrorCode::FileTooLarge);
        }
        for slot in self.pages.split_off(&size.div_ceil(PAGE as u64)).into_values() {
            store.free(slot);
        }
        // What is cut off within a page must not be there when it grows again.
        let (page, start) = place(size);
        if let Some(slot) = self.pages.get(&page) {
            store.page_mut(*slot).get_mut(start..).unwrap_or_default().fill(0);
        }
        self.size = size;
        Ok(())
    }

    /// Gives back what it takes.
    pub(super) fn free(self, store: &mut Store) {
        self.pages.into_values().for_each(|slot| store.free(slot));
    }
}

/// The parts of `bytes` that are in a page each, when they begin at `offset`: its number, and where in it they begin.
fn parts(offset: u64, bytes: &mut [u8]) -> impl Iterator<Item = (u64, usize, &mut [u8])> {
    let (mut position, mut rest) = (offset, bytes);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (page, start) = place(position);
        let length = rest.len().min(PAGE - start);
        let (part, later) = std::mem::take(&mut rest).split_at_mut(length);
        rest = later;
        position += part.len() as u64;
        Some((page, start, part))
    })
}

/// In which page a position is, and where in that.
#[expect(clippy::cast_possible_truncation, reason = "it is less than a page")]
fn place(position: u64) -> (u64, usize) {
    (position / PAGE as u64, (position % PAGE as u64) as usize)
}
