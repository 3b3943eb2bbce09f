//! Streams from and to files, whose work is done on the component's own threads.

use std::{fs::File, io, mem, os::unix::fs::FileExt as _, sync::Arc};

use bytes::Bytes;
use rustix::io::{Errno, ReadWriteFlags, pwritev2};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::{
    disk::{self, Disk},
    threads::{FileThreads, Work},
};

/// The most bytes that one operation takes.
const MOST: usize = 64 << 10;

/// What is read when a guest waits for data before it asks for any.
const AHEAD: usize = 4 << 10;

/// Reads a file from a position on.
pub(super) struct Reader {
    pub(super) file: Arc<File>,
    pub(super) position: u64,
    pub(super) threads: Arc<FileThreads>,
    pub(super) state: Reading,
}

/// How far a read is.
pub(super) enum Reading {
    Idle,
    Waiting(Work<io::Result<Bytes>>),
    Read(Bytes),
    Failed(io::Error),
    Closed,
}

impl Reader {
    fn begin(&mut self, size: usize) {
        let (file, position) = (Arc::clone(&self.file), self.position);
        self.state = Reading::Waiting(self.threads.run(move || read(&file, position, size.min(MOST))));
    }

    async fn done(&mut self) {
        if let Reading::Waiting(work) = &mut self.state {
            self.state = match work.await.unwrap_or_else(lost) {
                Ok(bytes) if bytes.is_empty() => Reading::Closed,
                Ok(bytes) => Reading::Read(bytes),
                Err(error) => Reading::Failed(error),
            };
        }
    }
}

#[async_trait::async_trait]
impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match &mut self.state {
            Reading::Idle if size == 0 => Ok(Bytes::new()),
            Reading::Idle => {
                self.begin(size);
                Ok(Bytes::new())
            }
            Reading::Waiting(_) => Ok(Bytes::new()),
            Reading::Read(bytes) => {
                let taken = bytes.split_to(bytes.len().min(size));
                if bytes.is_empty() {
                    self.state = Reading::Idle;
                }
                self.position = self.position.saturating_add(taken.len() as u64);
                Ok(taken)
            }
            Reading::Failed(_) => match mem::replace(&mut self.state, Reading::Closed) {
                Reading::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
                _ => Err(StreamError::Closed),
            },
            Reading::Closed => Err(StreamError::Closed),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        if matches!(self.state, Reading::Idle) && size != 0 {
            self.begin(size);
        }
        self.done().await;
        self.read(size)
    }

    async fn cancel(&mut self) {
        self.done().await;
        self.state = Reading::Closed;
    }
}

#[async_trait::async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {
        if matches!(self.state, Reading::Idle) {
            self.begin(AHEAD);
        }
        self.done().await;
    }
}

/// Writes a file from a position on, or at its end.
pub(super) struct Writer {
    pub(super) file: Arc<File>,
    /// `None` for the end.
    pub(super) position: Option<u64>,
    pub(super) disk: Arc<Disk>,
    pub(super) threads: Arc<FileThreads>,
    pub(super) state: Writing,
}

/// How far a write is.
pub(super) enum Writing {
    Ready,
    Waiting(Work<io::Result<usize>>),
    Failed(io::Error),
    Closed,
}

impl Writer {
    fn begin(&mut self, bytes: Bytes) {
        let (file, disk, position) = (Arc::clone(&self.file), Arc::clone(&self.disk), self.position);
        let turn = disk.is_late().then(|| Arc::clone(&disk).turn());
        let write = move || write(&file, &disk, position, &bytes);
        self.state = Writing::Waiting(match turn {
            None => self.threads.run(write),
            Some(turn) => self.threads.run_after(turn, write),
        });
    }

    async fn done(&mut self) {
        if let Writing::Waiting(work) = &mut self.state {
            self.state = match work.await.unwrap_or_else(lost) {
                Ok(written) => {
                    self.position = self.position.map(|position| position.saturating_add(written as u64));
                    Writing::Ready
                }
                Err(error) => Writing::Failed(error),
            };
        }
    }

    /// Whether it may go on; what has failed is told once.
    fn check(&mut self) -> StreamResult<()> {
        match self.state {
            Writing::Ready | Writing::Waiting(_) => Ok(()),
            Writing::Closed => Err(StreamError::Closed),
            Writing::Failed(_) => match mem::replace(&mut self.state, Writing::Closed) {
                Writing::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
                _ => Err(StreamError::Closed),
            },
        }
    }
}

#[async_trait::async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        match self.state {
            Writing::Ready if bytes.len() <= MOST => {
                self.begin(bytes);
                Ok(())
            }
            Writing::Closed => Err(StreamError::Closed),
            Writing::Ready => Err(StreamError::trap("more was written than the stream had room for")),
            Writing::Waiting(_) | Writing::Failed(_) => {
                Err(StreamError::trap("something was written without asking for room first"))
            }
        }
    }

    fn flush(&mut self) -> StreamResult<()> {
        // Nothing is held back.
        self.check()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check()?;
        Ok(if matches!(self.state, Writing::Ready) { MOST } else { 0 })
    }

    async fn cancel(&mut self) {
        self.done().await;
        self.state = Writing::Closed;
    }
}

#[async_trait::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {
        self.done().await;
    }
}

fn read(file: &File, position: u64, size: usize) -> io::Result<Bytes> {
    let mut buffer = vec![0; size];
    loop {
        match file.read_at(&mut buffer, position) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer.into());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn write(file: &File, disk: &Disk, position: Option<u64>, bytes: &[u8]) -> io::Result<usize> {
    let Some(position) = position else {
        disk.append(bytes.len()).map_err(disk::as_io)?;
        return append(file, bytes);
    };
    disk.write(file, position, bytes.len()).map_err(disk::as_io)?;
    file.write_all_at(bytes, position)?;
    Ok(bytes.len())
}

fn append(file: &File, bytes: &[u8]) -> io::Result<usize> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match pwritev2(file, &[io::IoSlice::new(rest)], 0, ReadWriteFlags::APPEND) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes.len())
}

/// What is told of work that panicked.
fn lost<T>() -> io::Result<T> {
    Err(io::Error::other("the host's file work failed"))
}
