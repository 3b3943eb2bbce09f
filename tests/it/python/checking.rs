//! Projects that are checked and not built, with their types: `isolet build --check`.

use std::{fs, time::Duration};

use expect_test::expect;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Isolet, isolet::Run, repository};

/// How long it may take beside other tests, when the type checker must be fetched first.
const PATIENCE: Duration = Duration::from_secs(120);

/// A project of one file with most of what can be wrong.
const WRONG: &str = r#"import os
from urllib.request import urlopen

import bz2
import parcels
from temporalio import activity

KEY = os.environ["KEY"]


@activity.defn
def pack(order: int) -> str:
    urlopen("https://api.example.com/orders", timeout=os.environ["PATIENCE"])
    return order


@activity.defn(name="pack")
def wrap(order: str) -> str:
    import crates

    return crates.wrap(order)
"#;

/// Checks a project.
async fn check(project: &str, more: &[&str]) -> Run {
    Isolet::with([&["build", "--check", project], more].concat()).run_within(PATIENCE).await
}

/// A project of a file `orders.py`.
async fn check_file(source: &str, more: &[&str]) -> (TempDir, Run) {
    let folder = TempDir::new().unwrap();
    let project = folder.path().join("orders.py");
    fs::write(&project, source).unwrap();
    let run = check(&project.display().to_string(), more).await;
    assert!(!fs::exists("orders.wasm").unwrap());
    (folder, run)
}

#[tokio::test]
async fn what_is_wrong_is_told_at_once() {
    let (folder, run) = check_file(WRONG, &[]).await;
    let said = run.refusal().replace(&folder.path().display().to_string(), "FOLDER");
    expect![[r#"
        exit code 2
        error: FOLDER/orders.py has 6 problems
            orders.py:4: components have no module bz2
              cure: do without bz2
            orders.py:5: there is no module parcels
              cure: add the package that has it to the project's dependencies
            orders.py:8: the variable KEY is read when the module is imported, which is at build time, where there is none
              cure: read it in the activity
            orders.py:13: Argument to function `urlopen` is incorrect: Expected `float | None`, found `str` (invalid-argument-type)
            orders.py:14: Return type does not match returned value: expected `str`, found `int` (invalid-explicit-return)
            orders.py:18: there are two activities named 'pack': orders.py:12 is the other
              cure: rename one, or give it a name of its own with @activity.defn(name=…)
    "#]].assert_eq(&said);
    expect![[r#"
        activities  pack
        modules     orders
        grants      environment, because PATIENCE is read (orders.py:13): such as --env PATIENCE
                    http, because urllib.request sends requests (orders.py:2): such as --http https://HOST
                    http, because https://api.example.com is named (orders.py:13): such as --http https://api.example.com"#]].assert_eq(&run.stdout);
}

#[tokio::test]
async fn types_are_left_alone_where_they_are_not_wanted() {
    let source =
        "from temporalio import activity\n\n\n@activity.defn\ndef pack(order: int) -> str:\n    return order\n";
    let (_folder, run) = check_file(source, &["--no-types", "--output", "json"]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut document: Value = serde_json::from_str(&run.stdout).unwrap();
    document.as_object_mut().unwrap().remove("seconds");
    expect![[r#"{"activities":["pack"],"grants":[],"modules":["orders"],"problems":[],"warnings":[]}"#]]
        .assert_eq(&document.to_string());
    let (_folder, run) = check_file(source, &[]).await;
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

#[tokio::test]
async fn what_can_be_built_is_fine() {
    for project in
        ["guest-examples/python-everything", "guest-examples/python-weather-report", "tests/guests-python/http"]
    {
        let run = check(&repository(project).display().to_string(), &[]).await;
        assert_eq!(run.code, Some(0), "{project}: {}", run.stderr);
    }
}
