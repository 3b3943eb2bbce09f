//! Components that others made for their own tests: each loads, or is refused with all that is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::MetadataCommand;
use expect_test::{expect, expect_file};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Isolet, repository};

mod published;

/// The tests of the crate that makes components for every toolchain of the Bytecode Alliance.
fn components() -> Vec<(String, PathBuf)> {
    let metadata = MetadataCommand::new().current_dir(repository(".")).exec().unwrap();
    let versions = metadata.packages.iter().filter(|package| *package.name == *"wit-component");
    let oldest = versions.min_by_key(|package| package.version.clone()).unwrap();
    let folder = oldest.manifest_path.parent().unwrap().join("tests/components");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut all: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path().join("component.wat")))
        .filter(|(_, file)| file.is_file())
        .collect();
    all.sort();
    all
}

#[tokio::test]
#[ignore = "inspects more than a hundred components: `cargo xtask ci-full` runs it"]
async fn components_of_others_load_or_say_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let mut told = String::new();
    for (name, text) in components() {
        // Some are of proposals that this version of the text form does not know.
        let Ok(bytes) = wat::parse_file(&text) else {
            told.push_str(&format!("{name}: not read\n"));
            continue;
        };
        let file = folder.path().join("component.wasm");
        fs::write(&file, bytes).unwrap();
        let run = Isolet::with(["inspect", "--output", "json", &file.display().to_string()]).run().await;
        told.push_str(&format!("{name}: {}\n", summary(run.code, &run.stdout, &run.stderr)));
    }
    expect_file!["foreign/components.txt"].assert_eq(&told);
}

/// What became of one.
fn summary(code: Option<i32>, stdout: &str, stderr: &str) -> String {
    let document: Option<Value> = serde_json::from_str(stdout).ok();
    match (code, document) {
        (Some(0), Some(document)) => {
            let list = |key: &str| document["functions"][key].as_array().map(Vec::len).unwrap_or_default();
            format!("loads, {} activities, {} unusable", list("callable"), list("unusable"))
        }
        (Some(3), Some(document)) => document["problem"].as_str().unwrap_or_default().to_owned(),
        (Some(3), None) => stderr.lines().filter_map(|line| line.trim().strip_prefix("because: ")).collect(),
        _ => panic!("exit code {code:?}: {stderr}"),
    }
}

/// Sources of components for other toolchains, which are given nothing of Isolet's.
const SOURCES: [&str; 4] = ["shop.wit", "app.py", "app.js", "build.mjs"];

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output =
        Command::new(program).args(arguments).current_dir(folder).env("PYTHONPATH", "packages").output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
}

#[tokio::test]
#[ignore = "installs componentize-py and componentize-js: `cargo xtask ci-full` runs it"]
async fn components_of_other_toolchains_are_activities() {
    let folder = TempDir::new().unwrap();
    for name in SOURCES {
        fs::copy(repository("tests/it/components/foreign").join(name), folder.path().join(name)).unwrap();
    }
    let packages = ["-m", "pip", "install", "--quiet", "--target", "packages", "componentize-py==0.25.1"];
    run(folder.path(), "python3", &packages);
    let arguments = ["-d", "shop.wit", "-w", "shop", "componentize", "app", "-o", "py.wasm"];
    run(folder.path(), "packages/bin/componentize-py", &arguments);
    fs::write(folder.path().join("package.json"), r#"{"private": true}"#).unwrap();
    run(folder.path(), "npm", &["install", "--silent", "@bytecodealliance/componentize-js@0.23.0"]);
    run(folder.path(), "node", &["build.mjs"]);
    for component in ["py.wasm", "js.wasm"] {
        let path = folder.path().join(component).display().to_string();
        let mut told = String::new();
        for [activity, argument] in [
            ["greet", "\"you\""],
            ["ship", r#"{"id": 1, "items": ["a", "b"]}"#],
            ["acme:shop/orders#ship", r#"{"id": 1, "items": []}"#],
            ["acme:shop/orders@1.0.0#ship", r#"{"id": 1, "items": ["tea"], "note": "now"}"#],
        ] {
            let attempt = Isolet::with(["run", "--output", "json", &path, activity, argument]).run().await;
            let document: Value =
                serde_json::from_str(&attempt.stdout).unwrap_or_else(|_| panic!("{}", attempt.stderr));
            let failure = &document["failure"];
            told.push_str(&format!("{}{}{}\n", document["result"], failure["type"], failure["details"]));
        }
        expect![[r#"
            "Hello, you!"nullnull
            5.0nullnull
            null"empty"["empty"]
            null"out-of-stock"[{"out_of_stock":"tea"}]
        "#]]
        .assert_eq(&told);
    }
}
