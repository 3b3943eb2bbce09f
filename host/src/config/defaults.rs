//! Defaults that depend on the machine.

use std::{fs, path::PathBuf, thread, time::Duration};

use super::bounds;

/// How often running guests are looked at, unless configured.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// The most sandboxes at once, unless configured.
pub(crate) const SLOTS: u32 = 256;

/// How much is kept of compiled components, unless configured: some twenty of Python's.
pub(crate) const CACHE_SIZE: u64 = 4 << 30;

/// What compiling one component may use, unless configured.
pub(crate) const COMPILE_MEMORY: u64 = 2 << 30;

/// The most attempts at once on one task queue, unless configured: Temporal's own default.
pub(crate) const MAX_CONCURRENT: usize = 100;

/// How long attempts may go on untold once the worker shuts down, unless configured.
pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// How soon an activity without a heartbeat timeout learns of its cancellation, unless configured.
pub(crate) const CANCEL_CHECK: Duration = Duration::from_secs(5);

/// One thread for each processor that this process may use, within the bounds of the key.
pub(crate) fn guest_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(bounds::GUEST_THREADS.most.as_usize())
}

/// One thread for input and output for every two processors that this process may use. Two at least, so that one that is
/// busy with a large payload does not keep heartbeats and deadlines waiting; 16 at most, as one connection is what they
/// serve.
pub(crate) fn io_threads() -> usize {
    thread::available_parallelism().map_or(2, |processors| (processors.get() / 2).clamp(2, 16))
}

/// Half of the memory that this process may use, so that the host and the page cache keep the rest.
pub(crate) fn memory_budget() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = (info.totalram as u64).saturating_mul(u64::from(info.mem_unit.max(1)));
    control_group_limit().map_or(machine, |limit| limit.min(machine)) / 2
}

/// The platform's cache directory for Isolet, unless there is no home directory.
pub(crate) fn cache() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "isolet").map(|directories| directories.cache_dir().to_owned())
}

/// The memory limit of this process's control group, when there is one.
fn control_group_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let limit = fs::read_to_string(format!("/sys/fs/cgroup{group}/memory.max")).ok()?;
    limit.trim().parse().ok()
}
