//! What an attempt may write to granted directories, and until when.

use std::{
    fs::File,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use activity::{Excess, Limits};
use rustix::io::Errno;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use crate::{Outlet, Tenant, leave::Leave, tenant::Way};

/// What a file, a directory or a link counts that is made: about what an empty one takes.
const ENTRY: u64 = 4 << 10;

/// Who says in the log that there was no room.
const LOGGER: &str = "isolet.limits";

/// Counts what one attempt writes to granted directories, by whatever way. What it removes or overwrites is not given back:
/// others may have put it there.
pub(super) struct Disk {
    limit: u64,
    is_counted: bool,
    written: AtomicU64,
    told: AtomicBool,
    outlet: Arc<Outlet>,
    leave: Leave,
    /// Whom it shares the disk with; none where no directory is granted.
    tenant: Option<Arc<Tenant>>,
}

impl Disk {
    pub(super) fn new(limits: &Limits, outlet: Arc<Outlet>, leave: Leave, tenant: Option<Arc<Tenant>>) -> Self {
        let (limit, is_counted) = (limits.disk, limits.is_counted);
        Self { limit, is_counted, written: AtomicU64::new(0), told: AtomicBool::new(false), outlet, leave, tenant }
    }

    /// Whether the tenant has written what it may for now.
    pub(super) fn is_late(&self) -> bool {
        self.tenant.as_ref().is_some_and(|tenant| tenant.due(Way::Disk).is_some())
    }

    /// Waits until the tenant may write more.
    pub(super) async fn turn(self: Arc<Self>) {
        if let Some(tenant) = &self.tenant {
            tenant.may_write(&self.outlet.request_counts().excesses).await;
        }
    }

    /// Refuses a change once the attempt's time is over: the files may be another attempt's by then.
    pub(super) fn may_change(&self) -> Result<(), ErrorCode> {
        if self.leave.is_over() { Err(ErrorCode::ReadOnly) } else { Ok(()) }
    }

    /// Counts a file, a directory or a link that is made.
    pub(super) fn make_entry(&self) -> Result<(), ErrorCode> {
        self.charge(ENTRY, ENTRY)
    }

    /// Counts `length` bytes that are written at `position` of a file, and what the file grows by beyond them: a hole takes
    /// nothing yet, but may be filled by others.
    pub(super) fn write(&self, file: &File, position: u64, length: usize) -> Result<(), ErrorCode> {
        let length = length as u64;
        let end = position.saturating_add(length);
        // Growth is never less than what lies beyond the file's end.
        self.charge(end.saturating_sub(size(file)?).max(length), length)
    }

    /// Counts `length` bytes that are written at the end of a file.
    pub(super) fn append(&self, length: usize) -> Result<(), ErrorCode> {
        self.charge(length as u64, length as u64)
    }

    /// Counts what a file grows by that is given a size.
    pub(super) fn resize(&self, file: &File, to: u64) -> Result<(), ErrorCode> {
        self.charge(to.saturating_sub(size(file)?), 0)
    }

    /// Counts `bytes` for the attempt, of which so many are `written` now.
    fn charge(&self, bytes: u64, written: u64) -> Result<(), ErrorCode> {
        self.may_change()?;
        self.count(bytes)?;
        if let Some(tenant) = self.tenant.as_ref().filter(|_| written != 0) {
            tenant.passed(Way::Disk, written);
        }
        Ok(())
    }

    /// Counts so much of what the attempt may write.
    fn count(&self, bytes: u64) -> Result<(), ErrorCode> {
        let has_room = |written: u64| written.checked_add(bytes).filter(|sum| *sum <= self.limit);
        if self.written.fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room).is_ok() {
            return Ok(());
        }
        let limit = self.limit;
        if self.is_counted {
            self.outlet.would_refuse(Excess::Disk, || format!("it writes more than {limit} bytes to its directories"));
            return Ok(());
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            let text = format!(
                "the attempt may write no more to its directories: `limits.disk` is {limit} bytes; write less, or raise it"
            );
            self.outlet.warn(LOGGER, text);
        }
        Err(ErrorCode::InsufficientSpace)
    }
}

fn size(file: &File) -> Result<u64, ErrorCode> {
    file.metadata().map(|metadata| metadata.len()).map_err(|_| ErrorCode::Io)
}

/// The same as an error of the system's, for streams.
pub(super) fn as_io(error: ErrorCode) -> io::Error {
    match error {
        ErrorCode::InsufficientSpace => Errno::NOSPC.into(),
        ErrorCode::ReadOnly => Errno::ROFS.into(),
        _ => Errno::IO.into(),
    }
}
