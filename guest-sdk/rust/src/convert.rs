//! The SDK's types ↔ those of the contract.

use std::time::Duration;

use crate::RawValue;
use crate::bindings::isolet::activity::types;

impl From<types::Payload> for RawValue {
    fn from(payload: types::Payload) -> Self {
        Self { metadata: payload.metadata, data: payload.data }
    }
}

impl From<RawValue> for types::Payload {
    fn from(value: RawValue) -> Self {
        Self { metadata: value.metadata, data: value.data }
    }
}

impl From<types::Duration> for Duration {
    fn from(duration: types::Duration) -> Self {
        Self::from_secs(duration.seconds).saturating_add(Self::from_nanos(duration.nanoseconds.into()))
    }
}

impl From<Duration> for types::Duration {
    fn from(duration: Duration) -> Self {
        Self { seconds: duration.as_secs(), nanoseconds: duration.subsec_nanos() }
    }
}
