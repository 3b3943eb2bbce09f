//! What new projects begin with: the files below `host/templates`, which are part of this program.
//!
//! A language is a list of files, and a line in each `match`. In files, `{{name}}` stands for the project's name, and
//! other words in such braces for what [`Template::values`] says.

use clap::ValueEnum;

/// A file of a project: its path there, and what it has.
type File = (&'static str, &'static str);

/// Files by their paths in the project, each from where it is below `host/templates`.
macro_rules! files {
    ($($path:literal: $source:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../templates/", $source)))),*]
    };
}

const TS: &[File] = files![
    "README.md": "node/README.md",
    // Under its own name it would say what git leaves out of this repository.
    ".gitignore": "node/gitignore",
    "package.json": "ts/package.json",
    "tsconfig.json": "ts/tsconfig.json",
    "src/activities.ts": "ts/src/activities.ts",
    "src/activities.test.ts": "ts/src/activities.test.ts",
];

const JS: &[File] = files![
    "README.md": "node/README.md",
    ".gitignore": "node/gitignore",
    "package.json": "js/package.json",
    "src/activities.js": "js/src/activities.js",
    "src/activities.test.js": "js/src/activities.test.js",
];

/// What a new project is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Template {
    /// TypeScript.
    #[value(alias = "typescript")]
    Ts,
    /// JavaScript.
    #[value(alias = "javascript")]
    Js,
}

impl Template {
    /// The language, for people.
    pub(super) fn language(self) -> &'static str {
        match self {
            Self::Ts => "TypeScript",
            Self::Js => "JavaScript",
        }
    }

    /// The files of a project with this name.
    pub(super) fn files(self, name: &str) -> impl Iterator<Item = (&'static str, String)> {
        let values = self.values(name);
        let filled = move |text: &str| {
            values.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value))
        };
        self.sources().iter().map(move |&(path, text)| (path, filled(text)))
    }

    /// Commands that come next in the project's folder, one a line, with what they do.
    pub(super) fn next_steps(self) -> &'static str {
        match self {
            Self::Ts | Self::Js => {
                "  \
  npm install
  npm test      runs its tests, without a server and without a sandbox
  isolet dev    serves it on a development server, and builds it again when it changes
"
            }
        }
    }

    fn sources(self) -> &'static [File] {
        match self {
            Self::Ts => TS,
            Self::Js => JS,
        }
    }

    fn values(self, name: &str) -> [(&'static str, String); 3] {
        let ending = match self {
            Self::Ts => "ts",
            Self::Js => "js",
        };
        [("name", name.to_owned()), ("language", self.language().to_owned()), ("ending", ending.to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use serde_json::Value;

    use super::*;

    /// All files below a folder.
    fn below(folder: &Path) -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_file_is_part_of_a_project() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let present: BTreeSet<String> = below(&folder).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let used = Template::value_variants().iter().flat_map(|template| template.sources());
        assert_eq!(present, used.map(|(_, text)| (*text).to_owned()).collect());
    }

    #[test]
    fn what_stands_for_something_is_filled_in() {
        for template in Template::value_variants() {
            for (path, text) in template.files("order-service") {
                assert!(!text.contains("{{"), "{path} of {template:?}:\n{text}");
                if path == "package.json" {
                    let manifest: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(manifest["name"], "order-service");
                }
            }
        }
    }
}
