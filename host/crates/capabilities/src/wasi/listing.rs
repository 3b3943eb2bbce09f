//! Lists of directories: read at once, where it may block, and held until the guest has taken them, within a bound.

use std::{
    fs::File,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    vec,
};

use rustix::{
    fs::{Dir, FileType},
    io::Errno,
};
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorType, DirectoryEntry, ErrorCode};

/// What an entry counts beside its name.
const ENTRY: usize = 64;

/// How much of the host's memory the lists of one attempt take together, and may take.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    held: Arc<AtomicUsize>,
    limit: usize,
}

/// The rest of a directory's list.
#[derive(Debug)]
pub(super) struct Listing {
    entries: vec::IntoIter<DirectoryEntry>,
    _held: Held,
}

/// A part of what an attempt's lists take, given back when it is dropped.
#[derive(Debug)]
struct Held {
    listed: Listed,
    size: usize,
}

impl Listed {
    /// Lists of at most `limit` bytes together.
    pub(super) fn new(limit: usize) -> Self {
        Self { held: Arc::default(), limit }
    }

    /// The list of this directory.
    ///
    /// # Errors
    /// When it can't be read, a name in it is no Unicode, or there is no room for it.
    pub(super) fn read(&self, directory: &File) -> Result<Listing, ErrorCode> {
        let entries = Dir::read_from(directory).map_err(code)?.map(|entry| {
            let entry = entry.map_err(code)?;
            let name = entry.file_name().to_str().map_err(|_| ErrorCode::IllegalByteSequence)?.to_owned();
            Ok(DirectoryEntry { type_: descriptor_type(entry.file_type()), name })
        });
        self.of(entries.filter(|entry| !entry.as_ref().is_ok_and(|entry| matches!(&*entry.name, "." | ".."))))
    }

    /// The list of these entries.
    ///
    /// # Errors
    /// The first of theirs, or when there is no room for it.
    pub(super) fn of(
        &self,
        entries: impl Iterator<Item = Result<DirectoryEntry, ErrorCode>>,
    ) -> Result<Listing, ErrorCode> {
        let mut held = Held { listed: self.clone(), size: 0 };
        let mut list = Vec::new();
        for entry in entries {
            let entry = entry?;
            held.grow(entry.name.len() + ENTRY)?;
            list.push(entry);
        }
        Ok(Listing { entries: list.into_iter(), _held: held })
    }
}

impl Held {
    fn grow(&mut self, size: usize) -> Result<(), ErrorCode> {
        let before = self.listed.held.fetch_add(size, Ordering::Relaxed);
        self.size += size;
        if self.listed.limit < before + size { Err(ErrorCode::InsufficientMemory) } else { Ok(()) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.listed.held.fetch_sub(self.size, Ordering::Relaxed);
    }
}

impl Iterator for Listing {
    type Item = DirectoryEntry;

    fn next(&mut self) -> Option<DirectoryEntry> {
        self.entries.next()
    }
}

fn code(error: Errno) -> ErrorCode {
    ErrorCode::from(&io::Error::from(error))
}

fn descriptor_type(found: FileType) -> DescriptorType {
    match found {
        FileType::RegularFile => DescriptorType::RegularFile,
        FileType::Directory => DescriptorType::Directory,
        FileType::Symlink => DescriptorType::SymbolicLink,
        FileType::Fifo => DescriptorType::Fifo,
        FileType::Socket => DescriptorType::Socket,
        FileType::CharacterDevice => DescriptorType::CharacterDevice,
        FileType::BlockDevice => DescriptorType::BlockDevice,
        FileType::Unknown => DescriptorType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_lists_hold_is_bounded_together_and_given_back() {
        let dir = TempDir::new().unwrap();
        for number in 0..100 {
            fs::write(dir.path().join(format!("{number:036}")), "").unwrap();
        }
        let directory = File::open(dir.path()).unwrap();
        let listed = Listed::new(250 * (36 + ENTRY));
        let lists: Vec<_> = (0..2).map(|_| listed.read(&directory).unwrap()).collect();
        assert_eq!(listed.read(&directory).unwrap_err(), ErrorCode::InsufficientMemory);
        assert_eq!(listed.held.load(Ordering::Relaxed), 200 * (36 + ENTRY), "what failed holds nothing");
        drop(lists);
        assert_eq!(listed.read(&directory).unwrap().count(), 100);
        assert_eq!(listed.held.load(Ordering::Relaxed), 0);
    }
}
