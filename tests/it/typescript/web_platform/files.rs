//! The files of web-platform-tests: what is to be run of each.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::support::{isolet::target, repository};

/// What files that need nothing but scripts end in.
const ENDING: &str = ".any.js";

/// One run of a file.
#[derive(Debug)]
pub(super) struct Run {
    /// Its path, with slashes.
    pub(super) file: String,
    /// The harness, what the file asks for, and the file.
    pub(super) scripts: Vec<String>,
    /// What it may fetch.
    pub(super) fetched: BTreeMap<String, String>,
    /// One of the ways in which the file wants to be run.
    pub(super) variant: String,
}

/// All of them, by their paths.
pub(super) fn runs() -> Vec<Run> {
    let root = target().join("../.tools/web-platform-tests");
    assert!(root.is_dir(), "{} is missing: run `cargo xtask setup`", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut runs: Vec<_> = files.iter().flat_map(|file| runs_of(&root, file)).collect();
    let ours = repository("tests/it/typescript/web_platform/data-urls.any.js");
    let cases = read(&root.join("fetch/data-urls/resources/data-urls.json"));
    runs.push(Run {
        file: "data-urls.any.js".to_owned(),
        scripts: [&harness(&root), &ours].map(|file| read(file)).into(),
        fetched: BTreeMap::from([("resources/data-urls.json".to_owned(), cases)]),
        variant: String::new(),
    });
    runs
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.to_string_lossy().ends_with(ENDING) {
            files.push(path);
        }
    }
}

fn harness(root: &Path) -> PathBuf {
    root.join("resources/testharness.js")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn runs_of(root: &Path, path: &Path) -> Vec<Run> {
    let text = read(path);
    let said = |name: &str| {
        let start = format!("// META: {name}=");
        text.lines().filter_map(|line| line.strip_prefix(start.as_str())).map(str::trim).collect::<Vec<_>>()
    };
    let folder = path.parent().unwrap();
    let place = |script: &str| match script.strip_prefix('/') {
        Some(absolute) => root.join(absolute),
        None => folder.join(script),
    };
    let asked: Vec<_> = said("script").into_iter().map(place).collect();
    // What is not there needs what is not there either.
    if !asked.iter().all(|script| script.is_file()) {
        return Vec::new();
    }
    let scripts: Vec<_> = [harness(root)].iter().chain(&asked).map(|file| read(file)).chain([text.clone()]).collect();
    let fetched = fetched(root, folder, &scripts);
    let file = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    let mut variants = said("variant");
    if variants.is_empty() {
        variants.push("");
    }
    let run = |variant: &&str| Run {
        file: file.clone(),
        scripts: scripts.clone(),
        fetched: fetched.clone(),
        variant: (*variant).to_owned(),
    };
    variants.iter().map(run).collect()
}

/// Files with JSON that the scripts name.
fn fetched(root: &Path, folder: &Path, scripts: &[String]) -> BTreeMap<String, String> {
    let text = scripts.get(1..).unwrap_or_default().join("\n");
    let named = text.split(['"', '\'', '`']).filter(|part| part.ends_with(".json") && !part.contains('\n'));
    let found = named.filter_map(|name| {
        let file = match name.strip_prefix('/') {
            Some(absolute) => root.join(absolute),
            None => folder.join(name),
        };
        Some((name.to_owned(), fs::read_to_string(file).ok()?))
    });
    found.collect()
}
