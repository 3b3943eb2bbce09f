//! A folder stands for the file system of cgroups: it has the same files, and takes what is written to them. What the kernel
//! does with that is tried in a virtual machine: see docs/operations.md, "Control groups".

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::{Portion, Share};

const OWN: u32 = 4_711;

/// A cgroup with a name, the files that a kernel would have there, and no others.
fn delegated(name: &str, controllers: &str, processes: &str) -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let node = root.path().join(name);
    fill(&node, controllers, processes);
    (root, node)
}

fn fill(node: &Path, controllers: &str, processes: &str) {
    fs::create_dir_all(node.join(WORKER)).unwrap();
    let own = [("cgroup.type", "domain\n"), ("cgroup.subtree_control", "\n")];
    let given = [("cgroup.controllers", controllers), ("cgroup.procs", processes)];
    own.into_iter().chain(given).for_each(|(file, text)| fs::write(node.join(file), text).unwrap());
    NEEDED.iter().for_each(|file| fs::write(node.join(WORKER).join(file), "").unwrap());
}

fn content(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn refused(node: &Path) -> String {
    let error = Delegated::take_at(node, OWN).unwrap_err();
    error.to_string().replace(&node.display().to_string(), "NODE")
}

#[test]
fn the_process_moves_to_a_leaf_and_enables_controllers() {
    let (_root, node) = delegated("isolet", "cpuset cpu io memory pids\n", "4711\n");
    let delegated = Delegated::take_at(&node, OWN).unwrap();
    assert_eq!(delegated.path(), node);
    assert_eq!(content(node.join("isolet-worker/cgroup.procs")), "4711");
    assert_eq!(content(node.join("cgroup.subtree_control")), "+cpu +memory");
    delegated.close(Duration::ZERO);
    assert_eq!(content(node.join("cgroup.subtree_control")), "-cpu -memory");
    assert_eq!(content(node.join("cgroup.procs")), std::process::id().to_string());
}

#[test]
fn a_process_that_is_in_the_leaf_already_stays_there() {
    let (_root, node) = delegated("isolet", "cpu memory\n", "");
    let leaf = node.join(WORKER);
    fs::write(node.join("cgroup.subtree_control"), "cpu memory\n").unwrap();
    fs::write(leaf.join("cgroup.type"), "domain\n").unwrap();
    let delegated = Delegated::take_at(&leaf, OWN).unwrap();
    assert_eq!(delegated.path(), node);
    assert!(!leaf.join("cgroup.procs").exists());
    delegated.close(Duration::ZERO);
    assert_eq!(content(node.join("cgroup.subtree_control")), "cpu memory\n", "who enabled them has them still");
}

#[test]
fn what_is_missing_is_said() {
    let (_root, node) = delegated("isolet", "cpuset memory pids\n", "4711\n");
    assert_eq!(refused(&node), "its cgroup, NODE, has no controller for cpu");
    fs::write(node.join("cgroup.controllers"), "\n").unwrap();
    assert_eq!(refused(&node), "its cgroup, NODE, has no controller for cpu and memory");
    fs::write(node.join("cgroup.controllers"), "cpu memory\n").unwrap();
    fs::write(node.join("cgroup.procs"), "1\n4711\n0\n").unwrap();
    assert_eq!(refused(&node), "its cgroup, NODE, holds 2 other processes");
    fs::remove_file(node.join("cgroup.type")).unwrap();
    assert_eq!(refused(&node), "it runs in the root cgroup, which is that of the whole system");
    let gone = node.join("gone");
    assert!(refused(&gone).contains("root"), "{}", refused(&gone));
}

#[test]
fn a_kernel_without_a_file_is_said_and_the_process_goes_back() {
    let (_root, node) = delegated("isolet", "cpu memory\n", "4711\n");
    fs::remove_file(node.join("isolet-worker/memory.oom.group")).unwrap();
    assert_eq!(refused(&node), "the kernel's cgroups have no memory.oom.group");
    assert_eq!(content(node.join("cgroup.procs")), "4711");
    assert_eq!(content(node.join("cgroup.subtree_control")), "-cpu -memory");
}

#[test]
fn empty_groups_of_former_workers_are_removed_and_nothing_else() {
    let (_root, node) = delegated("isolet", "cpu memory\n", "4711\n");
    let [empty, busy, other] = ["isolet-cell-1-acme", "isolet-cell-2-acme", "acme"].map(|name| node.join(name));
    [&empty, &busy, &other].into_iter().for_each(|path| fs::create_dir(path).unwrap());
    // In place of a process.
    fs::create_dir(busy.join("process")).unwrap();
    let delegated = Delegated::take_at(&node, OWN).unwrap();
    assert_eq!([empty.exists(), busy.exists(), other.exists()], [false, true, true]);
    let made = [(); 2].map(|()| delegated.leaf("acme").unwrap());
    assert_eq!(made, [1, 3].map(|number| node.join(format!("isolet-cell-{number}-acme"))));
    delegated.close(Duration::ZERO);
    assert_eq!(content(node.join("cgroup.subtree_control")), "+cpu +memory", "limits stay while children do");
}

#[test]
fn units_of_systemd_must_be_delegated() {
    let (_root, node) = delegated("isolet.service", "cpu memory\n", "4711\n");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    assert_eq!(refused(&node), "systemd has not delegated its cgroup, NODE");
    if rustix::fs::setxattr(&node, MARKS[0], b"1", rustix::fs::XattrFlags::empty()).is_ok() {
        Delegated::take_at(&node, OWN).unwrap();
    }
}

#[test]
fn a_process_has_its_share_and_its_limit() {
    let (_root, node) = delegated("isolet", "cpu memory\n", "4711\n");
    let delegated = Arc::new(Delegated::take_at(&node, OWN).unwrap());
    let share = Share::new(&delegated, Portion { weight: 200, memory: 64 << 20, processors: None });
    let group = share.hold("acme", 815).unwrap();
    assert_eq!(group.path(), node.join("isolet-cell-1-acme"));
    assert!(!group.path().join("cpu.max").exists(), "without a bound a kernel that has none will do");
    let files = ["cpu.weight", "memory.max", "memory.oom.group", "cgroup.procs"].map(|file| group.path().join(file));
    assert_eq!(files.each_ref().map(content), ["200", "67108864", "1", "815"]);
    assert!(!group.path().join("memory.swap.max").exists());
    let own = node.join("isolet-worker/cpu.weight");
    assert_eq!(content(&own), "200");
    let other =
        Share::new(&delegated, Portion { weight: 7_000, memory: 1, processors: None }).hold("globex", 816).unwrap();
    assert_eq!(content(&own), "7200");
    share.change(Portion { weight: 400, memory: 32 << 20, processors: Some(150) }).unwrap();
    assert_eq!(files.each_ref().map(content)[..2], ["400", "67108864"], "what it holds is not taken from it");
    let bound = group.path().join("cpu.max");
    assert_eq!(content(&bound), "150000 100000");
    fs::write(group.path().join("cpu.stat"), "nr_periods 9\nnr_throttled 7\n").unwrap();
    assert_eq!(share.throttled(), 7);
    share.change(Portion { weight: 400, memory: 96 << 20, processors: None }).unwrap();
    assert_eq!(files.each_ref().map(content)[..2], ["400", "100663296"]);
    assert_eq!(content(&bound), "max 100000");
    assert_eq!(content(&own), "7400");
    drop(other);
    assert_eq!(content(&own), "400");
    assert_eq!(group.killed_for(), None);
    fs::write(group.path().join("memory.events"), "oom 1\noom_kill 1\n").unwrap();
    assert!(group.killed_for().is_some_and(|why| why.ends_with("limit of 96 MiB")));
    // Unlike that of cgroups, this file system does not remove what has files.
    fs::remove_dir_all(group.path()).unwrap();
    drop(group);
    assert_eq!(content(&own), "100", "the kernel's own, while there is nobody else");
    let last = Portion { weight: 100, memory: 64 << 20, processors: None };
    share.change(last).unwrap();
    assert_eq!(share.of_each(), last);
}
