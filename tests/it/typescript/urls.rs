//! The cases of web-platform-tests for URLs, which the crate `url` brings along: `tests/guests-typescript/platform`.

use std::fs;

use cargo_metadata::MetadataCommand;
use serde_json::{Value, json};

use crate::support::{DevServer, Isolet, repository};

/// What is there as JSON beside the tests of the crate.
fn cases(file: &str) -> Value {
    let mut metadata = MetadataCommand::new();
    metadata.manifest_path(repository("Cargo.toml")).other_options(["--locked".to_owned()]);
    let metadata = metadata.exec().unwrap();
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "url").unwrap();
    let file = package.manifest_path.with_file_name("tests").join(file);
    serde_json::from_slice(&fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"))).unwrap()
}

#[tokio::test]
async fn urls_are_those_of_the_web() {
    let worker = Isolet::worker(DevServer::start().await).component("platform-typescript").start().await;
    let wrong = async |activity: &str, cases: Value| {
        let outcome = worker.standalone(activity).args(&json!([cases])).attempts(1).run().await;
        outcome.json::<Vec<String>>()
    };
    let parsed = wrong("parsed_wrongly", cases("urltestdata.json")).await;
    // Of 819. What is asked of here are names beyond ASCII, files, and what Node does not do either.
    let known = |case: &String| {
        ["file:", "xn--", "blob:", "://host/ !"].iter().any(|kind| case.to_ascii_lowercase().contains(kind))
    };
    let unknown: Vec<_> = parsed.iter().filter(|case| !known(case)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(parsed.len() <= 51, "{}: {parsed:#?}", parsed.len());
    let set = wrong("set_wrongly", cases("setters_tests.json")).await;
    // Of 254: files, and spaces at the end of paths without a host.
    assert!(set.len() <= 15, "{}: {set:#?}", set.len());
    worker.stop().await;
}
