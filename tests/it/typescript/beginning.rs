//! Projects that `isolet new` makes: they build as they are, and pass their own tests.

use std::{fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    python::building::BUILDING,
    support::{Isolet, isolet::Run},
};

/// How long a build may take beside other tests, and npm, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the projects' README.md calls their activity with.
const ORDER: &str = r#"{"id": "7", "parcels": ["tea", "cup"]}"#;

async fn run(folder: &Path, arguments: &[&str]) -> Run {
    Isolet::with(arguments).within(folder).run_within(PATIENCE).await
}

/// Makes the project `hello` in the folder.
async fn made(folder: &Path, language: &str) {
    let made = run(folder, &["new", "--lang", language, "hello"]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
}

#[tokio::test]
async fn they_build_before_anything_is_installed() {
    let (ts, js) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    made(ts.path(), "ts").await;
    made(js.path(), "js").await;
    let project = ts.path().join("hello");
    let building = BUILDING.lock().await;
    let built = run(&project, &["build"]).await;
    let checked = run(&js.path().join("hello"), &["build", "--check"]).await;
    drop(building);
    assert_eq!((built.code, checked.code), (Some(0), Some(0)), "{}\n{}", built.stderr, checked.stderr);
    expect![[r#"{"order":"7","sent":["tea","cup"]}"#]]
        .assert_eq(run(&project, &["run", "hello.wasm", "ship", ORDER]).await.stdout.trim());
    let failed = run(&project, &["run", "hello.wasm", "ship", r#"{"id": "8", "parcels": []}"#]).await;
    assert!(failed.stderr.contains("order 8 has no parcels (type EmptyOrder, not retried)"), "{}", failed.stderr);
    assert!(failed.stderr.contains("(src/activities.ts:18:"), "{}", failed.stderr);
}

#[tokio::test]
async fn nothing_is_written_over_and_names_are_those_of_packages() {
    let folder = TempDir::new().unwrap();
    let check = async |name: &str, expected: Expect| {
        let refusal = run(folder.path(), &["new", "--lang", "ts", name]).await.refusal();
        expected.assert_eq(&refusal.replace(&folder.path().display().to_string(), "FOLDER"));
    };
    fs::write(folder.path().join("orders"), "").unwrap();
    check(
        "orders",
        expect![[r#"
            exit code 2
            error: FOLDER/orders can't be a project's folder
              because: Not a directory (os error 20)
              cure: name another folder
        "#]],
    )
    .await;
    check(
        "Orders",
        expect![[r#"
        exit code 2
        error: a project can't be called "Orders": 'O' can't be in the name of a package
          cure: a name has lower-case letters, digits, `-`, `_` and `.`, and begins and ends with a letter or a digit
    "#]],
    )
    .await;
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(run(folder.path(), &["new", "--lang", "ts", "empty"]).await.code, Some(0));
    check(
        "empty",
        expect![[r#"
        exit code 2
        error: FOLDER/empty is there already, and not empty
          cure: name another folder
    "#]],
    )
    .await;
    expect![[r#"
        exit code 2
        error: there is no project in the working directory, which has no package.json and no pyproject.toml
          cure: name a file or a folder, or make a project with `isolet new`
    "#]]
    .assert_eq(&run(folder.path(), &["build"]).await.refusal());
}

#[tokio::test]
#[ignore = "installs vitest and Temporal's own worker, some 100 MB: `cargo xtask ci-full` runs it"]
async fn they_pass_their_own_tests_and_checks() {
    for language in ["ts", "js"] {
        let folder = TempDir::new().unwrap();
        made(folder.path(), language).await;
        let project = folder.path().join("hello");
        for arguments in [&["install", "--no-audit", "--no-fund"][..], &["test"]] {
            let done = Command::new("npm").args(arguments).current_dir(&project).output().await.unwrap();
            let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
            assert!(done.status.success(), "npm {arguments:?} in {language}:\n{said}");
        }
        let building = BUILDING.lock().await;
        let built = run(&project, &["build"]).await;
        drop(building);
        assert_eq!(built.code, Some(0), "{language}: {}", built.stderr);
    }
}
