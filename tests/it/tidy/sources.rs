//! Rust sources, and what must not be in the repository.

use std::{collections::HashMap, env};

use super::{RepositoryFile, assert_none, files, files_with_extension, root};

/// The most lines of a source file.
const MOST_LINES: usize = 600;

/// Where the host's unsafe code is, alone.
const UNSAFE_FILES: [&str; 7] = [
    "host/crates/cell/src/wire/awaited.rs",
    "host/crates/confinement/src/descriptors.rs",
    "host/crates/confinement/tests/escape/attempts.rs",
    "host/crates/engine/src/cache.rs",
    "host/crates/engine/src/prefault.rs",
    "host/crates/engine/src/slice.rs",
    "host/crates/snapshot/src/kept.rs",
];

#[test]
fn no_source_is_too_long() {
    let complaints = complaints(&files_with_extension("rs"), |file| {
        let lines = file.text().lines().count();
        (MOST_LINES < lines && !is_test(&file.name)).then(|| format!("{lines} lines, and {MOST_LINES} are the most"))
    });
    assert_none("sources to be split", &complaints);
}

#[test]
fn every_source_says_what_it_is_for() {
    let complaints = complaints(&files_with_extension("rs"), |file| {
        // The SDK's documentation is its README.
        let documented = ["//!", "#![doc = include_str!("].iter().any(|start| file.text().starts_with(start));
        (!documented).then(|| "does not begin with `//!`".to_owned())
    });
    assert_none("sources without a purpose", &complaints);
}

/// A file that no module names is compiled by nobody, and nobody notices.
#[test]
fn every_source_of_the_host_is_a_module() {
    let files = files_with_extension("rs");
    let texts: HashMap<_, _> = files.iter().map(|file| (file.name.as_str(), file.text())).collect();
    let complaints = complaints(&files, |file| {
        let (folder, name) = file.name.strip_suffix(".rs")?.rsplit_once('/')?;
        let is_module = file.name.starts_with("host/") && folder.contains("/src") && !["lib", "main"].contains(&name);
        let parents = ["/lib.rs", "/main.rs", ".rs"].map(|end| format!("{folder}{end}"));
        let named = format!("mod {name};");
        let is_named = parents.iter().filter_map(|parent| texts.get(parent.as_str())).any(|text| text.contains(&named));
        (is_module && !is_named).then(|| "is no module".to_owned())
    });
    assert_none("sources that nothing is made of", &complaints);
}

#[test]
fn the_host_binds_the_contract_once() {
    let binding: Vec<String> = files_with_extension("rs")
        .into_iter()
        .filter(|file| file.name.starts_with("host/") && file.text().contains("bindgen!("))
        .map(|file| file.name)
        .collect();
    assert_eq!(binding.len(), 1, "wasmtime's `bindgen!` belongs into one file of the host: {binding:?}");
}

#[test]
fn unsafe_code_is_where_it_may_be() {
    let complaints = complaints(&files_with_extension("rs"), |file| {
        let is_host = file.name.starts_with("host/") && !UNSAFE_FILES.contains(&file.name.as_str());
        let has_unsafe = file.text().lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl")
        });
        (is_host && has_unsafe).then(|| "has unsafe code".to_owned())
    });
    assert_none("the host's unsafe code belongs into few files", &complaints);
}

#[test]
fn nothing_built_is_committed() {
    const BUILT: [&str; 7] = ["wasm", "cwasm", "o", "a", "so", "rlib", "whl"];
    let built = files().into_iter().filter(|file| BUILT.iter().any(|extension| file.has_extension(extension)));
    assert_none("built files", &built.map(|file| file.name).collect::<Vec<_>>());
}

#[test]
fn no_file_knows_this_machine() {
    let home = env::var("HOME").ok().filter(|home| 1 < home.len());
    let places = [home, Some(root().display().to_string())].map(|place| place.map(|place| format!("{place}/")));
    let complaints = complaints(&files(), |file| {
        let text = file.text_if_any()?;
        let place = places.iter().flatten().find(|place| text.contains(place.as_str()))?;
        Some(format!("contains {place}"))
    });
    assert_none("paths of one machine", &complaints);
}

fn is_test(name: &str) -> bool {
    name.starts_with("tests/") || name.ends_with("/tests.rs") || name.contains("/tests/")
}

fn complaints(files: &[RepositoryFile], complaint: impl Fn(&RepositoryFile) -> Option<String>) -> Vec<String> {
    files.iter().filter_map(|file| complaint(file).map(|text| format!("{}: {text}", file.name))).collect()
}
