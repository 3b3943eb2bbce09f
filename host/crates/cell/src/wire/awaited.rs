//! A socket that tasks wait for something to read on.
#![expect(unsafe_code, reason = "there is no other way to wait for reading alone")]

use std::{io, os::unix::net::UnixStream};

use tokio::io::{
    Interest,
    unix::{AsyncFd, AsyncFdReadyGuard},
};

/// Waits for something to read, and not for room to write as tokio's own sockets do: each message that the other end takes
/// makes room, and would wake up who waits here.
#[derive(Debug)]
pub(crate) struct Awaited(AsyncFd<UnixStream>);

impl Awaited {
    /// Of a socket that does not block, to be waited for by tasks of the runtime that this is called in.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub(super) fn new(socket: UnixStream) -> io::Result<Self> {
        // SAFETY: the descriptor is the socket's own, which is open for as long as the socket is there, is always the same,
        // and is given to nobody else.
        let registered = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
        Ok(Self(registered?))
    }

    /// Waits until there may be something.
    ///
    /// # Errors
    /// When the runtime ends.
    pub(super) async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, UnixStream>> {
        self.0.readable().await
    }
}
