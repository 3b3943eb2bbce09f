//! Files that are open, by their numbers.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use bitflags::bitflags;
use wasip2::filesystem::types::Descriptor;

use super::{Done, Stat, granted, memory};

bitflags! {
    /// How something is opened.
    #[derive(Clone, Copy)]
    pub(super) struct How: u32 {
        const READ = 1;
        const WRITE = 2;
        const CREATE = 4;
        const EXCLUSIVE = 8;
        const TRUNCATE = 16;
        const NO_FOLLOW = 32;
    }
}

/// Something that is open.
pub(super) enum Opened {
    Granted(Descriptor),
    Memory(Rc<RefCell<memory::File>>, How),
    /// A folder, by its path: there is nothing to read in it.
    Folder(String),
    Null,
}

thread_local! {
    static OPENED: RefCell<BTreeMap<u32, Rc<Opened>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The first number that is free: as in Node, 0 to 2 are the standard streams.
const FIRST: u32 = 3;

/// How many may be open at once. Each is one of the host's resources, and one too many of those ends the attempt.
const MOST: usize = 400;

/// Refuses to open one more.
pub(super) fn make_room() -> Done<()> {
    if OPENED.with_borrow(BTreeMap::len) < MOST { Ok(()) } else { Err("EMFILE") }
}

pub(super) fn keep(opened: Opened) -> u32 {
    OPENED.with_borrow_mut(|all| {
        let number = (FIRST..).find(|number| !all.contains_key(number)).unwrap_or(u32::MAX);
        all.insert(number, Rc::new(opened));
        number
    })
}

pub(super) fn close(number: u32) -> bool {
    // Outside of the borrow: dropping calls the host.
    let closed = OPENED.with_borrow_mut(|all| all.remove(&number));
    closed.is_some()
}

pub(super) fn with<T>(number: u32, work: impl FnOnce(&Opened) -> Done<T>) -> Done<T> {
    let opened = OPENED.with_borrow(|all| all.get(&number).map(Rc::clone)).ok_or("EBADF")?;
    work(&opened)
}

impl Opened {
    pub(super) fn read(&self, position: u64, length: u32) -> Done<Vec<u8>> {
        match self {
            Self::Granted(file) => granted::read(file, position, length),
            Self::Memory(file, how) if how.contains(How::READ) => Ok(file.borrow().read(position, length)),
            Self::Memory(..) => Err("EBADF"),
            Self::Folder(_) => Err("EISDIR"),
            Self::Null => Ok(Vec::new()),
        }
    }

    /// How much was written: all, or what there was room for.
    pub(super) fn write(&self, position: u64, data: &[u8]) -> Done<u32> {
        match self {
            Self::Granted(file) => granted::write(file, position, data),
            Self::Memory(file, how) if how.contains(How::WRITE) => {
                file.borrow_mut().write(position, data).map(|()| length(data))
            }
            Self::Memory(..) | Self::Folder(_) => Err("EBADF"),
            Self::Null => Ok(length(data)),
        }
    }

    pub(super) fn append(&self, data: &[u8]) -> Done<()> {
        match self {
            Self::Granted(file) => granted::append(file, data),
            Self::Memory(file, _) => {
                let end = file.borrow().size();
                self.write(end, data).map(drop)
            }
            Self::Folder(_) => Err("EBADF"),
            Self::Null => Ok(()),
        }
    }

    pub(super) fn resize(&self, size: u64) -> Done<()> {
        match self {
            Self::Granted(file) => granted::resize(file, size),
            Self::Memory(file, how) if how.contains(How::WRITE) => file.borrow_mut().resize(size),
            Self::Memory(..) | Self::Folder(_) | Self::Null => Err("EINVAL"),
        }
    }

    pub(super) fn sync(&self) -> Done<()> {
        match self {
            Self::Granted(file) => granted::sync(file),
            Self::Memory(..) | Self::Folder(_) | Self::Null => Ok(()),
        }
    }

    pub(super) fn stat(&self) -> Done<Stat> {
        match self {
            Self::Granted(file) => granted::stat(file),
            Self::Memory(file, _) => Ok(file.borrow().stat()),
            Self::Folder(path) => memory::stat(path),
            Self::Null => memory::stat(memory::NULL),
        }
    }

    pub(super) fn set_times(&self, accessed: f64, modified: f64) -> Done<()> {
        match self {
            Self::Granted(file) => granted::set_times(file, (accessed, modified)),
            Self::Memory(file, _) => {
                file.borrow_mut().modified = modified;
                Ok(())
            }
            Self::Folder(path) => memory::set_times(path, modified),
            Self::Null => Ok(()),
        }
    }
}

fn length(data: &[u8]) -> u32 {
    u32::try_from(data.len()).unwrap_or(u32::MAX)
}
