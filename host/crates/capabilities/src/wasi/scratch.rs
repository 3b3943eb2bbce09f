//! An attempt's scratch directory: files in the host's memory, below no directory of the host, and gone with the attempt.
//!
//! There is nothing in it that leads anywhere else: no links, no devices, no owners. What it holds is bounded; see
//! [`store`].
//!
//! # Layout
//! - [`Scratch`]: the directory, and [`Opened`], what a guest has open of it.
//! - [`tree`]: which entries there are, and how paths lead to them.
//! - [`content`]: what is in a file; [`store`]: the pages that it is in.
//! - [`streams`]: streams from and to files.

mod content;
mod store;
mod streams;
mod tree;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use wasmtime_wasi::{
    FsPerms,
    filesystem::OpenMode,
    p2::bindings::{
        clocks::wall_clock::Datetime,
        filesystem::types::{
            DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp, OpenFlags,
        },
    },
};

pub(super) use self::streams::{Reader, Writer};
use self::tree::{Kind, Node, NodeId, Place, Tree};
use super::{
    listing::{Listed, Listing},
    open::Wanted,
};
use crate::Outlet;

/// Where a guest sees it.
pub(super) const PATH: &str = "/tmp";

/// The most that one call reads.
const MOST: usize = 64 << 10;

/// Tells entries of scratch directories from others whose hash is the same.
const OF_SCRATCH: u64 = 0x0073_6372_6174_6368;

/// Spreads numbers over all bits, some of which programs take for a file's number (Fibonacci hashing).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The scratch directory of one attempt.
#[derive(Clone)]
struct Scratch {
    tree: Arc<Mutex<Tree>>,
    /// Is told the most that it has held.
    outlet: Arc<Outlet>,
}

/// What a guest has open in it. An entry that is removed stays as long as it is open.
pub(super) struct Opened {
    scratch: Scratch,
    node: NodeId,
    mode: OpenMode,
}

/// An empty scratch directory for at most `size` bytes, opened.
pub(super) fn root(size: u64, outlet: Arc<Outlet>) -> Opened {
    let scratch = Scratch { tree: Arc::new(Mutex::new(Tree::new(size, Datetime::now()))), outlet };
    Opened::new(scratch, NodeId::ROOT, OpenMode::READ)
}

trait Now {
    fn now() -> Self;
}

impl Now for Datetime {
    fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { seconds: since.as_secs(), nanoseconds: since.subsec_nanos() }
    }
}

impl Scratch {
    fn tree(&self) -> MutexGuard<'_, Tree> {
        // Only the attempt's own guest uses it.
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    fn new(scratch: Scratch, node: NodeId, mode: OpenMode) -> Self {
        scratch.tree().opened(node);
        Self { scratch, node, mode }
    }

    pub(super) fn flags(&self) -> DescriptorFlags {
        let mut flags = DescriptorFlags::empty();
        for (flag, holds) in [
            (DescriptorFlags::READ, self.mode.contains(OpenMode::READ)),
            (DescriptorFlags::WRITE, self.mode.contains(OpenMode::WRITE)),
            (DescriptorFlags::MUTATE_DIRECTORY, self.kind() == Ok(DescriptorType::Directory)),
        ] {
            flags |= if holds { flag } else { DescriptorFlags::empty() };
        }
        flags
    }

    pub(super) fn kind(&self) -> Result<DescriptorType, ErrorCode> {
        Ok(self.scratch.tree().node(self.node)?.descriptor_type())
    }

    pub(super) fn stat(&self) -> Result<DescriptorStat, ErrorCode> {
        self.scratch.tree().stat(self.node)
    }

    pub(super) fn stat_at(&self, path: &str) -> Result<DescriptorStat, ErrorCode> {
        let tree = self.scratch.tree();
        tree.stat(tree.find(self.node, path)?)
    }

    pub(super) fn hash(&self) -> MetadataHashValue {
        self.node.hash()
    }

    pub(super) fn hash_at(&self, path: &str) -> Result<MetadataHashValue, ErrorCode> {
        Ok(self.scratch.tree().find(self.node, path)?.hash())
    }

    /// Whether both are the same entry.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.node == other.node
    }

    pub(super) fn set_times(&self, accessed: NewTimestamp, modified: NewTimestamp) -> Result<(), ErrorCode> {
        set_times(self.scratch.tree().node_mut(self.node)?, accessed, modified);
        Ok(())
    }

    pub(super) fn set_times_at(
        &self,
        path: &str,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Result<(), ErrorCode> {
        let mut tree = self.scratch.tree();
        let found = tree.find(self.node, path)?;
        set_times(tree.node_mut(found)?, accessed, modified);
        Ok(())
    }

    /// What is in the file from `offset` on, at most `length` bytes; empty at its end.
    pub(super) fn read(&self, length: u64, offset: u64) -> Result<Vec<u8>, ErrorCode> {
        if !self.mode.contains(OpenMode::READ) {
            return Err(ErrorCode::BadDescriptor);
        }
        let most = usize::try_from(length).unwrap_or(usize::MAX).min(MOST);
        self.scratch.tree().read(self.node, most, offset)
    }

    /// Writes all of `bytes` at `offset`, or at the end, and tells where they end.
    pub(super) fn write(&self, bytes: &[u8], offset: Option<u64>) -> Result<u64, ErrorCode> {
        self.may_write()?;
        let mut tree = self.scratch.tree();
        let written = tree.write(self.node, bytes, offset, Datetime::now());
        self.told(&tree);
        written
    }

    pub(super) fn set_size(&self, size: u64) -> Result<(), ErrorCode> {
        self.may_write()?;
        self.scratch.tree().set_size(self.node, size, Datetime::now())
    }

    /// Fails unless it is a file that may be written.
    pub(super) fn may_write(&self) -> Result<(), ErrorCode> {
        if self.mode.contains(OpenMode::WRITE) { Ok(()) } else { Err(ErrorCode::BadDescriptor) }
    }

    /// The list of the directory.
    pub(super) fn list(&self, listed: &Listed) -> Result<Listing, ErrorCode> {
        listed.of(self.scratch.tree().list(self.node)?)
    }

    pub(super) fn create_directory_at(&self, path: &str) -> Result<(), ErrorCode> {
        let mut tree = self.scratch.tree();
        let place = tree.place(self.node, path)?;
        if place.node.is_some() {
            return Err(ErrorCode::Exist);
        }
        let made = tree.make(&place, Kind::directory(), Datetime::now()).map(|_| ());
        self.told(&tree);
        made
    }

    /// Opens what a path leads to.
    pub(super) fn open_at(&self, wanted: &Wanted) -> Result<Self, ErrorCode> {
        let mode = wanted.checked(FsPerms::ReadWrite)?;
        let mut tree = self.scratch.tree();
        let place = tree.place(self.node, &wanted.path)?;
        let node = match place.node {
            // As Linux has it, which makes no directory so.
            _ if place.is_directory && wanted.how.contains(OpenFlags::CREATE) => return Err(ErrorCode::IsDirectory),
            Some(found) => open_found(&mut tree, found, &place, wanted.how, mode)?,
            None if !wanted.how.contains(OpenFlags::CREATE) => return Err(ErrorCode::NoEntry),
            None => tree.make(&place, Kind::file(), Datetime::now())?,
        };
        self.told(&tree);
        drop(tree);
        Ok(Self::new(self.scratch.clone(), node, mode))
    }

    /// There are no links: what a path leads to is none.
    pub(super) fn readlink_at(&self, path: &str) -> ErrorCode {
        self.scratch.tree().find(self.node, path).err().unwrap_or(ErrorCode::Invalid)
    }

    pub(super) fn remove_directory_at(&self, path: &str) -> Result<(), ErrorCode> {
        let mut tree = self.scratch.tree();
        let place = tree.place(self.node, path)?;
        let found = place.node.ok_or(ErrorCode::NoEntry)?;
        match &tree.node(found)?.kind {
            Kind::File(_) => Err(ErrorCode::NotDirectory),
            Kind::Directory(entries) if !entries.is_empty() => Err(ErrorCode::NotEmpty),
            Kind::Directory(_) => tree.unlink(&place, Datetime::now()),
        }
    }

    pub(super) fn unlink_file_at(&self, path: &str) -> Result<(), ErrorCode> {
        let mut tree = self.scratch.tree();
        let place = tree.place(self.node, path)?;
        let found = place.node.ok_or(ErrorCode::NoEntry)?;
        match tree.node(found)?.kind {
            Kind::Directory(_) => Err(ErrorCode::IsDirectory),
            Kind::File(_) if place.is_directory => Err(ErrorCode::NotDirectory),
            Kind::File(_) => tree.unlink(&place, Datetime::now()),
        }
    }

    pub(super) fn rename_at(&self, path: &str, new: &Self, new_path: &str) -> Result<(), ErrorCode> {
        self.scratch.tree().rename((self.node, path), (new.node, new_path), Datetime::now())
    }

    fn told(&self, tree: &Tree) {
        self.scratch.outlet.scratch_held(tree.peak());
    }
}

impl Clone for Opened {
    fn clone(&self) -> Self {
        Self::new(self.scratch.clone(), self.node, self.mode)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.scratch.tree().closed(self.node);
    }
}

impl NodeId {
    fn hash(self) -> MetadataHashValue {
        MetadataHashValue { lower: self.number().wrapping_add(1).wrapping_mul(SPREAD), upper: OF_SCRATCH }
    }
}

/// Opens what is there already.
fn open_found(
    tree: &mut Tree,
    found: NodeId,
    place: &Place<'_>,
    how: OpenFlags,
    mode: OpenMode,
) -> Result<NodeId, ErrorCode> {
    if how.contains(OpenFlags::CREATE | OpenFlags::EXCLUSIVE) {
        return Err(ErrorCode::Exist);
    }
    match tree.node(found)?.kind {
        Kind::Directory(_) if mode.contains(OpenMode::WRITE) => return Err(ErrorCode::IsDirectory),
        Kind::Directory(_) => {}
        Kind::File(_) if place.is_directory || how.contains(OpenFlags::DIRECTORY) => {
            return Err(ErrorCode::NotDirectory);
        }
        Kind::File(_) if how.contains(OpenFlags::TRUNCATE) => tree.set_size(found, 0, Datetime::now())?,
        Kind::File(_) => {}
    }
    Ok(found)
}

fn set_times(node: &mut Node, accessed: NewTimestamp, modified: NewTimestamp) {
    let now = Datetime::now();
    let new = |time: &mut Datetime, new| match new {
        NewTimestamp::NoChange => {}
        NewTimestamp::Now => *time = now,
        NewTimestamp::Timestamp(given) => *time = given,
    };
    new(&mut node.accessed, accessed);
    new(&mut node.modified, modified);
    node.changed = now;
}

#[cfg(test)]
mod like_linux;
#[cfg(test)]
mod tests;
