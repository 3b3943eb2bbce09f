//! Host calls that end an attempt.

use std::{error::Error, fmt};

use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::FieldMapError;

/// What a guest did in a host call that ends its attempt. The guest is to blame for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It recorded a heartbeat with more details than its limit.
    #[error("a heartbeat's details have {size} bytes")]
    HeartbeatTooLarge {
        /// The size of the details in bytes.
        size: usize,
    },
    /// It holds as many resources as its limit.
    #[error("too many resources are held")]
    TooManyResources,
    /// It asked for more random bytes at once than its limit.
    #[error("too many random bytes are asked for")]
    RandomTooLarge,
    /// It passed more data to the host, or returned more, than its limit.
    #[error("too much data is passed to the host")]
    BufferTooLarge,
    /// It made HTTP headers with more bytes than its limit.
    #[error("HTTP headers are too large")]
    HeadersTooLarge,
    /// It did what only an attempt can do while there was none: in a start function, or when it was asked for its
    /// activities.
    #[error("there is no attempt")]
    NoAttempt,
    /// It called a function that workflows have, and activities do not.
    #[error("there is no workflow")]
    WorkflowOnly,
    /// It ended its own process.
    #[error("exited with code {0}")]
    Exited(i32),
}

impl Fault {
    /// The fault behind an error that a guest's call returned, if it is one.
    pub fn find(error: &wasmtime::Error) -> Option<Self> {
        if let Some(fault) = error.downcast_ref::<Self>() {
            return Some(*fault);
        }
        if let Some(I32Exit(code)) = error.downcast_ref() {
            return Some(Self::Exited(*code));
        }
        if let Some(ResourceTableError::Full) = error.downcast_ref() {
            return Some(Self::TooManyResources);
        }
        if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) = error.downcast_ref() {
            return Some(Self::HeadersTooLarge);
        }
        // What has this type is part of wasmtime's code: no guest can have chosen it.
        if error.downcast_ref::<&'static str>().is_some_and(|text| TOO_MANY_HANDLES.contains(text)) {
            return Some(Self::TooManyResources);
        }
        says(error.root_cause(), TOO_MUCH_DATA).then_some(Self::BufferTooLarge)
    }
}

/// What wasmtime fails with when a store holds as many handles as it may. Checked by tests of the engine, as the next is.
const TOO_MANY_HANDLES: [&str; 2] = [
    "cannot allocate another handle: store handle limit exceeded",
    "cannot lend resource: store handle limit exceeded",
];

/// All that wasmtime's own type for too much data says of itself.
const TOO_MUCH_DATA: &str = "too much data is being copied between the host and the guest: fuel allocated for hostcalls \
                             has been exhausted";

/// Whether `error` says exactly `text`. It is asked for no more than that.
fn says(error: &dyn Error, text: &str) -> bool {
    let mut expected = Expected(text);
    fmt::write(&mut expected, format_args!("{error}")).is_ok() && expected.0.is_empty()
}

/// What a text should go on with.
struct Expected<'a>(&'a str);

impl fmt::Write for Expected<'_> {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(more).ok_or(fmt::Error)?;
        Ok(())
    }
}
