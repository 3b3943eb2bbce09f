//! Projects in Go, and what is told of those that can't become components.

use std::{fs, path::Path, time::Duration};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::{
    python::building::BUILDING,
    support::{Isolet, isolet::Run},
};

/// How long a build may take beside other tests, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A program that registers these.
fn program(registered: &str) -> String {
    format!(
        "package main\n\nimport \"go.temporal.io/sdk/worker\"\n\nfunc greet(name string) (string, error) {{ return name, nil \
         }}\n\nfunc main() {{\n\tw := worker.New(nil, \"\", worker.Options{{}})\n{registered}\n\tw.Run(nil)\n}}\n"
    )
}

/// Builds the project that these files are, or the part of it that is named.
async fn build(files: &[(&str, &str)], named: &str) -> Run {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let (project, component) = (folder.path().join(named), folder.path().join("made.wasm"));
    let build = Isolet::with(["build", &shown(&project), "-o", &shown(&component)]).env("GOPROXY", "off");
    let building = BUILDING.lock().await;
    let mut run = build.run_within(PATIENCE).await;
    drop(building);
    run.stderr = run.stderr.replace(&shown(folder.path()), "FOLDER");
    run
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What is told.
async fn refused(files: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&build(files, "").await.refusal());
}

const MODULE: (&str, &str) = ("go.mod", "module orders\n\ngo 1.24\n\nrequire go.temporal.io/sdk v1.48.0\n");

#[tokio::test]
async fn files_and_folders() {
    let greeting = program("\tw.RegisterActivity(greet)");
    for (files, named) in [
        (vec![("greet.go", greeting.as_str())], "greet.go"),
        (vec![("greet.go", greeting.as_str())], ""),
        (vec![MODULE, ("cmd/worker/main.go", greeting.as_str())], "cmd/worker"),
    ] {
        let run = build(&files, named).await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("activities  greet\n"), "{}", run.stdout);
    }
}

#[tokio::test]
async fn modules_of_the_folder_vendor_are_taken() {
    let module = format!("{}require example.com/tea v1.0.0\n", MODULE.1);
    let list = "# example.com/tea v1.0.0\n## explicit; go 1.21\nexample.com/tea\n";
    let tea = "package tea\n\nfunc Brew() (string, error) { return \"tea\", nil }\n";
    let main = program("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(tea.Brew)");
    let main = main.replace("import ", "import \"example.com/tea\"\nimport ");
    let files = [
        ("go.mod", module.as_str()),
        ("main.go", &main),
        ("vendor/modules.txt", list),
        ("vendor/example.com/tea/tea.go", tea),
    ];
    let run = build(&files, "").await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("Brew\n"), "{}", run.stdout);
}

#[tokio::test]
async fn registrations_that_can_t_be_are_told_with_their_places() {
    let twice = program("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(greet)");
    refused(&[MODULE, ("main.go", &twice)], expect![[r#"
        exit code 3
        error: failed to ask FOLDER/ for its activities
          because: it does not tell its activities: the guest panicked: orders/main.go:10: activity type "greet" is already registered, at orders/main.go:9: give one of them another name with RegisterOptions.Name
    "#]]).await;
    let signature =
        program("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(func(name string) string { return name })");
    refused(&[MODULE, ("main.go", &signature)], expect![[r#"
        exit code 3
        error: failed to ask FOLDER/ for its activities
          because: it does not tell its activities: the guest panicked: orders/main.go:10: activity func1: expected function second return value to return error but found string; activities return a result and an error, or an error
    "#]]).await;
    refused(
        &[MODULE, ("main.go", &program("\t_ = greet"))],
        expect![[r#"
        exit code 3
        error: FOLDER/ has no activities
          cure: let main register functions with the worker: w.RegisterActivity(Greet)
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_program_of_activities_is_told() {
    refused(
        &[MODULE, ("orders.go", "package orders\n")],
        expect![[r#"
        exit code 2
        error: FOLDER/ is the package "orders", and no program
          cure: name the folder of the program that registers the activities: its package is `main`
    "#]],
    )
    .await;
    refused(
        &[MODULE, ("main.go", "package main\n\nfunc main() {}\n")],
        expect![[r#"
        exit code 2
        error: FOLDER/ registers no activities: it does not import go.temporal.io/sdk/worker
          cure: let `main` make a worker and register activities with it: docs/writing-activities-go.md has one
    "#]],
    )
    .await;
    refused(
        &[MODULE, ("main.go", &program("\tw.RegisterActivity(great)"))],
        expect![[r#"
        exit code 2
        error: FOLDER/ can't be built
            # orders
            ./main.go:9:21: undefined: great
    "#]],
    )
    .await;
    let workflow = "package main\n\nimport _ \"go.temporal.io/sdk/contrib/tally\"\n\nfunc main() {}\n";
    refused(&[MODULE, ("main.go", workflow)], expect![[r#"
        exit code 2
        error: FOLDER/ can't be built
            main.go:3:8: cannot find module providing package go.temporal.io/sdk/contrib/tally: import lookup disabled by -mod=readonly
          cure: of Temporal's module there is what activities and the registration of workers take: docs/writing-activities-go.md lists it; for other modules, run `go get`
    "#]]).await;
    let elsewhere = "package main\n\nimport _ \"example.com/elsewhere\"\n\nfunc main() {}\n";
    let module = format!("{}require example.com/elsewhere v1.0.0\n", MODULE.1);
    refused(&[("go.mod", &module), ("main.go", elsewhere)], expect![[r#"
        exit code 2
        error: FOLDER/ can't be built
            main.go:3:8: missing go.sum entry for module providing package example.com/elsewhere (imported by orders); to add:
            	go get orders
          cure: run `go mod tidy`
    "#]]).await;
    refused(
        &[("go.mod", "modul orders\n"), ("main.go", &program(""))],
        expect![[r#"
            exit code 2
            error: the project's go.mod can't be read
                go: errors parsing FOLDER/go.mod:
                FOLDER/go.mod:1: unknown directive: modul
        "#]],
    )
    .await;
}
