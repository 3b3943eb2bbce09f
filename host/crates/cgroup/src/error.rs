//! Why a process has no cgroups to give to its children.

use std::{io, path::PathBuf};

/// Why a process has no cgroups to give to its children. Messages are sentences without their full stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system has cgroup v1 alone, or shows none.
    #[error("cgroup v2 is not mounted here")]
    NotMounted,
    /// The process is in a cgroup that is not to be seen from here.
    #[error("its cgroup, {0}, is outside of what is mounted here")]
    OutOfSight(String),
    /// The process is in the cgroup of the whole system, which is nobody's.
    #[error("it runs in the root cgroup, which is that of the whole system")]
    Root,
    /// systemd keeps the cgroup for itself.
    #[error("systemd has not delegated its cgroup, {}", .0.display())]
    NotDelegated(PathBuf),
    /// Controllers are missing in it.
    #[error("its cgroup, {}, has no controller for {}", .node.display(), .missing.join(" and "))]
    Controllers {
        /// The cgroup.
        node: PathBuf,
        /// Those that are missing.
        missing: Vec<&'static str>,
    },
    /// Others are in it, who would have to leave it first.
    #[error("its cgroup, {}, holds {others} other processes", .node.display())]
    Others {
        /// The cgroup.
        node: PathBuf,
        /// How many they are.
        others: usize,
    },
    /// The kernel has not what is needed.
    #[error("the kernel's cgroups have no {0}")]
    Kernel(&'static str),
    /// The system refuses something.
    #[error("{what} {}: {source}", .path.display())]
    Refused {
        /// What was tried, as it stands before a path.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Error {
    /// What to do about it.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::NotMounted | Self::OutOfSight(_) => {
                "start the system with cgroup v2 alone, as systemd does unless told otherwise, and the container with \
                 /sys/fs/cgroup"
            }
            Self::Kernel(_) => "take a newer kernel: Linux 4.19 has all of it",
            Self::Others { .. } => {
                "start the worker as the only process of its cgroup, such as a service of systemd with `Delegate=yes`"
            }
            Self::Root | Self::NotDelegated(_) | Self::Controllers { .. } | Self::Refused { .. } => {
                "start the worker as a service of systemd with `Delegate=yes`, or in a container whose cgroup is writable \
                 and has the controllers for cpu and memory"
            }
        }
    }

    /// Whether a part of what is needed is there, so that somebody seems to want it.
    pub fn is_half(&self) -> bool {
        match self {
            Self::NotMounted | Self::OutOfSight(_) | Self::Root | Self::NotDelegated(_) | Self::Others { .. } => false,
            Self::Controllers { missing, .. } => missing.len() == 1,
            Self::Kernel(_) => true,
            Self::Refused { source, .. } => {
                !matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
            }
        }
    }

    /// For `map_err`, of a call of the system.
    pub(crate) fn refused(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Refused { what, path: path.into(), source }
    }
}
