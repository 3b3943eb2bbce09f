//! Streams from and to files of a scratch directory, which never wait.

use std::io;

use bytes::Bytes;
use rustix::io::Errno;
use wasmtime_wasi::p2::{
    InputStream, OutputStream, Pollable, StreamError, StreamResult, bindings::filesystem::types::ErrorCode,
};

use super::{MOST, Opened};

/// Reads a file from a position on.
pub(in super::super) struct Reader {
    pub(in super::super) file: Opened,
    pub(in super::super) position: u64,
}

/// Writes a file from a position on, or at its end.
pub(in super::super) struct Writer {
    pub(in super::super) file: Opened,
    /// `None` for the end.
    pub(in super::super) position: Option<u64>,
}

#[async_trait::async_trait]
impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let read = self.file.read(size.min(MOST) as u64, self.position).map_err(failed)?;
        if read.is_empty() && size != 0 {
            return Err(StreamError::Closed);
        }
        self.position = self.position.saturating_add(read.len() as u64);
        Ok(read.into())
    }
}

#[async_trait::async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let end = self.file.write(&bytes, self.position).map_err(failed)?;
        self.position = self.position.map(|_| end);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(MOST)
    }
}

#[async_trait::async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {}
}

#[async_trait::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

/// What went wrong, as streams tell it: `filesystem-error-code` gives the code back.
fn failed(code: ErrorCode) -> StreamError {
    let error = match code {
        ErrorCode::InsufficientSpace => Errno::NOSPC,
        ErrorCode::FileTooLarge => Errno::FBIG,
        ErrorCode::IsDirectory => Errno::ISDIR,
        _ => Errno::BADF,
    };
    StreamError::LastOperationFailed(io::Error::from(error).into())
}
