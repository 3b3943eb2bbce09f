//! What a process keeps, and how it takes the rest from itself.

use std::path::PathBuf;

use crate::{Error, calls, descriptors, files, process};

/// What a process keeps, and with whom it ends.
#[derive(Clone, Debug)]
pub struct Confinement {
    /// The process that started it, with which it ends.
    pub parent: u32,
    /// What it may use.
    pub limits: Limits,
    /// Where it may open files.
    pub directories: Vec<Directory>,
    /// What it is for.
    pub calls: Calls,
    /// What keeps it in.
    pub walls: Walls,
}

/// What a process may use; more is refused by the system, or ends it. `None` is what its parent may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: Option<u64>,
    /// Processor time, in seconds.
    pub cpu_seconds: Option<u64>,
    /// Open files.
    pub open_files: Option<u64>,
    /// The size of a file that it writes, in bytes. Pipes and sockets have none.
    pub file_size: Option<u64>,
}

/// What a process is for, and so which system calls it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// It reads its standard input, computes, and writes to its standard output.
    Compute,
    /// It talks over the descriptors that it was given, and works on the files of its directories.
    Serve,
    /// It makes connections to others by IP, and talks over them and over the descriptors that it was given.
    Connect,
}

/// A directory that a process may use, with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it may be changed, too.
    pub writable: bool,
}

/// What keeps a process in, beside its limits and the end with its parent. Each holds by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walls {
    /// Landlock: no file but those of its directories; no TCP, unless it is there to connect, no abstract sockets and no
    /// signals to others, where the kernel has that.
    pub landlock: bool,
    /// Seccomp: no system call but those of a program that computes.
    pub seccomp: bool,
}

impl Walls {
    /// Both.
    pub const ALL: Self = Self { landlock: true, seccomp: true };
    /// Neither: a choice of the operator, never of the program.
    pub const NONE: Self = Self { landlock: false, seccomp: false };
}

impl Confinement {
    /// Confines this process for good. It must be the first thing that its `main` does: descriptors that the process
    /// was started with are closed, but for its standard streams, and no thread but this one may exist.
    ///
    /// # Errors
    /// When the parent has ended already, and when the system can't do something of it. The process is of no use then.
    pub fn enter(&self) -> Result<(), Error> {
        close_inherited()?;
        self.enter_with_own()
    }

    /// Confines this process for good, which has closed what it inherited at its beginning, and opened something of its own
    /// since then.
    ///
    /// # Errors
    /// As for [`Confinement::enter`].
    pub fn enter_with_own(&self) -> Result<(), Error> {
        process::end_with(self.parent)?;
        process::be_alone()?;
        process::limit(&self.limits)?;
        process::hide()?;
        process::drop_privileges()?;
        match (self.walls.landlock, self.directories.is_empty()) {
            (true, _) => files::confine(&self.directories, self.calls)?,
            (false, true) => {}
            // Seccomp can't tell one directory from another.
            (false, false) if self.walls.seccomp => return Err(Error::Directories),
            (false, false) => {}
        }
        if self.walls.seccomp {
            calls::confine(self.calls, !self.directories.is_empty())?;
        }
        Ok(())
    }
}

/// Whether a process of this system can be kept in by these walls, without trying.
///
/// # Errors
/// When it has not what one of them needs.
pub fn check(walls: Walls) -> Result<(), Error> {
    if walls.landlock {
        files::check()?;
    }
    if walls.seccomp {
        calls::check()?;
    }
    Ok(())
}

/// Closes all that this process was started with, but for its standard streams: what [`Confinement::enter`] begins with. It
/// must be the first thing that `main` does.
///
/// # Errors
/// When the system does not tell what there is.
pub fn close_inherited() -> Result<(), Error> {
    descriptors::close_inherited()
}
