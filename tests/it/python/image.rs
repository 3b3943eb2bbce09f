//! What the builder does to the memory of a component, on memories made by hand.

use std::process::Command;

use crate::support::repository;

#[test]
fn each_step_changes_what_it_knows_and_nothing_else() {
    let mut python = Command::new("python3");
    python.arg(repository("tests/it/python/image_test.py")).arg(repository("guest-sdk/python"));
    let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
