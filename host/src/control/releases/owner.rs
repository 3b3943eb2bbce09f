//! The worker that keeps its releases in a folder: one at a time, as two would undo each other's. A lock on a file says so,
//! which the system takes back however the process ends.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// The file that is locked. It stays, as a worker that is about to lock it may have opened it already.
const LOCK: &str = "releases.lock";

/// Makes this process the owner of `folder` for as long as what is returned is there; nothing if another one is.
///
/// # Errors
/// When the system refuses.
pub(super) fn take(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
