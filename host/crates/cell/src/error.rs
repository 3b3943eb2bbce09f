//! Why a component is not loaded in a cell.

use std::io;

use engine::LoadError;

/// Why a component is not loaded in a cell. Messages are fragments that fit after "failed to load …: ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Its code can't be had.
    #[error(transparent)]
    Code(#[from] LoadError),
    /// The cell refuses it, in the words of its engine.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
        /// What to do about it.
        cure: Option<String>,
    },
    /// The component is granted HTTP requests, and nothing connects for cells.
    #[error("it is granted HTTP requests, and {0}")]
    Egress(#[from] egress::Error),
    /// The cell can't be confined, or has not what it needs.
    #[error("the cell of {cell} can't run here: {reason}")]
    CantRun {
        /// Whose it is.
        cell: String,
        /// What is missing.
        reason: String,
    },
    /// The cell's process did not stay.
    #[error("the cell of {cell} ended: {reason}")]
    Lost {
        /// Whose it is.
        cell: String,
        /// As far as it is known.
        reason: String,
    },
    /// It took too long.
    #[error("the cell of {cell} did not answer in time")]
    TooSlow {
        /// Whose it is.
        cell: String,
    },
    /// The system refuses what a cell needs.
    #[error("talk to the cell: {0}")]
    Io(#[from] io::Error),
}

impl Error {
    /// What to do about it, where something can be done.
    pub fn cure(&self) -> Option<&str> {
        match self {
            Self::Code(error) => error.cure(),
            Self::Refused { cure, .. } => cure.as_deref(),
            Self::CantRun { .. } | Self::Egress(egress::Error::CantRun(_)) => Some(
                "cells need seccomp, Landlock (Linux 5.13 or newer) and their granted directories; docs/operations.md, \
                 \"Cells\", tells what to do without, and `isolation = \"none\"` goes without cells",
            ),
            Self::Lost { .. } | Self::TooSlow { .. } | Self::Io(_) | Self::Egress(_) => None,
        }
    }
}
