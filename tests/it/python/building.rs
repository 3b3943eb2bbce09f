//! Projects that can't become components, and what their authors are told.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::Duration,
};

use expect_test::{Expect, expect};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::support::Isolet;

/// The start of every project.
const START: &str = "from temporalio import activity\n\n";

/// One build at a time: each keeps processors busy for a while, and other tests wait for answers meanwhile.
pub(crate) static BUILDING: Mutex<()> = Mutex::const_new(());

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Builds a project of one file and compares what is said.
async fn check(source: &str, expected: Expect) {
    let folder = TempDir::new().unwrap();
    let project = folder.path().join("orders.py");
    fs::write(&project, source).unwrap();
    let component = folder.path().join("orders.wasm");
    let building = BUILDING.lock().await;
    let path = on_a_machine_with_parcels(folder.path());
    let build = Isolet::with(["build", &project.display().to_string(), "-o", &component.display().to_string()]);
    let run = build.env("PATH", &path).run_within(PATIENCE).await;
    drop(building);
    expected.assert_eq(&run.refusal());
    assert!(!component.exists());
}

/// A search path whose Python has a package `parcels`, which is no project's dependency, and whose Rust has no target.
fn on_a_machine_with_parcels(folder: &Path) -> String {
    let programs = folder.join("programs");
    let packages = folder.join("site-packages");
    fs::create_dir(&programs).unwrap();
    fs::create_dir(&packages).unwrap();
    fs::write(packages.join("parcels.py"), "").unwrap();
    let python = programs.join("python3");
    let packages = packages.display();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*getsitepackages*) echo {packages} ;;\n*) PATH=\"${{PATH#*:}}\" exec python3 \"$@\" ;;\nesac\n"
    );
    fs::write(&python, script).unwrap();
    let rustc = programs.join("rustc");
    fs::write(&rustc, "#!/bin/sh\nexit 1\n").unwrap();
    for program in [python, rustc] {
        fs::set_permissions(program, Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", programs.display(), std::env::var("PATH").unwrap())
}

#[tokio::test]
async fn a_syntax_error() {
    check(
        &format!("{START}@activity.defn\ndef pack(order):\n    return (\n"),
        expect![[r#"
            exit code 2
            error: orders.py:5: SyntaxError: '(' was never closed
                  File "orders.py", line 5
                    return (
                           ^
                SyntaxError: '(' was never closed
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_missing_dependency_even_if_the_machine_has_it() {
    check(
        &format!("{START}import parcels\n\n@activity.defn\ndef pack(order):\n    return parcels.pack(order)\n"),
        expect![[r#"
            exit code 2
            error: orders.py:3: ModuleNotFoundError: No module named 'parcels'; add it to the project's dependencies
                Traceback (most recent call last):
                  File "orders.py", line 3, in <module>
                    import parcels
                ModuleNotFoundError: No module named 'parcels'
        "#]],
    )
    .await;
}

#[tokio::test]
async fn keyword_only_arguments() {
    check(
        &format!("{START}@activity.defn\ndef pack(order, *, express):\n    return order\n"),
        expect![[r#"
            exit code 2
            error: orders.py:3: TypeError: Activity cannot have keyword-only arguments
                Traceback (most recent call last):
                  File "orders.py", line 3, in <module>
                    @activity.defn
                     ^^^^^^^^^^^^^
                TypeError: Activity cannot have keyword-only arguments
        "#]],
    )
    .await;
}

#[tokio::test]
async fn two_activities_of_one_name() {
    check(
        &format!("{START}@activity.defn\ndef pack(a):\n    return a\n\n@activity.defn(name=\"pack\")\ndef wrap(a):\n    return a\n"),
        expect![[r#"
            exit code 2
            error: there are two activities named 'pack': orders.py:4 and orders.py:8: rename one, or give it a name of its own with @activity.defn(name=…)
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_context_asked_for_where_there_is_none() {
    check(
        &format!("{START}WHO = activity.info().activity_id\n\n@activity.defn\ndef pack(order):\n    return WHO\n"),
        expect![[r#"
            exit code 2
            error: orders.py:3: RuntimeError: Not in activity context: this runs when the module is imported, which is at build time; move it into the activity
                Traceback (most recent call last):
                  File "orders.py", line 3, in <module>
                    WHO = activity.info().activity_id
                          ~~~~~~~~~~~~~^^
                RuntimeError: Not in activity context
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_class_that_needs_arguments() {
    check(
        &format!("{START}class Desk:\n    def __init__(self, name):\n        self.name = name\n\n    @activity.defn\n    def pack(self, order):\n        return order\n"),
        expect![[r#"
            exit code 2
            error: orders.py:3: class Desk has activities, but no instance: Desk.__init__() missing 1 required positional argument: 'name'; make one in the module, such as `desk = Desk(…)`
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_package_with_native_code() {
    check(
        &format!("# /// script\n# dependencies = [\"rpds-py==0.30.0\"]\n# ///\n{START}import rpds\n\n@activity.defn\ndef pack(order):\n    return order\n"),
        expect![[r#"
            exit code 2
            error: orders.py:6: the package rpds-py needs its native code (such as rpds/rpds.cpython-314-x86_64-linux-gnu.so), and to build it takes Rust's target wasm32-wasip2, which Rust here does not have
              cure: install Rust with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh` and its target with `rustup target add wasm32-wasip2`, and build again, or replace rpds-py by a package that is written in Python alone
        "#]],
    )
    .await;
}

#[tokio::test]
async fn no_activities() {
    check(
        "def pack(order):\n    return order\n",
        expect![[r#"
        exit code 2
        error: there are no activities: mark at least one function with @activity.defn (looked in orders)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_request_at_the_top_level() {
    check(
        &format!("{START}import urllib.request\n\nRATES = urllib.request.urlopen(\"https://example.com/rates\")\n\n@activity.defn\ndef rates():\n    return RATES\n"),
        expect![[r#"
            exit code 2
            error: orders.py:5: urllib.error.URLError: <urlopen error there is no network while a component is built: send requests from activities>
                OSError: there is no network while a component is built: send requests from activities
    
                During handling of the above exception, another exception occurred:
    
                Traceback (most recent call last):
                  File "orders.py", line 5, in <module>
                    RATES = urllib.request.urlopen("https://example.com/rates")
                urllib.error.URLError: <urlopen error there is no network while a component is built: send requests from activities>
        "#]],
    )
    .await;
}

/// What Python itself can't tell of.
#[tokio::test]
async fn an_end_of_the_interpreter() {
    check(
        &format!("{START}import os\n\nprint(\"about to end\", flush=True)\nos._exit(3)\n\n@activity.defn\ndef pack(order):\n    return order\n"),
        expect![[r#"
            exit code 2
            error: the project can't be loaded: its code ends the program
                about to end
              cure: its modules are imported when the component is built: what ends a program, or computes for long, belongs into activities
        "#]],
    )
    .await;
}

#[tokio::test]
async fn exceptions_that_are_none_and_output_that_is_gone() {
    check(
        &format!("{START}import sys\n\nsys.stderr = None\nraise KeyboardInterrupt\n\n@activity.defn\ndef pack(order):\n    return order\n"),
        expect![[r#"
            exit code 2
            error: orders.py:6: KeyboardInterrupt
                Traceback (most recent call last):
                  File "orders.py", line 6, in <module>
                    raise KeyboardInterrupt
                KeyboardInterrupt
        "#]],
    )
    .await;
}

#[tokio::test]
async fn python_that_does_not_work_any_more() {
    check(
        &format!("{START}import builtins\n\ndef refuse(*_, **__):\n    raise PermissionError(\"no files\")\n\nbuiltins.open = refuse\n\n@activity.defn\ndef pack(order):\n    return order\n"),
        expect![[r#"
            exit code 2
            error: attempts would fail: with the project imported, Python no longer works as it did: PermissionError: no files
                Traceback (most recent call last):
                  File "orders.py", line 6, in refuse
                    raise PermissionError("no files")
                PermissionError: no files
              cure: a module of the project replaces something of Python's or Temporal's, such as os.environ or open: leave it as it is
        "#]],
    )
    .await;
}
