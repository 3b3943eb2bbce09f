//! Defaults that depend on the machine.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// The most sandboxes at once, unless configured.
pub(crate) const SLOTS: u32 = 256;

/// How long attempts may go on untold once the worker shuts down, unless configured.
pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// One thread for each processor that this process may use.
pub(crate) fn guest_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
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

/// The memory limit of this process's control group, or of one around it, when there is one.
fn control_group_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let limit = |group: &Path| {
        let limit = fs::read_to_string(Path::new("/sys/fs/cgroup").join(group).join("memory.max")).ok()?;
        limit.trim().parse().ok()
    };
    Path::new(group).ancestors().filter_map(limit).min()
}
