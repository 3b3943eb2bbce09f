//! The cgroup that this process was given.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    Error,
    name::{self, WORKER},
    place,
};

/// What children are given shares of and limits on.
const CONTROLLERS: [&str; 2] = ["cpu", "memory"];

/// Files that the leaf of the worker has once the controllers are enabled, if the kernel knows all that is set.
const NEEDED: [&str; 3] = ["cpu.weight", "memory.max", "memory.oom.group"];

/// How systemd marks what it has delegated: for everybody to see, and in older versions for root alone.
const MARKS: [&str; 2] = ["user.delegate", "trusted.delegate"];

/// What the kernel gives to a cgroup that is given none, and the most that one may have.
const USUAL_WEIGHT: u64 = 100;
const MOST_WEIGHT: u64 = 10_000;

/// The cgroup that was delegated to this process, which has moved to a leaf of it: other leaves are for its children.
#[derive(Debug)]
pub struct Delegated {
    node: PathBuf,
    /// Of the next leaf.
    next: AtomicU64,
    /// What all children weigh together: nothing once they are gone.
    weights: Mutex<u64>,
    changed: Condvar,
    /// Whether the controllers were enabled by this process.
    is_own_doing: bool,
}

impl Delegated {
    /// Takes the cgroup that this process runs in: moves the process to a leaf of it, enables the controllers for cpu and
    /// memory, and removes what a former worker has left there.
    ///
    /// # Errors
    /// When it is not delegated, or others are in it; all is as it was before then.
    pub fn take() -> Result<Self, Error> {
        Self::take_at(&place::own()?, process::id())
    }

    fn take_at(own: &Path, process: u32) -> Result<Self, Error> {
        let node = node(own)?;
        let is_in_leaf = node != own;
        let leaf = node.join(WORKER);
        if !is_in_leaf {
            enter(&leaf, process)?;
        }
        let enabled = enable(&node, &leaf);
        let is_own_doing = match enabled {
            Ok(is_own_doing) => is_own_doing,
            Err(error) => {
                if !is_in_leaf {
                    leave(&node, &leaf, process);
                }
                return Err(error);
            }
        };
        let delegated =
            Self { node, next: AtomicU64::new(1), weights: Mutex::default(), changed: Condvar::new(), is_own_doing };
        delegated.sweep()?;
        Ok(delegated)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.node
    }

    /// A child has this weight, and no longer that one. This process, with its children that have no cgroup of their own,
    /// weighs as much as all that have one: it serves them all.
    pub(crate) fn weigh(&self, new: u32, former: u32) {
        let mut weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        *weights = weights.saturating_add(new.into()).saturating_sub(former.into());
        let own = (*weights).clamp(USUAL_WEIGHT, MOST_WEIGHT);
        if let Err(error) = write(&self.node.join(WORKER).join("cpu.weight"), own) {
            tracing::warn!("failed to change the worker's weight: {error}");
        }
        self.changed.notify_all();
    }

    /// Waits so long at most until no child has a cgroup any more, and gives this one back as it was, so that a next worker
    /// can be started in it. It stays as it is if a child is still there.
    pub fn close(&self, most: Duration) {
        let weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        // Whether they are gone is seen below.
        drop(self.changed.wait_timeout_while(weights, most, |weights| *weights != 0));
        if self.is_own_doing && self.leaves().is_ok_and(|leaves| leaves.is_empty()) {
            leave(&self.node, &self.node.join(WORKER), process::id());
        }
    }

    /// Makes a leaf for a child.
    pub(crate) fn leaf(&self, whose: &str) -> Result<PathBuf, Error> {
        loop {
            let leaf = self.node.join(name::of_cell(self.next.fetch_add(1, Ordering::Relaxed), whose));
            match fs::create_dir(&leaf) {
                Ok(()) => return Ok(leaf),
                // A former worker's child, at its end.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::refused("make", leaf)(error)),
            }
        }
    }

    /// Removes what former workers have left: the kernel removes what is empty, and nothing else.
    fn sweep(&self) -> Result<(), Error> {
        for left in self.leaves()? {
            match fs::remove_dir(&left) {
                Ok(()) => tracing::debug!("removed {}, which a former worker has left", left.display()),
                Err(error) => tracing::debug!("failed to remove {}: {error}", left.display()),
            }
        }
        Ok(())
    }

    /// Those of children, whoever made them.
    fn leaves(&self) -> Result<Vec<PathBuf>, Error> {
        let entries = fs::read_dir(&self.node).map_err(Error::refused("list", &self.node))?;
        let is_leaf = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_str().is_some_and(name::is_of_cell));
        Ok(entries.flatten().map(|entry| entry.path()).filter(is_leaf).collect())
    }
}

/// The cgroup to make others in, for a process in this one.
fn node(own: &Path) -> Result<PathBuf, Error> {
    // It may have been put where it would go by itself.
    let parent = own.parent().filter(|parent| own.ends_with(WORKER) && !is_root(parent));
    let node = parent.unwrap_or(own);
    if is_root(node) {
        return Err(Error::Root);
    }
    if !is_ours(node) {
        return Err(Error::NotDelegated(node.to_owned()));
    }
    let controllers = read(&node.join("cgroup.controllers"))?;
    let has = |wanted: &&str| controllers.split_whitespace().any(|each| each == *wanted);
    let missing: Vec<_> = CONTROLLERS.into_iter().filter(|wanted| !has(wanted)).collect();
    if !missing.is_empty() {
        return Err(Error::Controllers { node: node.to_owned(), missing });
    }
    let processes = read(&node.join("cgroup.procs"))?.lines().count();
    // This one is among them, or in the leaf already.
    let others = processes.saturating_sub(usize::from(node == own));
    match others {
        0 => Ok(node.to_owned()),
        others => Err(Error::Others { node: node.to_owned(), others }),
    }
}

/// Whether a cgroup is the first of all: it alone has no type.
fn is_root(node: &Path) -> bool {
    !node.join("cgroup.type").exists()
}

/// Whether a unit of systemd was delegated, which would otherwise change it at any time. Others than root can't write to
/// one that was not; and what is not systemd's has no such name.
fn is_ours(node: &Path) -> bool {
    let is_unit = node.extension().is_some_and(|kind| kind == "service" || kind == "scope" || kind == "slice");
    if !is_unit || !rustix::process::geteuid().is_root() {
        return true;
    }
    MARKS.iter().any(|mark| {
        let mut value = [0; 8];
        let length = rustix::fs::getxattr(node, *mark, &mut value[..]).unwrap_or_default();
        value.get(..length) == Some(b"1")
    })
}

/// Moves the process to a leaf.
fn enter(leaf: &Path, process: u32) -> Result<(), Error> {
    match fs::create_dir(leaf) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(Error::refused("make", leaf)(error)),
        Ok(()) | Err(_) => {}
    }
    write(&leaf.join("cgroup.procs"), process)
}

/// Enables the controllers for leaves. Returns whether they were not.
fn enable(node: &Path, leaf: &Path) -> Result<bool, Error> {
    let control = node.join("cgroup.subtree_control");
    let enabled = read(&control)?;
    let is_there = |wanted: &str| enabled.split_whitespace().any(|each| each == wanted);
    let is_own_doing = !CONTROLLERS.into_iter().all(is_there);
    if is_own_doing {
        write(&control, CONTROLLERS.map(|each| format!("+{each}")).join(" "))?;
    }
    match NEEDED.iter().find(|file| !leaf.join(file).exists()) {
        Some(file) => Err(Error::Kernel(file)),
        None => Ok(is_own_doing),
    }
}

/// Moves the process from the leaf back to where it was, as far as that can be done.
fn leave(node: &Path, leaf: &Path, process: u32) {
    let disabled = CONTROLLERS.map(|each| format!("-{each}")).join(" ");
    let left = write(&node.join("cgroup.subtree_control"), disabled)
        .and_then(|()| write(&node.join("cgroup.procs"), process))
        .and_then(|()| fs::remove_dir(leaf).map_err(Error::refused("remove", leaf)));
    if let Err(error) = left {
        tracing::debug!("failed to give {} back as it was: {error}", node.display());
    }
}

pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::refused("read", path))
}

pub(crate) fn write(path: &Path, value: impl ToString) -> Result<(), Error> {
    fs::write(path, value.to_string()).map_err(Error::refused("write to", path))
}

#[cfg(test)]
mod tests;
