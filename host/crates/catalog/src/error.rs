//! What can be wrong with a component's file, and with components that share a task queue.

use std::{io, path::PathBuf};

use activity::shown;
use thiserror::Error;

/// Why a component's file can't be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("find component {}: no such file", .0.display())]
    NotFound(PathBuf),
    /// A directory, a socket or a device.
    #[error("read component {}: it is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Larger than any component may be.
    #[error("read component {}: it has {size} bytes, and {limit} are allowed", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The most bytes that a component may have.
        limit: u64,
    },
    /// It was changed while it was loaded.
    #[error("read component {}: it was changed meanwhile", .0.display())]
    Changed(PathBuf),
    /// The system refused.
    #[error("read component {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why components can't share a task queue.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConflictError {
    /// Two components export one activity type.
    #[error(
        "serve activity \"{}\" from {second}: {first} exports it too, on the same task queue",
        shown::name(activity)
    )]
    ActivityTaken {
        /// The activity type.
        activity: String,
        /// The component that came first.
        first: String,
        /// The component that exports it again.
        second: String,
    },
    /// Two components export a dynamic activity.
    #[error("serve the dynamic activity of {second}: {first} exports one too, on the same task queue")]
    SecondDynamic {
        /// The component that came first.
        first: String,
        /// The component that exports another.
        second: String,
    },
}
