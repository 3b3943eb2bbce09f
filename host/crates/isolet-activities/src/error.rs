//! Why a component's activities can't be had.

use std::{io, path::PathBuf};

use engine::{EngineError, LoadError};

/// Why a component's activities can't be registered. Messages are fragments that fit "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file can't be read.
    #[error("read component {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The program could not be started once more to compile.
    #[error("confine the compiler: `main` did not begin with `isolet_activities::compile_if_asked`")]
    NoCompiler,
    /// The engine can't start: the system or the cache's directory does not allow it.
    #[error("start the engine")]
    Engine(#[source] EngineError),
    /// The component is not what it should be.
    #[error("load component {name}")]
    Load {
        /// What it is called.
        name: String,
        /// The engine's reason.
        source: LoadError,
    },
    /// It has a dynamic activity alone, which a worker of Temporal's SDK can't serve: that looks activities up by name.
    #[error("register the activities of component {0}: its only one is dynamic, and Temporal's SDK has none of these")]
    Dynamic(String),
}

impl Error {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::Engine(error) => error.cure(),
            Self::Load { source, .. } => source.cure(),
            Self::Read { .. } => None,
            Self::NoCompiler => Some(
                "call it first in `main`, or set `Options::compile` to `Compile::InProcess` if every component can be trusted",
            ),
            Self::Dynamic(_) => Some("give its activities names, or serve it with `isolet worker`"),
        }
    }
}
