//! Why a process can't be confined.

use std::io;

/// What the system refused. Messages are fragments that fit "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Its parent has ended, so nobody waits for what it does.
    #[error("begin: the process that asked for it has ended")]
    NoParent,
    /// It has threads already, which would stay outside.
    #[error("begin: the process has {0} threads already, and may have one")]
    Threads(usize),
    /// The kernel has no Landlock, or not for this process.
    #[error("keep it from files: Landlock: {0}")]
    Landlock(String),
    /// The kernel has no seccomp filters, or not for this process.
    #[error("keep it from system calls: seccomp: {0}")]
    Seccomp(String),
    /// It has directories, and no Landlock that would keep it to them.
    #[error("keep it to its directories, which needs Landlock")]
    Directories,
    /// Something else that every kernel should allow.
    #[error("{what}: {source}")]
    System {
        /// What failed.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`, of a call of the system.
    pub(crate) fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System { what, source: source.into() }
    }
}
