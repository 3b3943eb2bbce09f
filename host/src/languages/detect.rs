//! Which language a project is in.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

use anyhow::anyhow;

use super::{Language, all, python};
use crate::exit::{Exit, Problem};

/// Entries of folders that are looked at for a file in Python: a wrong path such as the root of the file system takes no
/// minutes.
const MOST_ENTRIES: usize = 10_000;

/// The language of a project: a file's by its ending, a folder's by what declares it. Python for a folder that declares
/// nothing and has files in it.
pub(crate) fn of(project: &Path) -> Option<&'static dyn Language> {
    if project.is_dir() {
        return declared_in(project).or_else(|| has_python(project).then_some(&python::Python as &dyn Language));
    }
    let ending = project.extension()?.to_str()?;
    all().find(|language| language.endings().contains(&ending))
}

/// The same, with a warning where a folder could be a project of others, too.
///
/// # Errors
/// When it is no project.
pub(crate) fn known(project: &Path) -> Result<(&'static dyn Language, Vec<String>), Problem> {
    let language = of(project).ok_or_else(|| no_project(project))?;
    Ok((language, other_languages(project, language).into_iter().collect()))
}

/// The language that a folder declares that its project is in.
pub(crate) fn declared_in(folder: &Path) -> Option<&'static dyn Language> {
    all().find(|language| language.is_declared_in(folder))
}

/// What a folder has that declares a project, for people: the usual file of each language.
pub(crate) fn declarations() -> String {
    let usual: Vec<_> = all().filter_map(|language| language.declaring().first().copied()).collect();
    usual.join(", ")
}

/// What a project is called in what is said of it: as it was named, or as its folder if that says nothing.
pub(crate) fn shown(project: &Path) -> String {
    let named = project.file_name().is_none().then(|| project.canonicalize().ok());
    let folder = named.flatten().and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    folder.unwrap_or_else(|| project.display().to_string())
}

/// What is said of a folder that has activities in other languages, too.
fn other_languages(project: &Path, chosen: &dyn Language) -> Option<String> {
    if !project.is_dir() {
        return None;
    }
    let is_other = |language: &&'static dyn Language| language.name() != chosen.name();
    let others: Vec<_> =
        all().filter(is_other).filter_map(|language| sign_of(language, project).map(|it| (language, it))).collect();
    let (first, _) = others.first()?;
    let files: Vec<_> = others.iter().map(|(_, file)| file.as_str()).collect();
    Some(format!(
        "{} is built as a project in {}, and not for its {}: name a file to build what is in {}",
        shown(project),
        chosen.name(),
        files.join(" and "),
        first.name(),
    ))
}

/// What makes a folder look like a project in a language.
fn sign_of(language: &dyn Language, folder: &Path) -> Option<String> {
    let declaring = language.declaring().iter().map(|name| (*name).to_owned());
    let activities = language.endings().iter().map(|ending| format!("activities.{ending}"));
    declaring.chain(activities).find(|name| folder.join(name).is_file())
}

fn no_project(project: &Path) -> Problem {
    let shown = shown(project);
    let problem = |error| Problem::new(Exit::Usage, error);
    if !project.exists() {
        return problem(anyhow!("there is no {shown}")).cure("name a folder or a file of a project");
    }
    if project.is_dir() {
        let error = anyhow!("{shown} has no project: none of {}, and no file in Python", declarations());
        return problem(error).cure("name another folder or a file, or make a project with `isolet new`");
    }
    let endings: Vec<_> = all().flat_map(Language::endings).map(|ending| format!(".{ending}")).collect();
    let error = anyhow!("{shown} is in no language that is built here, whose files end in {}", endings.join(", "));
    problem(error).cure("name the project's folder, or a file with activities")
}

/// Whether there is a file in Python in a folder or below it, as far as that is looked for.
fn has_python(folder: &Path) -> bool {
    let endings = python::Python.endings();
    let mut folders = VecDeque::from([folder.to_owned()]);
    let mut seen = 0_usize;
    while let Some(folder) = folders.pop_front() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            seen = seen.saturating_add(1);
            let path: PathBuf = entry.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if MOST_ENTRIES < seen || ending.is_some_and(|ending| endings.contains(&ending)) {
                // Where there is too much to look at, the builder tells.
                return true;
            }
            // Links to folders are not followed: they may lead in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push_back(path);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    fn language_of(files: &[&str]) -> Result<(String, Vec<String>), String> {
        let folder = folder(files);
        let known = known(folder.path());
        let known = known.map(|(language, warnings)| (language.name().to_owned(), warnings));
        known.map_err(|problem| format!("{:#}", problem.error))
    }

    #[test]
    fn a_folder_is_in_the_language_that_it_declares_or_in_python() {
        for (files, language) in [
            (&["pyproject.toml"][..], "Python"),
            (&["shop/orders.py"], "Python"),
            (&["package.json"], "TypeScript and JavaScript"),
            (&["Cargo.toml"], "Rust"),
            (&["activities.c"], "C and C++"),
            (&["activities.cpp", "activities.c"], "C and C++"),
            (&["go.mod", "main.go"], "Go"),
        ] {
            assert_eq!(language_of(files), Ok((language.to_owned(), Vec::new())), "{files:?}");
        }
    }

    #[test]
    fn what_could_be_built_in_another_language_is_told() {
        for (files, language, told) in [
            (&["pyproject.toml", "package.json"][..], "Python", "for its package.json"),
            (&["activities.py", "activities.c"], "C and C++", "for its activities.py"),
            (&["activities.ts", "Cargo.toml", "setup.py"], "Python", "for its activities.ts and Cargo.toml"),
        ] {
            let (name, warnings) = language_of(files).unwrap();
            assert_eq!((name.as_str(), warnings.len()), (language, 1), "{files:?}");
            assert!(warnings[0].contains(told), "{warnings:?}");
        }
    }

    #[test]
    fn a_folder_without_a_name_is_called_as_it_is() {
        assert_eq!(shown(Path::new("orders")), "orders");
        assert_eq!(shown(Path::new("../orders/shop.py")), "../orders/shop.py");
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown(Path::new(".")), here.file_name().unwrap().to_string_lossy());
    }

    #[test]
    fn what_is_no_project_is_told_with_what_would_be_one() {
        for files in [&[][..], &["readme.md", "notes/plan.txt"]] {
            let error = language_of(files).unwrap_err();
            assert!(error.contains("no project") && error.contains("package.json"), "{error}");
        }
        let folder = folder(&["readme.md"]);
        let error = |name: &str| format!("{:#}", known(&folder.path().join(name)).unwrap_err().error);
        assert!(error("readme.md").contains("end in .py"), "{}", error("readme.md"));
        assert!(error("nothing").contains("there is no"), "{}", error("nothing"));
    }
}
