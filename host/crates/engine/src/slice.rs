//! How long a thread wants to compute at a time.
//!
//! Linux 6.12 and later lets a thread that wakes up go at once before one with longer slices, if it has not used more than
//! its share; before one with slices as long, only once that has had its own. Nothing depends on it but delays (decision
//! 0022).

use rustix::process::getpriority_process;

/// That of threads that pass something on or run guests that mostly wait, in nanoseconds.
const SHORT: u64 = 100_000;

/// That of threads whose guests keep a processor busy, likewise. They make way as often: whoever does so forgoes what is
/// left of its slice, since Linux 6.18, and is to forgo little.
const LONG: u64 = 1_000_000;

/// Lets this thread go at once when it wakes up beside guests that keep a processor busy. Threads and processes that it
/// starts are as any other.
pub fn take_short_slices() {
    take(SHORT);
}

/// Lets this thread make way for those with short slices.
pub(crate) fn take_long_slices() {
    take(LONG);
}

#[expect(unsafe_code, reason = "no library of ours has this call")]
fn take(slice: u64) {
    let (Ok(nice), Ok(size)) = (getpriority_process(None), u32::try_from(size_of::<libc::sched_attr>())) else {
        return;
    };
    let attributes = libc::sched_attr {
        size,
        sched_policy: libc::SCHED_OTHER.unsigned_abs(),
        sched_flags: libc::SCHED_FLAG_RESET_ON_FORK as u64,
        sched_nice: nice,
        sched_priority: 0,
        sched_runtime: slice,
        sched_deadline: 0,
        sched_period: 0,
    };
    // For this thread. Not worth failing for: a system without it is as it was.
    // SAFETY: the kernel reads so many bytes of the attributes as they say they have, and keeps none of them.
    let _ = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
}
