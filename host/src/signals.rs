//! The signals that ask the program to end.

use std::os::unix::net::UnixStream as StdUnixStream;

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    low_level::pipe,
};
use tokio::{io::AsyncReadExt as _, net::UnixStream};

/// Requests to end: an interrupt from the keyboard, a termination, or the end of the terminal.
#[derive(Debug)]
pub(crate) struct EndRequests {
    /// Gets one byte for each signal.
    pipe: UnixStream,
}

impl EndRequests {
    /// From now on these signals no longer end the program by themselves. Must be called in a runtime.
    ///
    /// # Errors
    /// When the system refuses a socket pair.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let listen = || {
            let (read, write) = StdUnixStream::pair()?;
            for signal in [SIGINT, SIGTERM, SIGHUP] {
                pipe::register(signal, write.try_clone()?)?;
            }
            read.set_nonblocking(true)?;
            UnixStream::from_std(read)
        };
        Ok(Self { pipe: listen().context("failed to listen to signals")? })
    }

    /// Waits for the next request. Cancel safe.
    pub(crate) async fn next(&mut self) {
        let mut byte = [0];
        match self.pipe.read(&mut byte).await {
            Ok(1) => {}
            // The other end lives as long as the program, so this never happens; it must not look like a signal.
            _ => std::future::pending().await,
        }
    }
}
