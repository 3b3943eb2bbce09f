//! The signals that ask the program to end, or to look again at what it was told.

use std::os::unix::net::UnixStream as StdUnixStream;

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    low_level::pipe,
};
use tokio::{io::AsyncReadExt as _, net::UnixStream};

/// Requests to end: an interrupt from the keyboard, a termination, or the end of the terminal.
#[derive(Debug)]
pub(crate) struct EndRequests(Signals);

/// Requests to look again: hangups, which mean that to programs that nobody sits in front of.
#[derive(Debug)]
pub(crate) struct Hangups(Signals);

impl EndRequests {
    /// From now on these signals no longer end the program by themselves. Must be called in a runtime.
    ///
    /// # Errors
    /// When the system refuses a socket pair.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Signals::listen(&[SIGINT, SIGTERM, SIGHUP]).map(Self)
    }

    /// The same but for hangups, which are no requests to end.
    ///
    /// # Errors
    /// As for [`EndRequests::listen`].
    pub(crate) fn listen_beside_hangups() -> anyhow::Result<(Self, Hangups)> {
        Ok((Self(Signals::listen(&[SIGINT, SIGTERM])?), Hangups(Signals::listen(&[SIGHUP])?)))
    }

    /// Waits for the next request. Cancel safe.
    pub(crate) async fn next(&mut self) {
        self.0.next().await;
    }
}

impl Hangups {
    /// Waits for the next one, for good where nobody listens to them. Cancel safe.
    pub(crate) async fn next_of(hangups: &mut Option<&mut Self>) {
        match hangups {
            Some(hangups) => hangups.0.next().await,
            None => std::future::pending().await,
        }
    }
}

/// Some signals.
#[derive(Debug)]
struct Signals {
    /// Gets one byte for each.
    pipe: UnixStream,
}

impl Signals {
    fn listen(signals: &[i32]) -> anyhow::Result<Self> {
        let listen = || {
            let (read, write) = StdUnixStream::pair()?;
            for signal in signals {
                pipe::register(*signal, write.try_clone()?)?;
            }
            read.set_nonblocking(true)?;
            UnixStream::from_std(read)
        };
        Ok(Self { pipe: listen().context("failed to listen to signals")? })
    }

    async fn next(&mut self) {
        let mut byte = [0];
        match self.pipe.read(&mut byte).await {
            Ok(1) => {}
            // The other end lives as long as the program, so this never happens; it must not look like a signal.
            _ => std::future::pending().await,
        }
    }
}
