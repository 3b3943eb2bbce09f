//! Packages with native code: built, run, and kept as wheels.

use std::{fs, time::Duration};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{DevServer, Isolet, call::transcript, repository};

/// A package in Rust.
const PACKAGE: &str = "tests/guests-python/layout/libs/tallies";

/// How long building it may take where it is not kept yet, beside other tests.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_package_in_rust_runs() {
    let worker = Isolet::worker(DevServer::start().await).component("layout-python").start().await;
    let calls = [
        ("tally", json!([["a", "b", "a"]])),
        ("refused", json!(["nobody"])),
        ("panicking", json!([])),
        ("tally", json!([["c"]])),
    ];
    let outcome =
        async |activity: &str, arguments: &Value| worker.standalone(activity).args(arguments).run().await.to_string();
    expect![[r#"
        > tally [["a","b","a"]]
        completed: {"a":2,"b":1,"build":1}
        > refused ["nobody"]
        failed: KeyError: 'nobody said nobody'
        not tried again: MaximumAttemptsReached
        > panicking []
        failed: SandboxTrap: the guest panicked: thread '<unnamed>' (1) panicked at src/lib.rs:36:5:
        of no use
        not tried again: MaximumAttemptsReached
        > tally [["c"]]
        completed: {"build":1,"c":1}
    "#]]
    .assert_eq(&transcript(&calls, outcome).await);
    worker.stop().await;
}

#[tokio::test]
async fn a_wheel_of_it() {
    let folder = TempDir::new().unwrap();
    let wheels = folder.path().join("wheels");
    let build =
        Isolet::with(["wheel", &repository(PACKAGE).display().to_string(), "-o", &wheels.display().to_string()]);
    let run = build.run_within(PATIENCE).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let wheel = wheels.join("tallies-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl");
    assert_eq!(run.stdout.trim(), wheel.display().to_string());
    assert!(fs::read(wheel).unwrap().starts_with(b"PK"));
}

#[tokio::test]
async fn what_is_no_package() {
    let refused = async |package: &str| Isolet::with(["wheel", package]).run_within(PATIENCE).await.refusal();
    expect![[r#"
        exit code 2
        error: 'orders>=1' is no package with a version
          cure: ask for PACKAGE, PACKAGE==VERSION or a folder
    "#]]
    .assert_eq(&refused("orders>=1").await);
    expect![[r#"
        exit code 2
        error: there is no ./gone
    "#]]
    .assert_eq(&refused("./gone").await);
}
