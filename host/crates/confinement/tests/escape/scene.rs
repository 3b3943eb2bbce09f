//! What is around a process that tries to get out: things of its parent that it knows of.

use std::{
    fs::{self, File},
    io,
    net::{SocketAddr, TcpListener},
    os::{
        fd::{AsRawFd as _, OwnedFd},
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr as UnixAddr, UnixListener},
    },
    path::PathBuf,
    process,
};

use anyhow::Context as _;

const HIGH: i32 = 500;

/// What the process knows.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// Its parent.
    pub(crate) parent: u32,
    /// Where something is in its parent's memory.
    pub(crate) address: usize,
    /// A directory of its parent, with files and a Unix socket in it.
    pub(crate) folder: PathBuf,
    /// A file that its parent has open for all.
    pub(crate) descriptor: i32,
    /// A server on this machine.
    pub(crate) server: SocketAddr,
    /// The name of a server on an abstract Unix socket.
    pub(crate) name: String,
}

/// All that, as long as it is needed.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    _folder: tempfile::TempDir,
    _file: OwnedFd,
    _servers: (TcpListener, UnixListener, UnixListener),
    _memory: Box<[u8; 64]>,
}

impl Stage {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        for name in ["secret", "old", "long", "rubbish"] {
            fs::write(folder.path().join(name), "text")?;
        }
        // A number that nothing gets that the process opens itself.
        let file = rustix::io::fcntl_dupfd_cloexec(File::open(folder.path().join("secret"))?, HIGH)?;
        rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty())?;
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        let unix = UnixListener::bind(folder.path().join("socket"))?;
        let name = folder.path().display().to_string();
        let hidden = UnixListener::bind_addr(&UnixAddr::from_abstract_name(&name)?)?;
        let memory = Box::new([7; 64]);
        let scene = Scene {
            parent: process::id(),
            address: memory.as_ptr().addr(),
            folder: folder.path().to_owned(),
            descriptor: file.as_raw_fd(),
            server: tcp.local_addr()?,
            name,
        };
        Ok(Self { scene, _folder: folder, _file: file, _servers: (tcp, unix, hidden), _memory: memory })
    }
}

impl Scene {
    pub(crate) fn arguments(&self) -> [String; 6] {
        let Self { parent, address, folder, descriptor, server, name } = self.clone();
        [
            parent.to_string(),
            address.to_string(),
            folder.display().to_string(),
            descriptor.to_string(),
            server.to_string(),
            name,
        ]
    }

    pub(crate) fn from_arguments(arguments: &[String]) -> anyhow::Result<Self> {
        let [parent, address, folder, descriptor, server, name] = arguments else {
            anyhow::bail!("{} arguments", arguments.len());
        };
        Ok(Self {
            parent: parent.parse().context("parent")?,
            address: address.parse().context("address")?,
            folder: folder.into(),
            descriptor: descriptor.parse().context("descriptor")?,
            server: server.parse().context("server")?,
            name: name.clone(),
        })
    }

    /// The server's address, as the system has it.
    pub(crate) fn server_address(&self) -> Vec<u8> {
        let SocketAddr::V4(server) = self.server else { return Vec::new() };
        let mut address = u16::try_from(libc::AF_INET).unwrap_or_default().to_ne_bytes().to_vec();
        address.extend(server.port().to_be_bytes());
        address.extend(server.ip().octets());
        address.resize(16, 0);
        address
    }

    /// The file whose content is its parent's business.
    pub(crate) fn secret(&self) -> PathBuf {
        self.folder.join("secret")
    }

    /// What the system shows of its parent under this name.
    pub(crate) fn of_parent(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.parent).into()
    }
}

/// The kernel's name of an error.
pub(crate) fn name(error: &io::Error) -> String {
    let known = [
        (libc::EACCES, "EACCES"),
        (libc::EBADF, "EBADF"),
        (libc::ENOENT, "ENOENT"),
        (libc::ENOSYS, "ENOSYS"),
        (libc::EPERM, "EPERM"),
    ];
    let name = known.iter().find(|(code, _)| Some(*code) == error.raw_os_error());
    name.map_or_else(|| error.to_string(), |(_, name)| (*name).to_owned())
}

/// The version of Landlock that this kernel has.
pub(crate) fn landlock_version() -> Option<u32> {
    const VERSION: usize = 1;
    let version = super::attempts::number(libc::SYS_landlock_create_ruleset, [0, 0, VERSION, 0, 0, 0]).ok()?;
    u32::try_from(version).ok().filter(|version| 0 < *version)
}
