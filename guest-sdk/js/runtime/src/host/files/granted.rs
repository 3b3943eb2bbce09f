//! The directories that are granted, as WASI has them. The host keeps every path within its directory.

use std::{cell::RefCell, rc::Rc};

use wasip2::{
    clocks::wall_clock::Datetime,
    filesystem::{
        preopens::get_directories,
        types::{
            Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp,
            OpenFlags, PathFlags,
        },
    },
};

use super::{Done, Errno, Kind, Place, Stat, opened::How};

/// A directory that is granted.
#[derive(Clone)]
pub(super) struct Mount {
    /// Without a slash at the end.
    path: String,
    folder: Rc<Descriptor>,
    writable: bool,
}

thread_local! {
    static MOUNTS: RefCell<Option<Rc<Vec<Mount>>>> = const { RefCell::new(None) };
}

/// Those that there are, asked for once.
fn mounts() -> Rc<Vec<Mount>> {
    MOUNTS.with_borrow_mut(|mounts| {
        let made = mounts.get_or_insert_with(|| {
            let mount = |(folder, path): (Descriptor, String)| {
                let flags = folder.get_flags().unwrap_or(DescriptorFlags::empty());
                let writable = flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
                Mount { path: path.trim_end_matches('/').to_owned(), folder: Rc::new(folder), writable }
            };
            Rc::new(get_directories().into_iter().map(mount).collect())
        });
        Rc::clone(made)
    })
}

/// The paths of those that there are.
pub(super) fn paths() -> Vec<String> {
    mounts().iter().map(|mount| mount.path.clone()).collect()
}

/// The directory that a path is in, and the rest of the path.
pub(super) fn find(path: &str) -> Place {
    let within = |mount: &Mount| {
        let rest = path.strip_prefix(mount.path.as_str())?;
        match rest.strip_prefix('/') {
            Some(rest) if !rest.is_empty() => Some((mount.clone(), rest.to_owned())),
            Some(_) => Some((mount.clone(), ".".to_owned())),
            None => rest.is_empty().then(|| (mount.clone(), ".".to_owned())),
        }
    };
    let found = mounts().iter().filter_map(within).max_by_key(|(mount, _)| mount.path.len());
    found.map_or(Place::Memory, |(mount, rest)| Place::Granted(mount, rest))
}

/// The most that one call takes or gives.
const PIECE: usize = 1 << 20;

impl Mount {
    /// Refuses what changes something where nothing may be changed.
    fn changing(&self) -> Done<()> {
        if self.writable { Ok(()) } else { Err("EROFS") }
    }

    pub(super) fn open(&self, path: &str, how: How) -> Done<Descriptor> {
        if how.intersects(How::WRITE | How::CREATE | How::TRUNCATE) {
            self.changing()?;
        }
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::CREATE, how.contains(How::CREATE));
        open.set(OpenFlags::EXCLUSIVE, how.contains(How::EXCLUSIVE));
        open.set(OpenFlags::TRUNCATE, how.contains(How::TRUNCATE));
        let mut flags = DescriptorFlags::empty();
        flags.set(DescriptorFlags::READ, how.contains(How::READ));
        flags.set(DescriptorFlags::WRITE, how.contains(How::WRITE));
        self.folder.open_at(following(!how.contains(How::NO_FOLLOW)), path, open, flags).map_err(|code| match code {
            // So the host says it.
            ErrorCode::InsufficientMemory => "EMFILE",
            code => errno(code),
        })
    }

    pub(super) fn stat(&self, path: &str, follow: bool) -> Done<Stat> {
        let stat = self.folder.stat_at(following(follow), path).map_err(errno)?;
        let hash = self.folder.metadata_hash_at(following(follow), path).map_err(errno)?;
        Ok(stat_of(&stat, hash, self.writable))
    }

    pub(super) fn list(&self, path: &str) -> Done<Vec<(String, Kind)>> {
        let folder = self
            .folder
            .open_at(PathFlags::SYMLINK_FOLLOW, path, OpenFlags::DIRECTORY, DescriptorFlags::READ)
            .map_err(errno)?;
        let entries = folder.read_directory().map_err(errno)?;
        let mut listed = Vec::new();
        while let Some(entry) = entries.read_directory_entry().map_err(errno)? {
            listed.push((entry.name, kind_of(entry.type_)));
        }
        Ok(listed)
    }

    pub(super) fn make_folder(&self, path: &str) -> Done<()> {
        // Before anything else, as recursion asks for what is there.
        if path == "." {
            return Err("EEXIST");
        }
        self.changing()?;
        self.folder.create_directory_at(path).map_err(errno)
    }

    pub(super) fn remove_folder(&self, path: &str) -> Done<()> {
        self.changing()?;
        if path == "." { Err("EBUSY") } else { self.folder.remove_directory_at(path).map_err(errno) }
    }

    pub(super) fn remove_file(&self, path: &str) -> Done<()> {
        self.changing()?;
        if path == "." { Err("EISDIR") } else { self.folder.unlink_file_at(path).map_err(errno) }
    }

    pub(super) fn rename(&self, from: &str, other: &Self, to: &str) -> Done<()> {
        self.changing().and_then(|()| other.changing())?;
        if from == "." || to == "." {
            return Err("EBUSY");
        }
        self.folder.rename_at(from, &other.folder, to).map_err(errno)
    }

    pub(super) fn link(&self, from: &str, other: &Self, to: &str) -> Done<()> {
        other.changing()?;
        self.folder.link_at(PathFlags::empty(), from, &other.folder, to).map_err(errno)
    }

    pub(super) fn make_symlink(&self, target: &str, path: &str) -> Done<()> {
        self.changing()?;
        self.folder.symlink_at(target, path).map_err(errno)
    }

    pub(super) fn read_symlink(&self, path: &str) -> Done<String> {
        self.folder.readlink_at(path).map_err(errno)
    }

    pub(super) fn set_times(&self, path: &str, (accessed, modified): (f64, f64), follow: bool) -> Done<()> {
        self.changing()?;
        self.folder.set_times_at(following(follow), path, timestamp(accessed), timestamp(modified)).map_err(errno)
    }
}

pub(super) fn read(file: &Descriptor, position: u64, length: u32) -> Done<Vec<u8>> {
    let length = u64::from(length).min(PIECE as u64);
    file.read(length, position).map(|(bytes, _)| bytes).map_err(errno)
}

pub(super) fn write(file: &Descriptor, position: u64, data: &[u8]) -> Done<u32> {
    let piece = data.get(..PIECE).unwrap_or(data);
    file.write(piece, position).map(|written| u32::try_from(written).unwrap_or(u32::MAX)).map_err(errno)
}

pub(super) fn append(file: &Descriptor, data: &[u8]) -> Done<()> {
    let stream = file.append_via_stream().map_err(errno)?;
    // The most that one call takes.
    data.chunks(4096).try_for_each(|piece| stream.blocking_write_and_flush(piece)).map_err(|_| "EIO")
}

pub(super) fn resize(file: &Descriptor, size: u64) -> Done<()> {
    file.set_size(size).map_err(errno)
}

pub(super) fn sync(file: &Descriptor) -> Done<()> {
    file.sync().map_err(errno)
}

pub(super) fn stat(file: &Descriptor) -> Done<Stat> {
    let hash = file.metadata_hash().map_err(errno)?;
    let writable = file.get_flags().is_ok_and(|flags| flags.contains(DescriptorFlags::WRITE));
    Ok(stat_of(&file.stat().map_err(errno)?, hash, writable))
}

pub(super) fn set_times(file: &Descriptor, (accessed, modified): (f64, f64)) -> Done<()> {
    file.set_times(timestamp(accessed), timestamp(modified)).map_err(errno)
}

fn following(follow: bool) -> PathFlags {
    if follow { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() }
}

fn stat_of(stat: &DescriptorStat, hash: MetadataHashValue, writable: bool) -> Stat {
    Stat {
        kind: kind_of(stat.type_),
        size: stat.size,
        links: stat.link_count,
        accessed: milliseconds(stat.data_access_timestamp),
        modified: milliseconds(stat.data_modification_timestamp),
        changed: milliseconds(stat.status_change_timestamp),
        id: hash.lower,
        device: 1,
        writable,
    }
}

fn kind_of(kind: DescriptorType) -> Kind {
    match kind {
        DescriptorType::RegularFile => Kind::File,
        DescriptorType::Directory => Kind::Folder,
        DescriptorType::SymbolicLink => Kind::Symlink,
        _ => Kind::Other,
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact")]
pub(super) fn milliseconds(time: Option<Datetime>) -> f64 {
    time.map_or(0.0, |time| time.seconds as f64 * 1e3 + f64::from(time.nanoseconds) / 1e6)
}

fn timestamp(milliseconds: f64) -> NewTimestamp {
    let time = std::time::Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
    NewTimestamp::Timestamp(Datetime { seconds: time.as_secs(), nanoseconds: time.subsec_nanos() })
}

fn errno(code: ErrorCode) -> Errno {
    match code {
        ErrorCode::Access => "EACCES",
        ErrorCode::WouldBlock => "EAGAIN",
        ErrorCode::Already => "EALREADY",
        ErrorCode::BadDescriptor => "EBADF",
        ErrorCode::Busy => "EBUSY",
        ErrorCode::Deadlock => "EDEADLK",
        ErrorCode::Quota => "EDQUOT",
        ErrorCode::Exist => "EEXIST",
        ErrorCode::FileTooLarge => "EFBIG",
        ErrorCode::IllegalByteSequence => "EILSEQ",
        ErrorCode::InProgress => "EINPROGRESS",
        ErrorCode::Interrupted => "EINTR",
        ErrorCode::Invalid => "EINVAL",
        ErrorCode::Io => "EIO",
        ErrorCode::IsDirectory => "EISDIR",
        ErrorCode::Loop => "ELOOP",
        ErrorCode::TooManyLinks => "EMLINK",
        ErrorCode::MessageSize => "EMSGSIZE",
        ErrorCode::NameTooLong => "ENAMETOOLONG",
        ErrorCode::NoDevice => "ENODEV",
        ErrorCode::NoEntry => "ENOENT",
        ErrorCode::NoLock => "ENOLCK",
        ErrorCode::InsufficientMemory => "ENOMEM",
        ErrorCode::InsufficientSpace => "ENOSPC",
        ErrorCode::NotDirectory => "ENOTDIR",
        ErrorCode::NotEmpty => "ENOTEMPTY",
        ErrorCode::NotRecoverable => "ENOTRECOVERABLE",
        ErrorCode::Unsupported => "ENOTSUP",
        ErrorCode::NoTty => "ENOTTY",
        ErrorCode::NoSuchDevice => "ENXIO",
        ErrorCode::Overflow => "EOVERFLOW",
        ErrorCode::NotPermitted => "EPERM",
        ErrorCode::Pipe => "EPIPE",
        ErrorCode::ReadOnly => "EROFS",
        ErrorCode::InvalidSeek => "ESPIPE",
        ErrorCode::TextFileBusy => "ETXTBSY",
        ErrorCode::CrossDevice => "EXDEV",
    }
}
