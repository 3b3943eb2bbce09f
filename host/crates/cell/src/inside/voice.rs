//! What a cell says to the worker.

use std::{
    io,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
};

use crate::wire::{self, FromCell, Writer, from_cell};

/// Says one thing at a time. Waits while the worker does not listen: so do all that have something to say.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    writer: Arc<Mutex<Writer>>,
}

impl Voice {
    /// To whom is at the other end of this socket.
    pub(super) fn new(socket: UnixStream) -> Self {
        Self { writer: Arc::new(Mutex::new(Writer::new(socket))) }
    }

    /// Says something.
    ///
    /// # Errors
    /// When nobody is there any more.
    pub(super) fn say(&self, say: from_cell::Say) -> io::Result<()> {
        let message = wire::framed(&FromCell { say: Some(say) })?;
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).write(&message, None)
    }
}
