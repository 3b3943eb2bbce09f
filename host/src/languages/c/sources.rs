//! Which files of a project are compiled.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};

use super::{C_ENDINGS, CPP_ENDINGS, shown};
use crate::exit::{Exit, OrExit as _, Problem};

/// Files that are compiled at most: a wrong path such as the root of the file system takes no minutes.
const MOST_FILES: usize = 2_000;

/// A project's flags, a line for each, as clangd reads them, too.
const FLAGS: &str = "compile_flags.txt";

/// What a source is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    C,
    Cpp,
}

impl Dialect {
    /// That of a file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        if C_ENDINGS.contains(&ending) {
            return Some(Self::C);
        }
        CPP_ENDINGS.contains(&ending).then_some(Self::Cpp)
    }
}

/// The files of a project.
#[derive(Debug)]
pub(super) struct Sources {
    /// The project's folder, which the compiler runs in: its messages name files as the project does.
    pub(super) root: PathBuf,
    /// Its sources, by their paths below the folder.
    pub(super) files: Vec<(PathBuf, Dialect)>,
    /// Folders below it with headers.
    pub(super) includes: Vec<&'static str>,
    /// What the project gives to the compiler and the linker.
    pub(super) flags: Vec<String>,
}

impl Sources {
    /// A file; or of a folder those in it and all below `src`, but for tests.
    ///
    /// # Errors
    /// When there are none.
    pub(super) fn find(project: &Path) -> Result<Self, Problem> {
        let found = project.canonicalize().with_context(|| format!("there is no {}", project.display()));
        let found = found.or_exit(Exit::Usage)?;
        let (root, files) = if found.is_dir() {
            let mut files = sources_in(&found)?;
            below(&found.join("src"), &mut files)?;
            (found, files)
        } else {
            (found.parent().unwrap_or(Path::new("/")).to_owned(), vec![found])
        };
        if files.is_empty() {
            return Err(none_in(&root, project));
        }
        if MOST_FILES < files.len() {
            let error = anyhow!("{} has more than {MOST_FILES} sources", shown(project));
            return Err(Problem::new(Exit::Usage, error).cure("name the folder of the activities"));
        }
        let mut files: Vec<_> = files
            .iter()
            .map(|file| file.strip_prefix(&root).unwrap_or(file).to_owned())
            .filter_map(|file| Some((file.clone(), Dialect::of(&file)?)))
            .collect();
        files.sort_by(|one, other| one.0.cmp(&other.0));
        let includes = [".", "include", "src"].into_iter().filter(|name| root.join(name).is_dir()).collect();
        let flags = fs::read_to_string(root.join(FLAGS)).unwrap_or_default();
        let flags = flags.lines().map(|line| line.trim().to_owned()).filter(|flag| !flag.is_empty()).collect();
        Ok(Self { root, files, includes, flags })
    }

    /// Whether any of them is in C++.
    pub(super) fn have_cpp(&self) -> bool {
        self.files.iter().any(|(_, dialect)| *dialect == Dialect::Cpp)
    }

    /// Their names, for people.
    pub(super) fn names(&self) -> Vec<String> {
        self.files.iter().map(|(file, _)| file.display().to_string()).collect()
    }
}

fn none_in(root: &Path, project: &Path) -> Problem {
    let error = anyhow!("{} has no sources in C or C++, neither itself nor in src", shown(project));
    let cure = if root.join("CMakeLists.txt").is_file() {
        "build it with CMake, and a component of its module by `isolet build MODULE.wasm`: docs/writing-activities-c.md"
    } else {
        "write activities.c, or begin with `isolet new --lang c`"
    };
    Problem::new(Exit::Usage, error).cure(cure)
}

/// Whether a folder has sources.
pub(super) fn are_in(folder: &Path) -> bool {
    sources_in(folder).is_ok_and(|sources| !sources.is_empty())
}

/// The sources right in a folder; none where there is no folder.
fn sources_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut sources = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("failed to read {}", folder.display()))?.path();
        if path.is_file() && Dialect::of(&path).is_some() && !is_test(&path) {
            sources.push(path);
        }
    }
    Ok(sources)
}

/// Adds the sources of a folder and of those in it. Links to folders are not followed: they may lead in a circle.
fn below(folder: &Path, sources: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    sources.extend(sources_in(folder)?);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_hidden && sources.len() <= MOST_FILES {
            below(&entry.path(), sources)?;
        }
    }
    Ok(())
}

/// Tests are programs of their own.
fn is_test(path: &Path) -> bool {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name.starts_with("test_") || name.ends_with("_test") || name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_s_sources_are_its_own_and_those_below_src() {
        let files =
            ["activities.c", "test_rows.c", "rows_test.cpp", "src/a/rows.cpp", "src/b.cc", "lib/other.c", "b.h"];
        let folder = project(&files);
        let sources = Sources::find(folder.path()).unwrap();
        assert_eq!(sources.names(), ["activities.c", "src/a/rows.cpp", "src/b.cc"]);
        assert!(sources.have_cpp());
        assert_eq!(sources.includes, [".", "src"]);
    }

    #[test]
    fn a_file_is_alone_and_flags_are_lines() {
        let folder = project(&["one.c", "two.c"]);
        fs::write(folder.path().join(FLAGS), "-DROWS=3\n\n-Wextra\n").unwrap();
        let sources = Sources::find(&folder.path().join("one.c")).unwrap();
        assert_eq!((sources.names(), sources.have_cpp()), (vec!["one.c".to_owned()], false));
        assert_eq!(sources.flags, ["-DROWS=3", "-Wextra"]);
    }

    #[test]
    fn without_sources_it_says_what_to_do() {
        let cure = |folder: &Path| Sources::find(folder).unwrap_err().cure.unwrap();
        assert!(cure(project(&["include/a.h"]).path()).contains("isolet new --lang c"));
        assert!(cure(project(&["CMakeLists.txt"]).path()).contains("isolet build MODULE.wasm"));
    }
}
