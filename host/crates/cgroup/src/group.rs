//! What the processes of a cell get, and the cgroup of one of them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use crate::{
    Delegated, Error,
    delegated::{read, write},
};

/// What the processes of one kind get: each has a cgroup of its own with this weight and this limit.
#[derive(Debug)]
pub struct Share {
    delegated: Arc<Delegated>,
    state: Mutex<State>,
}

/// What may change while processes run.
#[derive(Debug)]
struct State {
    of_each: Portion,
    groups: Vec<Weak<Held>>,
    /// How often processes that are gone have come to their most of the processors.
    throttled: Arc<AtomicU64>,
}

/// What a process gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Its weight beside others, from 1 to 10,000.
    pub weight: u32,
    /// The most memory that it may hold, in bytes.
    pub memory: u64,
    /// The most processor time, in hundredths of one processor; `None` for what its weight leaves it.
    pub processors: Option<u32>,
}

/// In which time a process has as much of the processors as it may have, and what it waits for if that is used up; in
/// microseconds. The kernel's own.
const PERIOD: u64 = 100_000;

/// The cgroup of one process, which is removed when this is dropped, after the end of the process.
#[derive(Debug)]
pub struct Group(Arc<Held>);

#[derive(Debug)]
struct Held {
    delegated: Arc<Delegated>,
    path: PathBuf,
    weight: AtomicU32,
    /// The limit, in bytes.
    memory: AtomicU64,
    /// Whether it has a most of the processors.
    is_bounded: AtomicBool,
    /// Where it is counted at its end how often it has come to that.
    throttled_before: Arc<AtomicU64>,
}

/// Two are the same if they are of the same: what processes get can be changed.
impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.delegated, &other.delegated)
    }
}

impl Eq for Share {}

impl Share {
    /// So much of what is `delegated`, for each process.
    pub fn new(delegated: &Arc<Delegated>, of_each: Portion) -> Self {
        Self {
            delegated: Arc::clone(delegated),
            state: Mutex::new(State { of_each, groups: Vec::new(), throttled: Arc::default() }),
        }
    }

    /// What each process gets.
    pub fn of_each(&self) -> Portion {
        self.state().of_each
    }

    /// Gives each process something else. Those that run have the new weight, and the limit where that is higher: what they
    /// hold was theirs to hold.
    ///
    /// # Errors
    /// When the system refuses it for one of them; the others have it.
    pub fn change(&self, of_each: Portion) -> Result<(), Error> {
        let mut state = self.state();
        state.of_each = of_each;
        state.groups.retain(|group| group.strong_count() != 0);
        let groups = state.groups.iter().filter_map(Weak::upgrade);
        groups.map(|group| group.change(of_each)).fold(Ok(()), Result::and)
    }

    /// In how many tenths of a second its processes have had the most of the processors that they may have, and waited.
    pub fn throttled(&self) -> u64 {
        let state = self.state();
        let now = state.groups.iter().filter_map(Weak::upgrade).map(|group| group.throttled());
        now.fold(state.throttled.load(Ordering::Relaxed), u64::saturating_add)
    }

    /// Puts a process into a cgroup of its own, which is named for people with `whose` it is.
    ///
    /// # Errors
    /// When the system refuses it. The process is where it was then.
    pub fn hold(&self, whose: &str, process: u32) -> Result<Group, Error> {
        let mut state = self.state();
        state.groups.retain(|group| group.strong_count() != 0);
        let group = Group(Arc::new(Held {
            delegated: Arc::clone(&self.delegated),
            path: self.delegated.leaf(whose)?,
            weight: AtomicU32::new(0),
            memory: AtomicU64::new(state.of_each.memory),
            is_bounded: AtomicBool::new(false),
            throttled_before: Arc::clone(&state.throttled),
        }));
        group.0.limit(state.of_each)?;
        write(&group.0.path.join("cgroup.procs"), process)?;
        state.groups.push(Arc::downgrade(&group.0));
        Ok(group)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one operation.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Why the kernel has killed what was in it, if it has, for want of memory. It reaches callers of activities too, so it
    /// names nothing of the host.
    pub fn killed_for(&self) -> Option<String> {
        let events = read(&self.0.path.join("memory.events")).unwrap_or_default();
        // The operator may have changed it by hand.
        let limit = read(&self.0.path.join("memory.max")).ok().and_then(|limit| limit.trim().parse().ok());
        killed_for(&events, limit.unwrap_or_else(|| self.0.memory.load(Ordering::Relaxed)))
    }
}

impl Held {
    fn limit(&self, Portion { weight, memory, processors }: Portion) -> Result<(), Error> {
        self.weigh(weight)?;
        self.bound(processors)?;
        write(&self.path.join("memory.max"), memory)?;
        write(&self.path.join("memory.oom.group"), 1)?;
        // What guests hold stays in memory; without swap, or a kernel that counts it, there is no such file.
        let swap = self.path.join("memory.swap.max");
        if swap.exists() { write(&swap, 0) } else { Ok(()) }
    }

    fn change(&self, Portion { weight, memory, processors }: Portion) -> Result<(), Error> {
        self.weigh(weight)?;
        self.bound(processors)?;
        if self.memory.fetch_max(memory, Ordering::Relaxed) < memory {
            write(&self.path.join("memory.max"), memory)?;
        }
        Ok(())
    }

    /// A kernel that can't bound it has no such file, which is nobody's trouble where nothing is bounded.
    fn bound(&self, processors: Option<u32>) -> Result<(), Error> {
        if self.is_bounded.swap(processors.is_some(), Ordering::Relaxed) || processors.is_some() {
            write(&self.path.join("cpu.max"), quota(processors))?;
        }
        Ok(())
    }

    fn throttled(&self) -> u64 {
        if !self.is_bounded.load(Ordering::Relaxed) {
            return 0;
        }
        counted(&read(&self.path.join("cpu.stat")).unwrap_or_default(), "nr_throttled")
    }

    fn weigh(&self, weight: u32) -> Result<(), Error> {
        write(&self.path.join("cpu.weight"), weight)?;
        self.delegated.weigh(weight, self.weight.swap(weight, Ordering::Relaxed));
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.throttled_before.fetch_add(self.throttled(), Ordering::Relaxed);
        if let Err(error) = fs::remove_dir(&self.path) {
            tracing::debug!("failed to remove {}, which the next worker tries again: {error}", self.path.display());
        }
        self.delegated.weigh(0, self.weight.load(Ordering::Relaxed));
    }
}

/// The same, of what the kernel has counted: `oom` how often there was no more memory within this limit, `oom_kill` how
/// many processes it has killed for want of memory, here or around.
fn killed_for(events: &str, memory: u64) -> Option<String> {
    let mebibytes = memory >> 20;
    match (counted(events, "oom_kill"), counted(events, "oom")) {
        (0, _) => None,
        (_, 0) => {
            Some("it was killed because the memory of the machine, or of the worker as a whole, ran out".to_owned())
        }
        (_, _) => Some(format!("it was out of memory: it was killed at the cell's limit of {mebibytes} MiB")),
    }
}

/// What the kernel has counted of something.
fn counted(counts: &str, wanted: &str) -> u64 {
    let value = counts.lines().filter_map(|line| line.split_once(' ')).find(|(name, _)| *name == wanted);
    value.and_then(|(_, value)| value.trim().parse::<u64>().ok()).unwrap_or_default()
}

/// How the kernel is told a most of the processors, in hundredths of one.
fn quota(processors: Option<u32>) -> String {
    match processors {
        Some(hundredths) => format!("{} {PERIOD}", u64::from(hundredths) * PERIOD / 100),
        None => format!("max {PERIOD}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_most_of_the_processors_is_so_much_of_each_period() {
        assert_eq!(quota(Some(150)), "150000 100000");
        assert_eq!(quota(Some(1)), "1000 100000");
        assert_eq!(quota(None), "max 100000");
        assert_eq!(counted("nr_periods 9\nnr_throttled 7\nthrottled_usec 5\n", "nr_throttled"), 7);
    }

    #[test]
    fn what_the_kernel_counts_says_why() {
        let events = |oom, kills| format!("low 0\nhigh 3\nmax 8\noom {oom}\noom_kill {kills}\noom_group_kill 1\n");
        let limit = "it was out of memory: it was killed at the cell's limit of 96 MiB";
        let around = "it was killed because the memory of the machine, or of the worker as a whole, ran out";
        let told = |text: &str| killed_for(text, 96 << 20);
        assert_eq!(told(&events(0, 0)), None);
        assert_eq!(told(&events(2, 0)), None);
        assert_eq!(told(&events(1, 1)).as_deref(), Some(limit));
        assert_eq!(told(&events(0, 1)).as_deref(), Some(around));
        assert_eq!(told(""), None);
        assert_eq!(told("oom_kill\noom_kill x\n\n"), None);
    }
}
