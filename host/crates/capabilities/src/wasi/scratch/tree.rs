//! Which entries a scratch directory has, and how paths lead to them.
//!
//! Upholds: an entry is in one directory, or in none and then only as long as it is open. All of them are in one map, so
//! that however deep they are nested, nothing here is recursive.

use std::collections::BTreeMap;

use wasmtime_wasi::p2::bindings::{
    clocks::wall_clock::Datetime,
    filesystem::types::{DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode},
};

use super::{content::Content, store::Store};

/// What an entry counts beside its pages: more than what it takes, its name included.
const ENTRY: u64 = 1 << 10;

/// The longest name, and the longest path, in bytes: those of Linux.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4_096;

/// Which entry, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(u64);

/// All entries.
pub(super) struct Tree {
    nodes: BTreeMap<NodeId, Node>,
    next: u64,
    store: Store,
}

/// An entry.
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) accessed: Datetime,
    pub(super) modified: Datetime,
    /// When it was changed last, its times and its name included.
    pub(super) changed: Datetime,
    /// The directory that it is in; the root is in itself, and what was removed in none.
    parent: Option<NodeId>,
    /// How many have it open.
    open: usize,
}

pub(super) enum Kind {
    File(Content),
    Directory(BTreeMap<Box<str>, NodeId>),
}

/// Where a path leads.
pub(super) struct Place<'p> {
    /// What is there.
    pub(super) node: Option<NodeId>,
    /// Whether only a directory may be there.
    pub(super) is_directory: bool,
    /// In which directory, and under which name there; `None` when it ends in no name.
    entry: Option<(NodeId, &'p str)>,
}

// === impl NodeId, Kind, Node ===

impl NodeId {
    pub(super) const ROOT: Self = Self(0);

    pub(super) fn number(self) -> u64 {
        self.0
    }
}

impl Kind {
    pub(super) fn file() -> Self {
        Self::File(Content::default())
    }

    pub(super) fn directory() -> Self {
        Self::Directory(BTreeMap::new())
    }
}

impl Node {
    fn new(kind: Kind, parent: NodeId, now: Datetime) -> Self {
        Self { kind, accessed: now, modified: now, changed: now, parent: Some(parent), open: 0 }
    }

    pub(super) fn descriptor_type(&self) -> DescriptorType {
        match self.kind {
            Kind::File(_) => DescriptorType::RegularFile,
            Kind::Directory(_) => DescriptorType::Directory,
        }
    }

    fn modified_at(&mut self, now: Datetime) {
        self.modified = now;
        self.changed = now;
    }
}

// === impl Tree ===

impl Tree {
    /// An empty directory for at most `size` bytes.
    pub(super) fn new(size: u64, now: Datetime) -> Self {
        let root = Node::new(Kind::directory(), NodeId::ROOT, now);
        Self { nodes: [(NodeId::ROOT, root)].into(), next: 1, store: Store::new(size) }
    }

    /// The most that it has held.
    pub(super) fn peak(&self) -> u64 {
        self.store.peak()
    }

    /// What it holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> u64 {
        self.store.held()
    }

    pub(super) fn node(&self, id: NodeId) -> Result<&Node, ErrorCode> {
        self.nodes.get(&id).ok_or(ErrorCode::BadDescriptor)
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> Result<&mut Node, ErrorCode> {
        self.nodes.get_mut(&id).ok_or(ErrorCode::BadDescriptor)
    }

    /// Someone has it open.
    pub(super) fn opened(&mut self, id: NodeId) {
        if let Ok(node) = self.node_mut(id) {
            node.open += 1;
        }
    }

    /// Someone has it open no more.
    pub(super) fn closed(&mut self, id: NodeId) {
        if let Ok(node) = self.node_mut(id) {
            node.open = node.open.saturating_sub(1);
        }
        self.forget(id);
    }

    /// Gives back what an entry takes that is in no directory, if nobody has it open.
    fn forget(&mut self, id: NodeId) {
        if self.nodes.get(&id).is_some_and(|node| node.parent.is_none() && node.open == 0)
            && let Some(node) = self.nodes.remove(&id)
        {
            self.store.give_back(ENTRY);
            if let Kind::File(content) = node.kind {
                content.free(&mut self.store);
            }
        }
    }

    fn entries(&self, directory: NodeId) -> Result<&BTreeMap<Box<str>, NodeId>, ErrorCode> {
        match &self.node(directory)?.kind {
            Kind::Directory(entries) => Ok(entries),
            Kind::File(_) => Err(ErrorCode::NotDirectory),
        }
    }

    /// The entries of a directory that is going to be changed.
    fn entries_mut(&mut self, directory: NodeId, now: Datetime) -> Result<&mut BTreeMap<Box<str>, NodeId>, ErrorCode> {
        let node = self.node_mut(directory)?;
        node.modified_at(now);
        match &mut node.kind {
            Kind::Directory(entries) => Ok(entries),
            Kind::File(_) => Err(ErrorCode::NotDirectory),
        }
    }

    /// Where a path leads from a directory on, which it may not leave.
    pub(super) fn place<'p>(&self, directory: NodeId, path: &'p str) -> Result<Place<'p>, ErrorCode> {
        match path {
            "" => return Err(ErrorCode::NoEntry),
            _ if path.len() > LONGEST_PATH => return Err(ErrorCode::NameTooLong),
            _ if path.starts_with('/') => return Err(ErrorCode::NotPermitted),
            _ if path.contains('\0') => return Err(ErrorCode::Invalid),
            _ => {}
        }
        self.entries(directory)?;
        let mut trail = vec![directory];
        let mut parts = path.split('/').filter(|part| !matches!(*part, "" | ".")).peekable();
        let is_directory = path.ends_with('/') || path.ends_with("/.");
        while let Some(part) = parts.next() {
            let at = *trail.last().ok_or(ErrorCode::NotPermitted)?;
            let entries = self.entries(at)?;
            if part == ".." {
                trail.pop();
                continue;
            }
            if part.len() > LONGEST_NAME {
                return Err(ErrorCode::NameTooLong);
            }
            let found = entries.get(part).copied();
            if parts.peek().is_none() {
                return Ok(Place { node: found, is_directory, entry: Some((at, part)) });
            }
            trail.push(found.ok_or(ErrorCode::NoEntry)?);
        }
        let node = *trail.last().ok_or(ErrorCode::NotPermitted)?;
        Ok(Place { node: Some(node), is_directory: true, entry: None })
    }

    /// What a path leads to.
    pub(super) fn find(&self, directory: NodeId, path: &str) -> Result<NodeId, ErrorCode> {
        let place = self.place(directory, path)?;
        let found = place.node.ok_or(ErrorCode::NoEntry)?;
        if place.is_directory {
            self.entries(found)?;
        }
        Ok(found)
    }

    pub(super) fn stat(&self, id: NodeId) -> Result<DescriptorStat, ErrorCode> {
        let node = self.node(id)?;
        Ok(DescriptorStat {
            type_: node.descriptor_type(),
            link_count: u64::from(node.parent.is_some()),
            size: match &node.kind {
                Kind::File(content) => content.size,
                Kind::Directory(_) => 0,
            },
            data_access_timestamp: Some(node.accessed),
            data_modification_timestamp: Some(node.modified),
            status_change_timestamp: Some(node.changed),
        })
    }

    pub(super) fn list(
        &self,
        directory: NodeId,
    ) -> Result<impl Iterator<Item = Result<DirectoryEntry, ErrorCode>>, ErrorCode> {
        Ok(self
            .entries(directory)?
            .iter()
            .map(|(name, id)| Ok(DirectoryEntry { type_: self.node(*id)?.descriptor_type(), name: name.to_string() })))
    }

    /// Makes an entry where nothing is.
    pub(super) fn make(&mut self, place: &Place<'_>, kind: Kind, now: Datetime) -> Result<NodeId, ErrorCode> {
        let (directory, name) = place.entry.ok_or(ErrorCode::Exist)?;
        // One that was removed gets no entries any more.
        self.node(directory)?.parent.ok_or(ErrorCode::NoEntry)?;
        self.store.charge(ENTRY)?;
        let id = NodeId(self.next);
        self.next += 1;
        self.nodes.insert(id, Node::new(kind, directory, now));
        self.entries_mut(directory, now)?.insert(name.into(), id);
        Ok(id)
    }

    /// Takes an entry out of its directory.
    pub(super) fn unlink(&mut self, place: &Place<'_>, now: Datetime) -> Result<(), ErrorCode> {
        // The directory that a path starts from can't be removed by it.
        let (directory, name) = place.entry.ok_or(ErrorCode::Invalid)?;
        if let Some(id) = self.entries_mut(directory, now)?.remove(name) {
            self.node_mut(id)?.parent = None;
            self.forget(id);
        }
        Ok(())
    }

    /// Gives an entry another name, in the place of what may be there.
    pub(super) fn rename(
        &mut self,
        (from, path): (NodeId, &str),
        (to, new_path): (NodeId, &str),
        now: Datetime,
    ) -> Result<(), ErrorCode> {
        let (old, new) = (self.place(from, path)?, self.place(to, new_path)?);
        let moved = old.node.ok_or(ErrorCode::NoEntry)?;
        let (Some((directory, name)), Some((new_directory, new_name))) = (old.entry, new.entry) else {
            return Err(ErrorCode::Busy);
        };
        self.node(new_directory)?.parent.ok_or(ErrorCode::NoEntry)?;
        let is_directory = matches!(self.node(moved)?.kind, Kind::Directory(_));
        if !is_directory && (old.is_directory || new.is_directory) {
            return Err(ErrorCode::NotDirectory);
        }
        if is_directory && self.is_within(new_directory, moved)? {
            return Err(ErrorCode::Invalid);
        }
        match new.node {
            Some(there) if there == moved => return Ok(()),
            Some(there) if self.is_within(directory, there)? => return Err(ErrorCode::NotEmpty),
            Some(there) => {
                match &self.node(there)?.kind {
                    Kind::File(_) if is_directory => return Err(ErrorCode::NotDirectory),
                    Kind::Directory(_) if !is_directory => return Err(ErrorCode::IsDirectory),
                    Kind::Directory(entries) if !entries.is_empty() => return Err(ErrorCode::NotEmpty),
                    _ => {}
                }
                self.unlink(&new, now)?;
            }
            None => {}
        }
        self.entries_mut(directory, now)?.remove(name);
        self.entries_mut(new_directory, now)?.insert(new_name.into(), moved);
        let node = self.node_mut(moved)?;
        (node.parent, node.changed) = (Some(new_directory), now);
        Ok(())
    }

    /// Whether a directory is another one, or somewhere in it.
    fn is_within(&self, mut directory: NodeId, other: NodeId) -> Result<bool, ErrorCode> {
        while directory != other {
            match self.node(directory)?.parent {
                Some(parent) if parent != directory => directory = parent,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    pub(super) fn read(&self, file: NodeId, length: usize, offset: u64) -> Result<Vec<u8>, ErrorCode> {
        match &self.node(file)?.kind {
            Kind::File(content) => Ok(content.read(&self.store, length, offset)),
            Kind::Directory(_) => Err(ErrorCode::IsDirectory),
        }
    }

    /// Writes at `offset`, or at the end, and tells where that ends.
    pub(super) fn write(
        &mut self,
        file: NodeId,
        bytes: &[u8],
        offset: Option<u64>,
        now: Datetime,
    ) -> Result<u64, ErrorCode> {
        let (content, store) = self.content(file, now)?;
        content.write(store, bytes, offset.unwrap_or(content.size))
    }

    pub(super) fn set_size(&mut self, file: NodeId, size: u64, now: Datetime) -> Result<(), ErrorCode> {
        let (content, store) = self.content(file, now)?;
        content.set_size(store, size)
    }

    /// What is in a file that is going to be changed.
    fn content(&mut self, file: NodeId, now: Datetime) -> Result<(&mut Content, &mut Store), ErrorCode> {
        let node = self.nodes.get_mut(&file).ok_or(ErrorCode::BadDescriptor)?;
        node.modified_at(now);
        match &mut node.kind {
            Kind::File(content) => Ok((content, &mut self.store)),
            Kind::Directory(_) => Err(ErrorCode::IsDirectory),
        }
    }
}
