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
async fn registrations_that_can_t_be_are_told_with_their_places() {
    let twice = program("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(greet)");
    refused(&[MODULE, ("main.go", &twice)], expect![""]).await;
    let signature = program("\tw.RegisterActivity(greet)\n\tw.RegisterActivity(func(name string) string { return name })");
    refused(&[MODULE, ("main.go", &signature)], expect![""]).await;
    refused(&[MODULE, ("main.go", &program("\t_ = greet"))], expect![""]).await;
}

#[tokio::test]
async fn what_is_no_program_of_activities_is_told() {
    refused(&[MODULE, ("orders.go", "package orders\n")], expect![""]).await;
    refused(&[MODULE, ("main.go", "package main\n\nfunc main() {}\n")], expect![""]).await;
    refused(&[MODULE, ("main.go", &program("\tw.RegisterActivity(great)"))], expect![""]).await;
    let workflow = "package main\n\nimport _ \"go.temporal.io/sdk/contrib/tally\"\n\nfunc main() {}\n";
    refused(&[MODULE, ("main.go", workflow)], expect![""]).await;
    let elsewhere = "package main\n\nimport _ \"example.com/elsewhere\"\n\nfunc main() {}\n";
    let module = format!("{}require example.com/elsewhere v1.0.0\n", MODULE.1);
    refused(&[("go.mod", &module), ("main.go", elsewhere)], expect![""]).await;
    refused(&[("go.mod", "modul orders\n"), ("main.go", &program(""))], expect![""]).await;
}
