//! What new projects begin with: the files below `host/templates`, which are part of this program.
//!
//! A language is a [`Template`]: a folder of files there, and what README.md says of it. In files, `{{name}}` stands for
//! the project's name, and other words in such braces for what [`Template::files`] says.

/// A file of a project: its path there, and what it has.
type File = (&'static str, &'static str);

/// Files by their paths in the project, each from where it is below `host/templates`.
macro_rules! files {
    ($($path:literal: $source:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $source)))),*]
    };
}

pub(super) use files;

/// What projects in one language begin with.
#[derive(Debug)]
pub(crate) struct Template {
    /// What `--lang` calls it.
    pub lang: &'static str,
    /// Another name for it there.
    pub alias: Option<&'static str>,
    /// The language, for people.
    pub language: &'static str,
    /// Commands that install what the tests need, and run them.
    pub test: &'static [&'static str],
    /// Which functions are activities, in a sentence.
    pub activities: &'static str,
    /// What the last of the commands runs.
    pub tests: &'static str,
    /// All files but those that are as in other languages.
    pub files: &'static [File],
}

/// The files of every project that has none of its own in their places.
const COMMON: &[File] = files!["README.md": "README.md", "isolet-test.toml": "isolet-test.toml"];

impl Template {
    /// The files of a project with this name, by their paths in it.
    pub(crate) fn files(&self, name: &str) -> impl Iterator<Item = (&'static str, String)> {
        let values = [
            ("name", name.to_owned()),
            ("crate", crate_name(name)),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("language", self.language.to_owned()),
            ("test", self.test.join("\n")),
            ("activities", self.activities.to_owned()),
            ("tests", self.tests.to_owned()),
        ];
        let filled = move |text: &str| {
            values.iter().fold(text.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value))
        };
        self.sources().map(move |(path, text)| (path, filled(text)))
    }

    fn sources(&self) -> impl Iterator<Item = File> {
        let is_common = |path: &str| self.files.iter().all(|(own, _)| *own != path);
        self.files.iter().chain(COMMON.iter().filter(move |(path, _)| is_common(path))).copied()
    }
}

/// What a project of this name is called as a package of cargo's, whose names have no dots and begin with a letter.
fn crate_name(name: &str) -> String {
    let name = name.replace('.', "-");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("activities-{name}") } else { name }
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
        crate::languages::all().flat_map(|language| language.templates())
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
                    "Cargo.toml" => {
                        let manifest: toml::Table = text.parse().unwrap();
                        assert_eq!(manifest["package"]["name"].as_str(), Some("order-service"));
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn every_project_has_a_name_that_cargo_takes() {
        assert_eq!(["orders", "a.b", "7up"].map(crate_name), ["orders", "a-b", "activities-7up"]);
    }
}
