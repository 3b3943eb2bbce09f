//! Projects in Rust: how they are built, and what is said when they can't be.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::support::{
    Isolet,
    isolet::{self, Run},
};

/// How long compiling the SDK and what it stands on may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(900);

/// The program in this folder, with the toolchains that there are. What cargo compiles is kept from run to run.
async fn run(folder: &Path, arguments: &[&str]) -> Run {
    let compiled = isolet::target().join("it-home/rust-target");
    let isolet = Isolet::with(arguments).within(folder).env("CARGO_TARGET_DIR", compiled.display());
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let place = |name: &str, folder: &str| env::var_os(name).map_or_else(|| home.join(folder), PathBuf::from);
    let isolet = isolet.env("CARGO_HOME", place("CARGO_HOME", ".cargo").display());
    isolet.env("RUSTUP_HOME", place("RUSTUP_HOME", ".rustup").display()).run_within(PATIENCE).await
}

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What is refused, with the folder's and the toolchain's names left out.
async fn refused(folder: &Path, arguments: &[&str], expected: Expect) {
    let real = folder.canonicalize().unwrap().display().to_string();
    let refusal = run(folder, arguments).await.refusal();
    expected.assert_eq(&refusal.replace(&real, "FOLDER").replace(&folder.display().to_string(), "FOLDER"));
}

/// Whether rustup's toolchain has the target. Where it can't be had from rustup, guests are compiled in another way.
fn has_target() -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-wasip2"]).output().unwrap();
    let has = Path::new(String::from_utf8_lossy(&asked.stdout).trim()).is_dir();
    if !has {
        eprintln!("skipped: this toolchain has no standard library for wasm32-wasip2");
    }
    has
}

#[tokio::test]
async fn a_new_project_builds_and_runs() {
    if !has_target() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let made = run(folder.path(), &["new", "--lang", "rust", "hello"]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let hello = folder.path().join("hello");
    assert!(fs::read_to_string(hello.join(".cargo/config.toml")).unwrap().contains("[patch.crates-io]"));
    let built = run(&hello, &["build"]).await;
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let ran = run(&hello, &["run", "hello.wasm", "ship", r#"{"id": "7", "parcels": ["tea", "cup"]}"#]).await;
    assert_eq!(ran.stdout.trim(), r#"{"order":"7","sent":["tea","cup"]}"#, "{}", ran.stderr);
    let failed = run(&hello, &["run", "hello.wasm", "ship", r#"{"id": "8", "parcels": []}"#]).await.stderr;
    assert!(failed.contains("order 8 has no parcels (type EmptyOrder, not retried)"), "{failed}");

    // What the compiler refuses is told with its place, and what it warns of, too.
    let source = hello.join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, format!("{text}\nfn unused() {{}}\n")).unwrap();
    let checked = run(&hello, &["build", "--check"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains("function `unused` is never used"), "{}", checked.stderr);
    fs::write(&source, text.replace("order.parcels.is_empty()", "order.parcels.is_emty()")).unwrap();
    let wrong = run(&hello, &["build"]).await;
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("error[E0599]: no method named `is_emty`"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("src/lib.rs:"), "{}", wrong.stderr);
    let checked = run(&hello, &["build", "--check"]).await;
    assert_eq!(checked.code, Some(2), "{}", checked.stderr);
}

const PACKAGE: &str = "[package]\nname = \"orders\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const COMPONENT: &str = "[lib]\ncrate-type = [\"cdylib\"]\n";

#[tokio::test]
async fn what_is_no_component_is_told_with_its_cure() {
    let library = project(&[("Cargo.toml", PACKAGE), ("src/lib.rs", "")]);
    refused(
        library.path(),
        &["build"],
        expect![[r#"
            exit code 2
            error: orders is no component: its library is not of the kind `cdylib`
              cure: write `crate-type = ["cdylib"]` below `[lib]` in its Cargo.toml
        "#]],
    )
    .await;
    let file = library.path().join("src/lib.rs").display().to_string();
    refused(
        library.path(),
        &["build", &file],
        expect![[r#"
        exit code 2
        error: FOLDER/src/lib.rs is a file: a project in Rust is a folder
          cure: name the folder that has its Cargo.toml
    "#]],
    )
    .await;
    let broken = project(&[("Cargo.toml", "[package]\n")]);
    refused(
        broken.path(),
        &["build", "."],
        expect![[r#"
            exit code 2
            error: cargo does not understand FOLDER
                error: failed to parse manifest at `FOLDER/Cargo.toml`

                Caused by:
                  missing field `package.name`
        "#]],
    )
    .await;
    let other = format!("{}{COMPONENT}", PACKAGE.replace("orders", "bills"));
    let component = format!("{PACKAGE}{COMPONENT}");
    let workspace = project(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"orders\", \"bills\"]\n"),
        ("orders/Cargo.toml", &component),
        ("orders/src/lib.rs", ""),
        ("bills/Cargo.toml", &other),
        ("bills/src/lib.rs", ""),
    ]);
    refused(
        workspace.path(),
        &["build", "."],
        expect![[r#"
            exit code 2
            error: the workspace in FOLDER has 2 components: orders, bills
              cure: name the folder of one of them
        "#]],
    )
    .await;
}

/// A program in a folder of its own.
fn script(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_missing_tool_is_named_with_what_gets_it() {
    let component = project(&[("Cargo.toml", &format!("{PACKAGE}{COMPONENT}")), ("src/lib.rs", "")]);
    refused(
        component.path(),
        &["build", "--cargo", "no-such-cargo"],
        expect![[r#"
        exit code 9
        error: there is no cargo to build Rust projects with: no-such-cargo
          because: No such file or directory (os error 2)
          cure: install Rust 1.92 or newer from https://rustup.rs, or name its cargo with --cargo
    "#]],
    )
    .await;
    let tools = TempDir::new().unwrap();
    let cargo = script(&tools, "cargo", "[ \"$1\" = metadata ] && exec cargo \"$@\"; exit 0").display().to_string();
    script(&tools, "rustc", "echo /nowhere");
    refused(
        component.path(),
        &["build", "--cargo", &cargo],
        expect![[r#"
            exit code 9
            error: the toolchain of this project has no standard library for wasm32-wasip2
              cure: run `rustup target add wasm32-wasip2` in the project's folder
        "#]],
    )
    .await;
}
