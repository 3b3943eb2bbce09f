//! Host calls that end an attempt.

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
    /// It ended its own process.
    #[error("exited with code {0}")]
    Exited(i32),
}

impl Fault {
    /// The fault behind an error that a guest's call returned, if it is one.
    pub fn of(error: &wasmtime::Error) -> Option<Self> {
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
        // Wasmtime has no types for these; its texts are checked by tests of the engine.
        let mut texts = error.chain().map(ToString::to_string);
        texts.find_map(|text| {
            if text.contains("fuel allocated for hostcalls") {
                Some(Self::BufferTooLarge)
            } else if text.contains("store handle limit exceeded") {
                Some(Self::TooManyResources)
            } else if text.starts_with("requested len ") && text.contains(" exceeds limit ") {
                Some(Self::RandomTooLarge)
            } else {
                None
            }
        })
    }
}
