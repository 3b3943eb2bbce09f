//! The socket: in a folder that nobody else may write to, and of one worker.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
        net::UnixListener as StdUnixListener,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, flock},
    process::geteuid,
};
use thiserror::Error;
use tokio::net::{UnixListener, UnixStream};

/// The longest path of a socket that the system takes.
pub(crate) const LONGEST_PATH: usize = 107;

/// Those who may not write to the folder: all but its owner.
const OTHERS_MAY_WRITE: u32 = 0o022;

/// A socket that clients connect to. Gone when it is dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Locked as long as it is open, also by a process that was killed.
    _lock: File,
}

/// Why there is no socket. Texts fit after "failed to".
#[derive(Debug, Error)]
pub enum SocketError {
    /// The system takes no such path.
    #[error("make the admin socket {}: its path is longer than the {LONGEST_PATH} bytes that the system takes", .0.display())]
    TooLong(PathBuf),
    /// Another worker has it.
    #[error("make the admin socket {}: another worker has it", .0.display())]
    Taken(PathBuf),
    /// Others may write to its folder.
    #[error("make the admin socket in {}: others than this user may write to that folder", .0.display())]
    Shared(PathBuf),
    /// The system refuses it.
    #[error("make the admin socket {}", path.display())]
    System {
        /// The socket, or a file beside it.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SocketError {
    /// What to do about it.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "set admin.socket to a shorter path",
            Self::Taken(_) => "set admin.socket to one of this worker's own, or to \"off\"",
            Self::Shared(_) => {
                "set admin.socket to a file in a folder of this user's own, with mode 0755 or less, or to \"off\""
            }
            Self::System { .. } => "set admin.socket to a file in a folder that this user may write to, or to \"off\"",
        }
    }
}

impl Socket {
    /// Makes a socket at `path`, and the folder that it is in; takes the place of one that nobody has any more. Must be
    /// called on a runtime.
    ///
    /// # Errors
    /// When another worker has it, when others may write to its folder, or the system refuses it.
    pub fn bind(path: &Path) -> Result<Self, SocketError> {
        if LONGEST_PATH < path.as_os_str().len() {
            return Err(SocketError::TooLong(path.to_owned()));
        }
        let system = |path: &Path| {
            let path = path.to_owned();
            move |source| SocketError::System { path, source }
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(system(folder))?;
        let metadata = fs::metadata(folder).map_err(system(folder))?;
        let is_ours = [geteuid().as_raw(), 0].contains(&metadata.uid());
        if !is_ours || metadata.mode() & OTHERS_MAY_WRITE != 0 {
            return Err(SocketError::Shared(folder.to_owned()));
        }
        let lock_path = path.with_added_extension("lock");
        let options = OpenOptions::new().create(true).append(true).mode(0o600).open(&lock_path);
        let lock = options.map_err(system(&lock_path))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => SocketError::Taken(path.to_owned()),
            error => system(&lock_path)(error.into()),
        })?;
        let listener = listen(path).map_err(system(path))?;
        Ok(Self { listener, path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next client that may connect, of the same user or root, with its user. Cancel safe.
    pub(crate) async fn accept(&self) -> io::Result<(UnixStream, u32)> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let user = stream.peer_cred().map(|peer| peer.uid());
            match user {
                Ok(user) if user == geteuid().as_raw() || user == 0 => return Ok((stream, user)),
                Ok(user) => tracing::warn!(user, "another user has tried to reach this worker, and was turned away"),
                Err(_) => {}
            }
        }
    }
}

/// What is there has nobody who listens to it: whoever did had the lock. Anything but a socket is not ours to remove.
fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() => fs::remove_file(path)?,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something else than a socket is there")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = StdUnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The next worker would remove it, too.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_worker_has_it_and_the_next_one_takes_what_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/admin.sock");
        let socket = Socket::bind(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(folder.path().join("run")).unwrap().mode() & 0o777, 0o700);
        assert!(matches!(Socket::bind(&path), Err(SocketError::Taken(_))));
        drop(socket);
        assert!(!path.exists());
        // As one leaves it that was killed.
        drop(StdUnixListener::bind(&path).unwrap());
        Socket::bind(&path).unwrap();
    }

    #[tokio::test]
    async fn what_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("isolet.toml");
        fs::write(&file, "precious").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let own = folder.path().join("folder");
        fs::create_dir(&own).unwrap();
        for path in [&file, &link, &own] {
            let refused = Socket::bind(path).unwrap_err();
            assert!(matches!(refused, SocketError::System { .. }), "{refused}");
        }
        assert_eq!(fs::read_to_string(&link).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_folder_of_everybody_is_refused_and_so_is_what_can_not_be() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let refused = Socket::bind(&folder.path().join("admin.sock")).unwrap_err();
        assert!(matches!(refused, SocketError::Shared(_)), "{refused}");
        let long = Path::new("/tmp").join("x".repeat(LONGEST_PATH));
        assert!(matches!(Socket::bind(&long), Err(SocketError::TooLong(_))));
        let nowhere = Socket::bind(Path::new("/proc/none/admin.sock")).unwrap_err();
        assert!(matches!(nowhere, SocketError::System { .. }), "{nowhere}");
    }
}
