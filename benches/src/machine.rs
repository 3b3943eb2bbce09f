//! Where and of what the figures are: facts that belong beside every number.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// The versions that this program was built with.
const LOCK_FILE: &str = include_str!("../../Cargo.lock");

/// The machine, in one line each.
pub(crate) fn facts() -> Vec<(String, String)> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    vec![
        ("Processor".to_owned(), format!("{}, {cores} cores", field("/proc/cpuinfo", "model name"))),
        ("Memory".to_owned(), field("/proc/meminfo", "MemTotal")),
        ("Kernel".to_owned(), read("/proc/sys/kernel/osrelease")),
        ("Virtual machine".to_owned(), if runs_in_a_virtual_machine() { "yes" } else { "no" }.to_owned()),
        ("vm.max_map_count".to_owned(), read("/proc/sys/vm/max_map_count")),
    ]
}

/// The versions of what is compared.
pub(crate) fn versions() -> Vec<(String, String)> {
    let crates = ["wasmtime", "temporalio-sdk-core", "temporalio-client", "tokio", "tonic"];
    let mut versions: Vec<_> = crates.iter().map(|name| ((*name).to_owned(), locked_version(name))).collect();
    versions.push(("rustc".to_owned(), first_line(Path::new("rustc"), &["--version"])));
    versions
}

/// The load averages over 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    read("/proc/loadavg").split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// The first line that a program answers with, or that it is not there.
pub(crate) fn first_line(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map_or_else(|| "not found".to_owned(), ToOwned::to_owned)
}

/// The processor time that this process has used.
pub(crate) fn own_cpu_time() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

/// The processor time that this thread has used.
pub(crate) fn thread_cpu_time() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

/// How often this thread has touched a page that was not mapped yet.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn thread_page_faults() -> anyhow::Result<u32> {
    let stat = fs::read_to_string("/proc/thread-self/stat")?;
    // The thread's name, in parentheses, may hold spaces.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let faults = fields.split_whitespace().nth(7).context("the state of this thread can't be understood")?;
    Ok(faults.parse()?)
}

fn clock(id: ClockId) -> Duration {
    let time = clock_gettime(id);
    Duration::new(time.tv_sec.try_into().unwrap_or_default(), time.tv_nsec.try_into().unwrap_or_default())
}

fn locked_version(name: &str) -> String {
    let wanted = format!("name = \"{name}\"");
    let mut lines = LOCK_FILE.lines().skip_while(|line| **line != wanted);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
    version.map_or_else(|| "unknown".to_owned(), |version| version.trim_matches('"').to_owned())
}

fn runs_in_a_virtual_machine() -> bool {
    field("/proc/cpuinfo", "flags").split_whitespace().any(|flag| flag == "hypervisor")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The value of the first line `name : value`.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_versions_are_known() {
        assert!(versions().iter().all(|(_, version)| version != "unknown"), "{:?}", versions());
    }
}
