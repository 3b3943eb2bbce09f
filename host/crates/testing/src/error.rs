//! Why there is no attempt.

use std::{io, path::PathBuf};

use activity::shown;
use engine::{EngineError, LoadError};

/// Why a component or an activity can't be tested. Messages are fragments that fit "failed to …"; what to do about it is
/// [`Error::cure`].
///
/// What goes wrong in an attempt is no error: it is in the [`Run`](crate::Run).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The component's file can't be read. The test is to blame.
    #[error("read component {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The engine can't start: the system or the cache's directory does not allow it.
    #[error("start the engine")]
    Engine(#[source] EngineError),
    /// The component is not what it should be. The component is to blame.
    #[error("load component {name}")]
    Load {
        /// What it is called.
        name: String,
        /// The engine's reason.
        source: LoadError,
    },
    /// The component has no such activity.
    #[error("find activity {name:?}: the component exports {}", shown::names(.available.iter().map(String::as_str)))]
    NoSuchActivity {
        /// What was looked for.
        name: String,
        /// What there is.
        available: Vec<String>,
    },
    /// The system does not give what waiting for an attempt needs.
    #[error("wait for the attempt")]
    Runtime(#[source] io::Error),
    /// The attempt did not complete, or its result is not what the test takes it for.
    #[error("read the result: {0}")]
    Result(String),
}

impl Error {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Engine(error) => error.cure(),
            Self::Load { source, .. } => source.cure(),
            Self::Read { .. } | Self::NoSuchActivity { .. } | Self::Runtime(_) | Self::Result(_) => None,
        }
    }
}
