//! What new projects begin with: the files below `host/templates`, which are part of this program.
//!
//! A language is a [`Template`]: a folder of files there, and what README.md says of it. In files, `{{name}}` stands for
//! the project's name, and other words in such braces for what [`Template::files`] says.

use clap::ValueEnum;

/// A file of a project: its path there, and what it has.
type File = (&'static str, &'static str);

/// Files by their paths in the project, each from where it is below `host/templates`.
macro_rules! files {
    ($($path:literal: $source:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../templates/", $source)))),*]
    };
}

/// What a new project is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// TypeScript.
    #[value(alias = "typescript")]
    Ts,
    /// JavaScript.
    #[value(alias = "javascript")]
    Js,
    /// Python.
    Python,
}

impl Language {
    /// What its projects begin with.
    pub(super) fn template(self) -> &'static Template {
        match self {
            Self::Ts => &TS,
            Self::Js => &JS,
            Self::Python => &PYTHON,
        }
    }
}

/// What projects in one language begin with.
#[derive(Debug)]
pub(super) struct Template {
    /// The language, for people.
    pub language: &'static str,
    /// Commands that install what the tests need, and run them.
    pub test: &'static [&'static str],
    /// Which functions are activities.
    activities: &'static str,
    /// Temporal's package, which activities import.
    package: &'static str,
    /// The file of the tests.
    tests: &'static str,
    /// What of Temporal's tests stands for the worker.
    environment: &'static str,
    /// All files but README.md, which is the same for all languages.
    files: &'static [File],
}

const README: File = ("README.md", include_str!("../../../templates/README.md"));

static TS: Template = Template {
    language: "TypeScript",
    test: &["npm install", "npm test"],
    activities: "the functions that `src/activities.ts` exports",
    package: "@temporalio/activity",
    tests: "src/activities.test.ts",
    environment: "MockActivityEnvironment",
    files: files![
        // Under its own name it would say what git leaves out of this repository.
        ".gitignore": "ts/gitignore",
        "package.json": "ts/package.json",
        "tsconfig.json": "ts/tsconfig.json",
        "src/activities.ts": "ts/src/activities.ts",
        "src/activities.test.ts": "ts/src/activities.test.ts",
    ],
};

static JS: Template = Template {
    language: "JavaScript",
    test: &["npm install", "npm test"],
    activities: "the functions that `src/activities.js` exports",
    package: "@temporalio/activity",
    tests: "src/activities.test.js",
    environment: "MockActivityEnvironment",
    files: files![
        ".gitignore": "js/gitignore",
        "package.json": "js/package.json",
        "src/activities.js": "js/src/activities.js",
        "src/activities.test.js": "js/src/activities.test.js",
    ],
};

static PYTHON: Template = Template {
    language: "Python",
    test: &["python3 -m venv .venv", ".venv/bin/pip install temporalio pytest", ".venv/bin/pytest"],
    activities: "the functions that `@activity.defn` marks in `activities.py`",
    package: "temporalio",
    tests: "test_activities.py",
    environment: "ActivityEnvironment",
    files: files![
        ".gitignore": "python/gitignore",
        "pyproject.toml": "python/pyproject.toml",
        "activities.py": "python/activities.py",
        "test_activities.py": "python/test_activities.py",
    ],
};

impl Template {
    /// The files of a project with this name, by their paths in it.
    pub(super) fn files(&self, name: &str) -> impl Iterator<Item = (&'static str, String)> {
        let values = [
            ("name", name.to_owned()),
            ("language", self.language.to_owned()),
            ("test", self.test.join("\n")),
            ("activities", self.activities.to_owned()),
            ("package", self.package.to_owned()),
            ("tests", self.tests.to_owned()),
            ("environment", self.environment.to_owned()),
        ];
        let filled = move |text: &str| {
            values.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value))
        };
        self.sources().map(move |(path, text)| (path, filled(text)))
    }

    fn sources(&self) -> impl Iterator<Item = File> {
        self.files.iter().copied().chain([README])
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

    fn templates() -> impl Iterator<Item = &'static Template> {
        Language::value_variants().iter().map(|language| language.template())
    }

    #[test]
    fn every_file_is_part_of_a_project() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let present: BTreeSet<String> = below(&folder).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let used = templates().flat_map(Template::sources).map(|(_, text)| text.to_owned());
        assert_eq!(present, used.collect());
    }

    #[test]
    fn what_stands_for_something_is_filled_in() {
        for template in templates() {
            for (path, text) in template.files("order-service") {
                assert!(!text.contains("{{"), "{path} in {}:\n{text}", template.language);
                match path {
                    "package.json" => {
                        let manifest: Value = serde_json::from_str(&text).unwrap();
                        assert_eq!(manifest["name"], "order-service");
                    }
                    "pyproject.toml" => {
                        let manifest: toml::Table = text.parse().unwrap();
                        assert_eq!(manifest["project"]["name"].as_str(), Some("order-service"));
                    }
                    _ => {}
                }
            }
        }
    }
}
