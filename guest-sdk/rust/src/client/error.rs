//! Why a call has no answer.

use super::ExecutionFailure;
use crate::ConversionError;

/// gRPC's codes that activities ask for.
const DEADLINE_EXCEEDED: u32 = 4;
const NOT_FOUND: u32 = 5;
const ALREADY_EXISTS: u32 = 6;

/// Why a call of the [`Client`](super::Client) failed. Like every error it becomes an
/// [`ActivityError`](crate::ActivityError) with `?`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The component may not do this; the text names what the operator would have to add to its grants.
    #[error("{0}")]
    NotGranted(String),
    /// The request lacks something or makes no sense; the text says what.
    #[error("{0}")]
    Invalid(String),
    /// The attempt may not act any more: its deadline has passed, or the server has given it up.
    #[error("the attempt's lease is lost")]
    LeaseLost,
    /// The server refused or could not be reached, or the call took too long.
    #[error("{message} (gRPC status {code})")]
    Status {
        /// gRPC's status code.
        code: u32,
        /// The server's message.
        message: String,
        /// The encoded `google.rpc.Status`; empty when the server sent none.
        details: Vec<u8>,
    },
    /// What was waited for ended in another way than with a result.
    #[error("what was called failed")]
    Failed(#[source] Box<ExecutionFailure>),
    /// A value could not be encoded or decoded.
    #[error(transparent)]
    Conversion(#[from] ConversionError),
}

impl ClientError {
    /// Whether the server knows no such workflow or activity.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.has_code(NOT_FOUND)
    }

    /// Whether the id is taken already.
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        self.has_code(ALREADY_EXISTS)
    }

    /// Whether the call took longer than its timeout.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.has_code(DEADLINE_EXCEEDED)
    }

    /// The failure of what was waited for.
    #[must_use]
    pub fn failure(&self) -> Option<&ExecutionFailure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    fn has_code(&self, wanted: u32) -> bool {
        matches!(self, Self::Status { code, .. } if *code == wanted)
    }
}
