//! That and why an attempt should stop.

use crate::bindings::isolet::activity::types;
use crate::{ConversionError, RawValue, ToPayload};

/// The attempt was cancelled: what a safe point returns, and what an activity that obeys passes on with `?`.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("Cancelled")]
pub struct Cancelled {
    details: Vec<RawValue>,
}

impl Cancelled {
    /// A cancellation without details.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value for whoever asked for the cancellation.
    ///
    /// # Errors
    /// When the value can't be encoded.
    pub fn with_detail(mut self, detail: impl ToPayload) -> Result<Self, ConversionError> {
        self.details.push(detail.to_payload()?);
        Ok(self)
    }

    pub(crate) fn to_wit(&self) -> Vec<types::Payload> {
        self.details.iter().cloned().map(Into::into).collect()
    }
}

/// Why an attempt is cancelled. Set once and never changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancellationDetails {
    /// The server does not know the attempt any more: it was completed, terminated or timed out.
    pub not_found: bool,
    /// The workflow or a client asked for the cancellation.
    pub cancel_requested: bool,
    /// The activity was paused.
    pub paused: bool,
    /// The activity was reset.
    pub reset: bool,
    /// A timeout of the attempt has passed.
    pub timed_out: bool,
    /// The worker is shutting down and its grace has passed.
    pub worker_shutdown: bool,
}

/// What a wait can end with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Events {
    /// The attempt is cancelled.
    pub(crate) cancelled: bool,
    /// The worker has begun to shut down.
    pub(crate) worker_shutdown: bool,
}

impl Events {
    /// What one of them has.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            cancelled: self.cancelled || other.cancelled,
            worker_shutdown: self.worker_shutdown || other.worker_shutdown,
        }
    }

    /// Whether both have one.
    pub(crate) fn any_of(self, other: Self) -> bool {
        self.cancelled && other.cancelled || self.worker_shutdown && other.worker_shutdown
    }
}
