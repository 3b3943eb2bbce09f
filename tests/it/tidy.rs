//! What holds for the repository itself: who depends on whom, how long files are, what is documented.
//!
//! # Layout
//! - [`dependencies`]: the direction of dependencies, and the crates that only some may know.
//! - [`sources`]: Rust sources, and what must not be in the repository.
//! - [`contract`]: the WIT files.
//! - [`documents`]: the documentation against the program; [`parity`]: its tables against the conformance suite.

mod contract;
mod dependencies;
mod documents;
mod parity;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that are not ours: built, installed, git's, or made by fuzzing.
const NOT_OURS: [&str; 5] = ["target", ".tools", ".git", "artifacts", "corpus"];

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A file of the repository.
struct RepositoryFile {
    /// Its path from the root, with `/`.
    name: String,
    path: PathBuf,
}

impl RepositoryFile {
    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap_or_else(|error| panic!("failed to read {}: {error}", self.name))
    }

    /// The text, if it is text.
    fn text_if_any(&self) -> Option<String> {
        String::from_utf8(fs::read(&self.path).ok()?).ok()
    }

    fn has_extension(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|found| found == extension)
    }
}

/// Every file of the repository, sorted.
fn files() -> Vec<RepositoryFile> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(100 < found.len(), "only {} files were found: is this the repository?", found.len());
    found
}

fn files_with_extension(extension: &str) -> Vec<RepositoryFile> {
    files().into_iter().filter(|file| file.has_extension(extension)).collect()
}

fn collect(folder: &Path, found: &mut Vec<RepositoryFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let last = path.file_name().unwrap().to_string_lossy();
        if NOT_OURS.contains(&&*last) || last == "__pycache__" || last == "node_modules" {
            continue;
        }
        // What building a package leaves in its folder.
        if last == "build" && name.starts_with("tests/guests-python/") {
            continue;
        }
        // A link is another name for what is in its own place.
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(RepositoryFile { name, path });
        }
    }
}

/// Fails with all complaints at once: whoever mends them wants to see them all.
fn assert_none(what: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{what}:\n{}", complaints.join("\n"));
}
