//! Opening files: regular ones and directories, and nothing else. A FIFO would keep a thread until someone writes to it, a
//! device may do anything when it is opened; so what a path leads to is looked at before it is opened, and opened as what
//! was looked at, whatever the path leads to by then.

use std::{fs::File, io, os::fd::AsRawFd as _, os::fd::OwnedFd};

use rustix::{
    fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2},
    io::Errno,
};
use wasmtime::component::Resource;
use wasmtime_wasi::{
    FsPerms,
    filesystem::{Descriptor, Dir, OpenMode, WasiFilesystemCtxView},
    p2::{
        FsResult,
        bindings::filesystem::types::{
            DescriptorFlags, DescriptorType, ErrorCode, HostDescriptor as _, OpenFlags, PathFlags,
        },
    },
};

use super::disk::Disk;

/// How often a path is followed again when something on it was renamed meanwhile.
const TRIES: usize = 4;

/// What a guest wants to open, and how.
pub(super) struct Wanted {
    pub(super) follow: PathFlags,
    pub(super) path: String,
    pub(super) how: OpenFlags,
    pub(super) flags: DescriptorFlags,
}

/// Opens what is below a directory.
pub(super) async fn open(
    view: &mut WasiFilesystemCtxView<'_>,
    directory: Resource<Descriptor>,
    wanted: Wanted,
    disk: &Disk,
) -> FsResult<Descriptor> {
    let Descriptor::Dir(dir) = view.table.get(&directory)? else { return Err(ErrorCode::NotDirectory.into()) };
    let dir = dir.clone();
    let mode = wanted.checked(dir.perms)?;
    if mode.contains(OpenMode::WRITE) {
        disk.may_change()?;
    }
    for _ in 0..TRIES {
        match wanted.look(&dir) {
            Ok(found) => return wanted.open_found(&dir, &found, mode),
            Err(Errno::NOENT) if wanted.how.contains(OpenFlags::CREATE) => {
                disk.make_entry()?;
                match wanted.create(&dir, mode) {
                    // Someone was quicker, or something was renamed.
                    Err(Errno::EXIST) if !wanted.how.contains(OpenFlags::EXCLUSIVE) => {}
                    Err(Errno::AGAIN) => {}
                    Ok(created) => return described(&dir, created, mode),
                    Err(error) => return Err(code(error)),
                }
            }
            Err(Errno::AGAIN) => {}
            // An old Linux, or a container that hides the call.
            Err(Errno::NOSYS | Errno::PERM) => {
                if wanted.how.contains(OpenFlags::CREATE) {
                    disk.make_entry()?;
                }
                return open_otherwise(view, directory, wanted).await;
            }
            Err(error) => return Err(code(error)),
        }
    }
    Err(ErrorCode::Busy.into())
}

impl Wanted {
    /// How it is to be opened, if it may be. As wasmtime does it.
    pub(super) fn checked(&self, perms: FsPerms) -> Result<OpenMode, ErrorCode> {
        let Self { how, flags, .. } = self;
        let syncs = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if flags.intersects(syncs) {
            return Err(ErrorCode::Unsupported);
        }
        let changes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
        if how.contains(OpenFlags::DIRECTORY) && how.intersects(changes) {
            return Err(ErrorCode::Invalid);
        }
        let mut mode = OpenMode::empty();
        if flags.contains(DescriptorFlags::WRITE) || how.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE) {
            mode |= OpenMode::WRITE;
        }
        if flags.contains(DescriptorFlags::READ) || !flags.contains(DescriptorFlags::WRITE) {
            mode |= OpenMode::READ;
        }
        if perms.write_not_permitted() && mode.contains(OpenMode::WRITE) {
            return Err(ErrorCode::NotPermitted);
        }
        Ok(mode)
    }

    /// What the path leads to, without opening it.
    fn look(&self, dir: &Dir) -> Result<OwnedFd, Errno> {
        self.beneath(dir, OFlags::PATH, Mode::empty())
    }

    /// Makes a file. What is there by now, and blocks, fails at once.
    fn create(&self, dir: &Dir, mode: OpenMode) -> Result<OwnedFd, Errno> {
        let mut flags = access(mode) | OFlags::CREATE | OFlags::NONBLOCK | OFlags::NOCTTY;
        if self.how.contains(OpenFlags::EXCLUSIVE) {
            flags |= OFlags::EXCL;
        }
        self.beneath(dir, flags, Mode::from_raw_mode(0o666))
    }

    fn beneath(&self, dir: &Dir, mut flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        if !self.follow.contains(PathFlags::SYMLINK_FOLLOW) {
            flags |= OFlags::NOFOLLOW;
        }
        let within = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        openat2(&*dir.dir, self.path.as_str(), flags | OFlags::CLOEXEC, mode, within)
    }

    /// Opens what was found, if it is a file or a directory.
    fn open_found(&self, dir: &Dir, found: &OwnedFd, mode: OpenMode) -> FsResult<Descriptor> {
        let kind = FileType::from_raw_mode(fstat(found).map_err(code)?.st_mode);
        let is_new = self.how.contains(OpenFlags::CREATE | OpenFlags::EXCLUSIVE);
        let mut flags = access(mode);
        match kind {
            FileType::RegularFile | FileType::Directory | FileType::Symlink if is_new => {
                return Err(ErrorCode::Exist.into());
            }
            FileType::RegularFile if self.how.contains(OpenFlags::DIRECTORY) => {
                return Err(ErrorCode::NotDirectory.into());
            }
            FileType::RegularFile if self.how.contains(OpenFlags::TRUNCATE) => flags |= OFlags::TRUNC,
            FileType::RegularFile => {}
            FileType::Directory if mode.contains(OpenMode::WRITE) => return Err(ErrorCode::IsDirectory.into()),
            FileType::Directory => flags |= OFlags::DIRECTORY,
            FileType::Symlink => return Err(ErrorCode::Loop.into()),
            _ => return Err(ErrorCode::NotPermitted.into()),
        }
        // The very same file: not what its name stands for by now.
        let path = format!("/proc/self/fd/{}", found.as_raw_fd());
        let opened = openat(CWD, path, flags | OFlags::CLOEXEC | OFlags::NOCTTY, Mode::empty()).map_err(code)?;
        described(dir, opened, mode)
    }
}

/// Opens where a path can't be looked at and kept. What it leads to is looked at before, which is not the same if someone
/// exchanges it in between; then this keeps a thread, which counts for the component.
async fn open_otherwise(
    view: &mut WasiFilesystemCtxView<'_>,
    directory: Resource<Descriptor>,
    wanted: Wanted,
) -> FsResult<Descriptor> {
    let Wanted { follow, path, how, flags } = wanted;
    let again = Resource::new_borrow(directory.rep());
    if let Ok(found) = view.stat_at(again, follow, path.clone()).await
        && !matches!(
            found.type_,
            DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink
        )
    {
        return Err(ErrorCode::NotPermitted.into());
    }
    let opened = view.open_at(directory, follow, path, how, flags).await?;
    Ok(view.table.delete(opened)?)
}

/// What was opened, as a guest may use it.
fn described(dir: &Dir, opened: OwnedFd, mode: OpenMode) -> FsResult<Descriptor> {
    match FileType::from_raw_mode(fstat(&opened).map_err(code)?.st_mode) {
        FileType::RegularFile => {
            let file = wasmtime_wasi::filesystem::File::new(File::from(opened), dir.perms, mode, true);
            Ok(Descriptor::File(file))
        }
        FileType::Directory => Ok(Descriptor::Dir(Dir::new(File::from(opened), dir.perms, mode, true))),
        _ => Err(ErrorCode::NotPermitted.into()),
    }
}

fn access(mode: OpenMode) -> OFlags {
    match (mode.contains(OpenMode::READ), mode.contains(OpenMode::WRITE)) {
        (true, true) => OFlags::RDWR,
        (false, true) => OFlags::WRONLY,
        _ => OFlags::RDONLY,
    }
}

/// What went wrong, as a guest is told.
fn code(error: Errno) -> wasmtime_wasi::p2::FsError {
    match error {
        // The path leads out of the directory.
        Errno::XDEV => ErrorCode::NotPermitted.into(),
        error => io::Error::from(error).into(),
    }
}
