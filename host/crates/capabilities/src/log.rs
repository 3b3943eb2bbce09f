//! `log`: lines that the activity logs, and its standard output and error as lines of the same log.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

use crate::{
    Outlet,
    bindings::isolet::activity::log::{Host, Level, LogRecord},
    convert,
    outlet::Stream,
};

/// The state of `log` for one attempt.
pub(crate) struct LogCtx {
    outlet: Arc<Outlet>,
}

impl LogCtx {
    pub(crate) fn new(outlet: Arc<Outlet>) -> Self {
        Self { outlet }
    }
}

impl Host for LogCtx {
    fn enabled(&mut self, level: Level) -> wasmtime::Result<bool> {
        Ok(self.outlet.keeps(convert::level_from_guest(level)))
    }

    fn write(&mut self, line: LogRecord) -> wasmtime::Result<()> {
        self.outlet.log(line);
        Ok(())
    }
}

/// What one write to a standard stream may hold: each byte may be the end of a line, and a guest can't be stopped, nor
/// another one have the thread, before all lines are dealt with.
const WRITE_PERMIT: usize = 4 * 1024;

/// A standard stream of a guest, whose lines go to the log.
pub(crate) struct LoggedStream {
    outlet: Arc<Outlet>,
    stream: Stream,
}

impl LoggedStream {
    pub(crate) fn new(outlet: Arc<Outlet>, stream: Stream) -> Self {
        Self { outlet, stream }
    }
}

impl IsTerminal for LoggedStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LoggedStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for this one, and that is not linked.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Self { outlet: Arc::clone(&self.outlet), stream: self.stream })
    }
}

impl OutputStream for LoggedStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.outlet.write(self.stream, &bytes);
        Ok(())
    }

    /// A line is passed on when it is complete, so that one line is never logged as two.
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

#[async_trait::async_trait]
impl Pollable for LoggedStream {
    async fn ready(&mut self) {}
}
