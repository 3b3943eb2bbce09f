//! Processor time.

use std::cell::Cell;

use rustix::time::{ClockId, clock_gettime};

thread_local! {
    /// What this thread had used when it last left a guest, unless it has slept since.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Processor time that this thread has used so far, in nanoseconds.
pub(crate) fn of_this_thread() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// The same, as this thread enters a guest. When it comes from another one, the time at which it left that counts:
/// reading the clock is a system call that costs as much as many a host call, and the few microseconds between two
/// guests are work for them, too.
pub(crate) fn on_entering() -> u64 {
    LEFT.take().unwrap_or_else(of_this_thread)
}

/// The same, as this thread leaves a guest.
pub(crate) fn on_leaving() -> u64 {
    let now = of_this_thread();
    LEFT.set(Some(now));
    now
}

/// Notes that this thread goes to sleep: waking up is no guest's work.
pub(crate) fn on_sleeping() {
    LEFT.set(None);
}
