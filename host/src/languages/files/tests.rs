//! No file of an SDK is forgotten.

use std::{collections::BTreeSet, path::PathBuf};

use super::*;

/// The files below a folder of the repository that end in `extension`, by their paths below `base`.
fn present(base: &Path, folder: &str, extension: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![base.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|each| each == extension) {
                found.insert(path.strip_prefix(base).unwrap().display().to_string());
            }
        }
    }
    found
}

fn named(files: &[(&str, &str)]) -> BTreeSet<String> {
    files.iter().map(|(path, _)| (*path).to_owned()).collect()
}

#[test]
fn every_file_is_included() {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let of_python = |ending| present(&root.join("guest-sdk/python"), "", ending);
    assert_eq!(named(SDK), of_python("py").into_iter().chain(of_python("wit")).collect());
    let mut js = present(&root.join("guest-sdk/js"), "", "js");
    js.extend(present(&root.join("guest-sdk/js"), "", "cjs"));
    js.extend(["package.json", "package-lock.json"].map(str::to_owned));
    assert_eq!(named(JS_SDK), js);
    let of_rust = |extension| present(&root, "guest-sdk/rust", extension);
    let mut rust: BTreeSet<String> = ["rs", "toml", "md", "wit"].into_iter().flat_map(of_rust).collect();
    rust.remove("guest-sdk/rust/wit/README.md");
    rust.insert("Cargo.toml".to_owned());
    assert_eq!(named(RUST_SDK), rust);
    let go = root.join("guest-sdk/go");
    let mut files: BTreeSet<_> = ["go", "mod", "s"].iter().flat_map(|ending| present(&go, "", ending)).collect();
    files.retain(|path| !path.ends_with("_test.go"));
    files.insert("sdk/internal/witpkg/LICENSE".to_owned());
    assert_eq!(named(GO_SDK), files);
    let c = ["c", "h", "hpp", "inc"].map(|ending| present(&root.join("guest-sdk/c"), "", ending));
    assert_eq!(named(C_SDK), c.into_iter().flatten().collect());
}
