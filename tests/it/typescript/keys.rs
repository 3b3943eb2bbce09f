//! Key pairs, and that Node takes what the sandbox makes and the other way round:
//! `tests/guests-typescript/platform/keys.mjs`, which both run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use expect_test::expect;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    Isolet,
    isolet::{component, repository},
    process::Process,
};

/// Runs one of the module's functions on Node, with what is in a file.
const ON_NODE: &str = "const [module, name, file] = process.argv.slice(1);
    const functions = await import(module);
    const { readFileSync } = await import('node:fs');
    console.log(JSON.stringify(await functions[name](file && JSON.parse(readFileSync(file, 'utf8')))));";

async fn on_node(function: &str, given: Option<&Path>) -> Value {
    let module = repository("tests/guests-typescript/platform/keys.mjs");
    let arguments = ["--input-type=module", "--eval", ON_NODE].map(PathBuf::from).into_iter();
    let arguments = arguments.chain([module, PathBuf::from(function)]).chain(given.map(Path::to_owned));
    let exit = Process::start("Node", Path::new("node"), arguments, &[]).exit().await;
    serde_json::from_str(&exit.stdout).unwrap_or_else(|_| panic!("{}", exit.stderr))
}

async fn in_the_sandbox(function: &str, given: &Path) -> Value {
    let component = component("platform-typescript").display().to_string();
    let run = Isolet::with(["run", &component, function, &format!("@{}", given.display())]).run().await;
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}

#[tokio::test]
async fn keys_are_those_of_node() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, value: &Value| {
        let file = folder.path().join(name);
        fs::write(&file, value.to_string()).unwrap();
        file
    };
    let nodes = on_node("makeKeys", None).await;
    let wrong = in_the_sandbox("checkKeys", &write("nodes", &nodes)).await;
    expect!["[]"].assert_eq(&wrong.to_string());
    let ours = in_the_sandbox("makeKeys", &write("rsa", &nodes["keys"]["rsa"]["pem"])).await;
    let wrong = on_node("checkKeys", Some(&write("ours", &ours))).await;
    expect!["[]"].assert_eq(&wrong.to_string());
}
