//! The builder alone, tried with many small projects: tests in Python, in the folder `builder`.
//!
//! They fetch nothing, and what they install is made up; so they are quick where building a component is not.

use std::{fs, path::PathBuf, process::Stdio};

use tokio::process::Command;

use crate::support::{isolet::target, repository};

#[tokio::test]
async fn layouts() {
    passes("test_layouts").await;
}

#[tokio::test]
async fn dependencies() {
    passes("test_dependencies").await;
}

#[tokio::test]
async fn native_code() {
    passes("test_native").await;
}

#[tokio::test]
async fn packages_in_c() {
    passes("test_c").await;
}

#[tokio::test]
async fn packages_of_meson() {
    passes("test_meson").await;
}

#[tokio::test]
async fn checks() {
    passes("test_check").await;
}

#[tokio::test]
async fn bases() {
    passes("test_base").await;
}

#[tokio::test]
async fn what_is_left() {
    passes("test_making").await;
}

/// Runs a module of tests.
async fn passes(module: &str) {
    let folders = ["guest-sdk/python", ".tools/pip/temporalio-1.35.0", "tests/it/python/builder"];
    let paths = std::env::join_paths(folders.map(repository)).unwrap();
    let mut tests = Command::new(python());
    tests.args(["-W", "error", "-m", "unittest", module]).env("PYTHONPATH", paths).env("PYTHONDONTWRITEBYTECODE", "1");
    let done = tests.stdin(Stdio::null()).output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The Python in which `isolet build` runs the builder: `cargo xtask guests` has made it.
fn python() -> PathBuf {
    let cache = target().join("it-home/cache/python");
    let environments = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path().join("bin"));
    let with_uv = environments.filter(|bin| bin.join("uv").is_file()).last();
    with_uv.unwrap_or_else(|| panic!("{} has no environment: run `cargo xtask guests`", cache.display())).join("python")
}
